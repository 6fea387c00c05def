"""The ladder seen from one cooperation: where it may go, and what each gate says now."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.accounts.models import User
from partners import gates
from partners.gates import Case, Finding, Text, Verdict
from partners.models import (
    Approval,
    Cooperation,
    GateCriterion,
    StageTransition,
    StageTransitionRule,
    Waiver,
)
from partners.queries.roles import holds_role
from partners.stages import MoveKind, Role

APPROVAL_LABELS: Mapping[str, Text] = {
    Role.OWNER: gettext_lazy("Approved by the owner"),
    Role.TEAM_LEAD: gettext_lazy("Approved by the team lead"),
    Role.ALLIANCE_DIRECTOR: gettext_lazy("Approved by an alliance director"),
    Role.EXECUTIVE: gettext_lazy("Approved by an executive"),
    Role.LEGAL: gettext_lazy("Approved by legal"),
    Role.TECHNICAL_LEAD: gettext_lazy("Approved by a technical lead"),
}


@dataclass(frozen=True)
class Look:
    """What one look at one criterion, or at one approval, says now.

    :ivar criterion: None for the approval of a role.
    :ivar finding: what evidence says; a waiver does not change it.
    :ivar role: for an approval, whose it is.
    :ivar is_new: the approval is given by whoever asks, by asking.
    """

    code: str
    label: str
    finding: Finding
    criterion: GateCriterion | None = None
    waiver: Waiver | None = None
    role: str = ""
    is_new: bool = False

    @property
    def verdict(self) -> Verdict:
        if self.waiver is not None and not self.finding.is_passed:
            return Verdict.WAIVED
        return self.finding.verdict

    @property
    def is_through(self) -> bool:
        return self.verdict in (Verdict.PASSED, Verdict.WAIVED)

    @property
    def may_be_waived(self) -> bool:
        return self.criterion is not None and is_waivable(self.criterion, self.finding)

    @property
    def in_words(self) -> str:
        """What is missing, as a manager reads it."""
        return f"{self.label}: {self.finding.words}"


@dataclass(frozen=True)
class Gate:
    """One step a cooperation may take, and what its gate says now."""

    rule: StageTransitionRule
    looks: tuple[Look, ...]

    @property
    def is_open(self) -> bool:
        return all(look.is_through for look in self.looks)

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(look.in_words for look in self.looks if not look.is_through)


APPROVAL = "approval:"


def label_of(code: str, criteria: Mapping[str, str]) -> str:
    """Return what a check is called: the approval of a role, or its criterion's label."""
    if code.startswith(APPROVAL):
        return str(APPROVAL_LABELS.get(code.removeprefix(APPROVAL), code))
    return criteria.get(code, code)


def is_waivable(criterion: GateCriterion, finding: Finding) -> bool:
    """Tell whether a criterion can be waived; always when nobody can give its evidence."""
    return criterion.is_waivable or not finding.is_registered


def open_stay(cooperation: Cooperation) -> StageTransition:
    """Return the stay that goes on."""
    return cooperation.transitions.get(exited_at__isnull=True)


def with_signatures(stay: StageTransition) -> StageTransition:
    """Fetch waivers and approvals of a stay once, however many gates are looked at."""
    prefetch_related_objects([stay], "waivers", "approvals")
    return stay


def rule_in_force(*, source: str, target: str) -> StageTransitionRule | None:
    """Return the rule for a step, with its stages; None when the step is not allowed."""
    return (
        StageTransitionRule.objects.current()
        .select_related("source", "target")
        .filter(source__code=source, target__code=target)
        .first()
    )


def rules_from(stage: str) -> list[StageTransitionRule]:
    """Return the steps allowed from a stage, by the order of their targets."""
    return list(
        StageTransitionRule.objects.current()
        .select_related("source", "target")
        .prefetch_related("criteria")
        .filter(source__code=stage)
        .order_by("target__order")
    )


def examine(
    *, case: Case, rule: StageTransitionRule, stay: StageTransition, by: User
) -> tuple[Look, ...]:
    """Look at every criterion of a gate and at every approval, now.

    Whoever asks approves in the roles they hold: moving a cooperation is a yes.
    """
    waivers = {waiver.criterion_id: waiver for waiver in stay.waivers.all()}
    criteria = sorted(rule.criteria.all(), key=lambda each: (each.order, each.pk))
    looks = [_look_at(criterion, case, waivers) for criterion in criteria]
    if rule.approver_roles:
        given = {a.role: a for a in stay.approvals.all() if a.rule_id == rule.pk}
        looks += [_approval(role, given, case, by) for role in rule.approver_roles]
    return tuple(looks)


def gates_of(
    *,
    cooperation: Cooperation,
    by: User,
    at: datetime,
    stay: StageTransition | None = None,
) -> list[Gate]:
    """Return every step open to a cooperation with what is missing, before one tries.

    :param cooperation: with its partner loaded (`with_stage`).
    :param stay: the one that goes on, when it is at hand.
    """
    stay = with_signatures(stay or open_stay(cooperation))
    rules: Iterable[StageTransitionRule] = rules_from(cooperation.stage_id)
    if stay.from_stage_id is not None and cooperation.closed_at is not None:
        rules = [rule for rule in rules if rule.target_id == stay.from_stage_id]
    case = Case(cooperation=cooperation, at=at)
    return [
        Gate(rule, examine(case=case, rule=rule, stay=stay, by=by)) for rule in rules
    ]


def next_gate(gates_now: Sequence[Gate]) -> Gate | None:
    """Return the gate of the next rung among these; None on the last one."""
    for gate in gates_now:
        if gate.rule.kind == MoveKind.ADVANCE:
            return gate
    return None


def look_at(criterion: GateCriterion, case: Case) -> Look:
    """Look at one criterion, whatever was waived."""
    return _look_at(criterion, case, {})


def _look_at(
    criterion: GateCriterion, case: Case, waivers: Mapping[int, Waiver]
) -> Look:
    return Look(
        code=criterion.code,
        label=str(criterion),
        finding=gates.look(criterion.kind, criterion.parameters, case),
        criterion=criterion,
        waiver=waivers.get(criterion.pk),
    )


def _approval(role: str, given: Mapping[str, Approval], case: Case, by: User) -> Look:
    is_held = case.once(
        (__name__, role, by.pk),
        lambda: holds_role(role, by=by, cooperation=case.cooperation),
    )
    if role in given:
        finding = gates.passed(_("Approved."), approved_by=given[role].by_id)
    elif is_held:
        finding = gates.passed(_("Approved by moving."), approved_by=by.pk)
    else:
        finding = gates.missing(_("The approval is not given."), role=role)
    return Look(
        code=f"{APPROVAL}{role}",
        label=str(APPROVAL_LABELS[role]),
        finding=finding,
        role=role,
        is_new=role not in given and is_held,
    )
