"""The mutual action plan and its risks: who does what by when, and what may go wrong."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.core import versions
from crm.core.errors import DomainError
from partners.models import ActionItem, Cooperation, Partner, Risk, Side
from partners.operations.changes import Act, change, check_fields
from partners.operations.locks import lock

ITEM_FIELDS = ("title", "side", "owner", "contact", "due_on")
RISK_FIELDS = ("title", "severity", "likelihood", "mitigation", "owner")


class PlanRefusedError(DomainError):
    """The action item or the risk cannot be like this."""

    code = "plan.refused"


@transaction.atomic
def add_action_item(
    *,
    partner: Partner,
    values: Mapping[str, Any],
    by: User,
    at: datetime,
    cooperation: Cooperation | None = None,
) -> ActionItem:
    """Add a promise of one side.

    :param values: fields of `ITEM_FIELDS`; title, side and due date are needed. On our
        side the owner is who adds it, unless given.
    :raises PlanRefusedError: naming what does not fit.
    """
    check_fields(values, ITEM_FIELDS)
    fields = dict(values)
    if fields.get("side") == Side.OURS:
        fields.setdefault("owner", by)
    _check_item(fields, partner.pk)
    _check_partner(cooperation, partner)
    item = ActionItem.objects.create(partner=partner, cooperation=cooperation, **fields)
    _act(item, by, at).record("action-item.added", item, new=fields)
    return item


@transaction.atomic
def edit_action_item(
    *,
    item: ActionItem,
    values: Mapping[str, Any],
    by: User,
    at: datetime,
    expected_version: int | None = None,
) -> ActionItem:
    """Change an outstanding promise.

    :raises PlanRefusedError: when it is done or dropped, or naming what does not fit.
    """
    check_fields(values, ITEM_FIELDS)
    fresh = lock(item, expected_version=expected_version)
    if fresh.status != ActionItem.Status.OPEN:
        raise PlanRefusedError(_("It is closed; reopen it first."), code="plan.closed")
    merged = {**{name: getattr(fresh, name) for name in ITEM_FIELDS}, **values}
    _check_item(merged, fresh.partner_id)
    change(fresh, values, kind="action-item.edited", act=_act(fresh, by, at))
    return fresh


def complete_action_item(*, item: ActionItem, by: User, at: datetime) -> ActionItem:
    """Tick a promise off.

    :raises PlanRefusedError: when it is closed already.
    """
    return _close_item(item, ActionItem.Status.DONE, "action-item.done", by, at)


def drop_action_item(*, item: ActionItem, by: User, at: datetime) -> ActionItem:
    """Give a promise up.

    :raises PlanRefusedError: when it is closed already.
    """
    return _close_item(item, ActionItem.Status.DROPPED, "action-item.dropped", by, at)


@transaction.atomic
def reopen_action_item(*, item: ActionItem, by: User, at: datetime) -> ActionItem:
    """Take back that a promise is closed.

    :raises PlanRefusedError: when it is open.
    """
    fresh = lock(item)
    if fresh.status == ActionItem.Status.OPEN:
        raise PlanRefusedError(_("It is open."), code="plan.open")
    values = {"status": ActionItem.Status.OPEN, "closed_at": None}
    change(fresh, values, kind="action-item.reopened", act=_act(fresh, by, at))
    return fresh


@transaction.atomic
def raise_risk(
    *,
    partner: Partner,
    values: Mapping[str, Any],
    by: User,
    at: datetime,
    cooperation: Cooperation | None = None,
) -> Risk:
    """Name something that may go wrong.

    :param values: fields of `RISK_FIELDS`; a title is needed.
    :raises PlanRefusedError: naming what does not fit.
    """
    check_fields(values, RISK_FIELDS)
    _check_risk(values)
    _check_partner(cooperation, partner)
    fields = {"owner": by, **values}
    risk = Risk.objects.create(
        partner=partner, cooperation=cooperation, raised_at=at, **fields
    )
    _act(risk, by, at).record("risk.raised", risk, new=fields)
    return risk


@transaction.atomic
def edit_risk(
    *,
    risk: Risk,
    values: Mapping[str, Any],
    by: User,
    at: datetime,
    expected_version: int | None = None,
) -> Risk:
    """Judge a risk anew.

    :raises PlanRefusedError: when it is closed, or naming what does not fit.
    """
    check_fields(values, RISK_FIELDS)
    fresh = lock(risk, expected_version=expected_version)
    if fresh.status != Risk.Status.OPEN:
        raise PlanRefusedError(_("It is closed."), code="plan.closed")
    _check_risk({**{name: getattr(fresh, name) for name in RISK_FIELDS}, **values})
    change(fresh, values, kind="risk.edited", act=_act(fresh, by, at))
    return fresh


@transaction.atomic
def close_risk(*, risk: Risk, reason: str, by: User, at: datetime) -> Risk:
    """Say that a risk is over.

    :raises PlanRefusedError: when it is closed already, or without a reason.
    """
    fresh = lock(risk)
    if fresh.status != Risk.Status.OPEN:
        raise PlanRefusedError(_("It is closed."), code="plan.closed")
    if not reason.strip():
        raise PlanRefusedError(_("Say why."), code="plan.needs-reason")
    versions.advance(fresh, expected=None, status=Risk.Status.CLOSED, closed_at=at)
    _act(fresh, by, at).record("risk.closed", fresh, new={"reason": reason.strip()})
    return fresh


def _act(row: ActionItem | Risk, by: User, at: datetime) -> Act:
    return Act(by, at, row.partner_id, row.cooperation_id)


@transaction.atomic
def _close_item(
    item: ActionItem, status: str, kind: str, by: User, at: datetime
) -> ActionItem:
    fresh = lock(item)
    if fresh.status != ActionItem.Status.OPEN:
        raise PlanRefusedError(_("It is closed already."), code="plan.closed")
    values = {"status": status, "closed_at": at}
    change(fresh, values, kind=kind, act=_act(fresh, by, at))
    return fresh


def _check_partner(cooperation: Cooperation | None, partner: Partner) -> None:
    if cooperation is not None and cooperation.partner_id != partner.pk:
        raise PlanRefusedError(
            _("The cooperation belongs to another partner."), code="plan.elsewhere"
        )


def _check_item(fields: Mapping[str, Any], partner_id: int) -> None:
    if not str(fields.get("title", "")).strip() or fields.get("due_on") is None:
        raise PlanRefusedError(
            _("An action item needs a title and a due date."), code="plan.incomplete"
        )
    if fields.get("side") not in Side.values:
        raise PlanRefusedError(_("Say whose side acts."), code="plan.side")
    contact = fields.get("contact")
    stranger = fields.get("owner") if fields["side"] == Side.THEIRS else contact
    if stranger is not None:
        raise PlanRefusedError(
            _("Who acts must be on the side that promised."), code="plan.side"
        )
    if contact is not None and contact.partner_id != partner_id:
        raise PlanRefusedError(
            _("This contact belongs to another partner."), code="plan.elsewhere"
        )


def _check_risk(fields: Mapping[str, Any]) -> None:
    if not str(fields.get("title", "")).strip():
        raise PlanRefusedError(_("A risk needs a title."), code="plan.incomplete")
    for name in ("severity", "likelihood"):
        if fields.get(name, Risk.Level.MEDIUM) not in Risk.Level.values:
            raise PlanRefusedError(_("Choose low, medium or high."), code="plan.level")
