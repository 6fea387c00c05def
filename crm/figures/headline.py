"""The headline of report and home page: up to eight numbers, each with change and target.

A number that the reader may not see in the application is left out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from crm.figures import blocks, links, words
from crm.figures.blocks import Change, Figure, Value
from crm.figures.facts import Facts
from crm.figures.frame import FOUR_WEEKS
from crm.figures.targets import Goal
from crm.figures.usage import Amount, Compared

USAGE = "usage.view_dailyusage"
COOPERATIONS = "partners.view_cooperation"
DEALS = "deals.view_deal"
AGREEMENTS = "deals.view_agreement"
COMMITMENTS = "deals.view_commitment"
ALERTS = "watch.view_alert"
HEALTH = "watch.view_healthsnapshot"
MODELS = "ai.view_derivedmodel"


@dataclass(frozen=True, slots=True)
class Number:
    """One number of the headline, and the right it asks for.

    :ivar is_historic: whether it can be told again for a past period; then a later
        report says what late data changed in it.
    """

    code: str
    right: str
    tell: Callable[[Facts], Figure | None]
    is_historic: bool = False


def headline(facts: Facts, *, is_historic: bool = False) -> list[Figure]:
    """Return the numbers that this reader may see and that exist.

    :param is_historic: only those that can be told again for a past period.
    """
    told = []
    for number in NUMBERS:
        if not facts.frame.may(number.right):
            continue
        if is_historic and not number.is_historic:
            continue
        figure = number.tell(facts)
        if figure is not None:
            figure["code"] = number.code
            told.append(figure)
    return told


def rights() -> tuple[str, ...]:
    """Return the rights that the headline asks for."""
    return tuple(dict.fromkeys(number.right for number in NUMBERS))


# --- the words around a number


def against_before(facts: Facts, growth: Compared | None = None) -> str:
    """Return what the period is compared with, and over how many days if not all."""
    before = _("last week") if facts.frame.length == 7 else _("the period before")
    if growth is None or growth.days == growth.length:
        return before
    return _("%(before)s, %(days)d of %(length)d days") % {
        "before": before,
        "days": growth.days,
        "length": growth.length,
    }


def grown(growth: Compared | None, *, currency: str = "") -> Value:
    """Return a growth, `new` where it grew out of nothing, unknown without days."""
    if growth is None or growth.days == 0:
        return blocks.unknown()
    return blocks.growth(growth.now, growth.before, currency=currency)


def money(amount: Amount, currency: str) -> Value:
    """Return an amount with the day of its rate; unknown when a rate is missing."""
    if amount.value is None:
        return blocks.unknown()
    return blocks.money(round(amount.value, 2), currency, rate_on=amount.rate_on)


def versus_before(
    facts: Facts, growth: Compared | None, *, currency: str = ""
) -> Change:
    """Return the change of a period against the one before."""
    return blocks.change(
        grown(growth, currency=currency), against=against_before(facts, growth)
    )


# --- the numbers


def _active(facts: Facts) -> Figure | None:
    if facts.usage.is_empty:
        return None
    now = sum(each.is_active() for each in facts.partners.values())
    before = sum(each.is_active("week_before") for each in facts.partners.values())
    return Figure(
        label=_("Active AI partners"),
        value=blocks.count(now),
        change=blocks.change(blocks.number_of(now - before), against=_("7 days ago")),
        note=_("of %(count)d partners") % {"count": len(facts.frame.partner_ids)},
        url=links.page("admin:partners_partner_changelist"),
    )


def _spend(facts: Facts) -> Figure | None:
    usage = facts.usage
    if usage.is_empty:
        return None
    currency = facts.frame.currency
    amount = usage.total("spend", usage.period)
    growth = usage.period_growth("spend")
    notes = [amount.refusal, _over_a_year(facts), *_behind(growth)]
    figure = Figure(
        label=_("Cloud spend"),
        value=money(amount, currency),
        change=versus_before(facts, growth, currency=currency),
        note=words.remarks(notes),
        url=links.page("admin:usage_monthlyusage_changelist"),
    )
    _aim(figure, facts, facts.targets.spend)
    return figure


def _aim(figure: Figure, facts: Facts, goal: Goal | None) -> None:
    """Put the target beside a number, where there is one."""
    if goal is not None:
        figure["target"] = blocks.money(
            round(goal.amount, 2), facts.frame.currency, rate_on=goal.rate_on
        )


def _behind(growth: Compared | None) -> list[str]:
    """Return which sources take part with fewer days than the others."""
    if growth is None:
        return []
    return [
        _("%(source)s: %(days)d of %(length)d days compared")
        % {"source": source, "days": days, "length": growth.length}
        for source, days in growth.behind
        if days < growth.days
    ]


def _over_a_year(facts: Facts) -> str:
    growth = facts.usage.year_growth("spend")
    if growth is None or growth.ratio is None:
        return ""
    shown = words.signed(blocks.growth(growth.now, growth.before), facts.frame.language)
    return _("28 days: %(growth)s vs a year ago") % {"growth": shown}


def _ai_share(facts: Facts) -> Figure | None:
    usage = facts.usage
    share = usage.ai_share(usage.period)
    if share is None:
        return None
    figure = Figure(
        label=_("AI share of spend"),
        value=blocks.ratio(round(share, 6)),
        url=links.page("admin:usage_monthlyusage_changelist"),
    )
    aim = facts.targets.ai_share
    if aim is not None:
        figure["target"] = blocks.ratio(round(aim, 6))
    moved = usage.ai_share_change(back=FOUR_WEEKS)
    if moved is not None:
        figure["change"] = blocks.change(
            blocks.points(round(moved, 6)), against=_("4 weeks ago")
        )
    return figure


def _tokens(facts: Facts) -> Figure | None:
    usage = facts.usage
    if usage.is_empty:
        return None
    total = usage.total("tokens", usage.period).value or Decimal(0)
    into = usage.total("tokens_in", usage.period).value or Decimal(0)
    language = facts.frame.language
    return Figure(
        label=_("AI tokens"),
        value=blocks.large(total),
        change=versus_before(facts, usage.period_growth("tokens")),
        note=_("%(into)s in, %(out)s out")
        % {
            "into": words.short(into, language),
            "out": words.short(total - into, language),
        },
        url=links.page("admin:usage_monthlyusage_changelist"),
    )


def _forecast(facts: Facts) -> Figure | None:
    found = facts.pipeline
    if not found.lines:
        return None
    rolled, currency = found.roll_up(), facts.frame.currency
    figure = Figure(
        label=_("Weighted forecast, %(quarter)s") % {"quarter": found.quarter},
        value=blocks.unknown()
        if rolled is None
        else blocks.money(round(rolled.weighted, 2), currency, rate_on=found.rate_on),
        note=found.missing
        if rolled is None
        else _("won %(amount)s, %(count)d open deals close")
        % {
            "amount": words.amount(rolled.closed, currency, facts.frame.language),
            "count": len(found.closing),
        },
        url=links.page("admin:deals_deal_changelist"),
    )
    before = found.weeks.weighted_before
    if rolled is not None and before is not None and (rolled.weighted or before):
        figure["change"] = blocks.change(
            blocks.growth(rolled.weighted, before, currency=currency),
            against=_("last week"),
        )
    _aim(figure, facts, facts.targets.won)
    return figure


def _attainment(facts: Facts) -> Figure | None:
    found = facts.promises
    if not found.money_count:
        return None
    drawn, planned = found.attainment, found.planned_share
    figure = Figure(
        label=_("Commitments drawn"),
        value=blocks.ratio(None if drawn is None else round(drawn, 6)),
        note=found.missing or _attainment_note(facts),
        url=links.page("admin:deals_commitment_changelist"),
    )
    if drawn is not None and planned is not None:
        figure["target"] = blocks.ratio(round(planned, 6))
        before = found.attainment_before
        if before is not None:
            figure["change"] = blocks.change(
                blocks.points(round(drawn - before, 6)), against=against_before(facts)
            )
    return figure


def _attainment_note(facts: Facts) -> str:
    found, language = facts.promises, facts.frame.language
    elapsed = found.elapsed_share
    said = _("%(count)d active commitments in money") % {"count": found.money_count}
    if elapsed is None:
        return said
    time = _("%(share)s of their time is over") % {
        "share": words.percent(elapsed, language)
    }
    return f"{said}, {time}"


def _moves(facts: Facts) -> Figure | None:
    now, before = facts.moves, facts.earlier_moves
    return Figure(
        label=_("Advanced / regressed / closed"),
        value=blocks.text(f"{now.advanced} / {now.regressed} / {now.closed}"),
        change=blocks.change(
            blocks.number_of(now.advanced - before.advanced),
            against=_("%(before)s, steps forward") % {"before": against_before(facts)},
        ),
        note=_("%(count)d cooperations are open") % {"count": facts.funnel.open},
        url=links.page("admin:partners_cooperation_changelist"),
    )


def _at_risk(facts: Facts) -> Figure | None:
    found, language = facts.risks, facts.frame.language
    count = len(found.rows)
    if not count and not facts.funnel.open:
        return None
    note = found.missing
    if found.spend:
        amount = words.amount(found.spend, facts.frame.currency, language)
        note = _("%(amount)s of spend a year") % {"amount": amount}
    return Figure(
        label=_("At-risk cooperations"),
        value=blocks.count(count),
        change=blocks.change(
            blocks.number_of(count - found.count_before),
            against=against_before(facts),
            more_is_good=False,
        ),
        note=note,
        url=links.page("admin:watch_alert_changelist"),
    )


NUMBERS: list[Number] = [
    Number("active-partners", USAGE, _active, is_historic=True),
    Number("spend", USAGE, _spend, is_historic=True),
    Number("ai-share", USAGE, _ai_share, is_historic=True),
    Number("tokens", USAGE, _tokens, is_historic=True),
    Number("forecast", DEALS, _forecast),
    Number("commitments", COMMITMENTS, _attainment),
    Number("moves", COOPERATIONS, _moves, is_historic=True),
    Number("at-risk", ALERTS, _at_risk),
]
