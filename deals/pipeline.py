"""The pipeline of deals: stages, moves, required fields, weights and roll-ups; no database.

Stage names are those of AWS Partner Central, verbatim, for exchange with co-sell systems.
Probabilities and categories are defaults of the stage; a deal may override them.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class DealStage(models.TextChoices):
    """The seven co-sell stages; the value is what travels to other systems."""

    PROSPECT = "Prospect", _("Prospect")
    QUALIFIED = "Qualified", _("Qualified")
    TECHNICAL_VALIDATION = "Technical Validation", _("Technical validation")
    BUSINESS_VALIDATION = "Business Validation", _("Business validation")
    COMMITTED = "Committed", _("Committed")
    LAUNCHED = "Launched", _("Launched")
    CLOSED_LOST = "Closed Lost", _("Closed lost")


class ForecastCategory(models.TextChoices):
    """How surely a deal counts for the period."""

    OMITTED = "omitted", _("omitted")
    PIPELINE = "pipeline", _("pipeline")
    BEST_CASE = "best_case", _("best case")
    COMMIT = "commit", _("commit")
    CLOSED = "closed", _("closed")


class DealType(models.TextChoices):
    """What the deal brings."""

    NET_NEW = "net_new", _("Net new business")
    EXPANSION = "expansion", _("Expansion")
    RENEWAL = "flat_renewal", _("Flat renewal")


class Origin(models.TextChoices):
    """Who found it."""

    OURS = "ours", _("We")
    PARTNER = "partner", _("The partner")


class Involvement(models.TextChoices):
    """What the other side does in it."""

    CO_SELL = "co_sell", _("Co-sell")
    VISIBILITY = "visibility_only", _("For visibility only")


class WonReason(models.TextChoices):
    """Why a deal was won."""

    PRODUCT = "product_fit", _("Product fit")
    PRICE = "price", _("Price")
    RELATIONSHIP = "relationship", _("Relationship")
    PROOF = "proof", _("Convinced by the proof")
    INCUMBENT = "incumbent", _("Continues what is there")
    OTHER = "other", _("Other")


class LostReason(models.TextChoices):
    """Why a deal was lost; the last two say that it was never a real one."""

    NO_BUDGET = "no_budget", _("No budget")
    CANCELLED = "cancelled_or_delayed", _("Cancelled or delayed")
    REGULATORY = "legal_regulatory", _("Legal or regulatory")
    COMPETITOR = "competitor", _("Lost to a competitor")
    PRICE = "price", _("Price")
    SECURITY = "security", _("Security")
    TECHNICAL_LIMITS = "technical_limits", _("Technical limits")
    GOVERNANCE = "people_governance", _("People or governance")
    PRODUCT_GAP = "product_gap", _("Product gap")
    OTHER = "other", _("Other")
    DUPLICATE = "duplicate", _("Duplicate")
    ADMINISTRATIVE = "administrative", _("Closed for administrative reasons")


NOT_DECIDED = (LostReason.DUPLICATE, LostReason.ADMINISTRATIVE)
"""Lost for these, a deal counts in no win rate."""


class ChangeKind(models.TextChoices):
    """What a stage move was."""

    START = "start", _("start")
    MOVE = "move", _("move")
    WIN = "win", _("won")
    LOSE = "lose", _("lost")
    REOPEN = "reopen", _("reopened")


class CreditKind(models.TextChoices):
    """What a partner did for a deal; the two are never added up."""

    SOURCED = "sourced", _("sourced")
    INFLUENCED = "influenced", _("influenced")


OPEN = (
    DealStage.PROSPECT,
    DealStage.QUALIFIED,
    DealStage.TECHNICAL_VALIDATION,
    DealStage.BUSINESS_VALIDATION,
    DealStage.COMMITTED,
)
CLOSED = (DealStage.LAUNCHED, DealStage.CLOSED_LOST)
QUALIFIED_OR_LATER = OPEN[1:]

PROBABILITY: Mapping[DealStage, int] = {
    DealStage.PROSPECT: 10,
    DealStage.QUALIFIED: 20,
    DealStage.TECHNICAL_VALIDATION: 40,
    DealStage.BUSINESS_VALIDATION: 60,
    DealStage.COMMITTED: 80,
    DealStage.LAUNCHED: 100,
    DealStage.CLOSED_LOST: 0,
}
CATEGORY: Mapping[DealStage, ForecastCategory] = {
    DealStage.PROSPECT: ForecastCategory.OMITTED,
    DealStage.QUALIFIED: ForecastCategory.PIPELINE,
    DealStage.TECHNICAL_VALIDATION: ForecastCategory.BEST_CASE,
    DealStage.BUSINESS_VALIDATION: ForecastCategory.BEST_CASE,
    DealStage.COMMITTED: ForecastCategory.COMMIT,
    DealStage.LAUNCHED: ForecastCategory.CLOSED,
    DealStage.CLOSED_LOST: ForecastCategory.OMITTED,
}
DEMANDS: Mapping[DealStage, tuple[str, ...]] = {
    DealStage.PROSPECT: ("title", "owner"),
    DealStage.QUALIFIED: ("end_customer", "target_close_on", "monthly_spend"),
    DealStage.TECHNICAL_VALIDATION: ("use_case",),
    DealStage.BUSINESS_VALIDATION: ("amount", "contract_months"),
    DealStage.COMMITTED: ("agreement",),
    DealStage.LAUNCHED: ("agreement_signed", "closed_on", "won_reason"),
    DealStage.CLOSED_LOST: ("closed_on", "lost_reason"),
}
"""What each stage asks for on top of the open stages before it."""

WORDS: Mapping[str, Promise] = {
    "title": _("title"),
    "owner": _("owner"),
    "end_customer": _("end customer"),
    "target_close_on": _("target close"),
    "monthly_spend": _("expected monthly spend"),
    "use_case": _("use case"),
    "amount": _("total contract value above zero"),
    "contract_months": _("contract months"),
    "agreement": _("agreement"),
    "agreement_signed": _("an agreement signed by both sides and in force"),
    "closed_on": _("closed on"),
    "won_reason": _("won because"),
    "lost_reason": _("lost because"),
}
"""What each demanded field is called."""


def demands(stage: DealStage) -> tuple[str, ...]:
    """Return all fields that a deal in this stage must have, earlier stages included.

    A lost deal owes only its own: it may be lost from anywhere.
    """
    if stage == DealStage.CLOSED_LOST:
        return DEMANDS[stage]
    order = (*OPEN, DealStage.LAUNCHED)
    upto = order[: order.index(stage) + 1]
    return tuple(name for each in upto for name in DEMANDS[each])


def missing(stage: DealStage, present: Collection[str]) -> tuple[str, ...]:
    """Return the demanded fields that are not among those present, in order."""
    return tuple(name for name in demands(stage) if name not in present)


def may_move(*, current: DealStage, to: DealStage) -> bool:
    """Tell whether a deal may go from one stage to the other.

    Open deals move freely among open stages and may be closed; only a committed deal is
    launched. A closed deal goes nowhere but through reopening.
    """
    if current in CLOSED or current == to:
        return False
    return to != DealStage.LAUNCHED or current == DealStage.COMMITTED


@dataclass(frozen=True, kw_only=True)
class ForecastLine:
    """One deal's part of a forecast, all in one currency."""

    category: ForecastCategory
    amount: Decimal
    probability: int


