"""What the calendar does to agreements: begin, renew, end, and what falls due."""

import logging
from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from crm.core import queue
from crm.core.errors import DomainError
from deals.agreements import (
    NOTICE_REMINDER_DAYS,
    REMINDER_DAYS,
    AgreementStatus,
)
from deals.models import Agreement, AgreementReminder, CommitmentReminder
from deals.operations import promised_days
from deals.operations.agreements import advance
from deals.operations.signing import activate, move
from partners.operations.changes import Act

log = logging.getLogger(__name__)

REMIND = "deals.send_reminder"
REMIND_OF_PROMISE = "deals.send_commitment_reminder"
ACTIVE = Q(status=AgreementStatus.ACTIVE)


def run(*, at: datetime) -> None:
    """Do all that the calendar asks for; the tick's one call."""
    keep_calendar(at=at)
    note_reminders(at=at)
    promised_days.note_reminders(at=at)
    ask_to_send(at=at)


def keep_calendar(*, at: datetime) -> int:
    """Do what is due on this day (UTC), each in its own transaction; return how much.

    Signed papers become active, those that renew by themselves go on for another term,
    the others end. Repeating it, or missing days, changes nothing in the outcome.
    """
    today = at.date()
    done = 0
    for number in _due(Q(status=AgreementStatus.SIGNED, effective_on__lte=today)):
        done += _tried(_begin, number, at=at)
    for number in _due(ACTIVE & Q(expires_on__lt=today)):
        done += _tried(_renew_or_end, number, at=at)
    return done


def _tried(act: Callable[..., int], number: int, *, at: datetime) -> int:
    """Let one paper that cannot go on stop none of the others."""
    try:
        return act(number, at=at)
    except DomainError as refusal:
        log.warning("agreement %s stays as it is: %s", number, refusal)
        return 0


def _due(condition: Q) -> list[int]:
    rows = Agreement.objects.filter(condition).order_by("pk")
    return list(rows.values_list("pk", flat=True))


@transaction.atomic
def _begin(number: int, *, at: datetime) -> int:
    locked = Agreement.objects.select_for_update(of=("self",)).get(pk=number)
    if locked.status != AgreementStatus.SIGNED:
        return 0
    activate(locked, by=None, at=at)
    return 1


@transaction.atomic
def _renew_or_end(number: int, *, at: datetime) -> int:
    locked = Agreement.objects.select_for_update(of=("self",)).get(pk=number)
    today, until = at.date(), locked.expires_on
    if locked.status != AgreementStatus.ACTIVE or until is None or until >= today:
        return 0
    if not locked.auto_renews or locked.notice_given_on is not None:
        move(
            locked,
            to=AgreementStatus.EXPIRED,
            by=None,
            at=at,
            also={"ended_on": until},
        )
        return 1
    months = locked.renewal_months or 12
    terms = 1
    while later_by(until, months * terms) < today:
        terms += 1
    renewed = later_by(until, months * terms)
    advance(locked, {"expires_on": renewed})
    Act(None, at, locked.partner_id).record(
        "agreement.renewed",
        locked,
        old={"expires_on": until},
        new={"expires_on": renewed, "months": months * terms},
    )
    return 1


def later_by(day: date, months: int) -> date:
    """Return the same day of a later month, or its last day where that month is shorter."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@transaction.atomic
def note_reminders(*, at: datetime) -> int:
    """Write a row for each reminder that has fallen due, once for ever; return how many new.

    Of several that are due at once (a paper that came in late) only the nearest is written.
    """
    today = at.date()
    rows = [*_of_expiry(today, at=at), *_of_notice(today, at=at)]
    known = set(
        AgreementReminder.objects.filter(
            agreement__in={row.agreement_id for row in rows}
        ).values_list("agreement_id", "deadline_on", "kind")
    )
    fresh = [
        row
        for row in rows
        if (row.agreement_id, row.deadline_on, row.kind) not in known
    ]
    # two ticks at once: the database lets each (agreement, date, kind) in once
    AgreementReminder.objects.bulk_create(fresh, ignore_conflicts=True)
    return len(fresh)


def _of_expiry(today: date, *, at: datetime) -> Iterator[AgreementReminder]:
    horizon = today + timedelta(days=max(REMINDER_DAYS))
    papers = Agreement.objects.filter(
        ACTIVE, expires_on__gte=today, expires_on__lte=horizon
    )
    for number, until in papers.values_list("pk", "expires_on"):
        if until is None:
            continue  # for the types: the condition leaves none
        yield _reminder(number, until, "expiry", REMINDER_DAYS, at=at)


def _of_notice(today: date, *, at: datetime) -> Iterator[AgreementReminder]:
    horizon = today + timedelta(days=max(NOTICE_REMINDER_DAYS))
    papers = Agreement.objects.filter(
        ACTIVE,
        notice_given_on__isnull=True,
        notice_deadline_on__gte=today,
        notice_deadline_on__lte=horizon,
    )
    for number, until in papers.values_list("pk", "notice_deadline_on"):
        if until is None:
            continue  # for the types: the condition leaves none
        yield _reminder(number, until, "notice", NOTICE_REMINDER_DAYS, at=at)


def _reminder(
    number: int, until: date, what: str, steps: tuple[int, ...], *, at: datetime
) -> AgreementReminder:
    left = (until - at.date()).days
    nearest = min(step for step in steps if step >= left)
    return AgreementReminder(
        agreement_id=number,
        kind=f"{what}_{nearest}",
        deadline_on=until,
        due_at=at,
    )


def ask_to_send(*, at: datetime) -> int:
    """Ask for the mail of every reminder that is unsent and claimed by nobody."""
    is_free = Q(state="due") | Q(state="sending", claimed_until__lt=at)
    asked = 0
    for rows, task in (
        (AgreementReminder.objects.filter(is_free), REMIND),
        (
            CommitmentReminder.objects.of_promises_kept().filter(is_free),
            REMIND_OF_PROMISE,
        ),
    ):
        due = rows.order_by(F("due_at"), F("pk"))
        for number in due.values_list("pk", flat=True)[:200]:
            queue.enqueue(task, reminder_id=number)
            asked += 1
    return asked
