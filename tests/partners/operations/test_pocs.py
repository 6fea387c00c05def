"""Proofs of concept from the plan to the decision."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from partners import operations
from partners.models import Poc, PocDecision
from partners.operations import Metric, PocRefusedError
from partners.operations.changes import FieldsRefusedError
from partners.stages import Stage
from tests.make import EARLY
from tests.partners.conftest import People, Ready
from tests.partners.database import held

pytestmark = pytest.mark.django_db
START, END = date(2026, 1, 10), date(2026, 3, 10)
PLAN = {"title": "Cockpit", "planned_start_on": START, "planned_end_on": END}
LATER = EARLY + timedelta(days=60)


@pytest.fixture
def planned(people: People, ready: Ready) -> Poc:
    return operations.plan_poc(
        cooperation=ready(stage=Stage.JOINT_POC),
        values=PLAN,
        metrics=[
            Metric("Accuracy", Decimal(90), unit="%"),
            Metric("Latency", Decimal(800), unit="ms", direction="at_most"),
            Metric("Delight", Decimal(5), is_mandatory=False),
        ],
        by=people.anna,
        at=EARLY,
    )


@pytest.fixture
def running(people: People, planned: Poc) -> Poc:
    return operations.start_poc(poc=planned, by=people.anna, at=EARLY)


def measure(proof: Poc, people: People, name: str, value: int) -> None:
    operations.measure_metric(
        metric=proof.metrics.get(name=name),
        measured=Decimal(value),
        on=LATER.date(),
        by=people.tech,
        at=LATER,
    )


class TestPlanPoc:
    def test_takes_the_currency_of_the_cooperation(self, planned: Poc) -> None:
        assert planned.currency == planned.cooperation.currency

    def test_needs_an_end_after_the_start(self, people: People, ready: Ready) -> None:
        with pytest.raises(PocRefusedError) as refused:
            operations.plan_poc(
                cooperation=ready(),
                values={**PLAN, "planned_end_on": START - timedelta(days=1)},
                by=people.anna,
                at=EARLY,
            )

        assert refused.value.code == "poc.dates"

    def test_sets_no_decision(self, people: People, ready: Ready) -> None:
        with pytest.raises(FieldsRefusedError):
            operations.plan_poc(
                cooperation=ready(),
                values={**PLAN, "status": "go"},
                by=people.anna,
                at=EARLY,
            )

    def test_needs_a_name_for_each_metric(self, people: People, ready: Ready) -> None:
        twice = [Metric("Accuracy", Decimal(1)), Metric("Accuracy", Decimal(2))]

        with pytest.raises(PocRefusedError) as refused:
            operations.plan_poc(
                cooperation=ready(),
                values=PLAN,
                metrics=twice,
                by=people.anna,
                at=EARLY,
            )

        assert refused.value.code == "poc.metric-twice"


class TestSetMetrics:
    def test_agrees_anew_before_the_start(self, people: People, planned: Poc) -> None:
        operations.set_metrics(
            poc=planned, metrics=[Metric("Cost", Decimal(3))], by=people.anna, at=EARLY
        )

        assert list(planned.metrics.values_list("name", flat=True)) == ["Cost"]

    def test_is_over_once_it_runs(self, people: People, running: Poc) -> None:
        with pytest.raises(PocRefusedError, match="before the start"):
            operations.set_metrics(poc=running, metrics=[], by=people.anna, at=EARLY)


class TestDecidePoc:
    def test_goes_with_every_mandatory_metric_measured(
        self, people: People, running: Poc
    ) -> None:
        measure(running, people, "Accuracy", 91)
        measure(running, people, "Latency", 700)

        decided = operations.decide_poc(
            poc=running, decision="go", reason="Both met", by=people.tech, at=LATER
        )

        assert (decided.status, decided.ended_on) == ("go", LATER.date())
        held()

    def test_does_not_go_unmeasured(self, people: People, running: Poc) -> None:
        measure(running, people, "Accuracy", 91)

        with pytest.raises(PocRefusedError) as refused:
            operations.decide_poc(
                poc=running, decision="go", reason="Hurry", by=people.tech, at=LATER
            )

        assert refused.value.missing == ("Latency",)

    def test_may_be_no_go_unmeasured(self, people: People, running: Poc) -> None:
        decided = operations.decide_poc(
            poc=running, decision="no_go", reason="No data", by=people.tech, at=LATER
        )

        assert decided.status == "no_go"

    def test_is_final(self, people: People, running: Poc) -> None:
        decided = operations.decide_poc(
            poc=running, decision="no_go", reason="No data", by=people.tech, at=LATER
        )

        with pytest.raises(PocRefusedError) as refused:
            operations.decide_poc(
                poc=decided, decision="go", reason="Now", by=people.tech, at=LATER
            )

        assert refused.value.code == "poc.decided"

    def test_needs_a_start(self, people: People, planned: Poc) -> None:
        with pytest.raises(PocRefusedError, match="not started"):
            operations.decide_poc(
                poc=planned, decision="no_go", reason="x", by=people.tech, at=LATER
            )


class TestExtendPoc:
    def extend(self, proof: Poc, people: People, days: int, waiver: str = "") -> Poc:
        return operations.extend_poc(
            poc=proof,
            new_end_on=END + timedelta(days=days),
            reason="Data came late",
            by=people.vice if waiver else people.anna,
            at=LATER,
            waiver=waiver,
        )

    def test_is_free_twice(self, people: People, running: Poc) -> None:
        self.extend(running, people, 10)

        proof = self.extend(running, people, 20)

        assert proof.extension_count == 2
        assert PocDecision.objects.filter(kind="extend").count() == 2

    def test_needs_a_waiver_the_third_time(self, people: People, running: Poc) -> None:
        self.extend(running, people, 10)
        self.extend(running, people, 20)

        with pytest.raises(PocRefusedError) as refused:
            self.extend(running, people, 30)

        assert refused.value.code == "poc.extensions"

    def test_goes_on_with_the_waiver(self, people: People, running: Poc) -> None:
        self.extend(running, people, 10)
        self.extend(running, people, 20)

        proof = self.extend(running, people, 30, waiver="The car is late, not us")

        assert proof.extension_count == 3

    def test_ends_later(self, people: People, running: Poc) -> None:
        with pytest.raises(PocRefusedError) as refused:
            self.extend(running, people, 0)

        assert refused.value.code == "poc.not-later"


class TestCancelPoc:
    def test_needs_a_reason(self, people: People, planned: Poc) -> None:
        with pytest.raises(PocRefusedError):
            operations.cancel_poc(poc=planned, reason="", by=people.anna, at=LATER)

    def test_ends_without_a_decision(self, people: People, planned: Poc) -> None:
        proof = operations.cancel_poc(
            poc=planned, reason="No budget", by=people.anna, at=LATER
        )

        assert proof.status == "cancelled"


class TestEditPoc:
    def test_moves_the_end_before_the_start(self, people: People, planned: Poc) -> None:
        later = END + timedelta(days=1)

        edited = operations.edit_poc(
            poc=planned, values={"planned_end_on": later}, by=people.anna, at=EARLY
        )

        assert (edited.planned_end_on, edited.version) == (later, 2)

    def test_extends_instead_once_it_runs(self, people: People, running: Poc) -> None:
        with pytest.raises(PocRefusedError) as refused:
            operations.edit_poc(
                poc=running, values={"planned_end_on": END}, by=people.anna, at=EARLY
            )

        assert refused.value.code == "poc.extend-instead"
