"""Where one deal or one agreement stands, as its page shows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise

from crm.accounts.models import User
from deals import agreements, pipeline
from deals.agreements import AgreementStatus
from deals.models import (
    Agreement,
    AgreementReminder,
    AgreementStatusChange,
    AgreementVersion,
    AttributionCredit,
    Deal,
    DealLine,
    DealSnapshot,
    DealStageChange,
)
from deals.pipeline import CreditKind, DealStage
from deals.queries.filled import present_in

PATH = (*pipeline.OPEN, DealStage.LAUNCHED)
SNAPSHOTS = 8
MOST = 50


@dataclass(frozen=True, kw_only=True)
class Rung:
    """One stage or status on the way, seen from one row."""

    name: str
    is_current: bool
    is_behind: bool


@dataclass(frozen=True, kw_only=True)
class DealStanding:
    """All that the head of a deal's page says."""

    rungs: Sequence[Rung]
    days: int
    next_stage: str
    missing: Sequence[str]
    weighted: Decimal | None
    lines: Sequence[DealLine]
    credits: Sequence[AttributionCredit]
    sourced: Decimal
    influenced: Decimal
    stays: Sequence[DealStageChange]
    snapshots: Sequence[DealSnapshot]
    pushes: int


def deal_standing(*, deal: Deal, at: datetime) -> DealStanding:
    """Return where a deal stands now; four queries whatever its history.

    :param deal: loaded with partner and agreement.
    """
    stage = DealStage(deal.stage)
    following = _next_of(stage)
    lacking = pipeline.missing(following, present_in(deal)) if following else ()
    credits_ = list(deal.credits.select_related("partner").order_by("kind", "pk"))
    snapshots = list(deal.snapshots.order_by("-week_on")[:MOST])
    amount = deal.amount if deal.is_open else None
    return DealStanding(
        rungs=_rungs(stage),
        days=(at - deal.stage_entered_at).days,
        next_stage=str(following.label) if following else "",
        missing=[str(pipeline.WORDS[name]) for name in lacking],
        weighted=None if amount is None else amount * deal.probability / 100,
        lines=list(deal.lines.order_by("position")[:MOST]),
        credits=credits_,
        sourced=_sum(credits_, CreditKind.SOURCED),
        influenced=_sum(credits_, CreditKind.INFLUENCED),
        stays=list(
            deal.stage_changes.select_related("by").order_by("-entered_at", "-pk")
        ),
        snapshots=snapshots[:SNAPSHOTS],
        pushes=_pushes(snapshots),
    )


def _next_of(stage: DealStage) -> DealStage | None:
    if stage in pipeline.CLOSED:
        return None
    return PATH[PATH.index(stage) + 1]


def _rungs(stage: DealStage) -> list[Rung]:
    path = PATH if stage in PATH else (*pipeline.OPEN, stage)
    here = path.index(stage)
    is_lost = stage == DealStage.CLOSED_LOST
    return [
        Rung(
            name=str(each.label),
            is_current=place == here,
            is_behind=place < here and not is_lost,
        )
        for place, each in enumerate(path)
    ]


def _sum(given: Sequence[AttributionCredit], kind: CreditKind) -> Decimal:
    return sum((each.percent for each in given if each.kind == kind), Decimal(0))


def _pushes(snapshots: Sequence[DealSnapshot]) -> int:
    """Count the weeks in which the target day moved out; the latest snapshot first."""
    days = [each.target_close_on for each in reversed(snapshots)]
    return sum(
        1 for before, after in pairwise(days) if before and after and after > before
    )


@dataclass(frozen=True, kw_only=True)
class AgreementStanding:
    """All that the head of an agreement's page says."""

    rungs: Sequence[Rung]
    days_left: int | None
    notice_days_left: int | None
    versions: Sequence[AgreementVersion]
    parts: Sequence[Agreement]
    deals: Sequence[Deal]
    renewals: Sequence[Deal]
    stays: Sequence[AgreementStatusChange]
    reminders: Sequence[AgreementReminder]


def agreement_standing(
    *, agreement: Agreement, by: User, at: datetime
) -> AgreementStanding:
    """Return where an agreement stands now; six queries whatever its history."""
    today = at.date()
    deals = list(
        Deal.objects.visible_to(by)
        .filter(agreement=agreement)
        .order_by("-stage_entered_at", "pk")[:MOST]
    )
    return AgreementStanding(
        rungs=_statuses(agreement),
        days_left=_days_to(agreement.expires_on, today),
        notice_days_left=_days_to(agreement.notice_deadline_on, today),
        versions=list(
            agreement.versions.select_related("uploaded_by").order_by("-number")
        ),
        parts=list(agreement.parts.order_by("pk")[:MOST]),
        deals=deals,
        renewals=list(
            Deal.objects.visible_to(by).filter(renews=agreement).order_by("pk")[:MOST]
        ),
        stays=list(
            agreement.status_changes.select_related("by").order_by("-entered_at", "-pk")
        ),
        reminders=list(
            agreement.reminders.select_related("recipient").order_by("-due_at", "-pk")
        ),
    )


WAY = (
    AgreementStatus.DRAFT,
    AgreementStatus.IN_REVIEW,
    AgreementStatus.SIGNED,
    AgreementStatus.ACTIVE,
)


def _statuses(agreement: Agreement) -> list[Rung]:
    current = AgreementStatus(agreement.status)
    path = WAY if current in WAY else (*WAY, current)
    here = path.index(current)
    is_signed = agreement.status in agreements.SIGNED_BY_BOTH
    return [
        Rung(
            name=str(each.label),
            is_current=place == here,
            is_behind=place < here and (current in WAY or is_signed),
        )
        for place, each in enumerate(path)
    ]


def _days_to(day: date | None, today: date) -> int | None:
    return None if day is None else (day - today).days
