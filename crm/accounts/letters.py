"""The mails this package sends: invitation and password reset, in the reader's language."""

from zoneinfo import ZoneInfo

from django.conf import settings

from crm.accounts.models import User
from crm.core import mail


def send(*, name: str, to: User, context: dict[str, object]) -> None:
    """Send the named letter to one person, in their language and time zone.

    :param name: folder below `templates/emails/accounts`, for example `invitation`.
    :raises MailNotSentError: when the mail server does not take it.
    :raises MailRefusedError: when the address cannot be used.
    """
    content = mail.render(
        f"accounts/{name}",
        {"person": to, "product": settings.PRODUCT_NAME, **context},
        language=to.language,
        zone=ZoneInfo(to.time_zone),
    )
    mail.send(mail.build(content, to=to.email, name=to.name))
