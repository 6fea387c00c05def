"""Proposals to move that usage or the gate suggests; nothing is ever moved by itself."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from crm.watch.facts import Facts
from crm.watch.models import GateLook
from partners.models import Cooperation, Proposal
from partners.operations.proposals import Suggestion, propose_move
from partners.queries.ladder import gates_of
from partners.stages import MoveKind, Stage

PRODUCTION_ORDER = 6
SHADOW_DAYS = 14
"""At production scale for so many days below Production: shadow production."""
SILENT_DAYS = 28
"""From Production on, so many days without usage: a step back is proposed."""
SCALE = Decimal("0.5")
DAYS_OF_A_MONTH = Decimal("30.44")
LOOKS_AT_ONCE = 200


def is_production_scale(facts: Facts) -> bool:
    """Tell whether 28-day spend is half of what was expected of 28 days, or more.

    Expected monthly spend is brought to 28 days as × 28 ÷ 30.44; only when both are in
    the same currency, for they are not converted here.
    """
    usage = facts.usage
    if usage is None or not usage.is_fresh or not facts.expected_spend:
        return False
    if usage.currency != facts.spend_currency or usage.active_days < SHADOW_DAYS:
        return False
    return usage.spend >= SCALE * facts.expected_spend * 28 / DAYS_OF_A_MONTH


def propose(found: Iterable[Facts], *, at: datetime) -> int:
    """Propose what usage suggests for these cooperations; return how many were looked at."""
    suggested = {
        each.cooperation_id: suggestion
        for each in found
        if (suggestion := _suggestion(each)) is not None
    }
    rows = Cooperation.objects.filter(pk__in=suggested).order_by("pk")
    for cooperation in rows:
        propose_move(
            cooperation=cooperation, suggestion=suggested[cooperation.pk], at=at
        )
    return len(suggested)


def _suggestion(facts: Facts) -> Suggestion | None:
    usage = facts.usage
    if facts.stage_order < PRODUCTION_ORDER and is_production_scale(facts):
        assert_usage = usage.spend if usage else Decimal(0)
        return Suggestion(
            kind=Proposal.Kind.SHADOW_PRODUCTION,
            to=Stage.PRODUCTION,
            words=_("It is used at production scale, and its stage does not say so."),
            evidence={"spend": assert_usage, "currency": facts.spend_currency},
        )
    is_silent = (
        usage is not None
        and usage.is_fresh
        and usage.quiet_days is not None
        and usage.quiet_days >= SILENT_DAYS
    )
    if facts.stage_order >= PRODUCTION_ORDER and usage is not None and is_silent:
        back = Stage.JOINT_POC if facts.stage == Stage.PRODUCTION else Stage.PRODUCTION
        return Suggestion(
            kind=Proposal.Kind.REGRESSION,
            to=back,
            words=_("Nothing was used for %(days)d days.") % {"days": usage.quiet_days},
            evidence={"quiet_days": usage.quiet_days},
        )
    return None


def look_at_gates(*, at: datetime, limit: int = LOOKS_AT_ONCE) -> int:
    """Look at the gates that were not looked at for the longest; propose what is met.

    Only reads the gate; its result feeds health. Returns how many were looked at.
    """
    before = at - timedelta(hours=20)
    rows = (
        Cooperation.objects.running()
        .with_stage()
        .exclude(gate_look__looked_at__gt=before)
        .order_by("gate_look__looked_at", "pk")[:limit]
    )
    return sum(_look_at_gate(cooperation, at=at) for cooperation in rows)


@transaction.atomic
def _look_at_gate(cooperation: Cooperation, *, at: datetime) -> int:
    asking = cooperation.owner or cooperation.partner.owner
    found: Sequence[object] = ()
    passed = total = 0
    if asking is not None:
        gates = gates_of(cooperation=cooperation, by=asking, at=at)
        gate = next((g for g in gates if g.rule.kind == MoveKind.ADVANCE), None)
        if gate is not None:
            found = gate.looks
            total = len(gate.looks)
            passed = sum(look.is_through for look in gate.looks)
            if gate.is_open:
                _propose_advance(cooperation, gate.rule.target_id, at=at)
    stay = cooperation.transitions.get(exited_at__isnull=True)
    GateLook.objects.update_or_create(
        cooperation=cooperation,
        defaults={
            "stay_id": stay.pk,
            "passed": passed,
            "total": total,
            "looked_at": at,
        },
    )
    return 1 if found or total == 0 else 0


def _propose_advance(cooperation: Cooperation, to: str, *, at: datetime) -> None:
    propose_move(
        cooperation=cooperation,
        suggestion=Suggestion(
            kind=Proposal.Kind.GATE_MET,
            to=to,
            words=_("Every criterion of the next gate is met."),
        ),
        at=at,
    )