@dataclass(frozen=True, kw_only=True)
class RollUp:
    """Cumulative forecast: each line contains the ones before it."""

    closed: Decimal
    commit: Decimal
    best_case: Decimal
    pipeline: Decimal
    weighted: Decimal


def roll_up(lines: Iterable[ForecastLine]) -> RollUp:
    """Return the forecast of a period in its four cumulative lines and weighted.

    Weighted is Σ amount × probability ÷ 100 over open deals; closed-won is its own line
    and not part of it.
    """
    sums = dict.fromkeys(ForecastCategory, Decimal(0))
    weighted = Decimal(0)
    for line in lines:
        sums[line.category] += line.amount
        if line.category != ForecastCategory.CLOSED:
            weighted += line.amount * line.probability / 100
    commit = sums[ForecastCategory.CLOSED] + sums[ForecastCategory.COMMIT]
    best_case = commit + sums[ForecastCategory.BEST_CASE]
    return RollUp(
        closed=sums[ForecastCategory.CLOSED],
        commit=commit,
        best_case=best_case,
        pipeline=best_case + sums[ForecastCategory.PIPELINE],
        weighted=weighted,
    )


def coverage(
    *, qualified_open: Decimal, target: Decimal, won: Decimal
) -> Decimal | None:
    """Return open qualified pipeline ÷ (target − won); None when the target is met."""
    rest = target - won
    return qualified_open / rest if rest > 0 else None


def win_rate(*, won: int, lost: int) -> Decimal | None:
    """Return won ÷ (won + lost); None when nothing was decided."""
    decided = won + lost
    return Decimal(won) / decided if decided else None


def velocity(
    *,
    open_deals: int,
    win_rate: Decimal,
    median_amount: Decimal,
    median_cycle_days: Decimal,
) -> Decimal | None:
    """Return currency per day: deals × win rate × median won amount ÷ median cycle days."""
    if median_cycle_days <= 0:
        return None
    return open_deals * win_rate * median_amount / median_cycle_days


def accuracy(*, forecast: Decimal, actual: Decimal) -> Decimal | None:
    """Return 1 − |forecast − actual| ÷ actual; None when nothing came true."""
    return 1 - abs(forecast - actual) / actual if actual > 0 else None


def realisation(*, spend: Decimal, expected_monthly: Decimal) -> Decimal | None:
    """Return spend of days 61 to 88 ÷ (expected monthly spend × 28 ÷ 30.44)."""
    expected = expected_monthly * 28 / Decimal("30.44")
    return spend / expected if expected > 0 else None
