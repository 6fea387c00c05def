"""Deals and agreements by REST: scoped, versioned, moved by the same operations."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from crm.accounts.models import User
from crm.accounts.roles import Role
from deals.models import Agreement, Deal
from partners.models import Partner
from tests import make
from tests.crm.web.api.conftest import Caller, caller, program

pytestmark = pytest.mark.django_db
DEALS = "/api/v1/deals/"
PAPERS = "/api/v1/agreements/"


@pytest.fixture
def anna() -> User:
    return make.user(Role.ALLIANCE_MANAGER, name="Anna", team=make.team())


@pytest.fixture
def api(anna: User) -> Caller:
    return caller(anna)


@pytest.fixture
def bmw(anna: User) -> Partner:
    return make.partner("BMW Group", owner=anna, team=anna.team)


class TestDeals:
    def test_list_shows_only_what_the_person_may_see(
        self, api: Caller, bmw: Partner
    ) -> None:
        make.deal(bmw, title="Cockpit")
        make.deal(make.partner(confidentiality="restricted"))

        results = api.get(DEALS).json()["results"]

        assert [row["title"] for row in results] == ["Cockpit"]

    @pytest.mark.parametrize("rows", [2, 20])
    def test_list_costs_the_same_for_any_number(
        self,
        api: Caller,
        bmw: Partner,
        rows: int,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        for _number in range(rows):
            make.deal(bmw)
        api.get(DEALS)

        with django_assert_num_queries(3):
            api.get(DEALS)

    def test_opens_and_edits_with_a_version(
        self, api: Caller, bmw: Partner, anna: User
    ) -> None:
        made = api.send(
            "POST",
            DEALS,
            {"partner_id": bmw.pk, "title": "Cockpit", "amount": "100.00"},
        )
        path = f"{DEALS}{made.json()['id']}/"
        etag = made.headers["ETag"]
        edited = api.send("PATCH", path, {"amount": "200.00"}, If_Match=etag)
        stale = api.send("PATCH", path, {"amount": "300.00"}, If_Match=etag)

        assert (made.status_code, edited.status_code, stale.status_code) == (
            201,
            200,
            412,
        )
        assert Deal.objects.get().amount == 200

    def test_moves_or_says_what_is_missing(
        self, api: Caller, bmw: Partner, anna: User
    ) -> None:
        deal = make.deal(bmw, owner=anna)

        answer = api.send("POST", f"{DEALS}{deal.pk}/stage-moves/", {"to": "Qualified"})

        assert answer.status_code == 409
        assert answer.json()["code"] == "deal.incomplete"
        assert "end customer" in answer.json()["missing"]

    @pytest.mark.parametrize(
        ("act", "given", "status"),
        [
            ("lose", {"lost_reason": "price"}, 200),
            ("win", {"won_reason": "price"}, 409),
            ("override", {"probability": 5, "reason": "Their board"}, 200),
            ("end-override", {}, 409),
            ("reopen", {"reason": "x"}, 403),
            (
                "set-lines",
                {"lines": [{"product": "T", "quantity": "2", "unit_price": "3"}]},
                200,
            ),
        ],
    )
    def test_acts_are_the_operations(
        self,
        api: Caller,
        bmw: Partner,
        anna: User,
        act: str,
        given: dict[str, Any],
        status: int,
    ) -> None:
        deal = make.deal(bmw, owner=anna)

        answer = api.send("POST", f"{DEALS}{deal.pk}/{act}/", given)

        assert answer.status_code == status

    def test_credits_above_100_percent_are_refused(
        self, api: Caller, bmw: Partner, anna: User
    ) -> None:
        deal = make.deal(bmw, owner=anna)
        given = {
            "partner_id": bmw.pk,
            "kind": "sourced",
            "percent": "60",
            "evidence": "Introduced us",
        }
        path = f"{DEALS}{deal.pk}/credits/"

        answers = [api.send("POST", path, given).status_code for _ in range(2)]

        assert answers == [201, 409]

    def test_out_of_sight_looks_absent(self, api: Caller) -> None:
        deal = make.deal(make.partner(confidentiality="restricted"))

        assert api.get(f"{DEALS}{deal.pk}/stage-moves/").status_code == 404
        assert api.get(f"{DEALS}{deal.pk}/").status_code == 404

    @pytest.mark.parametrize(
        ("role", "status"),
        [(Role.INTEGRATION, 201), (Role.FINANCE, 403), (Role.AUDITOR, 403)],
    )
    def test_opening_needs_the_role(self, bmw: Partner, role: str, status: int) -> None:
        given = {"partner_id": bmw.pk, "title": "Cockpit"}

        answer = caller(make.user(role)).send("POST", DEALS, given)

        assert answer.status_code == status

    def test_a_token_needs_the_scope(self, anna: User, bmw: Partner) -> None:
        assert program(anna, "partners:read").get(DEALS).status_code == 403
        assert program(anna, "deals:read").get(DEALS).status_code == 200

    def test_nobody_is_asked_to_log_in(self) -> None:
        assert Caller().get(DEALS).status_code == 401


class TestSnapshots:
    def test_are_read_only(self, api: Caller) -> None:
        assert api.get("/api/v1/deal-snapshots/").status_code == 200
        assert api.send("POST", "/api/v1/deal-snapshots/", {}).status_code == 405


class TestAgreements:
    def test_goes_from_draft_to_active(self, bmw: Partner) -> None:
        leo = caller(make.user(Role.LEGAL))
        made = leo.send(
            "POST",
            PAPERS,
            {"partner_id": bmw.pk, "title": "Frame", "agreement_type": "msa"},
        )
        path = f"{PAPERS}{made.json()['id']}"

        leo.send("POST", f"{path}/review/", {})
        answers = [
            leo.send(
                "POST", f"{path}/sign/", {"side": side, "signed_on": "2026-01-05"}
            ).json()["status"]
            for side in ("ours", "theirs")
        ]

        assert answers == ["in_review", "active"]
        assert Agreement.objects.get().effective_on is not None

    def test_signing_needs_the_role(self, api: Caller, bmw: Partner) -> None:
        paper = make.agreement(bmw, status="in_review")
        given = {"side": "ours", "signed_on": "2026-01-05"}

        assert api.send("POST", f"{PAPERS}{paper.pk}/sign/", given).status_code == 403

    def test_an_amendment_is_answered(self, api: Caller, bmw: Partner) -> None:
        paper = make.agreement(bmw)

        answer = api.send(
            "POST",
            f"{PAPERS}{paper.pk}/amend/",
            {"partner_legal_name": "BMW AG", "notice_days": 30},
        )

        assert answer.json()["amends"] == {
            "partner.legal_name": "BMW AG",
            "notice_days": 30,
        }

    def test_terms_of_a_signed_paper_are_refused(
        self, api: Caller, bmw: Partner
    ) -> None:
        paper = make.agreement(bmw)

        answer = api.send(
            "PATCH",
            f"{PAPERS}{paper.pk}/",
            {"notice_days": 30},
            If_Match=f'"{paper.version}"',
        )

        assert answer.json()["code"] == "agreement.signed"
