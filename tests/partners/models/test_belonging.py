"""What the database refuses about proofs, activities and what belongs to a partner."""

from datetime import timedelta

import pytest

from partners.models import Cooperation, Poc
from partners.stages import Stage
from tests import make
from tests.make import EARLY
from tests.partners.database import held, refused_by

pytestmark = pytest.mark.django_db
LATER = EARLY + timedelta(days=10)


class TestProofs:
    def proof(self, **fields: object) -> Poc:
        return Poc.objects.create(
            cooperation=make.cooperation(stage=Stage.JOINT_POC),
            title="Cockpit assistant",
            planned_start_on=EARLY,
            planned_end_on=LATER,
            started_on=EARLY,
            ended_on=LATER,
            decided_at=LATER,
            decided_by=make.user(),
            **fields,
        )

    def test_may_go_when_every_mandatory_metric_is_measured(self) -> None:
        proof = self.proof(status="go")
        proof.metrics.create(name="Accuracy", target=90, measured=91, measured_on=LATER)
        proof.metrics.create(name="Delight", target=5, is_mandatory=False)

        held()

    def test_cannot_go_unmeasured(self) -> None:
        proof = self.proof(status="go")

        with refused_by("poc_go_has_measures"):
            proof.metrics.create(name="Accuracy", target=90)

    def test_have_two_extensions(self) -> None:
        assert self.proof(status="running", extension_count=2).extension_count == 2

    def test_have_no_third_extension_without_a_waiver(self) -> None:
        with refused_by("poc_extensions_are_limited"):
            self.proof(status="running", extension_count=3)


class TestWhatBelongsToAPartner:
    def test_cannot_name_a_cooperation_of_another(self) -> None:
        cooperation = make.cooperation()

        with refused_by("activity_cooperation_is_of_partner"):
            make.partner().activities.create(
                cooperation=cooperation,
                kind="call",
                happened_at=EARLY,
                summary="Wrong file",
                logged_by=make.user(),
            )

    def test_cannot_stay_behind_its_cooperation(self) -> None:
        cooperation = make.cooperation()
        cooperation.partner.activities.create(
            cooperation=cooperation,
            kind="call",
            happened_at=EARLY,
            summary="First talk",
            logged_by=make.user(),
        )
        held()

        with refused_by("cooperation_moves_whole"):
            Cooperation.objects.filter(pk=cooperation.pk).update(partner=make.partner())
