"""A cooperation from its proof to expansion: papers, metered usage and deals, nothing waived."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from crm.accounts.models import User
from crm.accounts.roles import Role
from deals.operations import deals
from partners import operations as moves
from partners.models import Cooperation, GateCheck, Poc, PocDecision, Waiver
from partners.stages import Stage
from tests import make
from tests.partners.conftest import READY

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(60)]
LIVE_DAYS = 90
"""How long production has run today."""


@dataclass(frozen=True)
class Scene:
    """Who takes part in which cooperation, and when things happen."""

    cooperation: Cooperation
    anna: User
    vice: User
    tech: User
    now: datetime

    def fresh(self) -> Cooperation:
        """Return the cooperation as it stands now."""
        return Cooperation.objects.get(pk=self.cooperation.pk)

    def before(self, days: int) -> datetime:
        """Return noon of that many days ago."""
        day = self.now.date() - timedelta(days=days)
        return datetime.combine(day, time(12), tzinfo=self.now.tzinfo)


@pytest.fixture
def scene() -> Scene:
    now = timezone.now()
    evident: dict[str, Any] = dict(READY)
    anna = make.user(Role.ALLIANCE_MANAGER, team=make.team())
    partner = make.partner(owner=anna, team=anna.team, country="DE")
    cooperation = make.cooperation(
        partner,
        stage=Stage.JOINT_POC,
        entered_at=now - timedelta(days=LIVE_DAYS + 45),
        owner=anna,
        **evident,
    )
    return Scene(
        cooperation=cooperation,
        anna=anna,
        vice=make.user(Role.EXECUTIVE),
        tech=make.user(Role.TECHNICAL_LEAD),
        now=now,
    )


def sign_papers(scene: Scene) -> None:
    """Have a framework for the partner and an order for the cooperation."""
    partner = scene.cooperation.partner
    make.agreement(partner)
    order = make.agreement(partner, "order_form", status="signed")
    order.cooperations.add(scene.cooperation)


def prove(scene: Scene) -> None:
    """Run the proof until the day before production, measured and decided."""
    at = scene.before(LIVE_DAYS + 1)
    proof = Poc.objects.create(
        cooperation=scene.cooperation,
        title="Proof",
        hypothesis="Eight of ten questions are answered",
        status=Poc.Status.GO,
        planned_start_on=scene.before(LIVE_DAYS + 40).date(),
        planned_end_on=at.date(),
        started_on=scene.before(LIVE_DAYS + 40).date(),
        ended_on=at.date(),
        decided_at=at,
        decided_by=scene.anna,
    )
    proof.metrics.create(
        name="Answered",
        unit="%",
        target=Decimal(80),
        measured=Decimal(84),
        measured_on=at.date(),
    )
    PocDecision.objects.create(
        poc=proof, kind=PocDecision.Kind.GO, reason="Passed", by=scene.anna, at=at
    )


def consume(scene: Scene) -> None:
    """Let usage run since the proof; the latest month costs half as much again."""
    account = make.cloud_account(scene.cooperation.partner, environment="production")
    for ago in range(LIVE_DAYS + 30, 0, -1):
        cost = 150 if ago <= 30 else 100
        make.usage(
            account,
            scene.before(ago).date(),
            cost,
            model="qwen-max",
            environment="production",
            delivered_at=scene.now,
        )


def approve(scene: Scene, to: str, at: datetime, **people: User) -> None:
    for role, person in people.items():
        moves.approve_step(
            cooperation=scene.fresh(), to=to, role=role, by=person, at=at
        )


def move(scene: Scene, to: str, at: datetime) -> Cooperation:
    return moves.move_stage(cooperation=scene.fresh(), to=to, by=scene.anna, at=at)


def go_live(scene: Scene) -> None:
    """Be refused without an order, then go live on what is there."""
    at = scene.before(LIVE_DAYS)
    with pytest.raises(moves.StageRefusedError) as refusal:
        move(scene, Stage.PRODUCTION, at)
    assert any("Order form" in words for words in refusal.value.missing)

    sign_papers(scene)
    approve(scene, Stage.PRODUCTION, at, technical_lead=scene.tech)
    move(scene, Stage.PRODUCTION, at)
    moves.confirm_stage(cooperation=scene.fresh(), by=scene.vice, at=scene.now)


def expand(scene: Scene) -> None:
    """Be refused without a deal, then open one and expand."""
    approve(scene, Stage.EXPANSION, scene.now, executive=scene.vice)
    with pytest.raises(moves.StageRefusedError) as refusal:
        move(scene, Stage.EXPANSION, scene.now)
    assert len(refusal.value.missing) == 1
    assert "deal" in refusal.value.missing[0].lower()

    deals.open_deal(
        partner=scene.cooperation.partner,
        title="Second plant",
        by=scene.anna,
        at=scene.now,
        values={"cooperation": scene.cooperation, "deal_type": "expansion"},
    )
    move(scene, Stage.EXPANSION, scene.now)


def test_cooperation_through_production_and_expansion_without_a_waiver(
    scene: Scene,
) -> None:
    prove(scene)
    consume(scene)

    go_live(scene)
    expand(scene)

    scene.cooperation.refresh_from_db()
    assert scene.cooperation.stage_id == Stage.EXPANSION
    assert not Waiver.objects.exists()
    seen = {
        check.code: check.seen
        for check in GateCheck.objects.filter(
            cooperation=scene.cooperation, verdict="passed"
        )
    }
    assert seen["order_signed"]["agreements"][0]["type"] == "order_form"
    assert Decimal(seen["spend_above_baseline"]["now_per_day"]) > 120
    assert seen["expansion_deal"]["deals"][0]["type"] == "expansion"
