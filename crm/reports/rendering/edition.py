"""The mail's edition of a report: as much of it as mail programs show without cutting.

Its HTML is made once for all readers of a run, with marks where addresses differ.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.html import escape

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
RUN, PREFERENCES = "run", "preferences"
MARK = "https://mark.invalid/{name}/"
MARKED = re.compile(r"https://mark\.invalid/([\w-]+)/")


@dataclass(frozen=True, slots=True)
class Edition:
    """What the mail says, and its HTML with marks for addresses."""

    document: Document
    html: str

    def html_for(self, addresses: Mapping[str, str]) -> str:
        """Return the HTML of one reader.

        :param addresses: by code of a picture, and of `RUN` and `PREFERENCES`.
        """
        return MARKED.sub(lambda found: escape(addresses[found[1]]), self.html)


def of(payload: Payload) -> Edition:
    """Return the longest edition whose HTML fits; the PDF and the page have all of it.

    The language of the payload must be active.
    """
    made = _made(payload, LENGTHS[0])
    for length in LENGTHS[1:]:
        if len(made.html.encode()) <= MOST_BYTES - ADDRESSES:
            break
        made = _made(payload, length)
    return made


def _made(payload: Payload, length: Length) -> Edition:
    said = document.of(payload, length)
    html = page.html_of(
        said,
        pictures={code: MARK.format(name=code) for code in page.drawings(said)},
        preheader=said["range"],
        run_url=MARK.format(name=RUN),
        preferences_url=MARK.format(name=PREFERENCES),
    )
    return Edition(said, html)
