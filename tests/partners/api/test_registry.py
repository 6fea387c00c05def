"""The registry by REST: scoped, versioned, and every step through its gate."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.journal.models import Event
from partners.models import Cooperation, GateCheck, Partner
from partners.operations.search import rebuild_search
from tests import make
from tests.crm.web.api.conftest import Caller, TokenCaller, caller, program

pytestmark = pytest.mark.django_db
PARTNERS = "/api/v1/partners/"


@pytest.fixture
def anna() -> User:
    return make.user(Role.ALLIANCE_MANAGER, name="Anna", team=make.team())


@pytest.fixture
def api(anna: User) -> Caller:
    return caller(anna)


@pytest.fixture
def bmw(anna: User) -> Partner:
    partner = make.partner("BMW Group", owner=anna, team=anna.team, country="DE")
    rebuild_search()
    return partner


@pytest.fixture
def cooperation(bmw: Partner, anna: User) -> Cooperation:
    return make.cooperation(bmw, owner=anna)


def moves(cooperation: Cooperation) -> str:
    return f"/api/v1/cooperations/{cooperation.pk}/stage-moves/"


class TestPartners:
    def test_list_shows_only_what_the_person_may_see(
        self, api: Caller, bmw: Partner
    ) -> None:
        make.partner("Secret", confidentiality="restricted")

        results = api.get(PARTNERS).json()["results"]

        assert [row["display_name"] for row in results] == ["BMW Group"]

    @pytest.mark.parametrize(
        "kind", ["partners", "cooperations", "deals", "contacts", "risks", "scenarios"]
    )
    def test_lists_tell_what_is_new(
        self, api: Caller, cooperation: Cooperation, kind: str
    ) -> None:
        make.contact(cooperation.partner)

        since_ever = api.get(f"/api/v1/{kind}/?updated_since=2020-01-01T00:00:00Z")
        since_now = api.get(f"/api/v1/{kind}/?updated_since=2999-01-01T00:00:00Z")

        everything = api.get(f"/api/v1/{kind}/").json()["results"]
        assert since_ever.json()["results"] == everything
        assert since_now.json()["results"] == []
        assert all("updated_at" in row for row in everything)

    @pytest.mark.parametrize("rows", [2, 20, 200])
    def test_list_costs_the_same_for_any_number(
        self,
        anna: User,
        rows: int,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        Partner.objects.bulk_create(
            Partner(display_name=f"P{n}", legal_name=f"P{n}", owner=anna)
            for n in range(rows)
        )
        sync = program(anna)
        sync.get(PARTNERS)

        with django_assert_num_queries(2):
            sync.get(PARTNERS, {"expand": "owner"})

    def test_is_added_with_all_names_and_numbers(self, api: Caller, anna: User) -> None:
        answer = api.send(
            "POST",
            PARTNERS,
            {
                "display_name": "BMW",
                "country": "DE",
                "domains": ["https://www.bmw.com"],
                "registration_ids": [{"scheme": "duns", "value": "315023366"}],
                "owner_id": anna.pk,
            },
        )

        assert answer.status_code == 201
        assert Partner.objects.get().domains.get().domain == "bmw.com"

    def test_suspects_duplicates_with_their_names(
        self, api: Caller, bmw: Partner
    ) -> None:
        answer = api.send("POST", PARTNERS, {"display_name": "BMW AG"})

        assert answer.status_code == 409
        assert answer.json()["code"] == "partner.duplicate-suspected"
        assert answer.json()["missing"] == ["BMW Group"]

    def test_names_a_relation_that_is_none(self, api: Caller) -> None:
        secret = make.partner("Secret", confidentiality="restricted")

        answers = [
            api.send("POST", PARTNERS, {"display_name": "X", "parent_id": pk})
            for pk in (secret.pk, 999_999)
        ]

        assert [answer.status_code for answer in answers] == [400, 400]
        assert answers[0].json()["errors"] == answers[1].json()["errors"]
        assert Partner.objects.count() == 1

    def test_needs_the_version_last_seen(self, api: Caller, bmw: Partner) -> None:
        address = f"{PARTNERS}{bmw.pk}/"
        change = {"tier": "key"}

        assert api.send("PATCH", address, change).status_code == 428
        assert api.send("PATCH", address, change, If_Match='"9"').status_code == 412
        assert api.send("PATCH", address, change, If_Match='"1"').status_code == 200
        bmw.refresh_from_db()
        assert (bmw.tier, bmw.version) == ("key", 2)

    def test_is_upserted_by_an_id_elsewhere(self, anna: User) -> None:
        sync = program(anna, "partners:write")
        address = f"{PARTNERS}by-external-id/salesforce/001A/"

        results = [
            sync.send("PUT", address, {"display_name": name}).headers["Upsert-Result"]
            for name in ("BMW", "BMW", "BMW Group")
        ]

        assert results == ["created", "unchanged", "updated"]
        assert Partner.objects.get().external_ids.get().value == "001A"

    def test_upsert_does_not_reach_what_is_out_of_sight(self, anna: User) -> None:
        secret = make.partner("Secret", confidentiality="restricted")
        secret.external_ids.create(system="salesforce", value="001A")

        answer = program(anna).send(
            "PUT", f"{PARTNERS}by-external-id/salesforce/001A/", {"display_name": "X"}
        )

        assert answer.status_code == 409
        secret.refresh_from_db()
        assert secret.display_name == "Secret"

    def test_is_found_by_part_of_a_name(self, api: Caller, bmw: Partner) -> None:
        found = api.get("/api/v1/partner-search/", {"q": "bm"}).json()["results"]

        assert [row["id"] for row in found] == [bmw.pk]

    @pytest.mark.parametrize("role", [Role.FINANCE, Role.AUDITOR, Role.MODEL_TEAM])
    def test_is_read_only_for_those_who_only_read(
        self, bmw: Partner, role: Role
    ) -> None:
        reader = program(make.user(role))
        address = f"{PARTNERS}{bmw.pk}/"

        answers = [
            reader.send("PATCH", address, {"tier": "key"}, If_Match="*"),
            reader.send("POST", PARTNERS, {"display_name": "X"}),
            reader.send("POST", f"{address}archive/", {}),
            reader.send("DELETE", address, If_Match="*"),
        ]

        assert {answer.status_code for answer in answers} == {403}
        assert (
            Partner.objects.count(),
            Event.objects.filter(kind__startswith="partner").count(),
        ) == (1, 0)


class TestStageMoves:
    def test_refusal_says_what_is_missing_and_keeps_its_checks(
        self, api: Caller, cooperation: Cooperation
    ) -> None:
        answer = api.send("POST", moves(cooperation), {"to": "qualified"})

        assert answer.status_code == 409
        body: Any = answer.json()
        assert body["code"] == "stage.refused"
        assert any("contact with a role" in words for words in body["missing"])
        assert GateCheck.objects.filter(cooperation=cooperation).count() >= 5

    def test_takes_the_step_when_nothing_is_missing(
        self, api: Caller, cooperation: Cooperation
    ) -> None:
        gates = api.get(f"/api/v1/cooperations/{cooperation.pk}/gates/").json()["gates"]
        ahead = next(gate for gate in gates if gate["to"] == "qualified")
        lead = make.user(Role.ALLIANCE_MANAGER)
        cooperation.team = make.team(lead=lead)
        cooperation.save()
        waivers = {
            look["code"]: "Old"
            for look in ahead["looks"]
            if look["may_be_waived"] and look["verdict"] != "passed"
        }
        given = {"to": "qualified", "waivers": waivers}

        for code, reason in waivers.items():
            program(lead).send(
                "POST",
                f"/api/v1/cooperations/{cooperation.pk}/waivers/",
                {"to": "qualified", "criterion": code, "reason": reason},
            )
        answer = api.send("POST", moves(cooperation), given)

        assert answer.status_code == 201
        assert answer.json()["to_stage_id"] == "qualified"

    def test_with_the_same_key_happens_once(
        self, api: Caller, cooperation: Cooperation
    ) -> None:
        hold = f"/api/v1/cooperations/{cooperation.pk}/hold/"
        twice = [
            api.send("POST", hold, {"reason": "Budget"}, Idempotency_Key="k1")
            for _ in range(2)
        ]

        assert [answer.status_code for answer in twice] == [200, 200]
        assert cooperation.holds.count() == 1

    def test_of_what_is_out_of_sight_is_absent(self, cooperation: Cooperation) -> None:
        Partner.objects.filter(pk=cooperation.partner_id).update(
            confidentiality="restricted"
        )
        stranger = caller(make.user(Role.ALLIANCE_MANAGER))

        hidden = stranger.send("POST", moves(cooperation), {"to": "qualified"})
        absent = stranger.send(
            "POST", "/api/v1/cooperations/999999/stage-moves/", {"to": "qualified"}
        )

        assert (hidden.status_code, absent.status_code) == (404, 404)
        assert hidden.json()["title"] == absent.json()["title"]

    def test_the_stage_cannot_be_patched(
        self, api: Caller, cooperation: Cooperation
    ) -> None:
        address = f"/api/v1/cooperations/{cooperation.pk}/"

        answer = api.send("PATCH", address, {"stage_id": "production"}, If_Match="*")

        assert answer.status_code == 400


class TestContacts:
    def test_is_added_and_erased(self, anna: User, bmw: Partner) -> None:
        director = program(make.user(Role.ALLIANCE_DIRECTOR, team=anna.team))
        made = director.send(
            "POST", "/api/v1/contacts/", {"partner_id": bmw.pk, "name": "Erika"}
        )

        address = f"/api/v1/contacts/{made.json()['id']}/erase/"
        erased = director.send("POST", address, {"reason": "Her letter"})

        assert erased.json()["name"] == ""

    def test_scope_is_needed(self, anna: User) -> None:
        wrong: TokenCaller = program(anna, "usage:read")

        assert wrong.get("/api/v1/contacts/").status_code == 403
