"""Send the mail of one reminder: claim it, send it, mark it."""

import uuid
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import F, Q
from django.urls import reverse

from crm.accounts.models import User
from crm.core import mail
from crm.core.mail import MailNotSentError, MailRefusedError
from deals.models import Agreement, AgreementReminder, Deal

LEASE = timedelta(minutes=5)
MAX_ATTEMPTS = 12


def send_reminder(*, reminder_id: int, at: datetime) -> bool:
    """Send one reminder to whoever cares for the agreement; tell whether this call did.

    Safe to run twice and side by side: the row is claimed in one conditional UPDATE, and
    every later change repeats the claim. Should a worker die after the server took the
    mail and before that was written down, the second mail carries the same Message-ID.
    """
    claim = uuid.uuid4()
    is_free = Q(state="due") | Q(state="sending", claimed_until__lt=at)
    taken = AgreementReminder.objects.filter(is_free, pk=reminder_id).update(
        state="sending",
        claimed_by=claim,
        claimed_until=at + LEASE,
        attempts=F("attempts") + 1,
    )
    if not taken:
        return False
    mine = AgreementReminder.objects.filter(pk=reminder_id, claimed_by=claim)
    reminder = mine.select_related(
        "agreement__partner", "agreement__owner", "agreement__partner__owner"
    ).get()
    reader = reader_of(reminder.agreement)
    if reader is None:
        mine.update(state="no_reader", claimed_by=None, claimed_until=None)
        return False
    try:
        mail.send(_letter(reminder, reader, at=at))
    except (MailNotSentError, MailRefusedError) as error:
        _give_back(reminder, claim=claim, words=str(error))
        return False
    mine.update(
        state="sent",
        sent_at=at,
        recipient=reader,
        claimed_by=None,
        claimed_until=None,
    )
    return True


def _give_back(reminder: AgreementReminder, *, claim: uuid.UUID, words: str) -> None:
    """Leave it due for the next tick, or give up after a dozen tries; say why."""
    state = "failed" if reminder.attempts >= MAX_ATTEMPTS else "due"
    AgreementReminder.objects.filter(pk=reminder.pk, claimed_by=claim).update(
        state=state, claimed_by=None, claimed_until=None, answer=words[:250]
    )


def reader_of(agreement: Agreement) -> User | None:
    """Return who is reminded: the owner, else the partner's; never who may not see it."""
    for person in (agreement.owner, agreement.partner.owner):
        if person is None or not person.is_active:
            continue
        if Agreement.objects.visible_to(person).filter(pk=agreement.pk).exists():
            return person
    return None


def _letter(
    reminder: AgreementReminder, reader: User, *, at: datetime
) -> EmailMultiAlternatives:
    agreement = reminder.agreement
    path = reverse("admin:deals_agreement_change", args=[agreement.pk])
    content = mail.render(
        "deals/reminder",
        {
            "person": reader,
            "product": settings.PRODUCT_NAME,
            "agreement": agreement,
            "deadline": reminder.deadline_on,
            "days": (reminder.deadline_on - at.date()).days,
            "is_notice": reminder.kind.startswith("notice"),
            "renewals": list(
                Deal.objects.running().filter(renews=agreement).order_by("pk")[:3]
            ),
            "link": f"{settings.PUBLIC_URL}{path}",
        },
        language=reader.language,
        zone=ZoneInfo(reader.time_zone),
    )
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ") or "localhost"
    return mail.build(
        content,
        to=reader.email,
        name=reader.name,
        headers={"Message-ID": f"<reminder-{reminder.pk}@{domain}>"},
    )
