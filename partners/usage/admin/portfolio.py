"""All partners' consumption of one month, most money first, in the reader's currency."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from crm.accounts import policy
from crm.accounts.models import User
from crm.core import numbers
from crm.core.errors import DomainError
from crm.core.money import Money
from crm.core.periods import Days
from crm.rates import queries as rates
from partners.models import Partner
from partners.usage import queries
from partners.usage.models.account import SEES_UNASSIGNED
from partners.usage.queries import Freshness
from partners.usage.queries.series import Spent

SHOWN = 50
MONTHS = 6


@dataclass(frozen=True, kw_only=True)
class Signal:
    """Something a person should look at, and where."""

    words: str
    url: str
    tone: str = "warning"


@dataclass(frozen=True, kw_only=True)
class Page:
    """Everything the template shows."""

    month: date
    months: Sequence[tuple[str, str, bool]]
    currency: str
    rate_on: date
    rows: Sequence[Mapping[str, Any]]
    total: str
    refusal: str
    freshness: Sequence[Freshness]
    signals: Sequence[Signal]
    exports: Sequence[tuple[str, str]]


def build(*, by: User, month: date | None, today: date) -> Page:
    """Return the portfolio of the partners this person may see."""
    latest = today.replace(day=1)
    month = min(month or _before(latest, 1), latest)
    names = dict(Partner.objects.visible_to(by).values_list("pk", "display_name"))
    spent = queries.monthly_spend(
        since=_before(month, 1), until=_after(month), partner_ids=list(names)
    )
    rate_on = min(_after(month), today) - timedelta(days=1)
    worth = _Worth(spent, to=by.currency, months=(month, _before(month, 1)), on=rate_on)
    rows = _rows(spent, names, month, worth)
    return Page(
        month=month,
        months=_months(latest, month),
        currency=by.currency,
        rate_on=rate_on,
        rows=rows[:SHOWN],
        total=worth.total(month),
        refusal=worth.refusal,
        freshness=queries.freshness(today=today) if _oversees(by) else [],
        signals=signals(by=by, today=today),
        exports=_exports(month),
    )


class _Worth:
    """What spend is worth in one currency; a missing rate refuses the total by name."""

    def __init__(
        self, spent: Sequence[Spent], *, to: str, months: tuple[date, date], on: date
    ) -> None:
        self.to = to
        self.refusal = ""
        self.spent = spent
        self.days = {months[0]: on, months[1]: months[0] - timedelta(days=1)}
        self.converter = rates.converter(
            currencies={to, *(one.currency for one in spent)},
            days=Days(min(self.days.values()), max(self.days.values()) + timedelta(1)),
        )

    def of(self, amount: Decimal, currency: str, month: date) -> Decimal | None:
        """Return the amount at the rate of the month's last day; None without a rate."""
        try:
            money = self.converter.convert(
                Money(amount, currency), to=self.to, on=self.days[month]
            )
        except DomainError as refusal:
            self.refusal = self.refusal or str(refusal)
            return None
        return money.money.amount

    def total(self, month: date) -> str:
        """Return the sum of all partners, or nothing where a rate is missing."""
        amounts = [
            self.of(one.effective, one.currency, month)
            for one in self.spent
            if one.month == month
        ]
        known = [amount for amount in amounts if amount is not None]
        if len(known) < len(amounts):
            return ""
        return f"{numbers.short(sum(known, Decimal(0)))} {self.to}"


