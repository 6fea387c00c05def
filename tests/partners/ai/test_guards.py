"""What the database itself refuses about models, scenarios and feedback."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from partners.ai.models import (
    BaseModel,
    DerivativeCount,
    DerivedModel,
    Feedback,
    ModelFamily,
    ModelParent,
    Scenario,
    ScenarioKind,
    ScenarioMeasure,
    ScenarioModel,
)
from tests import make
from tests.make import EARLY
from tests.partners.ai import makers
from tests.partners.database import held, refused_by, sql

pytestmark = pytest.mark.django_db
DAY = EARLY.date()
LATER = date(2026, 3, 1)
Write = Callable[[], Any]


def change(table: str, pk: int, **fields: Any) -> None:
    columns = ", ".join(f"{name} = %s" for name in fields)
    sql(f"UPDATE ai_{table} SET {columns} WHERE id = %s", *fields.values(), pk)  # noqa: S608  names from this file


def count(family: ModelFamily, **fields: Any) -> DerivativeCount:
    values = {"counted_on": DAY, "count": 5, "source": "Somebody", **fields}
    return DerivativeCount.objects.create(family=family, **values)


class TestCatalogue:
    def test_names_are_unique_without_regard_to_case(self) -> None:
        model = makers.base_model("Made-1")

        makers.base_model("Made-2")
        with refused_by("basemodel_name_once"):
            makers.base_model("MADE-1")
        with refused_by("modelfamily_name_once"):
            ModelFamily.objects.create(name="MADE", developer="Other")
        assert BaseModel.objects.filter(family=model.family).count() == 2

    def test_one_place_in_the_family_holds_one_model(self) -> None:
        makers.base_model("Made-1", generation="1", variant="7B", snapshot="")

        makers.base_model("Made-1b", generation="1", variant="7B", snapshot="2026-01")
        with refused_by("basemodel_place_once"):
            makers.base_model("Made-1c", generation="1", variant="7B", snapshot="")

    def test_is_retired_after_its_release(self) -> None:
        makers.base_model(released_on=DAY, retired_on=DAY)

        makers.base_model(retired_on=DAY)
        with refused_by("basemodel_retired_after_release"):
            makers.base_model(released_on=LATER, retired_on=DAY)

    @pytest.mark.parametrize(
        ("constraint", "write"),
        [
            ("basemodel_has_name", lambda: makers.base_model().__class__.objects.update(name="")),
            ("modelfamily_has_name", lambda: ModelFamily.objects.create(name="")),
            ("scenariokind_has_name", lambda: ScenarioKind.objects.create(code="x", name="")),
        ],
    )  # fmt: skip
    def test_everything_has_a_name(self, constraint: str, write: Write) -> None:
        BaseModel.objects.all().count()
        with refused_by(constraint, "basemodel_name_once"):
            write()

    def test_a_kind_has_one_name(self) -> None:
        makers.scenario_kind("Driving")

        makers.scenario_kind("Driving log")
        with refused_by("scenariokind_name_once"):
            makers.scenario_kind("DRIVING")

    def test_a_count_is_kept_once_for_source_day_and_method(self) -> None:
        family = makers.base_model().family
        count(family)

        count(family, method="transitive")
        count(family, counted_on=LATER)
        with refused_by("derivativecount_once"):
            count(family)
        with refused_by("derivativecount_names_its_source"):
            count(family, source="")


class TestAlias:
    def test_means_one_model_on_one_day(self) -> None:
        one, other = makers.base_model(), makers.base_model()
        makers.alias("some-max", one, until=LATER)

        makers.alias("some-max", other, since=LATER)
        makers.alias("some-max", other, kind="sku")
        with refused_by("modelalias_one_model_a_day"):
            makers.alias("some-max", one, since=date(2027, 1, 1))

    def test_means_exactly_one_model(self) -> None:
        base = makers.alias("one", makers.base_model())
        makers.alias("two", makers.derived_model())

        with refused_by("modelalias_means_one_model"):
            change("modelalias", base.pk, derived_id=makers.derived_model().pk)
        with refused_by("modelalias_means_one_model"):
            change("modelalias", base.pk, base_id=None)

    def test_is_kept_in_one_spelling(self) -> None:
        makers.alias("通义 max", makers.base_model())

        with refused_by("modelalias_text_is_plain"):
            makers.alias("Some-Max", makers.base_model())
        with refused_by("modelalias_text_is_plain"):
            makers.alias("", makers.base_model())

    def test_lasts_at_least_a_day(self) -> None:
        model = makers.base_model()
        makers.alias("day", model, since=DAY, until=date(2026, 1, 6))

        with refused_by("modelalias_lasts_a_day"):
            makers.alias("none", model, since=DAY, until=DAY)


class TestDerivedModel:
    def test_counts_once_by_its_id(self) -> None:
        makers.derived_model(model_id="bmw/cockpit-7b")

        makers.derived_model(model_id="bmw/cockpit-14b")
        with refused_by("derivedmodel_id_once"):
            makers.derived_model(model_id="BMW/Cockpit-7B")
        with refused_by("derivedmodel_is_named"):
            makers.derived_model(name="")

    def test_in_production_has_endpoint_and_day(self) -> None:
        model = makers.derived_model(lifecycle="staging")

        with refused_by("derivedmodel_production_has_endpoint"):
            change("derivedmodel", model.pk, lifecycle="production", production_on=DAY)
        with refused_by("derivedmodel_production_has_day"):
            change("derivedmodel", model.pk, lifecycle="production", endpoint="ep")
        with refused_by("derivedmodel_production_after_registration"):
            change("derivedmodel", model.pk, production_on=date(2025, 1, 1))
        change(
            "derivedmodel", model.pk,
            lifecycle="production", endpoint="ep", production_on=DAY,
        )  # fmt: skip
        held()

    def test_has_a_day_exactly_when_retired(self) -> None:
        model = makers.derived_model()

        with refused_by("derivedmodel_retired_has_day"):
            change("derivedmodel", model.pk, lifecycle="retired")
        with refused_by("derivedmodel_retired_has_day"):
            change("derivedmodel", model.pk, retired_on=DAY)
        change("derivedmodel", model.pk, lifecycle="retired", retired_on=DAY)
        held()

    def test_takes_known_steps_only(self) -> None:
        model = makers.derived_model()

        with refused_by("derivedmodel_takes_known_steps"):
            change("derivedmodel", model.pk, lifecycle="staging")
        change("derivedmodel", model.pk, lifecycle="evaluated")
        change("derivedmodel", model.pk, lifecycle="evaluated")
        held()

    def test_has_a_cooperation_of_its_partner(self) -> None:
        cooperation = make.cooperation()
        makers.derived_model(cooperation.partner, cooperation=cooperation)
        makers.derived_model(cooperation.partner)
        held()

        with refused_by("derivedmodel_cooperation_of_partner"):
            makers.derived_model(cooperation=cooperation)


class TestLineage:
    def test_has_several_parents_and_no_circle(self) -> None:
        base, grand = makers.base_model(), makers.derived_model()
        parent = makers.derived_model(grand.partner, grand, base)
        child = makers.derived_model(grand.partner, parent, grand, base)
        held()

        with refused_by("modelparent_acyclic"):
            ModelParent.objects.create(child=grand, derived=child)
        with refused_by("modelparent_acyclic"):
            ModelParent.objects.create(child=grand, derived=grand)

    def test_names_one_model_once(self) -> None:
        base, other = makers.base_model(), makers.derived_model()
        child = makers.derived_model(None, base, other)

        with refused_by("modelparent_base_once"):
            ModelParent.objects.create(child=child, base=base)
        with refused_by("modelparent_derived_once"):
            ModelParent.objects.create(child=child, derived=other)
        with refused_by("modelparent_is_one_model"):
            ModelParent.objects.create(child=child)


class TestScenario:
    def test_says_what_it_does(self) -> None:
        makers.scenario(does="x")

        with refused_by("scenario_says_what_it_does"):
            makers.scenario(does="")

    def test_live_and_ended_say_since_when_and_why(self) -> None:
        scenario = makers.scenario()

        with refused_by("scenario_live_has_day"):
            change("scenario", scenario.pk, status="live")
        change("scenario", scenario.pk, status="live", live_on=DAY)
        with refused_by("scenario_ended_says_when_and_why"):
            change("scenario", scenario.pk, status="ended", ended_on=LATER)
        with refused_by("scenario_ended_says_when_and_why"):
            change("scenario", scenario.pk, ended_on=LATER)
        with refused_by("scenario_ends_after_start"):
            change(
                "scenario", scenario.pk,
                status="ended", ended_on=date(2025, 1, 1), end_reason="over",
            )  # fmt: skip
        change("scenario", scenario.pk, status="ended", ended_on=DAY, end_reason="over")
        held()

    def test_takes_known_steps_only(self) -> None:
        scenario = makers.scenario(status="live")

        with refused_by("scenario_takes_known_steps"):
            change("scenario", scenario.pk, status="planned")

    def test_uses_a_model_once(self) -> None:
        scenario, base = makers.scenario(), makers.base_model()
        own = makers.derived_model(scenario.cooperation.partner)
        ScenarioModel.objects.create(scenario=scenario, base=base)
        ScenarioModel.objects.create(scenario=scenario, derived=own)

        with refused_by("scenariomodel_base_once"):
            ScenarioModel.objects.create(scenario=scenario, base=base)
        with refused_by("scenariomodel_derived_once"):
            ScenarioModel.objects.create(scenario=scenario, derived=own)
        with refused_by("scenariomodel_is_one_model"):
            ScenarioModel.objects.create(scenario=scenario, base=base, derived=own)

    def test_measures_by_name_with_unit_and_day(self) -> None:
        scenario = makers.scenario()
        values = {"scenario": scenario, "unit": "s", "before": 4}
        ScenarioMeasure.objects.create(name="Time", **values)

        ScenarioMeasure.objects.create(name="Cost", after=1, measured_on=DAY, **values)
        with refused_by("scenariomeasure_name_once"):
            ScenarioMeasure.objects.create(name="TIME", **values)
        with refused_by("scenariomeasure_has_unit"):
            ScenarioMeasure.objects.create(name="Rate", **{**values, "unit": ""})
        with refused_by("scenariomeasure_after_has_day"):
            ScenarioMeasure.objects.create(name="Rate", after=1, **values)


class TestFeedback:
    def test_is_titled_and_about_one_model(self) -> None:
        feedback = makers.feedback()

        with refused_by("feedback_has_title"):
            change("feedback", feedback.pk, title="")
        with refused_by("feedback_is_about_one_model"):
            change("feedback", feedback.pk, base_id=None)
        with refused_by("feedback_is_about_one_model"):
            change("feedback", feedback.pk, derived_id=makers.derived_model().pk)

    def test_goes_round_with_what_each_state_needs(self) -> None:
        feedback = makers.feedback()
        version, owner = makers.base_model(), make.user()

        with refused_by("feedback_accepted_has_owner"):
            change("feedback", feedback.pk, state="accepted")
        change("feedback", feedback.pk, state="accepted", owner_id=owner.pk)
        with refused_by("feedback_shipped_names_version"):
            change("feedback", feedback.pk, state="shipped", shipped_on=DAY)
        with refused_by("feedback_shipped_names_version"):
            change("feedback", feedback.pk, shipped_on=DAY)
        change(
            "feedback", feedback.pk,
            state="shipped", shipped_on=DAY, shipped_base_id=version.pk,
        )  # fmt: skip
        with refused_by("feedback_verified_has_day"):
            change("feedback", feedback.pk, state="verified")
        with refused_by("feedback_verified_after_shipping"):
            change(
                "feedback", feedback.pk,
                state="verified", verified_on=date(2025, 1, 1),
            )  # fmt: skip
        change("feedback", feedback.pk, state="verified", verified_on=DAY)
        held()

    def test_declined_says_why(self) -> None:
        feedback = makers.feedback()

        with refused_by("feedback_declined_says_why"):
            change("feedback", feedback.pk, state="declined")
        change("feedback", feedback.pk, state="declined", reason="Not ours")
        held()

    @pytest.mark.parametrize("to", ["shipped", "verified"])
    def test_takes_known_steps_only(self, to: str) -> None:
        feedback = makers.feedback()

        with refused_by("feedback_takes_known_steps"):
            change("feedback", feedback.pk, state=to)


class TestVisibility:
    @pytest.mark.parametrize("confidentiality", ["public", "restricted"])
    def test_everything_follows_its_partner(self, confidentiality: str) -> None:
        partner = make.partner(confidentiality=confidentiality)
        scenario = makers.scenario(make.cooperation(partner))
        model = makers.derived_model(partner)
        makers.alias("ft:secret", model)
        makers.feedback(scenario, model)
        reader = make.user("model_team")

        seen = {
            row.objects.visible_to(reader).filter(**where).exists()
            for row, where in (
                (Scenario, {"pk": scenario.pk}),
                (DerivedModel, {"pk": model.pk}),
                (Feedback, {"scenario": scenario}),
                (type(model.aliases.get()), {"text": "ft:secret"}),
            )
        }

        assert seen == {confidentiality == "public"}
