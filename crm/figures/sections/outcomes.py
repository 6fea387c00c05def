"""What came of forecasts and partners: accuracy, realisation, attribution."""

from decimal import Decimal

from django.utils.translation import gettext as _

from crm.figures import blocks, links, words
from crm.figures.attribution import Side
from crm.figures.blocks import Align, Block, Figure, Value
from crm.figures.facts import Facts
from crm.figures.sections.cooperations import share
from crm.figures.sections.forecast import in_currency
from deals.queries.realisation import Realised, realised_by

MOST_ROWS = 50


def outcomes(facts: Facts) -> list[Block]:
    """Return how right forecasts were, what won deals brought, and who brought them."""
    if not facts.pipeline.lines:
        return []
    figures = [_accuracy(facts), *_realisation(facts), *_sides(facts)]
    return [blocks.figures(figures), *_credits(facts), *_realised(facts)]


def _accuracy(facts: Facts) -> Figure:
    found, frame = facts.pipeline, facts.frame
    quarter, said = found.weeks.judged, found.weeks.said
    right = found.accuracy()
    actual = found.amount(found.won_in(quarter))
    note = _("no forecast of the fourth week was kept")
    if said is not None and actual is not None:
        note = _("%(said)s forecast in week 4, %(actual)s won") % {
            "said": words.amount(said, frame.currency, frame.language),
            "actual": words.amount(actual, frame.currency, frame.language),
        }
    return Figure(
        label=_("Forecast accuracy, %(quarter)s") % {"quarter": quarter},
        value=blocks.ratio(None if right is None else round(right, 6)),
        note=found.missing or note,
    )


def _realisation(facts: Facts) -> list[Figure]:
    if not facts.realised:
        return []
    frame = facts.frame
    found = realised_by(
        facts.realised, lambda _deal: "", currency=frame.currency, at=frame.cut_off
    )
    whole = found[0] if found else None
    ratio = None if whole is None else whole.ratio
    refusals = [row.refusal for row in facts.realised if row.refusal]
    if whole is not None and whole.refusal:
        refusals.append(whole.refusal)
    said = [
        _("spend of days 61 to 88 after launch ÷ expected"),
        _("n = %(count)d") % {"count": 0 if whole is None else whole.count},
        *refusals[:1],
    ]
    return [
        Figure(
            label=_("Realisation ratio"),
            value=blocks.ratio(None if ratio is None else round(ratio, 6)),
            note=words.remarks(said),
        )
    ]


def _realised(facts: Facts) -> list[Block]:
    """Return what each won deal brought, the least first."""
    told = [row for row in facts.realised if row.ratio is not None]
    if not told:
        return []
    columns: list[tuple[str, Align]] = [
        (_("Partner"), "left"),
        (_("Won deal"), "left"),
        (_("Expected in 28 days"), "right"),
        (_("Spent, days 61 to 88"), "right"),
        (_("Realised"), "right"),
    ]
    told.sort(key=lambda row: (row.ratio or Decimal(0), row.deal.pk))
    return [
        blocks.table(
            columns,
            [_realised_row(row) for row in told[:MOST_ROWS]],
            title=_("What won deals brought"),
            total_count=len(told),
            empty="",
        )
    ]


def _realised_row(row: Realised) -> list[Value]:
    deal = row.deal
    return [
        blocks.text(deal.partner.display_name),
        blocks.text(deal.title, url=links.page("admin:deals_deal_change", deal.pk)),
        blocks.money(round(row.expected, 2), deal.currency),
        blocks.money(round(row.spend or Decimal(0), 2), deal.currency),
        blocks.ratio(None if row.ratio is None else round(row.ratio, 6)),
    ]


def _sides(facts: Facts) -> list[Figure]:
    found = facts.credits
    return [
        _side(_("Win rate with a partner"), found.with_partner),
        _side(_("Win rate without a partner"), found.without_partner),
    ]


def _side(label: str, side: Side) -> Figure:
    days = side.cycle.days
    return Figure(
        label=label,
        value=share(side.won.some, side.won.all),
        note=""
        if days is None
        else _("%(days)d days to close, n = %(count)d")
        % {"days": round(days), "count": side.cycle.n},
    )


def _credits(facts: Facts) -> list[Block]:
    """Return amounts by kind of credit, which are never added up."""
    found, deals = facts.credits, facts.pipeline
    if found.is_empty:
        return []
    columns: list[tuple[str, Align]] = [
        (_("Partners' share"), "left"),
        (_("Open"), "right"),
        (_("Open deals"), "right"),
        (_("Won in four quarters"), "right"),
        (_("Won deals"), "right"),
    ]
    rows = [
        [
            blocks.text(str(each.kind.label)),
            in_currency(facts, deals, each.open),
            blocks.count(each.open_count),
            in_currency(facts, deals, each.won),
            blocks.count(each.won_count),
        ]
        for each in found.kinds
    ]
    return [
        blocks.table(
            columns,
            rows,
            title=_("Sourced and influenced (never added up)"),
            total_count=len(rows),
            empty="",
        )
    ]
