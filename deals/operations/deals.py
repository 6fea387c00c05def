"""Open and edit deals; their stage moves elsewhere (`operations.stages`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.core import versions
from crm.core.errors import DomainError
from deals import pipeline
from deals.models import Deal, DealStageChange, DealStageWeight
from deals.pipeline import ChangeKind, DealStage
from deals.queries.filled import present_in
from partners.models import Partner
from partners.operations.changes import Act, check_fields
from partners.operations.locks import lock

EDITABLE = frozenset(
    [
        "cooperation",
        "title",
        "end_customer",
        "use_case",
        "deal_type",
        "origin",
        "involvement",
        "amount",
        "monthly_spend",
        "currency",
        "contract_months",
        "target_close_on",
        "competitor",
        "next_step",
        "agreement",
        "renews",
        "owner",
        "team",
    ]
)
OPENED = EDITABLE - {"title"}
Weights = Mapping[str, tuple[int, str]]
"""Probability and forecast category by stage."""


class DealRefusedError(DomainError):
    """The deal cannot be opened, changed or moved like this; `missing` names the fields."""

    code = "deal.refused"


class DealInputError(DealRefusedError):
    """A value of a deal cannot be taken."""

    code = "deal.bad-value"
    is_input = True


@transaction.atomic
def open_deal(
    *,
    partner: Partner,
    title: str,
    by: User,
    at: datetime,
    values: Mapping[str, Any] | None = None,
    stage: DealStage = DealStage.PROSPECT,
) -> Deal:
    """Open a deal with its code and its first stay, in Prospect unless told.

    :param values: further fields of `EDITABLE`; owner, team and currency come from the
        cooperation or the partner unless given.
    :param stage: an open stage, for deals that come from another system.
    :raises DealRefusedError: for an archived partner, or when the stage asks for fields
        that are missing; `missing` names them.
    """
    parent = lock(partner)
    sketch = sketch_deal(
        partner=parent,
        number=next_number(parent),
        title=title,
        values=values or {},
        weights=weights(),
        by=by,
        at=at,
        stage=stage,
    )
    deal = sketch.deal
    _insert(deal)
    sketch.stay.deal = deal
    sketch.stay.save(force_insert=True)
    act = Act(by, at, parent.pk, deal.cooperation_id)
    act.record("deal.opened", deal, new=sketch.new)
    return deal


@dataclass(frozen=True, kw_only=True)
class Sketch:
    """A deal that is not stored yet, with its first stay and what is told of it."""

    deal: Deal
    stay: DealStageChange
    new: dict[str, Any]


def sketch_deal(
    *,
    partner: Partner,
    number: int,
    title: str,
    values: Mapping[str, Any],
    weights: Weights,
    by: User,
    at: datetime,
    stage: DealStage = DealStage.PROSPECT,
) -> Sketch:
    """Work out what `open_deal` would store for a locked partner; nothing is stored.

    :param number: of the deal among those of its partner.
    :raises DealRefusedError: like `open_deal`.
    """
    if stage not in pipeline.OPEN:
        raise DealRefusedError(_("A deal begins open."), code="deal.stage-not-allowed")
    if partner.archived_at is not None:
        raise DealRefusedError(
            _("%(name)s is archived; restore it first.") % {"name": partner},
            code="partner.archived",
        )
    fields = _checked({"title": title, **values})
    deal = Deal(
        partner=partner,
        code=f"D{partner.pk}-{number}",
        stage=stage,
        stage_entered_at=at,
        **{**_inherited(partner, fields, by=by), **fields},
    )
    check_belonging(deal)
    refuse_incomplete(deal, stage=stage)
    weigh(deal, stage=stage, weights=weights)
    stay = DealStageChange(to_stage=stage, kind=ChangeKind.START, entered_at=at, by=by)
    new = {**fields, "stage": str(stage), "probability": deal.probability}
    return Sketch(deal=deal, stay=stay, new=new)


@transaction.atomic
def edit_deal(
    *,
    deal: Deal,
    by: User,
    at: datetime,
    values: Mapping[str, Any],
    expected_version: int | None = None,
) -> Deal:
    """Change what is given and leave the rest; nothing that differs is a no-op.

    :raises StaleVersionError: when somebody else changed it since `expected_version`.
    :raises DealRefusedError: when it is closed, when its stage needs what would be taken
        away, or when lines make up the amount.
    """
    locked = lock_open(deal, expected_version=expected_version)
    old, changes = judge_changes(locked, values)
    if not changes:
        return locked
    try:
        with transaction.atomic():
            versions.advance(locked, expected=None, **changes)
    except IntegrityError as error:
        raise refusal_of(error) from error
    Act(by, at, locked.partner_id, locked.cooperation_id).record(
        "deal.edited", locked, old=old, new=changes
    )
    return locked


def judge_changes(
    deal: Deal, values: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Put what differs on a locked deal; return it as it was and as it is. Stores nothing.

    :raises DealRefusedError: like `edit_deal`.
    """
    fields = _checked(values)
    changes = {k: v for k, v in fields.items() if getattr(deal, k) != v}
    if not changes:
        return {}, {}
    if "amount" in changes and deal.lines.exists():
        raise DealRefusedError(
            _("The amount is the sum of its lines; change these."),
            code="deal.amount-of-lines",
        )
    old = {name: getattr(deal, name) for name in changes}
    for name, value in changes.items():
        setattr(deal, name, value)
    check_belonging(deal)
    refuse_incomplete(deal, stage=DealStage(deal.stage))
    return old, changes


