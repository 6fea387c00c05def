"""The governance of many cooperations at once, in a fixed number of queries (DOMAIN 4.2)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.db.models import (
    BigIntegerField,
    Count,
    DateTimeField,
    F,
    IntegerField,
    Max,
    Q,
    QuerySet,
    TextField,
    Value,
)
from django.db.models.functions import Cast

from partners.governance import Governance, GovernanceLimits, Promises
from partners.models import (
    ActionItem,
    Activity,
    ActivityKind,
    Contact,
    ContactRole,
    Cooperation,
    CooperationContact,
    Side,
)

Where = tuple[int, int | None]
"""Partner, and cooperation; None for what concerns the whole partner."""

MEETINGS = (ActivityKind.MEETING, ActivityKind.CALL)
COLUMNS = (
    "pk",
    "partner_id",
    "our_sponsor_id",
    "partner__our_sponsor_id",
    "steering_rhythm",
)


def governance(
    cooperations: QuerySet[Cooperation],
    *,
    at: datetime,
    limits: GovernanceLimits | None = None,
) -> dict[int, Governance]:
    """Return the governance of each cooperation by its id; two queries for any number.

    What is logged or promised for the partner as a whole counts for each of its
    cooperations, what belongs to another cooperation does not.

    :param cooperations: already limited to what the person may see.
    """
    rows = list(cooperations.order_by("pk").values(*COLUMNS))
    return _all_judged(rows, cooperations, at=at, limits=limits)


def governance_of(cooperation: Cooperation, *, at: datetime) -> Governance:
    """Return the governance of one cooperation that is read with its partner; one query."""
    row = {
        "pk": cooperation.pk,
        "partner_id": cooperation.partner_id,
        "our_sponsor_id": cooperation.our_sponsor_id,
        "partner__our_sponsor_id": cooperation.partner.our_sponsor_id,
        "steering_rhythm": cooperation.steering_rhythm,
    }
    itself = Cooperation.objects.filter(pk=cooperation.pk)
    return _all_judged([row], itself, at=at, limits=None)[cooperation.pk]


def _all_judged(
    rows: Sequence[Mapping[str, Any]],
    cooperations: QuerySet[Cooperation],
    *,
    at: datetime,
    limits: GovernanceLimits | None,
) -> dict[int, Governance]:
    told = _told(cooperations, at=at)
    return {
        row["pk"]: _judged(
            row,
            met=_merged(told.held, row),
            promised=told.promised,
            sponsors=told.sponsors,
            on=at.date(),
            limits=limits or GovernanceLimits(),
        )
        for row in rows
    }


@dataclass(frozen=True)
class Meetings:
    """The latest days on which people of both sides met."""

    executives: datetime | None = None
    review: datetime | None = None
    any: datetime | None = None


NEVER = Meetings()
NOTHING = Promises()


@dataclass(frozen=True)
class Sponsors:
    """Who answers for it over there: partners and cooperations with somebody present.

    :ivar left: when the latest one of a partner left.
    """

    partners: frozenset[int]
    cooperations: frozenset[int]
    left: Mapping[int, date]


class Subject(StrEnum):
    """What a row of the one statement tells of."""

    MET = "met"
    PROMISED = "promised"
    CONTACT = "contact"
    ASSIGNED = "assigned"


@dataclass(frozen=True)
class Told:
    """What is known about the partners of some cooperations."""

    held: Mapping[Where, Meetings]
    promised: Mapping[tuple[Where, str], Promises]
    sponsors: Sponsors


NEVER_MET = Value(None, output_field=DateTimeField())
NONE = Value(0, output_field=IntegerField())
NOWHERE = Value(None, output_field=BigIntegerField())
NO_SIDE = Value("", output_field=TextField())


def _told(cooperations: QuerySet[Cooperation], *, at: datetime) -> Told:
    """Read meetings, promises and sponsors in one statement, each as rows of its own."""
    partners = cooperations.order_by().values("partner_id")
    rows = _meetings(partners, at=at).union(
        _promises(partners, at=at),
        _sponsors_known(partners),
        _sponsors_assigned(cooperations),
        all=True,
    )
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for subject, *row in rows:
        found[subject].append(row)
    return Told(
        held={(row[0], row[1]): Meetings(*row[3:6]) for row in found[Subject.MET]},
        promised={
            ((row[0], row[1]), row[2]): Promises(*row[6:])
            for row in found[Subject.PROMISED]
        },
        sponsors=_their_sponsors(found[Subject.CONTACT], found[Subject.ASSIGNED]),
    )


def _subject(subject: Subject) -> Value:
    return Value(subject.value, output_field=TextField())


def _meetings(partners: Any, *, at: datetime) -> QuerySet[Any, Any]:
    return (
        Activity.objects.filter(partner__in=partners, happened_at__lte=at)
        .order_by()
        .values("partner_id", "cooperation_id")
        .annotate(
            executives=Max("happened_at", filter=Q(is_executive=True)),
            review=Max("happened_at", filter=Q(is_business_review=True)),
            any=Max("happened_at", filter=Q(kind__in=MEETINGS)),
        )
        .values_list(
            _subject(Subject.MET),
            "partner_id",
            "cooperation_id",
            NO_SIDE,
            "executives",
            "review",
            "any",
            NONE,
            NONE,
        )
    )


def _promises(partners: Any, *, at: datetime) -> QuerySet[Any, Any]:
    return (
        ActionItem.objects.outstanding()
        .filter(partner__in=partners)
        .order_by()
        .values("partner_id", "cooperation_id", "side")
        .annotate(
            outstanding=Count("pk"),
            overdue=Count("pk", filter=Q(due_on__lt=at.date())),
        )
        .values_list(
            _subject(Subject.PROMISED),
            "partner_id",
            "cooperation_id",
            Cast("side", TextField()),
            NEVER_MET,
            NEVER_MET,
            NEVER_MET,
            "outstanding",
            "overdue",
        )
    )


def _sponsors_known(partners: Any) -> QuerySet[Any, Any]:
    role = ContactRole.EXECUTIVE_SPONSOR
    return (
        Contact.objects.filter(partner__in=partners)
        .filter(Q(roles__contains=[role]) | Q(pk=F("partner__their_sponsor_id")))
        .values_list(
            _subject(Subject.CONTACT),
            "partner_id",
            NOWHERE,
            NO_SIDE,
            Cast("left_on", DateTimeField()),
            "erased_at",
            NEVER_MET,
            NONE,
            NONE,
        )
    )


def _sponsors_assigned(cooperations: QuerySet[Cooperation]) -> QuerySet[Any, Any]:
    return CooperationContact.objects.filter(
        cooperation__in=cooperations.order_by().values("pk"),
        role=ContactRole.EXECUTIVE_SPONSOR,
        contact__left_on__isnull=True,
        contact__erased_at__isnull=True,
    ).values_list(
        _subject(Subject.ASSIGNED),
        NOWHERE,
        "cooperation_id",
        NO_SIDE,
        NEVER_MET,
        NEVER_MET,
        NEVER_MET,
        NONE,
        NONE,
    )


def _merged(held: Mapping[Where, Meetings], row: Mapping[str, Any]) -> Meetings:
    both = [held[where] for where in _places(row) if where in held]
    if len(both) < 2:
        return both[0] if both else NEVER
    return Meetings(
        executives=_latest(each.executives for each in both),
        review=_latest(each.review for each in both),
        any=_latest(each.any for each in both),
    )


def _latest(moments: Iterable[datetime | None]) -> datetime | None:
    return max((moment for moment in moments if moment is not None), default=None)


def _their_sponsors(
    known: Iterable[Sequence[Any]], assigned: Iterable[Sequence[Any]]
) -> Sponsors:
    left: dict[int, date] = {}
    present = set()
    for partner_id, _where, _side, left_at, erased_at, *_rest in known:
        gone = left_at or erased_at
        if gone is None:
            present.add(partner_id)
        else:
            day = gone.date()
            left[partner_id] = max(day, left.get(partner_id, day))
    return Sponsors(
        partners=frozenset(present),
        cooperations=frozenset(row[1] for row in assigned),
        left=left,
    )


def _places(row: Mapping[str, Any]) -> tuple[Where, Where]:
    return (row["partner_id"], row["pk"]), (row["partner_id"], None)


def _judged(
    row: Mapping[str, Any],
    *,
    met: Meetings,
    promised: Mapping[tuple[Where, str], Promises],
    sponsors: Sponsors,
    on: date,
    limits: GovernanceLimits,
) -> Governance:
    partner_id = row["partner_id"]
    has_theirs = partner_id in sponsors.partners or row["pk"] in sponsors.cooperations
    ours = row["our_sponsor_id"] or row["partner__our_sponsor_id"]
    return Governance(
        on=on,
        has_our_sponsor=ours is not None,
        has_their_sponsor=has_theirs,
        their_sponsor_left_on=None if has_theirs else sponsors.left.get(partner_id),
        executives_met_on=_day(met.executives),
        reviewed_on=_day(met.review),
        met_on=_day(met.any),
        rhythm=row["steering_rhythm"],
        ours=_total(promised, row, Side.OURS),
        theirs=_total(promised, row, Side.THEIRS),
        limits=limits,
    )


def _total(
    promised: Mapping[tuple[Where, str], Promises], row: Mapping[str, Any], side: str
) -> Promises:
    places = [(where, side) for where in _places(row)]
    both = [promised[place] for place in places if place in promised]
    if len(both) < 2:
        return both[0] if both else NOTHING
    return Promises(
        outstanding=sum(each.outstanding for each in both),
        overdue=sum(each.overdue for each in both),
    )


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment is not None else None
