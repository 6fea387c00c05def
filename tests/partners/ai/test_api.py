"""Models, scenarios and feedback by REST: scoped, versioned, through the same operations."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from crm.accounts.models import User
from crm.accounts.roles import Role
from partners.ai.models import BaseModel, DerivedModel, Feedback, ModelAlias, Scenario
from tests import make
from tests.crm.web.api.conftest import Caller, caller, program
from tests.partners.ai import makers

pytestmark = pytest.mark.django_db
V1 = "/api/v1"
LISTS = {"base-models": 2, "scenarios": 2, "feedback": 2, "derived-models": 2}
"""Token with its person, rights and reach by one statement; the rows by another."""


def sent(door: Caller, path: str, body: Any, status: int = 201) -> Any:
    answer = door.send("POST", f"{V1}/{path}/", body)
    assert answer.status_code == status, answer.content
    return answer.json()


class TestCatalogue:
    def test_is_written_by_the_model_team(self, mo: User) -> None:
        door = caller(mo)
        family = sent(door, "model-families", {"name": "Zed", "developer": "Us"})

        model = sent(door, "base-models", {"family_id": family["id"], "name": "Zed-1"})
        alias = sent(
            door,
            "model-aliases",
            {"kind": "model", "text": "ZED one", "base_id": model["id"]},
        )
        ended = sent(
            door, f"model-aliases/{alias['id']}/end", {"on": "2026-03-01"}, 200
        )

        assert model["family_name"] == "Zed"
        assert (alias["text"], alias["since"]) == ("zed one", None)
        assert ended["until"] == "2026-03-01"
        named = ModelAlias.objects.filter(base__name="Zed-1")
        assert named.count() == 2

    def test_changes_need_the_version_seen(self, mo: User) -> None:
        model, door = makers.base_model(), caller(mo)
        path = f"{V1}/base-models/{model.pk}/"

        assert door.send("PATCH", path, {"is_open": True}).status_code == 428
        done = door.send("PATCH", path, {"is_open": True}, If_Match='"1"')
        stale = door.send("PATCH", path, {"is_open": False}, If_Match='"1"')

        assert (done.json()["is_open"], stale.status_code) == (True, 412)

    def test_counts_and_kinds(self, mo: User) -> None:
        door, family = caller(mo), makers.base_model().family
        said = {"counted_on": "2026-01-31", "count": 180_000, "source": "A hub"}

        count = sent(door, "derivative-counts", {"family_id": family.pk, **said})
        kind = sent(door, "scenario-kinds", {"code": "zed", "name": "Zed"})
        gone = door.send(
            "DELETE", f"{V1}/derivative-counts/{count['id']}/", If_Match="*"
        )

        assert (kind["is_active"], gone.status_code) == (True, 204)

    def test_is_read_only_for_others_and_other_scopes(
        self, anna: User, mo: User
    ) -> None:
        body = {"name": "Zed", "developer": "Us"}

        assert (
            caller(anna).send("POST", f"{V1}/model-families/", body).status_code == 403
        )
        reader = program(mo, "ai:read")
        assert reader.get(f"{V1}/model-families/").status_code == 200
        assert reader.send("POST", f"{V1}/model-families/", body).status_code == 403
        assert program(mo, "usage:read").get(f"{V1}/base-models/").status_code == 403


class TestDerivedModels:
    def test_are_registered_and_moved(self, anna: User) -> None:
        door, partner, base = caller(anna), make.partner(), makers.base_model()
        body = {
            "partner_id": partner.pk, "name": "Own", "model_id": "own-1",
            "kind": "adapter", "parent_base_ids": [base.pk],
        }  # fmt: skip

        model = sent(door, "derived-models", body)
        path = f"derived-models/{model['id']}"
        moved = sent(door, f"{path}/lifecycle-moves", {"to": "evaluated"}, 200)
        refused = door.send(
            "POST", f"{V1}/{path}/lifecycle-moves/", {"to": "production"}
        )
        other = makers.derived_model(partner)
        parent = sent(door, f"{path}/parents", {"derived_id": other.pk})

        assert moved["lifecycle"] == "evaluated"
        assert refused.json()["code"] == "derived-model.no-such-step"
        assert parent["derived_id"] == other.pk
        gone = door.send("DELETE", f"{V1}/{path}/parents/{parent['id']}/", If_Match="*")
        assert gone.status_code == 204

    def test_are_seen_with_their_partner(self, anna: User) -> None:
        makers.derived_model(name="Open")
        secret = makers.derived_model(make.partner(confidentiality="restricted"))
        makers.alias("ft:secret", secret)
        door = caller(anna)

        rows = door.get(f"{V1}/derived-models/").json()["results"]
        aliases = door.get(f"{V1}/model-aliases/?text=ft:secret").json()["results"]

        assert ([row["name"] for row in rows], aliases) == (["Open"], [])
        assert door.get(f"{V1}/derived-models/{secret.pk}/use/").status_code == 404
        body = {"kind": "model", "text": "x", "derived_id": secret.pk}
        mapped = caller(make.user(Role.MODEL_TEAM)).send(
            "POST", f"{V1}/model-aliases/", body
        )
        assert mapped.json()["errors"][0]["pointer"] == "#/derived_id"


class TestScenarios:
    def test_live_their_life(self, anna: User) -> None:
        door, cooperation = caller(anna), make.cooperation()
        base = makers.base_model()
        body = {
            "cooperation_id": cooperation.pk, "title": "Cockpit",
            "kind_id": makers.scenario_kind().pk, "does": "Answers drivers",
            "industry": "automotive",
        }  # fmt: skip

        scenario = sent(door, "scenarios", body)
        path = f"scenarios/{scenario['id']}"
        live = sent(door, f"{path}/start", {}, 200)
        measure = sent(
            door, f"{path}/measures",
            {"name": "Time", "unit": "min", "before": "40", "after": "12"},
        )  # fmt: skip
        use = sent(door, f"{path}/models", {"base_id": base.pk})
        door.send("DELETE", f"{V1}/{path}/models/{use['id']}/", If_Match="*")
        ended = sent(door, f"{path}/end", {"reason": "Series ended"}, 200)

        assert (live["status"], ended["status"]) == ("live", "ended")
        assert (measure["before"], measure["after"]) == ("40.0000", "12.0000")
        assert not Scenario.objects.get(pk=scenario["id"]).models.exists()

    def test_faults_point_into_the_body(self, anna: User) -> None:
        body = {
            "cooperation_id": 999_999, "title": "x", "kind_id": 1, "does": "x",
        }  # fmt: skip

        answer = caller(anna).send("POST", f"{V1}/scenarios/", body)

        assert answer.json()["errors"][0]["pointer"] == "#/cooperation_id"

    @pytest.mark.parametrize("rows", [2, 20])
    def test_list_costs_the_same_for_any_number(
        self,
        anna: User,
        rows: int,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        for _number in range(rows):
            makers.feedback()
        door = program(anna, "ai:read")
        door.get(f"{V1}/model-families/")
        for path, count in LISTS.items():
            with django_assert_num_queries(count):
                assert door.get(f"{V1}/{path}/").status_code == 200


class TestFeedback:
    def test_goes_round_by_two_sides(self, anna: User, mo: User) -> None:
        scenario, base = makers.scenario(), makers.base_model()
        version = makers.base_model("Better-2")
        body = {"scenario_id": scenario.pk, "base_id": base.pk, "title": "Dialects"}

        feedback = sent(caller(anna), "feedback", {**body, "priority": 3})
        path = f"feedback/{feedback['id']}/moves"
        sent(caller(mo), path, {"to": "accepted"}, 200)
        shipped = sent(
            caller(mo), path, {"to": "shipped", "shipped_base_id": version.pk}, 200
        )
        refused = caller(mo).send("POST", f"{V1}/{path}/", {"to": "verified"})
        verified = sent(caller(anna), path, {"to": "verified"}, 200)

        assert shipped["shipped_base_id"] == version.pk
        assert refused.json()["code"] == "feedback.not-yours"
        assert (verified["state"], verified["version"]) == ("verified", 4)

    def test_is_about_exactly_one_model(self, anna: User) -> None:
        scenario = makers.scenario()

        answer = caller(anna).send(
            "POST", f"{V1}/feedback/", {"scenario_id": scenario.pk, "title": "x"}
        )

        assert answer.status_code == 400
        assert not Feedback.objects.exists()


class TestFigures:
    def test_answer_over_what_the_caller_may_see(self, anna: User) -> None:
        base, partner = makers.base_model(), make.partner(industry="automotive")
        makers.alias("m", base)
        today = make.EARLY.date().replace(year=2026)
        make.usage(make.cloud_account(partner), today, model="m", tokens=5)
        makers.scenario(make.cooperation(partner), status="live")
        door = caller(anna)

        use = door.get(f"{V1}/base-models/{base.pk}/use/").json()
        share = door.get(f"{V1}/partners/{partner.pk}/derived-share/").json()
        cells = door.get(f"{V1}/coverage/").json()["cells"]

        assert len(use["weeks"]) == 26
        assert share["ratio"] is None
        assert {cell["state"] for cell in cells} == {"live", "empty"}
        assert door.get(f"{V1}/unmapped-models/").json() == {"results": []}

    def test_need_a_model_that_is_there(self, anna: User) -> None:
        assert caller(anna).get(f"{V1}/base-models/0/use/").status_code == 404
        assert BaseModel.objects.filter(pk=0).count() == 0
        assert DerivedModel.objects.count() == 0