def lock_open(deal: Deal, *, expected_version: int | None = None) -> Deal:
    """Return the deal locked and fresh.

    :raises DealRefusedError: when it is closed.
    """
    locked = lock(deal, expected_version=expected_version)
    refuse_closed(locked)
    return locked


def refuse_closed(deal: Deal) -> None:
    """Refuse what only an open deal takes.

    :raises DealRefusedError: when it is closed.
    """
    if not deal.is_open:
        raise DealRefusedError(
            _("“%(title)s” is closed; reopen it first.") % {"title": deal},
            code="deal.closed",
        )


def refuse_incomplete(deal: Deal, *, stage: DealStage) -> None:
    """Refuse when the stage asks for fields that the deal does not have.

    :raises DealRefusedError: `missing` names them in words.
    """
    lacking = pipeline.missing(stage, present_in(deal))
    if lacking:
        raise DealRefusedError(
            _("“%(stage)s” needs more than is filled in.")
            % {"stage": DealStage(stage).label},
            code="deal.incomplete",
            missing=tuple(str(pipeline.WORDS[name]) for name in lacking),
        )


def weights() -> Weights:
    """Return probability and forecast category of every stage."""
    rows = DealStageWeight.objects.values_list("stage", "probability", "category")
    return {stage: (probability, category) for stage, probability, category in rows}


def weigh(deal: Deal, *, stage: DealStage, weights: Weights) -> None:
    """Put the probability and the forecast category of the stage on the deal."""
    deal.probability, deal.category = weights[stage]


def check_belonging(deal: Deal) -> None:
    """Refuse a cooperation or a paper of another partner.

    :raises DealInputError: saying which.
    """
    for name in ("cooperation", "agreement", "renews"):
        row = getattr(deal, name)
        if row is not None and row.partner_id != deal.partner_id:
            raise DealInputError(
                _("“%(title)s” belongs to another partner.") % {"title": row},
                code="deal.elsewhere",
            )


def refusal_of(error: IntegrityError) -> DealInputError:
    """Say what the database refused, in its words."""
    return DealInputError(
        _("The database refused this change: %(text)s")
        % {"text": str(error).splitlines()[0]}
    )


def next_number(partner: Partner) -> int:
    """Return the next free number; the partner is locked, so nobody else takes it."""
    start = f"D{partner.pk}-"
    codes = Deal.objects.filter(code__startswith=start).values_list("code", flat=True)
    return max((int(code.removeprefix(start)) for code in codes), default=0) + 1


def _inherited(
    partner: Partner, fields: Mapping[str, Any], *, by: User
) -> dict[str, Any]:
    cooperation = fields.get("cooperation")
    above = cooperation or partner
    return {
        "owner": above.owner or by,
        "team": above.team or by.team,
        "currency": cooperation.currency if cooperation else partner.reporting_currency,
    }


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    check_fields(values, EDITABLE)
    fields: dict[str, Any] = {
        k: v.strip() if isinstance(v, str) else v for k, v in values.items()
    }
    if "title" in fields and not fields["title"]:
        raise DealInputError(_("A deal needs a title."), code="deal.needs-title")
    for name in ("amount", "monthly_spend"):
        if fields.get(name) is not None and fields[name] < 0:
            raise DealInputError(_("Money of a deal is not negative."))
    months = fields.get("contract_months")
    if months is not None and not 1 <= months <= 144:
        raise DealInputError(_("A contract lasts 1 to 144 months."))
    return fields


def _insert(deal: Deal) -> None:
    try:
        with transaction.atomic():
            deal.save(force_insert=True)
    except IntegrityError as error:
        raise refusal_of(error) from error
