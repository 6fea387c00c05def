"""Subject: who stays, who grows, and how much hangs on few partners. No database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

ZERO = Decimal(0)
TOP = 5


@dataclass(frozen=True, slots=True)
class Kept:
    """What one partner of the cohort spent in the earlier and in the later year.

    :ivar latest: what it spent in the last 28 days; nothing means it has left.
    """

    earlier: Decimal
    later: Decimal
    latest: Decimal


@dataclass(frozen=True, slots=True)
class Retention:
    """How the spend of a cohort developed.

    :ivar nrr: later ÷ earlier spend of the cohort; None without a cohort.
    :ivar grr: the same with growth left out, so never above 1.
    :ivar expansion: what growers added; contraction what shrinkers lost; churn what
        those lost who spend nothing any more. Their sum is later − earlier.
    """

    cohort: int
    nrr: Decimal | None
    grr: Decimal | None
    expansion: Decimal
    contraction: Decimal
    churn: Decimal
    growers: int
    shrinkers: int
    lost: int


def retention(rows: Iterable[Kept]) -> Retention:
    """Return the retention of those that spent something in the earlier year."""
    cohort = [row for row in rows if row.earlier > 0]
    base = sum((row.earlier for row in cohort), ZERO)
    later = sum((row.later for row in cohort), ZERO)
    kept = sum((min(row.later, row.earlier) for row in cohort), ZERO)
    lost = [row for row in cohort if row.latest <= 0]
    rest = [row for row in cohort if row.latest > 0]
    growers = [row for row in rest if row.later > row.earlier]
    shrinkers = [row for row in rest if row.later < row.earlier]
    return Retention(
        cohort=len(cohort),
        nrr=later / base if base > 0 else None,
        grr=max(kept, ZERO) / base if base > 0 else None,
        expansion=_moved(growers),
        contraction=_moved(shrinkers),
        churn=_moved(lost),
        growers=len(growers),
        shrinkers=len(shrinkers),
        lost=len(lost),
    )


def _moved(rows: Iterable[Kept]) -> Decimal:
    return sum((row.later - row.earlier for row in rows), ZERO)


@dataclass(frozen=True, slots=True)
class Concentration:
    """How much of the spend comes from few.

    :ivar top_share: part of the largest five; `herfindahl` the sum of squared shares:
        1 when one partner has all, 1/n when n have the same.
    """

    count: int
    top_share: Decimal | None
    herfindahl: Decimal | None


def concentration(amounts: Sequence[Decimal]) -> Concentration:
    """Return the concentration of amounts; those not above zero are left out."""
    spent = sorted((amount for amount in amounts if amount > 0), reverse=True)
    whole = sum(spent, ZERO)
    if not spent:
        return Concentration(0, None, None)
    return Concentration(
        count=len(spent),
        top_share=sum(spent[:TOP], ZERO) / whole,
        herfindahl=sum(((amount / whole) ** 2 for amount in spent), ZERO),
    )
