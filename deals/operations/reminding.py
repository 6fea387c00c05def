"""Send the mail of one reminder: claim it, send it, mark it."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import F, Q
from django.urls import reverse

from crm.accounts.models import User
from crm.core import mail
from crm.core.mail import MailNotSentError, MailRefusedError
from deals import commitments, figures
from deals.commitments import Milestone
from deals.models import (
    Agreement,
    AgreementReminder,
    Commitment,
    CommitmentReminder,
    Deal,
    EntryKind,
)
from deals.queries.commitments import standings

LEASE = timedelta(minutes=5)
MAX_ATTEMPTS = 12


def send_reminder(*, reminder_id: int, at: datetime) -> bool:
    """Send one reminder of an agreement; tell whether this call did."""
    rows = AgreementReminder.objects.select_related(
        "agreement__partner", "agreement__owner", "agreement__partner__owner"
    )
    return _send(rows, reminder_id, at=at, about="agreement", letter=_letter)


def send_commitment_reminder(*, reminder_id: int, at: datetime) -> bool:
    """Send one reminder of a commitment; tell whether this call did."""
    rows = CommitmentReminder.objects.of_promises_kept().select_related(
        "commitment__partner", "commitment__owner", "commitment__partner__owner"
    )
    return _send(rows, reminder_id, at=at, about="commitment", letter=_promise_letter)


def _send(
    rows: Any,
    reminder_id: int,
    *,
    at: datetime,
    about: str,
    letter: Callable[..., EmailMultiAlternatives],
) -> bool:
    """Send one reminder to whoever cares for what it is about.

    Safe to run twice and side by side: the row is claimed in one conditional UPDATE, and
    every later change repeats the claim. Should a worker die after the server took the
    mail and before that was written down, the second mail carries the same Message-ID.
    """
    mine = _claimed(rows, reminder_id, at=at)
    reminder = mine.first()
    if reminder is None:
        return False
    reader = reader_of(getattr(reminder, about))
    if reader is None:
        mine.update(state="no_reader", claimed_by=None, claimed_until=None)
        return False
    try:
        mail.send(letter(reminder, reader, at=at))
    except (MailNotSentError, MailRefusedError) as error:
        _give_back(mine, reminder.attempts, words=str(error))
        return False
    mine.update(
        state="sent",
        sent_at=at,
        recipient=reader,
        claimed_by=None,
        claimed_until=None,
    )
    return True


def _claimed(rows: Any, reminder_id: int, *, at: datetime) -> Any:
    """Take the row if nobody has it; return it as a queryset, empty when somebody has."""
    claim = uuid.uuid4()
    is_free = Q(state="due") | Q(state="sending", claimed_until__lt=at)
    rows.filter(is_free, pk=reminder_id).update(
        state="sending",
        claimed_by=claim,
        claimed_until=at + LEASE,
        attempts=F("attempts") + 1,
    )
    return rows.filter(pk=reminder_id, claimed_by=claim)


def _give_back(mine: Any, attempts: int, *, words: str) -> None:
    """Leave it due for the next tick, or give up after a dozen tries; say why."""
    state = "failed" if attempts >= MAX_ATTEMPTS else "due"
    mine.update(state=state, claimed_by=None, claimed_until=None, answer=words[:250])


def reader_of(subject: Agreement | Commitment) -> User | None:
    """Return who is reminded: the owner, else the partner's; never who may not see it."""
    for person in (subject.owner, subject.partner.owner):
        if person is None or not person.is_active:
            continue
        seen = type(subject).objects.visible_to(person)
        if seen.filter(pk=subject.pk).exists():
            return person
    return None


def _letter(
    reminder: AgreementReminder, reader: User, *, at: datetime
) -> EmailMultiAlternatives:
    agreement = reminder.agreement
    return _written(
        "deals/reminder",
        {
            "agreement": agreement,
            "deadline": reminder.deadline_on,
            "days": (reminder.deadline_on - at.date()).days,
            "is_notice": reminder.kind.startswith("notice"),
            "renewals": list(
                Deal.objects.running().filter(renews=agreement).order_by("pk")[:3]
            ),
            "link": reverse("admin:deals_agreement_change", args=[agreement.pk]),
        },
        reader,
        number=f"reminder-{reminder.pk}",
    )


def _promise_letter(
    reminder: CommitmentReminder, reader: User, *, at: datetime
) -> EmailMultiAlternatives:
    row = reminder.commitment
    found = standings(at=at, commitment_ids=[row.pk])[row.pk].arithmetic
    targets = dict(row.milestones.values_list("due_on", "target"))
    step = Milestone(
        due_on=reminder.deadline_on,
        target=targets.get(reminder.deadline_on, row.amount),
    )
    lacking = commitments.gap(
        step, as_of=found.as_of, drawn=found.drawn, rate=found.run_rate
    )
    missed = row.entries.filter(
        kind=EntryKind.MILESTONE, period_on=step.due_on, reversed_by=None
    ).first()
    amounts = {
        "target": step.target,
        "drawn": found.drawn,
        "gap": max(lacking, Decimal(0)),
        "shortfall": missed.shortfall if missed else Decimal(0),
    }
    return _written(
        "deals/promise",
        {
            "commitment": row,
            "kind": reminder.kind.partition("_")[0],
            "deadline": step.due_on,
            "days": (step.due_on - at.date()).days,
            "as_of": found.as_of,
            "link": reverse("admin:deals_commitment_change", args=[row.pk]),
            **{
                name: f"{figures.shown(amount, row.measure)} {row.measure}"
                for name, amount in amounts.items()
            },
            "is_short": amounts["gap"] > 0,
        },
        reader,
        number=f"promise-{reminder.pk}",
    )


def _written(
    name: str, told: dict[str, Any], reader: User, *, number: str
) -> EmailMultiAlternatives:
    content = mail.render(
        name,
        {
            "person": reader,
            "product": settings.PRODUCT_NAME,
            **told,
            "link": f"{settings.PUBLIC_URL}{told['link']}",
        },
        language=reader.language,
        zone=ZoneInfo(reader.time_zone),
    )
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ") or "localhost"
    return mail.build(
        content,
        to=reader.email,
        name=reader.name,
        headers={"Message-ID": f"<{number}@{domain}>"},
    )
