"""The complete mail: mixed(alternative(text, related(html, pictures)), pdf, xlsx)."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP
from email.utils import format_datetime, formataddr, parseaddr
from functools import lru_cache
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from crm.core.mail import one_line
from crm.reports import links
from crm.reports.links import Reading
from crm.reports.models import ReportDelivery, ReportRun
from crm.reports.payloads import Payload
from crm.reports.rendering import document, edition, fonts, page, plain, sheets
from crm.reports.rendering.enclosures import Enclosure, put_in

POLICY = SMTP.clone(cte_type="7bit")
XLSX = "vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KEPT_RUNS = 4


@dataclass(frozen=True, slots=True)
class Message:
    """A mail as bytes, with what identifies it."""

    message_id: str
    date: datetime
    content: bytes

    @property
    def hash(self) -> str:
        """Return the SHA-256 of the bytes."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Parts:
    """What all readers of one run have in common.

    :ivar brief: what the mail itself says; the PDF and the sheet say all.
    :ivar text: the same as plain text, without the lines that are each reader's.
    """

    brief: edition.Edition
    text: str
    subject: str
    pictures: Mapping[str, Enclosure]
    pdf: Enclosure
    xlsx: Enclosure


def compose(*, delivery: ReportDelivery, run: ReportRun, date: datetime) -> Message:
    """Return the mail of one reader; the same arguments give the same bytes.

    :param date: of the header Date; to the second.
    """
    parts = parts_of(run)
    domain = parseaddr(settings.MAIL_FROM)[1].rpartition("@")[2] or "localhost"
    message_id = f"<{delivery.period}.{delivery.key}@{domain}>"
    with translation.override(run.language):
        message = EmailMessage(policy=POLICY)
        _head(message, delivery, run, parts, date, message_id)
        _body(message, delivery, run, parts, message_id)
        _attach(message, delivery, run, parts)
    _set_boundaries(message, message_id)
    files = [*parts.pictures.values(), parts.pdf, parts.xlsx]
    content = put_in(message.as_bytes(policy=POLICY), files)
    return Message(message_id, date, content)


def parts_of(run: ReportRun) -> Parts:
    """Return the drawn parts of a run; the latest few are kept in this process."""
    return _parts(run.payload_hash, Holder(run))


def run_address(run: ReportRun) -> str:
    """Return where the frozen report is seen in the application."""
    return f"{settings.PUBLIC_URL}/reports/runs/{run.pk}/"


def preferences_address(delivery: ReportDelivery) -> str:
    """Return where this reader unsubscribes; POST to it does so at once."""
    token = links.token_of(Reading(delivery.subscription_id, delivery.recipient_id))
    return f"{settings.PUBLIC_URL}/reports/preferences/{token}/"


class Holder:
    """Carries a run past the cache's key: runs with the same payload are equal."""

    def __init__(self, run: ReportRun) -> None:
        self.run = run

    def __hash__(self) -> int:
        return 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Holder)


@lru_cache(maxsize=KEPT_RUNS)
def _parts(_payload_hash: str, holder: Holder) -> Parts:
    run = holder.run
    payload: Payload = run.payload
    with translation.override(run.language):
        said = document.of(payload)
        brief = edition.of(payload)
        return Parts(
            brief=brief,
            text=plain.text_of(brief.document),
            subject=document.subject(payload),
            pictures={
                code: Enclosure(fonts.png(svg))
                for code, svg in page.drawings(brief.document).items()
            },
            pdf=Enclosure(fonts.pdf(said, at=run.ends_at)),
            xlsx=Enclosure(sheets.xlsx_of(payload, at=run.ends_at)),
        )


def _head(
    message: EmailMessage,
    delivery: ReportDelivery,
    run: ReportRun,
    parts: Parts,
    date: datetime,
    message_id: str,
) -> None:
    definition = delivery.definition
    host = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    sender = parseaddr(settings.MAIL_FROM)[1]
    subject = one_line(parts.subject)
    if delivery.is_test:
        subject = _("[Test] %(subject)s") % {"subject": subject}
    message["From"] = formataddr((str(settings.PRODUCT_NAME), sender))
    message["To"] = formataddr(
        (one_line(delivery.recipient.name), delivery.recipient.email)
    )
    message["Reply-To"] = formataddr(
        (one_line(definition.owner.name), definition.owner.email)
    )
    message["Subject"] = subject
    message["Date"] = format_datetime(date)
    message["Message-ID"] = message_id
    message["List-Id"] = f"{definition.code} <{definition.code}.reports.{host}>"
    message["List-Unsubscribe"] = f"<{preferences_address(delivery)}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["Feedback-ID"] = f"{delivery.period}:{definition.code}:report:{host}"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message["Content-Language"] = "zh-CN" if run.language.startswith("zh") else "en"


def _body(
    message: EmailMessage,
    delivery: ReportDelivery,
    run: ReportRun,
    parts: Parts,
    message_id: str,
) -> None:
    preferences = preferences_address(delivery)
    closing = [
        _("Open this report: %(address)s") % {"address": run_address(run)},
        _("Unsubscribe or change what you get: %(address)s") % {"address": preferences},
    ]
    message.set_content("\n".join([parts.text, *closing, ""]))
    # short, so that no header is folded: some readers then miss the picture
    mark = hashlib.sha256(message_id.encode()).hexdigest()[:16]
    content_ids = {code: f"{code}.{mark}@reports" for code in sorted(parts.pictures)}
    html = parts.brief.html_for(
        {
            **{code: f"cid:{cid}" for code, cid in content_ids.items()},
            edition.RUN: run_address(run),
            edition.PREFERENCES: preferences,
        }
    )
    message.add_alternative(html, subtype="html")
    related = message.get_payload()[1]  # type: ignore[index]  # the HTML of alternative
    for code, cid in content_ids.items():
        related.add_related(  # type: ignore[union-attr]  # an EmailMessage
            parts.pictures[code].mark,
            maintype="image",
            subtype="png",
            cid=f"<{cid}>",
            filename=f"{code}.png",
            disposition="inline",
        )


def _attach(
    message: EmailMessage, delivery: ReportDelivery, run: ReportRun, parts: Parts
) -> None:
    wanted = set(delivery.definition.formats) & set(delivery.subscription.formats)
    name = f"{delivery.definition.code}-{run.period}"
    if "pdf" in wanted:
        message.add_attachment(
            parts.pdf.mark,
            maintype="application",
            subtype="pdf",
            filename=f"{name}.pdf",
        )
    if "xlsx" in wanted:
        message.add_attachment(
            parts.xlsx.mark,
            maintype="application",
            subtype=XLSX,
            filename=f"{name}.xlsx",
        )


def _set_boundaries(message: MIMEPart, message_id: str) -> None:
    """Give each multipart a boundary made from the Message-ID instead of by chance."""
    seed = hashlib.sha256(message_id.encode()).hexdigest()[:24]
    multiparts = [part for part in message.walk() if part.is_multipart()]
    for number, part in enumerate(multiparts):
        part.set_boundary(f"=_{number}_{seed}")