def _rows(
    spent: Sequence[Spent], names: Mapping[int, str], month: date, worth: _Worth
) -> list[dict[str, Any]]:
    """Return one row per partner and currency, most money first."""
    before = {
        (one.partner_id, one.currency): one.effective
        for one in spent
        if one.month != month
    }
    rows = []
    for one in spent:
        if one.month != month or one.partner_id is None:
            continue
        base = before.get((one.partner_id, one.currency), Decimal(0))
        amount = worth.of(one.effective, one.currency, month)
        rows.append(
            {
                "partner": names[one.partner_id],
                "url": reverse(
                    "admin:usage_monthlyusage_partner", args=(one.partner_id,)
                ),
                "currency": one.currency,
                "effective": numbers.grouped(one.effective),
                "billed": numbers.grouped(one.billed),
                "worth": numbers.grouped(amount, 0),
                "order": one.effective if amount is None else amount,
                "ai_share": numbers.share(
                    one.ai / one.effective if one.effective > 0 else None
                ),
                "tokens": numbers.short(one.tokens),
                "base": numbers.grouped(base),
            }
        )
    return sorted(rows, key=lambda row: (-row["order"], row["partner"]))


def signals(*, by: User, today: date) -> list[Signal]:
    """Return late sources, held deliveries and spend of nobody, for whoever sees them."""
    found: list[Signal] = []
    if _oversees(by):
        for one in queries.freshness(today=today):
            found += _of_source(one)
    if policy.reach_of(by).has_any(SEES_UNASSIGNED):
        since = _before(today.replace(day=1), 1)
        for currency, amount in sorted(queries.unassigned_sums(since=since).items()):
            words = _("%(sum)s %(unit)s since %(day)s belong to no partner.")
            told = {"sum": numbers.short(amount), "unit": currency, "day": since}
            found.append(
                Signal(
                    words=words % told,
                    url=reverse("admin:usage_cloudaccount_unassigned"),
                )
            )
    return found


def _of_source(one: Freshness) -> list[Signal]:
    found = []
    if one.is_late:
        words = _("“%(source)s” is late: its data reaches %(day)s.")
        found.append(
            Signal(
                words=words % {"source": one.source, "day": one.latest_day or "–"},
                url=reverse("admin:usage_billingsource_change", args=(one.source_id,)),
            )
        )
    if one.held:
        words = _("“%(source)s”: %(count)d deliveries wait for a decision.")
        found.append(
            Signal(
                words=words % {"source": one.source, "count": one.held},
                url=reverse("admin:usage_usagedelivery_changelist")
                + f"?status__exact=held&source__id__exact={one.source_id}",
            )
        )
    return found


def _oversees(person: User) -> bool:
    return person.has_perm("usage.view_usagedelivery")


def _months(latest: date, current: date) -> list[tuple[str, str, bool]]:
    months = [_before(latest, back) for back in range(MONTHS)]
    return [
        (f"{month:%Y-%m}", f"?month={month:%Y-%m}", month == current)
        for month in months
    ]


def _exports(month: date) -> list[tuple[str, str]]:
    address = reverse("admin:usage_monthlyusage_portfolio")
    titles = {"csv": "CSV", "xlsx": "XLSX", "parquet": "Parquet"}
    return [
        (title, f"{address}?month={month:%Y-%m}&format={kind}")
        for kind, title in titles.items()
    ]


EXPORTED = (
    "month", "partner_id", "partner", "currency", "effective_cost", "billed_cost",
    "ai_effective_cost", "tokens",
)  # fmt: skip


def exported(*, by: User, month: date | None, today: date) -> list[tuple[Any, ...]]:
    """Return the spend of a month of all visible partners as rows of a table."""
    latest = today.replace(day=1)
    month = min(month or _before(latest, 1), latest)
    names = dict(Partner.objects.visible_to(by).values_list("pk", "display_name"))
    spent = queries.monthly_spend(
        since=month, until=_after(month), partner_ids=list(names)
    )
    return [
        (one.month, one.partner_id, names.get(one.partner_id or 0, ""), one.currency,
         one.effective, one.billed, one.ai, one.tokens)
        for one in spent
    ]  # fmt: skip


def _after(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)


def _before(month: date, count: int) -> date:
    number = month.year * 12 + month.month - 1 - count
    return date(number // 12, number % 12 + 1, 1)
