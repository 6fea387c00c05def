"""The mails this package sends: invitation and password reset, in the reader's language."""

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

from crm.accounts.models import User

FOLDER = "emails/accounts"


def send(*, name: str, to: User, context: dict[str, object]) -> None:
    """Render subject, text and HTML of the named letter and send it to one person.

    :param name: folder below `templates/emails/accounts`, for example `invitation`.
    :raises OSError: when the mail server does not take it (SMTP errors are of this kind).
    """
    with translation.override(to.language):
        values = {"person": to, "product": settings.PRODUCT_NAME, **context}
        subject = render_to_string(f"{FOLDER}/{name}/subject.txt", values)
        text = render_to_string(f"{FOLDER}/{name}/body.txt", values)
        html = render_to_string(f"{FOLDER}/{name}/body.html", values)
        letter = EmailMultiAlternatives(
            subject=" ".join(subject.split()), body=text, to=[to.email]
        )
        letter.attach_alternative(html, "text/html")
        letter.send()
