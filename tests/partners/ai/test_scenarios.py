"""Operations on scenarios: planned, live, ended, measured; effect, journal, refusal."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm.accounts.models import User
from crm.core.errors import DomainError
from crm.journal.models import Event
from partners.ai import operations
from partners.stages import ClosedReason, Stage
from tests import make
from tests.make import EARLY
from tests.partners.ai import makers

pytestmark = pytest.mark.django_db
DAY = EARLY.date()
LATER = EARLY + timedelta(days=30)


def kinds() -> list[str]:
    return list(Event.objects.order_by("pk").values_list("kind", flat=True))


def refused(code: str, call: Any, **arguments: Any) -> None:
    with pytest.raises(DomainError) as caught:
        call(**arguments)
    assert caught.value.code == code


class TestScenario:
    def plan(self, by: User, **values: Any) -> Any:
        partner = make.partner(industry="automotive")
        return operations.plan_scenario(
            cooperation=values.pop("cooperation", None)
            or make.cooperation(partner, owner=by),
            values={
                "title": "Cockpit",
                "kind": makers.scenario_kind(),
                "does": "Answers drivers",
                **values,
            },
            by=by,
            at=EARLY,
        )

    def test_takes_industry_and_owner_of_its_cooperation(self, mo: User) -> None:
        scenario = self.plan(mo)

        assert (scenario.industry, scenario.owner) == ("automotive", mo)
        assert kinds() == ["scenario.planned"]

    def test_is_refused_without_place_or_sense(self, mo: User) -> None:
        bare = make.cooperation(make.partner(industry=""))
        with pytest.raises(DomainError, match="industry and a kind"):
            self.plan(mo, cooperation=bare)
        with pytest.raises(DomainError, match="industry and a kind"):
            self.plan(mo, kind=None)
        with pytest.raises(DomainError, match="what it does"):
            self.plan(mo, does="")

    def test_is_not_planned_for_what_is_closed(self, mo: User) -> None:
        closed = make.cooperation(
            make.partner(industry="automotive"),
            stage=Stage.TERMINATED,
            closed_at=EARLY,
            closed_reason=ClosedReason.NO_BUDGET,
        )

        with pytest.raises(DomainError, match="closed"):
            self.plan(mo, cooperation=closed)

    def test_is_edited_but_never_without_sense(self, mo: User) -> None:
        scenario = self.plan(mo)
        edit: dict[str, Any] = {"scenario": scenario, "by": mo, "at": LATER}

        edited = operations.edit_scenario(**edit, values={"does": "Plans routes"})

        assert (edited.does, edited.version) == ("Plans routes", 2)
        with pytest.raises(DomainError, match="what it does"):
            operations.edit_scenario(**edit, values={"does": ""})
        assert kinds() == ["scenario.planned", "scenario.edited"]

    def test_goes_live_ends_with_a_reason_and_comes_back(self, mo: User) -> None:
        scenario = self.plan(mo)
        act: dict[str, Any] = {"scenario": scenario, "by": mo, "at": LATER}

        operations.start_scenario(**act, on=DAY)
        refused("scenario.no-such-step", operations.start_scenario, **act)
        refused("scenario.needs-reason", operations.end_scenario, **act, reason=" ")
        refused(
            "scenario.scenario-ends-after-start", operations.end_scenario,
            **act, reason="x", on=date(2025, 1, 1),
        )  # fmt: skip
        refused(
            "scenario.future", operations.end_scenario,
            **act, reason="x", on=date(2030, 1, 1),
        )  # fmt: skip
        ended = operations.end_scenario(**act, reason="Series ended")
        assert (ended.status, ended.ended_on) == ("ended", LATER.date())
        again = operations.start_scenario(**act)
        assert (again.status, again.live_on, again.ended_on) == ("live", DAY, None)

    def test_is_measured_before_and_after(self, mo: User) -> None:
        scenario = self.plan(mo)
        first = operations.Measured(name="Time", unit="min", before=Decimal(40))
        then = operations.Measured(
            name=" time ", unit="min", before=Decimal(40), after=Decimal(12)
        )

        operations.measure_scenario(scenario=scenario, measured=first, by=mo, at=EARLY)
        kept = operations.measure_scenario(
            scenario=scenario, measured=then, by=mo, at=LATER
        )

        assert scenario.measures.get() == kept
        assert (kept.after, kept.measured_on) == (Decimal(12), LATER.date())
        nameless = operations.Measured(name="", unit="min", before=Decimal(1))
        refused(
            "scenario.scenariomeasure-has-unit", operations.measure_scenario,
            scenario=scenario, measured=nameless, by=mo, at=EARLY,
        )  # fmt: skip

    def test_uses_models_of_its_own_partner_and_of_the_catalogue(
        self, mo: User
    ) -> None:
        scenario = self.plan(mo)
        use: dict[str, Any] = {"scenario": scenario, "by": mo, "at": EARLY}
        base = makers.base_model()
        own = makers.derived_model(scenario.cooperation.partner)

        kept = operations.use_model(**use, model=base)
        operations.use_model(**use, model=own)

        refused(
            "scenario.scenariomodel-base-once", operations.use_model, **use, model=base
        )
        refused(
            "scenario.foreign-model", operations.use_model,
            **use, model=makers.derived_model(),
        )  # fmt: skip
        operations.drop_model(use=kept, by=mo, at=EARLY)
        assert [each.derived for each in scenario.models.all()] == [own]
