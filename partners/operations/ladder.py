"""Change the ladder itself: days of a stage, rules and gates, each as a new version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.core import versions
from crm.core.errors import DomainError
from crm.journal import operations as journal
from partners import gates
from partners.models import GateCriterion, StageDefinition, StageTransitionRule
from partners.operations.changes import check_fields
from partners.queries import evidence
from partners.stages import Role

STAGE_FIELDS = (
    "name",
    "meaning",
    "expected_days",
    "warning_days",
    "confirm_within_days",
    "co_sell_stage",
)
RULE_FIELDS = ("approver_roles", "needs_reason", "within_days")


class LadderRefusedError(DomainError):
    """The ladder cannot be changed like this."""

    code = "ladder.refused"


@dataclass(frozen=True)
class Criterion:
    """One thing a gate is to ask for.

    :ivar waiver_role: who waives it; empty when nobody may.
    """

    code: str
    label: str
    kind: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    waiver_role: str = ""


@transaction.atomic
def edit_stage(
    *,
    stage: StageDefinition,
    values: Mapping[str, Any],
    by: User,
    at: datetime,
    expected_version: int | None = None,
) -> StageDefinition:
    """Change the name or the days of a stage; its code and its place stay.

    :raises LadderRefusedError: when a warning would come after the expected days.
    :raises StaleVersionError: when somebody changed it since `expected_version`.
    """
    check_fields(values, STAGE_FIELDS)
    locked = StageDefinition.objects.select_for_update().get(pk=stage.pk)
    versions.check(locked, expected=expected_version)
    fields = {**{name: getattr(locked, name) for name in STAGE_FIELDS}, **values}
    expected, warning = fields["expected_days"], fields["warning_days"]
    if warning is not None and (expected is None or warning > expected):
        raise LadderRefusedError(
            _("A warning comes before the expected days."), code="ladder.warning"
        )
    if not str(fields["name"]).strip():
        raise LadderRefusedError(_("A stage needs a name."), code="ladder.nameless")
    old = {name: getattr(locked, name) for name in values}
    versions.advance(locked, expected=None, **values)
    journal.record(
        kind="ladder.stage-edited",
        subject=locked,
        by=by,
        at=at,
        old=old,
        new={"stage": locked.code, **values},
    )
    return locked


@transaction.atomic
def revise_rule(
    *,
    rule: StageTransitionRule,
    by: User,
    at: datetime,
    values: Mapping[str, Any] | None = None,
    criteria: Sequence[Criterion] | None = None,
) -> StageTransitionRule:
    """Put a new version of a rule in force; moves made under the old one keep theirs.

    Waivers and approvals given under the old version do not count for the new one.

    :param values: fields of `RULE_FIELDS` that change.
    :param criteria: the whole gate anew; None keeps the criteria as they are.
    :raises LadderRefusedError: when the version is not in force, or names an unknown role.
    :raises CriterionRefusedError: when a criterion cannot be looked at.
    """
    check_fields(values or {}, RULE_FIELDS)
    locked = StageTransitionRule.objects.select_for_update().get(pk=rule.pk)
    if locked.retired_at is not None:
        raise LadderRefusedError(
            _("Somebody put a newer version in force."), code="ladder.retired"
        )
    fields = {name: getattr(locked, name) for name in RULE_FIELDS} | dict(values or {})
    _check_roles(fields["approver_roles"])
    kept = list(locked.criteria.order_by("order", "pk"))
    StageTransitionRule.objects.filter(pk=locked.pk).update(retired_at=at)
    revised = StageTransitionRule.objects.create(
        source_id=locked.source_id,
        target_id=locked.target_id,
        kind=locked.kind,
        version=locked.version + 1,
        **fields,
    )
    rows = _copies(kept) if criteria is None else _new(criteria)
    _put(revised, rows)
    _record_revision(locked, revised, by=by, at=at)
    return revised


@transaction.atomic
def retire_rule(*, rule: StageTransitionRule, by: User, at: datetime) -> None:
    """Forbid a step from now on.

    :raises LadderRefusedError: when the version is not in force.
    """
    locked = StageTransitionRule.objects.select_for_update().get(pk=rule.pk)
    if locked.retired_at is not None:
        raise LadderRefusedError(
            _("Somebody put a newer version in force."), code="ladder.retired"
        )
    StageTransitionRule.objects.filter(pk=locked.pk).update(retired_at=at)
    journal.record(
        kind="ladder.rule-retired",
        subject=locked,
        by=by,
        at=at,
        old={"source": locked.source_id, "target": locked.target_id},
    )


def _check_roles(roles: Sequence[str]) -> None:
    if strange := sorted(set(roles) - set(Role.values)):
        raise LadderRefusedError(
            _("There is no role “%(role)s”.") % {"role": ", ".join(strange)},
            code="ladder.role",
        )


def _new(criteria: Sequence[Criterion]) -> list[GateCriterion]:
    return [_checked(criterion) for criterion in criteria]


def _checked(criterion: Criterion) -> GateCriterion:
    if not criterion.code or not criterion.label.strip():
        raise gates.CriterionRefusedError(_("A criterion needs a code and a label."))
    gates.check_parameters(criterion.kind, criterion.parameters)
    for path in _fields_of(criterion.kind, criterion.parameters):
        if not evidence.is_known_field(path):
            raise gates.CriterionRefusedError(
                _("There is no field “%(field)s”.") % {"field": path}
            )
    return GateCriterion(
        code=criterion.code,
        label=criterion.label.strip(),
        kind=criterion.kind,
        parameters=dict(criterion.parameters),
        is_waivable=bool(criterion.waiver_role),
        waiver_role=criterion.waiver_role or Role.EXECUTIVE,
    )


def _fields_of(kind: str, parameters: Mapping[str, Any]) -> list[str]:
    """Return the fields that a criterion, or a part of it, looks at."""
    if kind in gates.COMPOSITES:
        return [
            path
            for part in parameters["of"]
            for path in _fields_of(part["kind"], part.get("parameters", {}))
        ]
    if kind == "field":
        return list(parameters.get("fields", ()))
    return [parameters["field"]] if kind == "field_equals" else []


def _copies(criteria: Sequence[GateCriterion]) -> list[GateCriterion]:
    names = ("code", "label", "kind", "parameters", "is_waivable", "waiver_role")
    return [GateCriterion(**{n: getattr(row, n) for n in names}) for row in criteria]


def _put(rule: StageTransitionRule, criteria: Sequence[GateCriterion]) -> None:
    codes = [criterion.code for criterion in criteria]
    if len(codes) != len(set(codes)):
        raise gates.CriterionRefusedError(_("Two criteria have the same code."))
    for order, criterion in enumerate(criteria, 1):
        criterion.rule, criterion.order = rule, order
    GateCriterion.objects.bulk_create(criteria)


def _record_revision(
    old: StageTransitionRule, new: StageTransitionRule, *, by: User, at: datetime
) -> None:
    journal.record(
        kind="ladder.rule-revised",
        subject=new,
        by=by,
        at=at,
        old=_told(old),
        new=_told(new),
    )


def _told(rule: StageTransitionRule) -> dict[str, Any]:
    criteria = rule.criteria.order_by("order").values_list(
        "code", "kind", "parameters", "is_waivable", "waiver_role"
    )
    return {
        "source": rule.source_id,
        "target": rule.target_id,
        "version": rule.version,
        **{name: getattr(rule, name) for name in RULE_FIELDS},
        "criteria": [list(row) for row in criteria],
    }
