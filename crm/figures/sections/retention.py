"""Who stays and grows, and how much of the spend hangs on few partners."""

from decimal import Decimal

from django.utils.translation import gettext as _

from crm.figures import blocks
from crm.figures.blocks import Block, Figure
from crm.figures.facts import Facts
from crm.figures.retention import (
    TOP,
    Concentration,
    Kept,
    Retention,
    concentration,
)
from crm.figures.retention import retention as retention_of


def retention(facts: Facts) -> list[Block]:
    """Return NRR, GRR, expansion, contraction, churn and concentration."""
    if facts.usage.is_empty:
        return []
    years = facts.two_years
    kept = retention_of(_rows(facts) if years is None else years)
    few = concentration(
        [each.spend("latest") or Decimal(0) for each in facts.partners.values()]
    )
    figures = [*_kept_figures(facts, kept), *_concentration_figures(few)]
    return [blocks.figures(figures)]


def _rows(facts: Facts) -> list[Kept]:
    """Return the early form: 28 days against the same 28 days a year earlier."""
    rows = []
    for each in facts.partners.values():
        earlier, later = each.spend("year_before"), each.spend("year")
        latest = each.spend("latest")
        if earlier is not None and later is not None and latest is not None:
            rows.append(Kept(earlier=earlier, later=later, latest=latest))
    return rows


def _kept_figures(facts: Facts, kept: Retention) -> list[Figure]:
    currency = facts.frame.currency
    basis = (
        _("28 days against the same 28 days a year earlier")
        if facts.two_years is None
        else _("months 13 to 24 against months 1 to 12")
    )
    return [
        Figure(
            label=_("Net revenue retention"),
            value=_rate(kept.nrr),
            note=_("%(basis)s, n = %(count)d partners")
            % {"basis": basis, "count": kept.cohort},
        ),
        Figure(label=_("Gross revenue retention"), value=_rate(kept.grr), note=basis),
        Figure(
            label=_("Expansion"),
            value=blocks.money(round(kept.expansion, 2), currency),
            note=_("n = %(count)d") % {"count": kept.growers},
        ),
        Figure(
            label=_("Contraction / churn"),
            value=blocks.money(round(kept.contraction + kept.churn, 2), currency),
            note=_("%(fewer)d spend less, %(lost)d nothing any more")
            % {"fewer": kept.shrinkers, "lost": kept.lost},
        ),
    ]


def _concentration_figures(few: Concentration) -> list[Figure]:
    return [
        Figure(
            label=_("Share of the top %(count)d partners") % {"count": TOP},
            value=_rate(few.top_share),
            note=_("28 days, n = %(count)d") % {"count": few.count},
        ),
        Figure(
            label=_("Herfindahl index of spend"),
            value=blocks.unknown()
            if few.herfindahl is None
            else blocks.number(round(few.herfindahl, 3)),
            note=_("1 when one partner has all"),
        ),
    ]


def _rate(value: Decimal | None) -> blocks.Value:
    return blocks.ratio(None if value is None else round(value, 6))
