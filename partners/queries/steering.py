"""The governance of many cooperations at once, in a fixed number of queries (DOMAIN 4.2)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, Max, Q, QuerySet

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
    """Return the governance of each cooperation by its id; five queries for any number.

    What is logged or promised for the partner as a whole counts for each of its
    cooperations, what belongs to another cooperation does not.

    :param cooperations: already limited to what the person may see.
    """
    rows = list(cooperations.order_by("pk").values(*COLUMNS))
    partners = cooperations.order_by().values("partner_id")
    held = _meetings(partners, at=at)
    promised = _promises(partners, at=at)
    theirs = _their_sponsors(partners, cooperations)
    limits = limits or GovernanceLimits()
    return {
        row["pk"]: _judged(
            row,
            met=_merged(held, row),
            promised=promised,
            sponsors=theirs,
            on=at.date(),
            limits=limits,
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


def _meetings(partners: Any, *, at: datetime) -> dict[Where, Meetings]:
    rows = (
        Activity.objects.filter(partner__in=partners, happened_at__lte=at)
        .order_by()
        .values_list("partner_id", "cooperation_id")
        .annotate(
            executives=Max("happened_at", filter=Q(is_executive=True)),
            review=Max("happened_at", filter=Q(is_business_review=True)),
            any=Max("happened_at", filter=Q(kind__in=MEETINGS)),
        )
    )
    return {(row[0], row[1]): Meetings(*row[2:]) for row in rows}


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


def _promises(partners: Any, *, at: datetime) -> dict[tuple[Where, str], Promises]:
    rows = (
        ActionItem.objects.outstanding()
        .filter(partner__in=partners)
        .order_by()
        .values_list("partner_id", "cooperation_id", "side")
        .annotate(
            outstanding=Count("pk"),
            overdue=Count("pk", filter=Q(due_on__lt=at.date())),
        )
    )
    return {((row[0], row[1]), row[2]): Promises(*row[3:]) for row in rows}


def _their_sponsors(partners: Any, cooperations: QuerySet[Cooperation]) -> Sponsors:
    role = ContactRole.EXECUTIVE_SPONSOR
    known = list(
        Contact.objects.filter(partner__in=partners)
        .filter(Q(roles__contains=[role]) | Q(pk=F("partner__their_sponsor_id")))
        .values_list("partner_id", "left_on", "erased_at")
    )
    assigned = CooperationContact.objects.filter(
        cooperation__in=cooperations.order_by().values("pk"),
        role=role,
        contact__left_on__isnull=True,
        contact__erased_at__isnull=True,
    )
    left: dict[int, date] = {}
    for partner_id, left_on, erased_at in known:
        gone = left_on or (erased_at and erased_at.date())
        if gone is not None:
            left[partner_id] = max(gone, left.get(partner_id, gone))
    return Sponsors(
        partners=frozenset(row[0] for row in known if row[1] is None and not row[2]),
        cooperations=frozenset(assigned.values_list("cooperation_id", flat=True)),
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
