"""Brings what `crm.figures` tells into reports: its sections, and how fresh usage is."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from crm.figures import sections as figures
from crm.figures import words
from crm.figures.blocks import Block
from crm.figures.facts import Facts
from crm.reports import sections
from crm.reports.payloads import Freshness
from crm.reports.sections import Question


def offer() -> None:
    """Add every section of the figures, and the freshness of usage data."""
    for each in figures.ALL:
        sections.add(
            each.name,
            title=each.title,
            build=_asked(each.build),
            fits=each.fits,
            right=each.right,
            asks=each.asks,
        )
    sections.add_source("usage", usage_freshness)


def _asked(build: Callable[[Facts], list[Block]]) -> sections.Build:
    def answer(question: Question) -> list[Block]:
        return build(question.facts)

    return answer


def usage_freshness(question: Question) -> list[Freshness]:
    """Return how far each source of usage goes; late ones make a report provisional.

    Not while at least 95 % of the mapped accounts have data through T − 2 days.
    """
    coverage = question.facts.coverage
    share = coverage.share
    said = "" if share is None else words.percent(share, question.language)
    return [
        Freshness(
            source=source.source,
            latest_on=source.latest_day.isoformat() if source.latest_day else None,
            is_complete=coverage.is_enough or not coverage.is_late(source),
            note=_("%(share)s of the mapped accounts have data through %(day)s.")
            % {"share": said, "day": words.day(coverage.wanted, question.language)}
            if source is coverage.sources[-1]
            else "",
        )
        for source in coverage.sources
    ]
