"""Pages of models and scenarios: wiring, permission, visibility, and what each costs."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from crm.accounts.models import User
from crm.accounts.roles import Role
from partners.ai.models import (
    BaseModel,
    DerivativeCount,
    DerivedModel,
    Feedback,
    ModelAlias,
    ModelFamily,
    Scenario,
    ScenarioKind,
)
from tests import make
from tests.make import EARLY
from tests.partners.ai import makers

pytestmark = pytest.mark.django_db
BOARD = "/admin/ai/feedback/board/"
MAP = "/admin/ai/scenario/map/"
UNMAPPED = "/admin/ai/modelalias/unmapped/"
DIALOG = {"_form_submitted": "True"}


def inside(client: Client, user: User) -> Client:
    client.force_login(user)
    client.get("/admin/ai/scenario/")  # notes the session
    return client


def words(answer: Any) -> str:
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def secret_scenario() -> Scenario:
    partner = make.partner("Hidden Bank", confidentiality="restricted")
    return makers.scenario(make.cooperation(partner), title="Secret scenario")


class TestCoverageMap:
    def test_leads_from_each_cell_to_its_list(self, client: Client, anna: User) -> None:
        kind = makers.scenario_kind("Driving")
        makers.scenario(kind=kind, status="live", title="Cockpit")
        makers.scenario(title="Elsewhere", industry="retail")

        page = words(inside(client, anna).get(MAP))
        address = (
            f"/admin/ai/scenario/?industry__exact=automotive&kind__id__exact={kind.pk}"
        )
        listed = words(client.get(address))

        assert address.replace("&", "&amp;") in page
        assert "Cockpit" in listed
        assert "Elsewhere" not in listed

    @pytest.mark.parametrize("rows", [2, 20])
    def test_costs_five_queries_with_all_around_it(
        self,
        client: Client,
        anna: User,
        rows: int,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        for _number in range(rows):
            makers.scenario()
        inside(client, anna)

        with django_assert_num_queries(5):
            client.get(MAP)

    def test_is_closed_without_the_permission(self, client: Client) -> None:
        client.force_login(make.user())

        assert client.get(MAP).status_code == 403


class TestUnmapped:
    def test_maps_with_one_click(self, client: Client, mo: User) -> None:
        model = makers.base_model("Zeta-Max")

        page = inside(client, mo).post(
            UNMAPPED,
            {"map": f"model:{model.pk}", "text": "Zeta-Max-Latest"},
            follow=True,
        )

        assert "means Zeta-Max" in words(page)
        assert ModelAlias.objects.get(text="zeta-max-latest").base == model
        again = client.post(
            UNMAPPED,
            {"map": f"model:{model.pk}", "text": "zeta-max-latest"},
            follow=True,
        )
        assert "is mapped already" in words(again)

    def test_is_read_only_for_others(self, client: Client, anna: User) -> None:
        assert "All usage has its model." in words(inside(client, anna).get(UNMAPPED))
        assert client.post(UNMAPPED, {"map": "model:1"}).status_code == 403

    def test_refuses_what_is_no_mapping(self, client: Client, mo: User) -> None:
        assert inside(client, mo).post(UNMAPPED, {"map": "x"}).status_code == 400


class TestFeedbackBoard:
    def test_shows_ages_owners_and_only_ones_own_steps(
        self, client: Client, anna: User, mo: User
    ) -> None:
        makers.feedback(title="Open wish", priority=4)
        shipped = makers.feedback(
            title="Shipped wish", state="shipped", owner=mo, shipped_on=EARLY.date(),
            shipped_base=makers.base_model("Better-2"),
        )  # fmt: skip

        page = inside(client, anna).get(BOARD)

        steps = {
            card.title: [step.to for step in card.steps]
            for column in page.context["board"].columns
            for card in column.cards
        }
        assert steps == {"Open wish": [], "Shipped wish": ["verified", "open"]}
        assert "Better-2" in words(page)
        assert f"/admin/ai/feedback/{shipped.pk}/verify/?from=board" in words(page)

    def test_moves_through_the_operation(self, client: Client, mo: User) -> None:
        feedback = makers.feedback()
        json = {"Accept": "application/json"}

        done = inside(client, mo).post(
            BOARD, {"move": f"{feedback.pk}:1:accepted"}, headers=json
        )
        refused = client.post(
            BOARD, {"move": f"{feedback.pk}:2:verified"}, headers=json
        )

        feedback.refresh_from_db()
        assert (feedback.state, feedback.owner) == ("accepted", mo)
        assert done.status_code == 200
        assert refused.status_code == 409
        assert "no step" in refused.json()["text"]

    def test_hides_what_is_hidden(self, client: Client, mo: User) -> None:
        makers.feedback(secret_scenario(), title="Hidden wish")

        assert "Hidden wish" not in words(inside(client, mo).get(BOARD))

    @pytest.mark.parametrize("rows", [2, 20])
    def test_costs_the_same_however_many_cards(
        self,
        client: Client,
        mo: User,
        rows: int,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        for _number in range(rows):
            makers.feedback(owner=mo)
        inside(client, mo)

        with django_assert_num_queries(4):
            client.get(BOARD)


class TestButtons:
    def test_take_feedback_round(self, client: Client, mo: User, anna: User) -> None:
        feedback, version = makers.feedback(), makers.base_model()
        page = f"/admin/ai/feedback/{feedback.pk}"
        contact = make.contact(feedback.scenario.cooperation.partner)

        inside(client, mo).post(f"{page}/accept/", {"owner": mo.pk, **DIALOG})
        client.post(f"{page}/ship/", {"base": version.pk, **DIALOG})
        assert client.get(f"{page}/verify/").status_code == 403
        inside(client, anna).post(f"{page}/verify/", {"contact": contact.pk, **DIALOG})

        feedback.refresh_from_db()
        assert (feedback.state, feedback.verified_by) == ("verified", contact)
        client.post(f"{page}/reopen/", {"reason": "Back again", **DIALOG})
        feedback.refresh_from_db()
        assert (feedback.state, feedback.reopened_count) == ("open", 1)

    def test_lead_a_scenario_through_its_life(self, client: Client, anna: User) -> None:
        scenario, base = makers.scenario(), makers.base_model()
        page = f"/admin/ai/scenario/{scenario.pk}"
        inside(client, anna)
        measure = {"name": "Time", "unit": "min", "before": "40", "after": "12"}

        client.post(f"{page}/start/", DIALOG)
        client.post(f"{page}/measure/", {**measure, **DIALOG})
        client.post(f"{page}/use/", {"base": base.pk, **DIALOG})
        client.post(
            f"{page}/feedback/",
            {
                "title": "Faster",
                "topic": "speed",
                "priority": 3,
                "base": base.pk,
                **DIALOG,
            },
        )
        client.post(f"{page}/end/", {"reason": "Series ended", **DIALOG})

        scenario.refresh_from_db()
        assert (scenario.status, scenario.end_reason) == ("ended", "Series ended")
        assert scenario.measures.get().after == 12
        assert scenario.models.get().base == base
        assert scenario.feedback.get().raised_by == anna


class TestForms:
    def test_register_and_change_through_operations(
        self, client: Client, mo: User
    ) -> None:
        inside(client, mo)
        client.post(
            "/admin/ai/modelfamily/add/",
            forms("counts", "members", name="Zed", developer="Us"),
        )
        family = ModelFamily.objects.get(name="Zed")
        client.post(
            "/admin/ai/basemodel/add/",
            {"family": family.pk, "name": "Zed-1", "modality": "language"},
        )
        model = BaseModel.objects.get(name="Zed-1")
        client.post(
            "/admin/ai/modelalias/add/",
            {"kind": "model", "text": "Zed One", "base": model.pk, "derived": ""},
        )
        client.post(
            "/admin/ai/scenariokind/add/",
            {"name": "Zed kind", "code": "zed", "order": 5, "is_active": "on"},
        )
        partner = make.partner()
        client.post(
            "/admin/ai/derivedmodel/add/",
            {
                "partner": partner.pk,
                "name": "Own",
                "model_id": "own-1",
                "kind": "adapter",
                "registered_on": "2026-01-05",
            },
        )

        assert set(model.aliases.values_list("text", flat=True)) == {"zed-1", "zed one"}
        assert ScenarioKind.objects.filter(code="zed").exists()
        assert DerivedModel.objects.get(model_id="own-1").lifecycle == "training"

    def test_plan_a_scenario_and_correct_feedback(
        self, client: Client, anna: User
    ) -> None:
        cooperation, kind = make.cooperation(), makers.scenario_kind()
        feedback = makers.feedback()
        inside(client, anna)

        client.post(
            "/admin/ai/scenario/add/",
            forms(
                "measures", "models", "feedback", cooperation=cooperation.pk,
                title="Cockpit", industry="automotive", kind=kind.pk, does="Answers",
            ),
        )  # fmt: skip
        client.post(
            f"/admin/ai/feedback/{feedback.pk}/change/",
            {
                "title": "Better words", "topic": "quality", "priority": 3,
                "raised_on": "2026-01-05", "expected_version": 1,
            },
        )  # fmt: skip

        assert Scenario.objects.get(title="Cockpit").status == "planned"
        feedback.refresh_from_db()
        assert feedback.title == "Better words"

    def test_a_public_count_is_recorded_and_taken_back(
        self, client: Client, mo: User
    ) -> None:
        family = makers.base_model().family
        said = {
            "counted_on": "2026-01-31", "count": "180000", "method": "unstated",
            "relation": "all", "source": "A paper",
        }  # fmt: skip

        inside(client, mo).post(
            f"/admin/ai/modelfamily/{family.pk}/record_count/", {**said, **DIALOG}
        )
        count = DerivativeCount.objects.get(family=family)
        client.post(f"/admin/ai/derivativecount/{count.pk}/delete/", {"post": "yes"})

        assert not DerivativeCount.objects.filter(family=family).exists()

    def test_of_others_are_read_only(self, client: Client) -> None:
        reader = make.user(Role.AUDITOR)
        model = makers.base_model()
        inside(client, reader)

        assert client.get("/admin/ai/basemodel/add/").status_code == 403
        page = words(client.get(f"/admin/ai/basemodel/{model.pk}/change/"))
        assert 'name="_save"' not in page


def forms(*inlines: str, **fields: Any) -> dict[str, Any]:
    """Return a filled form with the counters of its inlines."""
    counters = {
        f"{name}-{kind}_FORMS": 0 for name in inlines for kind in ("TOTAL", "INITIAL")
    }
    return {**fields, **counters}


@pytest.mark.parametrize(
    "path",
    ["modelfamily", "basemodel", "modelalias", "derivativecount", "derivedmodel",
     "scenario", "scenariokind", "feedback"],
)  # fmt: skip
def test_every_list_opens(client: Client, path: str) -> None:
    makers.feedback(model=makers.base_model())
    makers.alias("t", makers.derived_model())
    client.force_login(make.user(Role.AUDITOR))

    assert client.get(f"/admin/ai/{path}/").status_code == 200
    assert Feedback.objects.count() == 1


def test_a_list_says_states_in_words(client: Client, mo: User) -> None:
    makers.derived_model()  # in training, which has no colour

    assert "Training" in words(inside(client, mo).get("/admin/ai/derivedmodel/"))
