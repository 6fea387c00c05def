"""Each kind of evidence the registry gives: what passes, at the edge, what does not."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from partners import gates, operations
from partners.gates import Case, Finding
from partners.models import Cooperation, Poc
from partners.operations import Metric
from partners.stages import Stage
from tests import make
from tests.make import EARLY
from tests.partners.conftest import People, Ready

pytestmark = pytest.mark.django_db
NOW = EARLY + timedelta(days=30)


def look(cooperation: Cooperation, kind: str, **parameters: Any) -> Finding:
    return gates.look(kind, parameters, Case(cooperation=cooperation, at=NOW))


class TestField:
    @pytest.mark.parametrize(("length", "is_met"), [(20, True), (19, False)])
    def test_counts_characters(self, ready: Ready, length: int, is_met: bool) -> None:
        cooperation = ready(business_problem=" " + "车" * length + " ")

        found = look(cooperation, "field", fields=["business_problem"], min_length=20)

        assert found.is_passed is is_met

    def test_takes_nought_for_a_number(self, ready: Ready) -> None:
        cooperation = ready(fit_score=0, expected_monthly_spend=Decimal(0))

        found = look(
            cooperation, "field", fields=["fit_score", "expected_monthly_spend"]
        )

        assert found.is_passed

    def test_names_every_empty_field(self, ready: Ready) -> None:
        found = look(ready(scope="", working_group=" "), "field", fields=["scope"])

        assert found.words == "“scope” is empty."
        assert found.seen == {"scope": ""}

    def test_asks_for_relations(self, ready: Ready) -> None:
        cooperation = ready()
        assert look(cooperation, "field", fields=["partner.domains"]).is_passed

        cooperation.partner.domains.all().delete()

        assert not look(cooperation, "field", fields=["partner.domains"]).is_passed


class TestFieldEquals:
    @pytest.mark.parametrize(("value", "is_met"), [("passed", True), ("failed", False)])
    def test_compares(self, ready: Ready, value: str, is_met: bool) -> None:
        found = look(ready(), "field_equals", field="security_review", value=value)

        assert found.is_passed is is_met


class TestContact:
    def test_takes_a_role_in_the_cooperation_alone(
        self, people: People, ready: Ready
    ) -> None:
        cooperation = ready()
        cooperation.partner.contacts.all().delete()
        erika = make.contact(cooperation.partner)
        assert not look(cooperation, "contact").is_passed

        operations.assign_contact(
            cooperation=cooperation,
            contact=erika,
            role="champion",
            by=people.anna,
            at=NOW,
        )

        assert look(cooperation, "contact").is_passed

    def test_leaves_out_who_has_left(self, ready: Ready) -> None:
        cooperation = ready()
        cooperation.partner.contacts.update(left_on=date(2026, 1, 6))

        assert not look(cooperation, "contact", min_count=1).is_passed


class TestSponsors:
    ROLES = ("economic_buyer", "executive_sponsor")

    def test_need_both_sides(self, ready: Ready) -> None:
        cooperation = ready()
        assert look(cooperation, "sponsors", roles=self.ROLES).is_passed

        cooperation.partner.our_sponsor_id = None
        found = look(cooperation, "sponsors", roles=self.ROLES)

        assert found.words == "Our executive sponsor is not named."

    def test_need_theirs_in_the_role(self, ready: Ready) -> None:
        found = look(ready(), "sponsors", roles=["economic_buyer"])

        assert found.words == "No contact on their side is: Economic buyer."


class TestActivity:
    @pytest.mark.parametrize(("days", "is_met"), [(0, True), (0.001, False)])
    def test_must_have_happened(
        self, ready: Ready, people: People, days: float, is_met: bool
    ) -> None:
        cooperation = ready()
        cooperation.activities.update(happened_at=NOW + timedelta(days=days))

        assert look(cooperation, "activity", kinds=["meeting"]).is_passed is is_met

    def test_is_not_that_of_another_cooperation(self, ready: Ready) -> None:
        other = ready()
        cooperation = make.cooperation(other.partner)

        assert not look(cooperation, "activity", kinds=["meeting"]).is_passed

    def test_may_have_to_be_recent(self, ready: Ready) -> None:
        cooperation = ready()

        assert look(cooperation, "activity", within_days=30).is_passed
        assert not look(cooperation, "activity", within_days=29).is_passed


class TestLinkedObject:
    def test_has_one_of_the_states(self, people: People, ready: Ready) -> None:
        cooperation = ready()
        operations.raise_risk(
            partner=cooperation.partner,
            cooperation=cooperation,
            values={"title": "No chips"},
            by=people.anna,
            at=NOW,
        )

        assert look(
            cooperation, "linked_object", object="risks", states=["open"]
        ).is_passed
        assert not look(
            cooperation, "linked_object", object="risks", states=["closed"]
        ).is_passed


class TestAttachment:
    def test_has_its_purpose(self, ready: Ready) -> None:
        found = look(ready(), "attachment", purposes=["closing_review"])

        assert found.words == "No such document is attached."


class TestApproval:
    def test_belongs_to_this_stay(self, people: People, ready: Ready) -> None:
        cooperation = ready()
        assert not look(cooperation, "approval", role="owner").is_passed

        operations.approve_step(
            cooperation=cooperation,
            to=Stage.QUALIFIED,
            role="owner",
            by=people.anna,
            at=NOW,
        )

        assert look(cooperation, "approval", role="owner").is_passed


class TestPocMetrics:
    @pytest.fixture
    def proof(self, people: People, ready: Ready) -> Poc:
        planned = operations.plan_poc(
            cooperation=ready(stage=Stage.JOINT_POC),
            values={
                "title": "Cockpit",
                "planned_start_on": EARLY.date(),
                "planned_end_on": NOW.date(),
            },
            metrics=[
                Metric("Accuracy", Decimal(90)),
                Metric("Latency", Decimal(800), direction="at_most"),
            ],
            by=people.anna,
            at=EARLY,
        )
        return operations.start_poc(poc=planned, by=people.anna, at=EARLY)

    @pytest.mark.parametrize(
        ("accuracy", "latency", "failed"),
        [(90, 800, ""), (89, 800, "Accuracy"), (90, 801, "Latency")],
    )
    def test_meet_their_targets(
        self, people: People, proof: Poc, accuracy: int, latency: int, failed: str
    ) -> None:
        for name, value in (("Accuracy", accuracy), ("Latency", latency)):
            operations.measure_metric(
                metric=proof.metrics.get(name=name),
                measured=Decimal(value),
                on=NOW.date(),
                by=people.tech,
                at=NOW,
            )

        found = look(proof.cooperation, "poc_metrics")

        assert found.is_passed is not bool(failed)
        assert failed in found.words

    def test_are_missing_without_a_proof(self, ready: Ready) -> None:
        assert look(ready(), "poc_metrics").words == "There is no PoC."
        assert look(ready(), "poc_decision").words == "There is no PoC."

    def test_need_one_that_is_mandatory(self, proof: Poc) -> None:
        proof.metrics.update(is_mandatory=False)

        assert "fewer mandatory metrics" in look(proof.cooperation, "poc_metrics").words

    def test_say_how_the_decision_stands(self, proof: Poc) -> None:
        found = look(proof.cooperation, "poc_decision")

        assert found.words == "The PoC “Cockpit” is: Running."
