"""Mail a link by which somebody chooses a new password."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.db.models import Q
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from crm.accounts import letters
from crm.accounts.models import User
from crm.core import queue
from crm.core.mail import MailNotSentError

PAUSE = timedelta(minutes=5)
SEND = "accounts.send_password_reset"


def ask_password_reset(*, email: str) -> None:
    """Ask for the mail, if somebody active has this address; nobody learns whether.

    The work is a task either way, so an answer takes as long for a stranger's address.
    """
    person = User.objects.filter(email__iexact=email.strip(), is_active=True).first()
    queue.enqueue(SEND, person_id=person.pk if person else 0)


def send_password_reset(*, person_id: int, at: datetime) -> bool:
    """Send the link, at most one every five minutes; tell whether this call did.

    The link works until it is used, the password changes, the person logs in, or a day is over.

    :raises MailNotSentError: when the mail server does not take it.
    """
    is_time = Q(reset_mailed_at__isnull=True) | Q(reset_mailed_at__lte=at - PAUSE)
    claimed = User.objects.filter(is_time, pk=person_id, is_active=True)
    if not claimed.update(reset_mailed_at=at):
        return False
    person = User.objects.get(pk=person_id)
    if not person.has_usable_password():
        return False
    try:
        letters.send(name="password_reset", to=person, context={"link": _link(person)})
    except MailNotSentError:
        User.objects.filter(pk=person_id, reset_mailed_at=at).update(
            reset_mailed_at=None
        )
        raise
    return True


def _link(person: User) -> str:
    path = reverse(
        "accounts:password-reset-confirm",
        kwargs={
            "uidb64": urlsafe_base64_encode(force_bytes(person.pk)),
            "token": default_token_generator.make_token(person),
        },
    )
    return f"{settings.PUBLIC_URL}{path}"
