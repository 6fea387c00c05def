"""Parts of a report, made of facts: read by mails, the home page and the API alike.

A section is a function from facts to blocks. A package that tells something new adds a
line to `ALL`; nothing else has to know of it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm.figures import headline
from crm.figures.blocks import Block
from crm.figures.facts import Facts
from crm.figures.sections import (
    ahead,
    changes,
    commitments,
    cooperations,
    forecast,
    governance,
    health,
    models,
    outcomes,
    renewals,
    retention,
    risks,
    spend,
    top,
)

EXECUTIVE, MANAGER, FINANCE, PARTNER = "executive", "manager", "finance", "partner"
EVERY = (EXECUTIVE, MANAGER, FINANCE, PARTNER)


@dataclass(frozen=True, kw_only=True)
class Section:
    """One part of a report.

    :ivar right: without it a reader does not get the section at all.
    :ivar asks: further rights; what asks for them is left out of the section.
    """

    name: str
    title: str | Promise
    build: Callable[[Facts], list[Block]]
    fits: tuple[str, ...] = EVERY
    right: str = ""
    asks: tuple[str, ...] = ()


ALL: tuple[Section, ...] = (
    Section(
        name="headline",
        title=_("Headline"),
        build=top.headline_figures,
        asks=headline.rights(),
    ),
    Section(name="changes", title=_("What changed"), build=changes.changes),
    Section(
        name="commitments",
        title=_("Commitments by pace"),
        build=commitments.commitments,
        right=headline.COMMITMENTS,
    ),
    Section(
        name="spend",
        title=_("Spend and tokens"),
        build=spend.spend,
        right=headline.USAGE,
    ),
    Section(
        name="movers",
        title=_("Growth leaders and laggards"),
        build=spend.movers,
        right=headline.USAGE,
        fits=(EXECUTIVE, MANAGER, FINANCE),
    ),
    Section(
        name="at-risk",
        title=_("At risk"),
        build=risks.at_risk,
        right=headline.ALERTS,
    ),
    Section(
        name="decisions",
        title=_("Decisions wanted"),
        build=ahead.decisions,
        asks=(headline.AGREEMENTS,),
    ),
    Section(
        name="next-steps",
        title=_("Next 30, 60, 90 days"),
        build=ahead.next_days,
        asks=(headline.AGREEMENTS, headline.COMMITMENTS),
    ),
    Section(
        name="forecast",
        title=_("Forecast and pipeline"),
        build=forecast.forecast,
        right=headline.DEALS,
        fits=(EXECUTIVE, MANAGER, FINANCE),
    ),
    Section(
        name="outcomes",
        title=_("What came of it: accuracy, realisation, attribution"),
        build=outcomes.outcomes,
        right=headline.DEALS,
        fits=(EXECUTIVE, MANAGER, FINANCE),
    ),
    Section(
        name="renewals",
        title=_("Renewal window"),
        build=renewals.renewals,
        right=headline.AGREEMENTS,
    ),
    Section(
        name="portfolio",
        title=_("Portfolio by stage"),
        build=cooperations.portfolio,
        asks=(headline.USAGE,),
    ),
    Section(
        name="cooperations",
        title=_("Cooperations"),
        build=cooperations.standing,
        fits=(MANAGER, PARTNER),
    ),
    Section(
        name="health",
        title=_("Health"),
        build=health.health,
        right=headline.HEALTH,
        fits=(MANAGER, PARTNER),
    ),
    Section(
        name="governance",
        title=_("Governance"),
        build=governance.governance,
        right=headline.COOPERATIONS,
    ),
    Section(
        name="models",
        title=_("Derivative models"),
        build=models.models,
        right=headline.MODELS,
    ),
    Section(
        name="retention",
        title=_("Retention and concentration"),
        build=retention.retention,
        right=headline.USAGE,
        fits=(EXECUTIVE, FINANCE),
    ),
    Section(
        name="usage-detail",
        title=_("Usage in detail"),
        build=spend.detail,
        right=headline.USAGE,
        fits=(FINANCE, PARTNER),
    ),
)
"""In the order of a report: what a manager acts on first, then what stands behind it."""


def by_name(name: str) -> Section | None:
    """Return one section; None where nothing of the name is told."""
    return next((each for each in ALL if each.name == name), None)


def names_for(audience: str) -> list[str]:
    """Return the sections that fit an audience, in order."""
    return [each.name for each in ALL if audience in each.fits]


def rights() -> frozenset[str]:
    """Return all rights that any section asks for."""
    return frozenset(
        right for each in ALL for right in (each.right, *each.asks) if right
    )
