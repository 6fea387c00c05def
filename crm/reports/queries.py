"""What reports look like from outside: readers, waiting rows, doubtful deliveries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q, QuerySet

from crm.accounts.models import User
from crm.figures import scopes
from crm.reports import sections, weeks
from crm.reports.models import (
    OptOut,
    ReportDefinition,
    ReportDelivery,
    ReportRun,
    ReportSubscription,
    State,
    Suppression,
)
from crm.reports.models.definition import Scope
from crm.reports.models.reasons import Reason
from crm.reports.payloads import VisibleSet
from crm.reports.wanted import Wanted, wanted_of
from crm.reports.weeks import Period
from partners.models import Partner


def visible_set(*, subscription: ReportSubscription, reader: User) -> VisibleSet:
    """Return what this reader may see of the scope of the subscription, as of now."""
    asked = sections.rights_asked(subscription.definition.sections)
    return VisibleSet(
        partner_ids=partner_ids(subscription=subscription, reader=reader),
        rights=tuple(right for right in asked if reader.has_perm(right)),
    )


def partner_ids(*, subscription: ReportSubscription, reader: User) -> tuple[int, ...]:
    """Return the partners of the scope that this reader may see, in order."""
    seen = scopes.told_to(reader)
    wanted = {
        Scope.ALL: Q(),
        Scope.OWN: Q(owner=reader),
        Scope.TEAM: Q(
            team__path__startswith=getattr(subscription.scope_team, "path", "-")
        ),
        Scope.PARTNER: Q(pk=subscription.scope_partner_id),
    }
    chosen = seen.filter(wanted[Scope(subscription.scope)])
    return tuple(chosen.order_by("pk").values_list("pk", flat=True))


def why_not(*, subscription: ReportSubscription, reader: User) -> Reason | None:
    """Tell why this person gets no mail of this subscription; None when they do."""
    if not reader.is_active:
        return Reason.LEFT
    if subscription.is_paused:
        return Reason.PAUSED
    if not is_reader(subscription=subscription, person=reader):
        return Reason.NOT_READER
    if OptOut.objects.filter(subscription=subscription, person=reader).exists():
        return Reason.UNSUBSCRIBED
    if is_suppressed(reader.email):
        return Reason.DEAD_ADDRESS
    return None


def is_reader(*, subscription: ReportSubscription, person: User) -> bool:
    """Tell whether the subscription is for this person, by name, role or team."""
    if subscription.person_id is not None:
        return subscription.person_id == person.pk
    if subscription.role_id is not None:
        return person.groups.filter(pk=subscription.role_id).exists()
    team = subscription.team
    return (
        team is not None
        and person.team is not None
        and person.team.path.startswith(team.path)
    )


def is_suppressed(address: str) -> bool:
    """Tell whether this address refuses mails."""
    return Suppression.objects.filter(
        address__iexact=address, lifted_at__isnull=True
    ).exists()


@dataclass(frozen=True, slots=True)
class Standing:
    """How the deliveries stand: for the health page and the admin."""

    waiting: int
    working: int
    uncertain: int
    failed: int


def standing() -> Standing:
    """Count what waits, is worked on, is doubtful and has failed; one query."""
    open_states = [*(set(State) - {State.SENT, State.SKIPPED, State.SUPPRESSED})]
    counts: dict[str, int] = dict.fromkeys(State.values, 0)
    counts.update(
        ReportDelivery.objects.filter(state__in=open_states)
        .values_list("state")
        .annotate(count=Count("pk"))
    )
    return Standing(
        waiting=counts[State.DUE] + counts[State.READY],
        working=counts[State.RENDERING] + counts[State.SENDING],
        uncertain=counts[State.UNCERTAIN],
        failed=counts[State.FAILED],
    )


def readers(subscription: ReportSubscription) -> list[User]:
    """Return everybody this subscription is for, without those who unsubscribed."""
    audiences = Q(pk=subscription.person_id)
    if subscription.role_id is not None:
        audiences = Q(groups=subscription.role_id)
    if subscription.team is not None:
        audiences = Q(team__path__startswith=subscription.team.path)
    people = User.objects.filter(audiences, is_active=True)
    gone = OptOut.objects.filter(subscription=subscription).values("person")
    return list(people.exclude(pk__in=gone).order_by("pk"))


def people() -> QuerySet[User]:
    """Return everybody whose links still count: people who are active."""
    return User.objects.filter(is_active=True).select_related("team")


def may_see_run(*, run: ReportRun, person: User) -> bool:
    """Tell whether this person may see, as of now, all that a frozen report shows."""
    if not all(person.has_perm(right) for right in run.visible["rights"]):
        return False
    if not run.visible["partners"]:
        return person.is_active
    seen = Partner.objects.visible_to(person).filter(pk__in=run.visible["partners"])
    return seen.count() == len(run.visible["partners"])


LOOKED_AT = 50


def newest_run_like(wanted: Wanted, *, period: Period) -> ReportRun | None:
    """Return the newest run of another period that the same readers may see all of."""
    rows = ReportRun.objects.filter(
        definition=wanted.definition,
        period=period.label,
        time_zone=wanted.time_zone,
        currency=wanted.currency,
        language=wanted.language,
    ).order_by("-pk")
    same = rows.filter(visible_hash=wanted.visible.hash).first()
    if same is not None:
        return same
    return next(
        (row for row in rows[:LOOKED_AT] if wanted.visible.covers(row.visible)), None
    )


def run_before(run: ReportRun) -> ReportRun | None:
    """Return the run of the period before, for the same readers."""
    period = weeks.before(weeks.from_label(run.period))
    return newest_run_like(wanted_of(run), period=period)


@dataclass(frozen=True)
class CalendarCell:
    """What became of one report in one period: deliveries by state."""

    period: str
    states: Sequence[tuple[State, int]]
    due_at: datetime


@dataclass(frozen=True)
class CalendarRow:
    """One report with its latest periods, the newest first."""

    definition: ReportDefinition
    next_due_at: datetime | None
    cells: Sequence[CalendarCell]


def calendar(*, person: User, count: int) -> list[CalendarRow]:
    """Return what became of the latest periods of each report; three queries."""
    rows = (
        ReportDelivery.objects.visible_to(person)
        .filter(is_test=False)
        .values("definition_id", "period", "state")
        .annotate(count=Count("pk"), due_at=Min("due_at"))
        .order_by("definition_id", "-period", "state")
    )
    cells: dict[int, dict[str, list[tuple[State, int]]]] = {}
    due: dict[tuple[int, str], datetime] = {}
    for row in rows:
        periods = cells.setdefault(row["definition_id"], {})
        if len(periods) < count or row["period"] in periods:
            states = periods.setdefault(row["period"], [])
            states.append((State(row["state"]), row["count"]))
            key = (row["definition_id"], row["period"])
            due[key] = min(row["due_at"], due.get(key, row["due_at"]))
    coming = dict(
        ReportSubscription.objects.filter(is_paused=False)
        .values_list("definition_id")
        .annotate(next=Min("next_due_at"))
    )
    return [
        CalendarRow(
            definition=definition,
            next_due_at=coming.get(definition.pk) if definition.is_active else None,
            cells=[
                CalendarCell(period, states, due[definition.pk, period])
                for period, states in cells.get(definition.pk, {}).items()
            ],
        )
        for definition in ReportDefinition.objects.order_by("name", "pk")
    ]
