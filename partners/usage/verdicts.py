"""May a delivered billing month be applied, or must a person look first? No database.

The rules come from what goes wrong with billing exports in practice: a second export of
the same month, a shorter snapshot, a month that changes after it was closed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db import models
from django.utils.translation import gettext as _

Totals = dict[str, dict[str, Decimal]]
"""Per currency: billed, effective, list, contracted."""

COSTS = ("billed", "effective")
DOUBLED_ROWS = 10
"""From so many rows on, a file in which each row occurs evenly often is suspicious."""
SHRINK = Decimal("0.10")
"""A whole month that loses more than this share is held."""
INCREMENT_DAYS = 7
"""A daily increment covers at most so many charge days."""


class Mode(models.TextChoices):
    """How a delivery relates to those before it; the values of a source's mode."""

    OVERWRITE = "overwrite"
    APPEND = "append"
    DAILY_THEN_MONTH = "daily-then-month"


@dataclass(frozen=True, kw_only=True)
class Month:
    """What one delivery says about one billing month."""

    id: int = 0
    rows: int = 0
    days: frozenset[date] = frozenset()
    totals: Totals = field(default_factory=dict)
    fingerprint: str = ""
    is_increment: bool = False
    is_each_row_even: bool = False
    """Each row occurs an even number of times."""


