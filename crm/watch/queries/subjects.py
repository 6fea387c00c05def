"""What the rules about other subjects find: sources, accounts, commitments, agreements."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from crm.watch.models import AlertRule
from crm.watch.queries.findings import Finding
from crm.watch.risk import CLEAR, Judgement, tripped
from crm.watch.rules import Subject, Thresholds
from deals.models import Agreement, Commitment
from deals.queries.commitments import standings
from partners.usage.queries import accounts
from partners.usage.queries.freshness import Freshness, freshness

MOST_ACCOUNTS = 500

Look = Callable[[AlertRule, Thresholds, datetime], Iterator[Finding]]


def late_data(rule: AlertRule, limits: Thresholds, at: datetime) -> Iterator[Finding]:
    """Yield for each source whether its data comes later than agreed."""
    for source in freshness(today=at.date()):
        yield _of_source(rule, source, _lateness(source, limits, at))


def _lateness(source: Freshness, limits: Thresholds, at: datetime) -> Judgement:
    if source.latest_day is None:
        return tripped("no_data")
    due = at.date() - timedelta(days=source.lateness_days + 1)
    late = (due - source.latest_day).days
    if late <= limits["days_beyond_lateness"]:
        return CLEAR
    return tripped("data_is_late", latest=source.latest_day.isoformat(), days=late)


def held_delivery(
    rule: AlertRule, limits: Thresholds, at: datetime
) -> Iterator[Finding]:
    """Yield for each source whether deliveries wait for a person."""
    for source in freshness(today=at.date()):
        is_waiting = source.held >= max(Decimal(1), limits["least_held"])
        judgement = tripped("delivery_held", count=source.held) if is_waiting else CLEAR
        yield _of_source(rule, source, judgement)


def _of_source(rule: AlertRule, source: Freshness, judgement: Judgement) -> Finding:
    return Finding(
        rule=rule,
        subject_type=Subject.SOURCE,
        subject_id=source.source_id,
        name=source.source,
        judgement=judgement,
    )


def notice_deadline(
    rule: AlertRule, limits: Thresholds, at: datetime
) -> Iterator[Finding]:
    """Yield for each agreement in force whether its notice deadline comes near."""
    today = at.date()
    rows = (
        Agreement.objects.in_force()
        .filter(notice_deadline_on__gte=today, notice_given_on__isnull=True)
        .order_by("pk")
    )
    for agreement in rows:
        on = agreement.notice_deadline_on
        days = (on - today).days
        is_near = days <= limits["days_before_deadline"]
        yield Finding(
            rule=rule,
            subject_type=Subject.AGREEMENT,
            subject_id=agreement.pk,
            name=agreement.title,
            judgement=(
                tripped("deadline_near", on=on.isoformat(), days=days)
                if is_near
                else CLEAR
            ),
            partner_id=agreement.partner_id,
            owner_id=agreement.owner_id,
        )


def unassigned_spend(
    rule: AlertRule, limits: Thresholds, at: datetime
) -> Iterator[Finding]:
    """Yield for each account what it spends without belonging to a partner."""
    since = (at.date() - timedelta(days=28)).replace(day=1)
    rows = accounts.unassigned_spend(since=since, count=MOST_ACCOUNTS)
    most: dict[int, accounts.Unassigned] = {}
    for row in rows:  # the largest amount of an account comes first
        most.setdefault(row.account_id, row)
    for pk, row in most.items():
        amount = f"{row.effective:.2f}"
        is_much = row.effective >= limits["least_spend"]
        yield Finding(
            rule=rule,
            subject_type=Subject.ACCOUNT,
            subject_id=pk,
            name=row.name or row.sub_account_id or row.billing_account_id,
            judgement=(
                tripped("spend_of_nobody", amount=amount, currency=row.currency)
                if is_much
                else CLEAR
            ),
        )


def commitment_pace(
    rule: AlertRule, limits: Thresholds, at: datetime
) -> Iterator[Finding]:
    """Yield for each running commitment whether its pace leaves the plan, either way."""
    today = at.date()
    rows = Commitment.objects.filter(
        status="active", start_on__lte=today, end_on__gt=today
    )
    ids = list(rows.values_list("pk", flat=True))
    for stand in standings(at=at, commitment_ids=ids).values():
        pace = stand.arithmetic.pace_index
        is_off = pace is not None and not (
            limits["pace_below"] <= pace <= limits["pace_above"]
        )
        yield Finding(
            rule=rule,
            subject_type=Subject.COMMITMENT,
            subject_id=stand.commitment.pk,
            name=str(stand.commitment),
            judgement=tripped("pace_off_plan", pace=f"{pace:.2f}") if is_off else CLEAR,
            partner_id=stand.commitment.partner_id,
            owner_id=stand.commitment.owner_id,
        )


LOOKS: dict[str, Look] = {
    "commitment_pace": commitment_pace,
    "late_data": late_data,
    "unassigned_spend": unassigned_spend,
    "held_delivery": held_delivery,
    "notice_deadline": notice_deadline,
}
"""Code of each rule about something else than a cooperation → who looks."""
