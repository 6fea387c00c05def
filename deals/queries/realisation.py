"""What won deals really brought: metered spend after launch against what was expected."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import QuerySet

from crm.core.sql import among
from crm.rates.queries import RateMissingError
from deals import pipeline
from deals.models import Deal
from deals.pipeline import DealStage
from deals.queries.forecast import EVERYTHING, Slice
from deals.queries.sums import Adder
from partners.usage.queries import counting
from partners.usage.queries.windows import SpendWindow, spend_in

ZERO = Decimal(0)
FIRST_DAY, AFTER_LAST = 61, 89
"""Days after launch that are looked at: 61 to 88."""
MOST = 2000


@dataclass(frozen=True, kw_only=True)
class Realised:
    """One won deal: what it spends, and what was expected, both in its currency.

    :ivar ratio: None where a rate is missing, or nothing was expected.
    """

    deal: Deal
    since: date
    until: date
    spend: Decimal | None
    expected: Decimal
    ratio: Decimal | None
    refusal: str = ""


def realised(
    *, at: datetime, of: Slice = EVERYTHING, within_days: int = 365
) -> list[Realised]:
    """Return the deals whose days 61 to 88 after launch are over and metered.

    Launch is the day of winning. Spend is that of the deal's cooperation where it has
    rules of usage, else of its partner. Four queries. The latest 2,000 launches count.

    :param within_days: how long ago, at most, the window may have ended.
    """
    return _metered(_launched(of.deals(), at=at, within_days=within_days)[:MOST], at=at)


@dataclass(frozen=True, kw_only=True)
class Launch:
    """How one launched deal does.

    :ivar told_from: the day from which its spend can be told; before it nothing is.
    :ivar realised: what it spends against what was expected; None before that day, or
        while usage is not metered up to it.
    :ivar is_over: whether that day has come.
    """

    told_from: date
    realised: Realised | None
    is_over: bool


def launch_of(deal: Deal, *, at: datetime) -> Launch | None:
    """Return how a launched deal does; None for others, and where nothing was expected.

    Four queries for a launched deal, none for others.
    """
    if deal.stage != DealStage.LAUNCHED or not deal.monthly_spend:
        return None
    told_from = _window(deal).until
    found = _metered([deal], at=at) if told_from <= at.date() else []
    return Launch(
        told_from=told_from,
        realised=found[0] if found else None,
        is_over=told_from <= at.date(),
    )


def realisation_of(
    cooperation_ids: Sequence[int], *, at: datetime, within_days: int = 365
) -> dict[int, Decimal]:
    """Return the least ratio among the launched deals of each cooperation that has one.

    Four queries for any number of cooperations.
    """
    deals = Deal.objects.filter(cooperation_id__in=among(cooperation_ids))
    found: dict[int, Decimal] = {}
    for one in _metered(_launched(deals, at=at, within_days=within_days), at=at):
        pk = one.deal.cooperation_id
        if pk is not None and one.ratio is not None:
            found[pk] = min(one.ratio, found.get(pk, one.ratio))
    return found


def _launched(
    deals: QuerySet[Deal], *, at: datetime, within_days: int
) -> QuerySet[Deal]:
    """Narrow to won deals whose days after launch are over since not too long."""
    latest = at.date() - timedelta(days=AFTER_LAST)
    return (
        deals.filter(
            stage=DealStage.LAUNCHED,
            closed_on__lte=latest,
            closed_on__gt=latest - timedelta(days=within_days),
            monthly_spend__gt=0,
        )
        .select_related("partner", "owner", "team")
        .order_by("-closed_on", "-pk")
    )


def _metered(deals: Iterable[Deal], *, at: datetime) -> list[Realised]:
    """Hold against the meter what is metered to the end of its window."""
    by_id = {deal.pk: deal for deal in deals}
    if not by_id:
        return []
    partners = {deal.partner_id for deal in by_id.values()}
    reach = counting.reach(sorted(partners), until=at.date())
    windows = [
        window
        for deal in by_id.values()
        if (window := _window(deal)).until <= reach.get(deal.partner_id, date.min)
    ]
    spent: dict[int, list[tuple[str, date, Decimal]]] = {}
    for row in spend_in(windows):
        spent.setdefault(row.key, []).append((row.currency, row.day, row.amount))
    adders = _adders(by_id.values(), spent)
    return [
        _realised(by_id[window.key], window, spent.get(window.key, []), adders)
        for window in windows
    ]


def _window(deal: Deal) -> SpendWindow:
    if deal.closed_on is None:
        raise ValueError("A launched deal has a day on which it was won.")
    return SpendWindow(
        key=deal.pk,
        partner_id=deal.partner_id,
        cooperation_id=deal.cooperation_id,
        since=deal.closed_on + timedelta(days=FIRST_DAY),
        until=deal.closed_on + timedelta(days=AFTER_LAST),
    )


def _adders(
    deals: Iterable[Deal], spent: dict[int, list[tuple[str, date, Decimal]]]
) -> dict[str, Adder]:
    """Return one adder for each currency of the deals."""
    parts = [part for listed in spent.values() for part in listed]
    currencies = {code for code, _day, _amount in parts}
    days = {day for _code, day, _amount in parts}
    return {
        currency: Adder(currency, currencies=currencies, days=days)
        for currency in sorted({deal.currency for deal in deals})
    }


def _realised(
    deal: Deal,
    window: SpendWindow,
    parts: list[tuple[str, date, Decimal]],
    adders: dict[str, Adder],
) -> Realised:
    total = adders[deal.currency].total((code, day, cost) for code, day, cost in parts)
    expected = (deal.monthly_spend or ZERO) * 28 / Decimal("30.44")
    ratio = None
    if total.amount is not None and deal.monthly_spend:
        ratio = pipeline.realisation(
            spend=total.amount, expected_monthly=deal.monthly_spend
        )
    return Realised(
        deal=deal,
        since=window.since,
        until=window.until,
        spend=total.amount,
        expected=expected,
        ratio=ratio,
        refusal=total.refusal,
    )


@dataclass(frozen=True, kw_only=True)
class RealisedShare:
    """Several deals together: their spend ÷ what was expected of them."""

    name: str
    count: int
    ratio: Decimal | None
    refusal: str = ""


def realised_by(
    found: Iterable[Realised],
    who: Callable[[Deal], str],
    *,
    currency: str,
    at: datetime,
) -> list[RealisedShare]:
    """Return the ratio by owner, partner or team: Σ spend ÷ Σ expected, at today's rates.

    Deals without a ratio are left out of it.
    """
    groups: dict[str, list[Realised]] = {}
    for one in found:
        if one.ratio is not None:
            groups.setdefault(who(one.deal), []).append(one)
    listed = [one for group in groups.values() for one in group]
    today = at.date()
    adder = Adder(
        currency, currencies=[one.deal.currency for one in listed], days=[today]
    )
    shares = []
    for name, group in sorted(groups.items()):
        spend = adder.total((o.deal.currency, today, o.spend or ZERO) for o in group)
        wanted = adder.total((o.deal.currency, today, o.expected) for o in group)
        ratio, refusal = None, spend.refusal or wanted.refusal
        try:
            ratio = spend.known / wanted.known if wanted.known else None
        except RateMissingError as error:
            refusal = str(error)
        shares.append(
            RealisedShare(name=name, count=len(group), ratio=ratio, refusal=refusal)
        )
    return shares
