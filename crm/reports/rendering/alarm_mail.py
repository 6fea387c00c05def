"""The mail that tells the owner of a report what went wrong."""

from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr, make_msgid, parseaddr

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.accounts.models import User
from crm.core.mail import one_line
from crm.reports.models import ReportDelivery, State
from crm.reports.models.reasons import Reason

MOST_LINES = 30


def compose(*, owner: User, troubles: Sequence[ReportDelivery], at: datetime) -> bytes:
    """Return a plain mail that lists failed and doubtful deliveries."""
    sender = parseaddr(settings.MAIL_FROM)[1]
    message = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    with translation.override(owner.language):
        count = len(troubles)
        message["From"] = formataddr((str(settings.PRODUCT_NAME), sender))
        message["To"] = formataddr((one_line(owner.name), owner.email))
        message["Subject"] = ngettext(
            "%(count)d report needs your attention",
            "%(count)d reports need your attention",
            count,
        ) % {"count": count}
        message["Date"] = format_datetime(at)
        message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"
        message.set_content("\n".join(_lines(troubles)))
    return message.as_bytes()


def _lines(troubles: Sequence[ReportDelivery]) -> list[str]:
    lines = [
        _("These reports were not sent, or nobody knows whether they arrived."),
        _("A doubtful one is never sent again by itself: please decide."),
        "",
        *(_line(each) for each in troubles[:MOST_LINES]),
    ]
    if len(troubles) > MOST_LINES:
        more = len(troubles) - MOST_LINES
        lines.append(
            ngettext("and %(count)d more", "and %(count)d more", more) % {"count": more}
        )
    address = f"{settings.PUBLIC_URL}/admin/reports/reportdelivery/"
    return [*lines, "", address]


def _line(delivery: ReportDelivery) -> str:
    said = [
        delivery.definition.name,
        delivery.period,
        delivery.recipient.email,
        str(State(delivery.state).label),
        str(Reason(delivery.reason).label),
        delivery.smtp_text,
    ]
    return "* " + " · ".join(filter(None, said))
