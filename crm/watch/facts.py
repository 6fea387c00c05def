"""What is known about one cooperation on one day; what nobody knows is None. No database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a cooperation uses, over 28 days and the 28 before.

    :ivar is_fresh: the data reaches as far as it should; nothing else may be judged.
    :ivar now: AI spend of the days complete in both windows; `before` that of their base.
    :ivar total_now: all spend of the same days; `total_before` that of their base.
    :ivar currency: in which both pairs are, that in which most is spent.
    :ivar complete_days: days of the window with complete data.
    :ivar quiet_days: complete days since the latest usage; None when never used.
    """

    is_fresh: bool
    currency: str = ""
    now: Decimal = Decimal(0)
    before: Decimal = Decimal(0)
    total_now: Decimal = Decimal(0)
    total_before: Decimal = Decimal(0)
    spend: Decimal = Decimal(0)
    compared_days: int = 0
    complete_days: int = 0
    active_days: int = 0
    quiet_days: int | None = None
    first_ai_day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """How one commitment stands; see `deals.commitments.Standing` for the formulas.

    :ivar shortfall_share: projected shortfall ÷ amount; `term_left` the share of the term.
    """

    commitment_id: int
    pace_index: Decimal | None
    shortfall_share: Decimal
    term_left: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A proof of concept that runs: when it ends, and what is not measured."""

    poc_id: int
    title: str
    ends_on: date
    unmeasured: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """An agreement in force whose notice deadline comes, without an open renewal deal."""

    agreement_id: int
    title: str
    deadline_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One running cooperation on one day, `on`.

    :ivar usage: None when it cannot be told whose usage it is; `usage_reason` says why.
    :ivar gate_passed: criteria of the gate ahead that the latest look found passed or let
        off; None when nobody looked in this stay or no gate lies ahead.
    :ivar governance: points of four; `sponsor_left_on` when theirs left, unreplaced.
    :ivar proven_share: share of the metrics of the latest proof that were met.
    """

    on: date
    cooperation_id: int
    partner_id: int
    owner_id: int | None
    title: str = ""
    stay_id: int = 0
    stage: str
    stage_order: int
    days_in_stage: float
    expected_days: int | None
    is_on_hold: bool
    silent_days: float | None
    expected_spend: Decimal | None = None
    spend_currency: str = ""
    gate_passed: int | None = None
    gate_total: int = 0
    governance: int = 0
    governance_lost: Sequence[str] = ()
    sponsor_left_on: date | None = None
    usage: Usage | None = None
    proofs: Sequence[Proof] = ()
    proven_share: Decimal | None = None
    commitments: Sequence[Committed] = ()
    realisation: Decimal | None = None
    notices: Sequence[Notice] = ()
    signed_on: date | None = None