class Reason(NamedTuple):
    """Why a person must look: a code for machines, words and numbers for people."""

    code: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What is to happen with a delivered month."""

    is_no_op: bool = False
    is_increment: bool = False
    reasons: tuple[Reason, ...] = ()

    @property
    def is_held(self) -> bool:
        return bool(self.reasons)


def judge(
    new: Month,
    *,
    current: Sequence[Month],
    earlier: Sequence[Month],
    mode: str,
    billing_month: date,
    today: date,
    close_after_days: int,
) -> Verdict:
    """Decide about a delivered month.

    :param current: what counts now for this source, scope and month.
    :param earlier: what was superseded or withdrawn.
    :param today: day of the decision, UTC.
    :param close_after_days: days after the month's end from which it counts as closed.
    """
    if any(new.fingerprint == one.fingerprint for one in current):
        return Verdict(is_no_op=True)
    is_increment = is_adding(new, current=current, mode=mode)
    reasons = [*_doubled_in_itself(new)]
    if mode == Mode.DAILY_THEN_MONTH:
        reasons += _neither_day_nor_month(new, current, is_increment=is_increment)
    if not is_increment and current:
        whole = combined(current)
        reasons += [
            *_shorter(new, whole),
            *_doubled(new, whole),
            *_shrunk(new, whole),
        ]
        if is_closed(whole, billing_month, today, close_after_days):
            reasons += _changed(new, whole)
    reasons += _old_again(new, earlier)
    return Verdict(is_increment=is_increment, reasons=tuple(reasons))


def is_adding(new: Month, *, current: Sequence[Month], mode: str) -> bool:
    """Tell whether the delivery adds to the month instead of replacing it."""
    if mode == Mode.APPEND:
        return True
    if mode == Mode.DAILY_THEN_MONTH:
        covered = frozenset[date]().union(*(one.days for one in current))
        is_month = len(new.days) > INCREMENT_DAYS or (
            len(covered) > 1 and new.days >= covered
        )
        return not is_month
    return False


def combined(months: Sequence[Month]) -> Month:
    """Return several increments as one month."""
    totals: Totals = {}
    for month in months:
        for currency, costs in month.totals.items():
            sums = totals.setdefault(currency, {})
            for cost, amount in costs.items():
                sums[cost] = sums.get(cost, Decimal(0)) + amount
    return Month(
        id=months[0].id,
        rows=sum(month.rows for month in months),
        days=frozenset[date]().union(*(month.days for month in months)),
        totals=totals,
    )


def end_of(billing_month: date) -> date:
    """Return the first day of the next month."""
    return (billing_month + timedelta(days=32)).replace(day=1)


def is_closed(
    whole: Month, billing_month: date, today: date, close_after_days: int
) -> bool:
    """Tell whether a month is complete and long enough over that it should rest."""
    end = end_of(billing_month)
    is_complete = end - timedelta(days=1) in whole.days
    return is_complete and today >= end + timedelta(days=close_after_days)


def _doubled_in_itself(new: Month) -> list[Reason]:
    if not new.is_each_row_even or new.rows < DOUBLED_ROWS:
        return []
    return [
        Reason(
            "doubled",
            _("Every one of the %(rows)d rows occurs twice: two exports in one.")
            % {"rows": new.rows},
        )
    ]


def _neither_day_nor_month(
    new: Month, current: Sequence[Month], *, is_increment: bool
) -> list[Reason]:
    if not is_increment:
        return []
    if any(not one.is_increment for one in current):
        return [
            Reason(
                "month-is-there",
                _("The whole month is already loaded; these days would count twice."),
            )
        ]
    covered = frozenset[date]().union(*(one.days for one in current))
    twice = sorted(new.days & covered)
    if not twice:
        return []
    if new.days <= covered:
        return [
            Reason(
                "days-twice",
                _("All its days are already loaded: %(days)s.")
                % {"days": _listed(twice)},
            )
        ]
    if covered <= new.days:
        return [
            Reason(
                "day-or-month",
                _("It may add late rows or be the month so far: %(days)s is loaded.")
                % {"days": _listed(twice)},
            )
        ]
    return []


def _shorter(new: Month, whole: Month) -> list[Reason]:
    missing = sorted(whole.days - new.days)
    if not missing:
        return []
    return [
        Reason(
            "shorter",
            _("Days that are loaded are missing: %(days)s.")
            % {"days": _listed(missing)},
        )
    ]


def _doubled(new: Month, whole: Month) -> list[Reason]:
    if new.rows != 2 * whole.rows or not whole.rows or new.days != whole.days:
        return []
    for currency, costs in whole.totals.items():
        for cost in COSTS:
            if new.totals.get(currency, {}).get(cost) != 2 * costs.get(
                cost, Decimal(0)
            ):
                return []
    return [
        Reason(
            "doubled",
            _("Twice the rows and twice the costs of what is loaded (%(rows)d rows).")
            % {"rows": whole.rows},
        )
    ]


def _shrunk(new: Month, whole: Month) -> list[Reason]:
    reasons = []
    for currency, costs in sorted(whole.totals.items()):
        for cost in COSTS:
            before = costs.get(cost, Decimal(0))
            after = new.totals.get(currency, {}).get(cost, Decimal(0))
            if before > 0 and after < before * (1 - SHRINK):
                reasons.append(
                    Reason(
                        "shrunk",
                        _(
                            "The %(cost)s cost falls from %(before)s to %(after)s %(unit)s."
                        )
                        % {
                            "cost": words()[cost],
                            "before": _plain(before),
                            "after": _plain(after),
                            "unit": currency,
                        },
                    )
                )
    return reasons


def _changed(new: Month, whole: Month) -> list[Reason]:
    if new.totals == whole.totals and new.rows == whole.rows:
        return []
    return [
        Reason(
            "closed",
            _("The month is closed and would change: %(difference)s.")
            % {"difference": difference(new, whole) or _("same totals, other rows")},
        )
    ]


def _old_again(new: Month, earlier: Sequence[Month]) -> list[Reason]:
    return [
        Reason(
            "old-again",
            _("The same rows were delivered before (delivery %(id)d) and replaced.")
            % {"id": one.id},
        )
        for one in earlier
        if one.fingerprint == new.fingerprint
    ][:1]


def difference(new: Month, whole: Month) -> str:
    """Say in words by how much the totals would change."""
    parts = []
    if new.rows != whole.rows:
        parts.append(_("rows %(by)+d") % {"by": new.rows - whole.rows})
    for currency in sorted({*new.totals, *whole.totals}):
        for cost in COSTS:
            by = new.totals.get(currency, {}).get(cost, Decimal(0)) - whole.totals.get(
                currency, {}
            ).get(cost, Decimal(0))
            if by:
                parts.append(f"{words()[cost]} {_plain(by, sign='+')} {currency}")
    return ", ".join(parts)


def words() -> dict[str, str]:
    """Return the names of the costs, in the language of the moment."""
    return {
        "billed": _("billed"),
        "effective": _("effective"),
        "list": _("list"),
        "contracted": _("contracted"),
    }


def _plain(amount: Decimal, *, sign: str = "") -> str:
    text = format(amount, f"{sign}f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _listed(days: Sequence[date]) -> str:
    shown = ", ".join(day.isoformat() for day in days[:5])
    return shown if len(days) <= 5 else f"{shown} … ({len(days)})"
