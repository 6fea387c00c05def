"""The payload in words: what mail, PDF and page show, formatted once for all of them."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, TypedDict
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.reports import weeks
from crm.reports.blocks import Block, Figure, Value
from crm.reports.payloads import Freshness, Payload
from crm.reports.rendering import charts, words
from crm.reports.weeks import Rhythm

MOST_ROWS = 15
"""Rows of a table in mail and PDF; the sheet has all that the payload holds."""


class Cell(TypedDict):
    """One cell of a table, in words."""

    text: str
    url: str
    note: str
    align: str


class Document(TypedDict):
    """One report in words."""

    language: str
    name: str
    title: str
    range: str
    warning: str
    sections: list[dict[str, Any]]
    footnotes: list[str]


def of(payload: Payload) -> Document:
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
                "blocks": [
                    _block(block, language, f"{part['name']}-{index}")
                    for index, block in enumerate(part["blocks"], 1)
                ],
            }
            for part in payload["sections"]
        ],
        footnotes=list(_footnotes(payload)),
    )


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


def _block(block: Block, language: str, code: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "block": block["block"],
        "title": block.get("title", ""),
        "code": code,
    }
    makers = {
        "figures": _figures,
        "table": _table,
        "chart": _chart,
        "moves": _moves,
        "text": _text,
    }
    made.update(makers[block["block"]](block, language))
    return made


def _figures(block: Block, language: str) -> dict[str, Any]:
    made = [_figure(each, language) for each in block.get("figures", [])]
    padded: list[dict[str, str] | None] = [*made, None]
    pairs = [padded[first : first + 2] for first in range(0, len(made), 2)]
    return {"figures": made, "pairs": pairs}


def _figure(figure: Figure, language: str) -> dict[str, str]:
    change, target = figure.get("change"), figure.get("target")
    notes = [words.note(figure["value"], language), figure.get("note", "")]
    return {
        "label": figure["label"],
        "value": words.shown(figure["value"], language),
        "change": words.moved(change, language) if change else "",
        "tone": change["tone"] if change else "plain",
        "target": _("target %(target)s") % {"target": words.shown(target, language)}
        if target
        else "",
        "note": ", ".join(filter(None, notes)),
    }


def _table(block: Block, language: str) -> dict[str, Any]:
    rows, columns = block.get("rows", []), block.get("columns", [])
    total = block.get("total_count", len(rows))
    shown = rows[:MOST_ROWS]
    more = ""
    if total > len(shown):
        more = _("%(shown)d of %(total)d rows") % {"shown": len(shown), "total": total}
    return {
        "columns": columns,
        "rows": [
            [
                _cell(value, column["align"], language)
                for value, column in zip(row, columns, strict=True)
            ]
            for row in shown
        ],
        "count": _("n = %(count)d") % {"count": total},
        "more": more,
        "empty": block.get("empty", "") if not rows else "",
    }


def _cell(value: Value, align: str, language: str) -> Cell:
    return Cell(
        text=words.shown(value, language),
        url=value.get("url", ""),
        note=words.note(value, language),
        align=align,
    )


def _chart(block: Block, language: str) -> dict[str, Any]:
    svg = charts.draw(block, language=language)
    return {"svg": svg, "sentence": block.get("sentence", "")}


def _moves(block: Block, _language: str) -> dict[str, Any]:
    found = block.get("moves", [])
    return {
        "moves": [
            {
                "title": move["title"],
                "text": move["text"],
                "tone": move["tone"],
                "url": move.get("url", ""),
                "evidence": move.get("evidence", []),
            }
            for move in found[:MOST_ROWS]
        ],
        "more": ngettext("and %(count)d more", "and %(count)d more", len(found))
        % {"count": len(found) - MOST_ROWS}
        if len(found) > MOST_ROWS
        else "",
        "empty": block.get("empty", "") if not found else "",
    }


def _text(block: Block, _language: str) -> dict[str, Any]:
    return {"text": block.get("text", "")}


def _warning(payload: Payload) -> str:
    if not payload["is_provisional"]:
        return ""
    late = [each["source"] for each in payload["freshness"] if not each["is_complete"]]
    return _("Provisional: data are still missing from %(sources)s.") % {
        "sources": ", ".join(late)
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
