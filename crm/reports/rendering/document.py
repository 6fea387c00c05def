"""The payload in words: what mail, PDF and page show, formatted once for all of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypedDict
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.figures import shown, words
from crm.figures.blocks import Section
from crm.reports import weeks
from crm.reports.payloads import Freshness, Payload
from crm.reports.weeks import Rhythm


class Document(TypedDict):
    """One report in words."""

    language: str
    name: str
    title: str
    range: str
    warning: str
    sections: list[dict[str, Any]]
    footnotes: list[str]


@dataclass(frozen=True, slots=True)
class Length:
    """How much of each section is said: rows of a table, and blocks."""

    rows: int = shown.MOST_ROWS
    blocks: int = 99


FULL = Length()


def of(payload: Payload, length: Length = FULL) -> Document:
    """Return the payload in words; its language must be active."""
    language = payload["language"]
    return Document(
        language=language,
        name=payload["name"],
        title=period_name(payload["period"]),
        range=_("%(first)s to %(last)s")
        % {
            "first": words.day(date.fromisoformat(payload["first"]), language),
            "last": words.day(date.fromisoformat(payload["last"]), language),
        },
        warning=_warning(payload),
        sections=[
            {
                "name": part["name"],
                "title": part["title"],
                "blocks": _blocks(part, language, length),
            }
            for part in payload["sections"]
        ],
        footnotes=list(_footnotes(payload)),
    )


def _blocks(part: Section, language: str, length: Length) -> list[dict[str, Any]]:
    told = [
        shown.block_in_words(
            block, language, code=f"{part['name']}-{index}", most=length.rows
        )
        for index, block in enumerate(part["blocks"][: length.blocks], 1)
    ]
    left = len(part["blocks"]) - len(told)
    if left > 0:
        said = ngettext(
            "%(count)d more table is in the report itself.",
            "%(count)d more tables are in the report itself.",
            left,
        ) % {"count": left}
        told.append({"block": "text", "title": "", "code": "", "text": said})
    return told


def period_name(label: str) -> str:
    """Return week 47 of 2026, November 2026 or quarter 4 of 2026 in words."""
    period = weeks.from_label(label)
    rhythm = weeks.rhythm_of(period)
    if rhythm is Rhythm.WEEKLY:
        year, week = label.split("-W")
        return _("Week %(week)s, %(year)s") % {"week": int(week), "year": year}
    year, part = label.split("-")
    if rhythm is Rhythm.QUARTERLY:
        return _("Quarter %(quarter)s, %(year)s") % {"quarter": part[1], "year": year}
    return _("Month %(month)s, %(year)s") % {"month": int(part), "year": year}


def subject(payload: Payload) -> str:
    """Return the subject of the mail; the period keeps mails from forming one thread."""
    said = _("%(name)s: %(period)s") % {
        "name": payload["name"],
        "period": period_name(payload["period"]),
    }
    return (
        _("%(subject)s (provisional)") % {"subject": said}
        if payload["is_provisional"]
        else said
    )


def _warning(payload: Payload) -> str:
    if not payload["is_provisional"]:
        return ""
    late = [each["source"] for each in payload["freshness"] if not each["is_complete"]]
    return _("Provisional: data are still missing from %(sources)s.") % {
        "sources": words.names(late)
    }


def _footnotes(payload: Payload) -> Iterator[str]:
    language = payload["language"]
    zone = ZoneInfo(payload["time_zone"])
    cut_off = datetime.fromisoformat(payload["cut_off"])
    yield _("Data cut-off: %(moment)s. Amounts in %(currency)s.") % {
        "moment": words.moment(cut_off, zone, language),
        "currency": payload["currency"],
    }
    for each in payload["freshness"]:
        yield _fresh(each, language)
        if each.get("note"):
            yield each["note"]
    yield from payload.get("notes", [])
    if payload["revision"] > 1:
        yield _("Revision %(number)d of this report.") % {"number": payload["revision"]}
    yield _("You see what you may see in the application; others may see more or less.")


def _fresh(each: Freshness, language: str) -> str:
    latest = each["latest_on"]
    if latest is None:
        return _("%(source)s: no data yet.") % {"source": each["source"]}
    return _("%(source)s: data through %(day)s.") % {
        "source": each["source"],
        "day": words.day(date.fromisoformat(latest), language),
    }
