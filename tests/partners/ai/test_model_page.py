"""The page of a model: what it shows, to whom, and what it costs."""

from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from crm.accounts.models import User
from crm.accounts.roles import Role
from tests import make
from tests.make import EARLY
from tests.partners.ai import makers
from tests.partners.ai.test_pages import DIALOG, inside, secret_scenario, words

pytestmark = pytest.mark.django_db


class TestModelPage:
    def test_shows_use_derivatives_feedback_and_scenarios(
        self, client: Client, anna: User
    ) -> None:
        base, scenario = makers.base_model(), makers.scenario(title="Cockpit")
        partner = scenario.cooperation.partner
        scenario.models.create(base=base)
        makers.derived_model(partner, base, name="Cockpit-7B")
        makers.feedback(scenario, base, title="Swabian is hard")
        hidden = secret_scenario()
        makers.feedback(hidden, base, title="Hidden wish")
        makers.derived_model(hidden.cooperation.partner, base, name="Hidden-7B")

        page = words(inside(client, anna).get(f"/admin/ai/basemodel/{base.pk}/change/"))

        for text in ("Cockpit", "Cockpit-7B", "Swabian is hard", "Tokens by week"):
            assert text in page
        assert "Hidden" not in page

    def test_shows_what_it_comes_from_and_what_usage_calls_it(
        self, client: Client, anna: User
    ) -> None:
        base, partner = makers.base_model("Root-7B"), make.partner()
        hidden = makers.derived_model(secret_scenario().cooperation.partner, name="Sly")
        middle = makers.derived_model(partner, base, hidden, name="Middle-7B")
        model = makers.derived_model(partner, middle)
        makers.alias("ep-own", model, kind="sku", until=EARLY.date())

        first = words(
            inside(client, anna).get(f"/admin/ai/derivedmodel/{middle.pk}/change/")
        )
        second = words(client.get(f"/admin/ai/derivedmodel/{model.pk}/change/"))

        assert "Root-7B</a> · base model" in first
        assert "A derived model of a partner that you may not see." in first
        assert "Sly" not in first
        assert "Middle-7B</a> · derived model" in second
        assert "ep-own" in second
        assert f"until {EARLY.date() - timedelta(days=1)}" in second

    def test_of_nothing_leads_back(self, client: Client, anna: User) -> None:
        for key in ("0", "x", "9" * 30):
            page = inside(client, anna).get(f"/admin/ai/basemodel/{key}/change/")
            assert page.status_code == 302

    @pytest.mark.parametrize(
        ("role", "sort", "queries"),
        [
            (Role.AUDITOR, "base", 7),
            (Role.MODEL_TEAM, "base", 8),  # one more for the families to choose from
            (Role.AUDITOR, "derived", 7),
            (Role.MODEL_TEAM, "derived", 7),
        ],
    )
    @pytest.mark.parametrize("rows", [2, 20])
    def test_costs_eight_queries_at_most_with_all_around_it(
        self,
        client: Client,
        role: Role,
        sort: str,
        queries: int,
        rows: int,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        base, someone = makers.base_model(), make.user(role)
        scenario = makers.scenario()
        cooperation = scenario.cooperation
        derived = makers.derived_model(
            cooperation.partner, base, cooperation=cooperation, owner=someone
        )
        model = base if sort == "base" else derived
        for number in range(rows):
            scenario = makers.scenario()
            scenario.models.create(**{sort: model})
            makers.derived_model(scenario.cooperation.partner, model)
            makers.feedback(scenario, model)
            makers.alias(f"text-{number}", model)
        inside(client, someone)
        page = f"/admin/ai/{sort}model/{model.pk}/change/"
        client.get(page)  # content types are read once per process

        with django_assert_num_queries(queries):
            answer = client.get(page)

        assert words(answer).count("text-") >= rows

    def test_of_a_derived_model_moves_its_lifecycle(
        self, client: Client, mo: User
    ) -> None:
        model = makers.derived_model()
        page = f"/admin/ai/derivedmodel/{model.pk}"
        assert "Training" in words(inside(client, mo).get(f"{page}/change/"))

        client.post(f"{page}/step/", {"to": "evaluated", **DIALOG})

        model.refresh_from_db()
        assert model.lifecycle == "evaluated"
        refused = client.post(f"{page}/step/", {"to": "training", **DIALOG})
        assert "Say why." in words(refused)
