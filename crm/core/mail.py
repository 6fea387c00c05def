"""Renders a mail from its templates and sends it.

A mail has three templates in `templates/emails/<name>/`: subject.txt, body.txt and
body.html. Text is not escaped, HTML is.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.utils import formataddr, make_msgid, parseaddr
from smtplib import SMTPException
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.validators import validate_email
from django.template import engines
from django.template.backends.django import DjangoTemplates
from django.template.context import make_context
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from crm.core.errors import DomainError

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
AUTOMATIC = {
    "Auto-Submitted": "auto-generated",
    # asks Exchange not to answer with an out-of-office note
    "X-Auto-Response-Suppress": "All",
}


class MailRefusedError(DomainError):
    """A mail cannot be written: its address or a header is not usable."""

    code = "mail.refused"
    is_input = True


class MailNotSentError(DomainError):
    """The mail server did not take a mail; the text names no address."""

    code = "mail.not-sent"


@dataclass(frozen=True, kw_only=True)
class Content:
    """What a mail says: one line, plain text, and the same as HTML."""

    subject: str
    text: str
    html: str


def render(
    name: str, context: Mapping[str, Any], *, language: str, zone: ZoneInfo
) -> Content:
    """Return subject, text and HTML of the named mail.

    :param name: folder below `templates/emails`, for example `accounts/invitation`.
    :param language: of the reader, for example `zh-hans`.
    :param zone: of the reader; times are shown in it.
    """
    with translation.override(language), timezone.override(zone):
        subject = _fill(f"emails/{name}/subject.txt", context, is_html=False)
        return Content(
            subject=one_line(subject),
            text=_fill(f"emails/{name}/body.txt", context, is_html=False),
            html=_fill(f"emails/{name}/body.html", context, is_html=True),
        )


def build(
    content: Content,
    *,
    to: str,
    name: str = "",
    headers: Mapping[str, str] | None = None,
) -> EmailMultiAlternatives:
    """Return the mail to one person, with its own Message-ID.

    :param to: the e-mail address alone.
    :param name: how the person is called, in any script.
    :param headers: further headers, for example List-Unsubscribe.
    :raises MailRefusedError: when the address or a header cannot be used.
    """
    all_headers = AUTOMATIC | {"Message-ID": _message_id()} | dict(headers or {})
    for header, value in all_headers.items():
        if CONTROL.search(f"{header}{value}"):
            raise MailRefusedError(
                _("The header %(header)s holds a line break.")
                % {"header": repr(header)}
            )
    mail = EmailMultiAlternatives(
        subject=one_line(content.subject),
        body=content.text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[_address(to, name)],
        headers=all_headers,
    )
    mail.attach_alternative(content.html, "text/html")
    return mail


def send(mail: EmailMultiAlternatives) -> None:
    """Hand the mail to the mail server.

    Waits at most EMAIL_TIMEOUT for each of its answers. An error may come although the
    server has taken the mail: whoever must never send twice keeps the two steps of the
    reports instead.

    :raises MailNotSentError: when the server cannot be reached or refuses it.
    """
    server = get_connection()
    try:
        server.send_messages([mail])
    except (SMTPException, OSError) as error:
        raise MailNotSentError(
            _("The mail server did not take the mail (%(error)s).")
            % {"error": type(error).__name__}
        ) from error
    finally:
        # the answer to the good-bye changes nothing any more
        with suppress(SMTPException, OSError):
            server.close()


def one_line(text: str) -> str:
    """Return the text without line breaks and other control characters."""
    return " ".join(CONTROL.sub(" ", text).split())


def _fill(path: str, context: Mapping[str, Any], *, is_html: bool) -> str:
    engine = cast("DjangoTemplates", engines["django"])
    template = engine.get_template(path).template
    filled = template.render(make_context(dict(context), autoescape=is_html))
    return str(filled)


def _address(address: str, name: str) -> str:
    try:
        validate_email(address)
    except ValidationError:
        raise MailRefusedError(_("This is no e-mail address.")) from None
    return formataddr((one_line(name), address))


def _message_id() -> str:
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    return make_msgid(domain=sender.rpartition("@")[2] or "localhost")
