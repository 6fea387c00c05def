"""The head of a model's page: figures, charts and lists, in the words and numbers of the reader."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext

from crm.web.acting import acting_user
from crm.web.charts import Chart, Series, day_of, short, whole
from partners.ai import queries
from partners.ai.admin.pointing import valid_between
from partners.ai.models import AliasKind, CountMethod
from partners.ai.models.pointing import AnyModel
from partners.ai.queries import CountLine, Lines, ModelPage, PartnerUse, Week
from partners.usage.trends import Growth

ZERO = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class UseRow:
    """One partner's line, or the sum of all."""

    partner_id: int | None
    name: str
    tokens: str
    tokens_in: str
    tokens_out: str
    growth: str
    tone: str
    gpu_hours: str
    spent: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class AliasRow:
    """What usage calls the model."""

    pk: int
    text: str
    kind: str
    valid: str


@dataclass(frozen=True, kw_only=True)
class Head:
    """What stands on top of a model's page."""

    page: ModelPage
    lines: Lines
    aliases: tuple[AliasRow, ...]
    counts: tuple[str, ...]
    since: date
    rows: tuple[UseRow, ...]
    total: UseRow
    charts: tuple[Chart, ...]


def head_of(model: AnyModel, request: HttpRequest) -> Head:
    """Return the head for this reader, the window ending yesterday (UTC).

    :param model: one from `queries.with_lines`.
    """
    until = timezone.now().date()
    page = queries.model_page(model, user=acting_user(request), until=until)
    lines = queries.lines_of(model)
    return Head(
        page=page,
        lines=lines,
        aliases=tuple(
            AliasRow(
                pk=line.pk,
                text=line.text,
                kind=str(AliasKind(line.kind).label),
                valid=valid_between(line.since, line.until),
            )
            for line in lines.aliases
        ),
        counts=tuple(map(_counted, lines.counts)),
        since=until - timedelta(days=queries.WINDOW),
        rows=tuple(_row(use) for use in page.partners),
        total=_total(page.partners),
        charts=tuple(_charts(page.weeks)),
    )


def _counted(line: CountLine) -> str:
    at_least = "≥ " if line.is_at_least else ""
    method = CountMethod(line.method).label
    return (
        f"{line.counted_on:%Y-%m}: {at_least}{whole(Decimal(line.count))}"
        f" ({line.source}; {method})"
    )


def in_words(growth: Growth) -> str:
    """Return growth as a percentage, or why there is none."""
    if growth.ratio is None:
        return gettext("n/a (new)") if growth.now > 0 else "–"
    text = f"{growth.ratio * 100:+.1f} %"
    if growth.is_whole:
        return text
    return gettext("%(growth)s (%(days)d of %(all)d days)") % {
        "growth": text,
        "days": growth.days,
        "all": growth.length,
    }


def _tone(growth: Growth) -> str:
    ratio = growth.ratio
    if ratio is None or abs(ratio) < Decimal("0.005"):
        return ""
    return "up" if ratio > 0 else "down"


def _row(use: PartnerUse) -> UseRow:
    return UseRow(
        partner_id=use.partner_id,
        name=use.partner,
        tokens=short(use.tokens),
        tokens_in=_count(use.tokens_in),
        tokens_out=_count(use.tokens_out),
        growth=in_words(use.growth),
        tone=_tone(use.growth),
        gpu_hours=whole(use.gpu_hours.quantize(Decimal("0.1"))),
        spent=tuple(_money(one.amount, one.currency) for one in use.spent),
    )


def _total(uses: list[PartnerUse]) -> UseRow:
    spent: dict[str, Decimal] = defaultdict(Decimal)
    for use in uses:
        for one in use.spent:
            spent[one.currency] += one.amount
    growth = Growth(
        now=sum((use.growth.now for use in uses), ZERO),
        before=sum((use.growth.before for use in uses), ZERO),
        days=min((use.compared_days for use in uses), default=0),
        length=queries.WINDOW,
    )
    return UseRow(
        partner_id=None,
        name=gettext("All"),
        tokens=short(sum((use.tokens for use in uses), ZERO)),
        tokens_in=_count(sum((use.tokens_in for use in uses), ZERO)),
        tokens_out=_count(sum((use.tokens_out for use in uses), ZERO)),
        growth=in_words(growth),
        tone=_tone(growth),
        gpu_hours=whole(
            sum((use.gpu_hours for use in uses), ZERO).quantize(Decimal("0.1"))
        ),
        spent=tuple(_money(amount, code) for code, amount in sorted(spent.items())),
    )


def _count(tokens: Decimal) -> str:
    return whole(tokens.quantize(Decimal(1)))


def _money(amount: Decimal, currency: str) -> str:
    return f"{currency} {whole(amount.quantize(Decimal(1)))}"


def _charts(weeks: list[Week]) -> Iterable[Chart]:
    labels = tuple(day_of(week.begins_on) for week in weeks)
    yield Chart(
        title=gettext("Tokens by week"),
        labels=labels,
        series=(
            Series(
                name=gettext("input"), values=tuple(week.tokens_in for week in weeks)
            ),
            Series(
                name=gettext("output"), values=tuple(week.tokens_out for week in weeks)
            ),
        ),
    )
    hours = Chart(
        title=gettext("GPU hours by week"),
        labels=labels,
        series=(
            Series(
                name=gettext("GPU hours"),
                values=tuple(week.gpu_hours for week in weeks),
            ),
        ),
    )
    if not hours.is_empty:
        yield hours
