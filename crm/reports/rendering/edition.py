"""The mail's edition of a report: as much of it as mail programs show without cutting."""

from crm.reports.payloads import Payload
from crm.reports.rendering import document, page
from crm.reports.rendering.document import Document, Length

MOST_BYTES = 90_000
"""Gmail cuts the HTML at about 102 KB, and with it the link to unsubscribe."""

ADDRESSES = 2_000
"""Room for what differs from reader to reader: addresses of pictures and pages."""

LENGTHS = (
    Length(rows=8),
    Length(rows=5),
    Length(rows=5, blocks=2),
    Length(rows=3, blocks=2),
    Length(rows=1, blocks=1),
)


def of(payload: Payload) -> Document:
    """Return the longest edition whose HTML fits; the PDF and the page have all of it."""
    made = document.of(payload, LENGTHS[0])
    for length in LENGTHS[1:]:
        if fits(made):
            break
        made = document.of(payload, length)
    return made


def fits(made: Document) -> bool:
    """Tell whether the HTML of this document may be mailed."""
    html = page.html_of(made, pictures=dict.fromkeys(page.drawings(made), "cid:"))
    return len(html.encode()) <= MOST_BYTES - ADDRESSES
