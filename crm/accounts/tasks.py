"""Mails to people: invitations and password resets."""

from celery import shared_task
from django.utils import timezone

from crm.accounts import operations
from crm.accounts.models import Invitation
from crm.core import queue
from crm.core.mail import MailNotSentError


@shared_task(name="accounts.send_invitation", ignore_result=True)
def send_invitation(*, invitation_id: int, **_: object) -> None:
    """Send one invitation, unless it has gone out; the tick below tries again."""
    operations.send_invitation(invitation_id=invitation_id, at=timezone.now())


@shared_task(name="accounts.send_due_invitations", ignore_result=True)
def send_due_invitations(**_: object) -> None:
    """Ask again for invitations whose message was lost; the tick behind them."""
    due = Invitation.objects.due().filter(expires_at__gt=timezone.now())
    for number in due.order_by("pk").values_list("pk", flat=True)[:200]:
        queue.enqueue("accounts.send_invitation", invitation_id=number)


@shared_task(
    name="accounts.send_password_reset",
    ignore_result=True,
    autoretry_for=(MailNotSentError,),
    retry_backoff=5,
    retry_backoff_max=300,
    max_retries=5,
)
def send_password_reset(*, person_id: int, **_: object) -> None:
    """Send one link to choose a new password, unless one went out just now."""
    operations.send_password_reset(person_id=person_id, at=timezone.now())


@shared_task(name="accounts.forget_access_tokens", ignore_result=True)
def forget_access_tokens(**_: object) -> None:
    """Delete short-lived tokens of OAuth2 clients that are over."""
    operations.forget_access_tokens(at=timezone.now())
