"""Opportunities taken in: once, as far as their fields allow, refused one by one."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from crm.accounts.models import User
from deals.models import Deal
from deals.operations import exchange
from deals.operations.exchange import Received
from deals.queries.exchange import opportunities_of
from tests import make
from tests.crm.web.api.conftest import caller
from tests.deals.test_partner_central import FACTS, changed
from tests.make import EARLY
from tests.partners.database import held

pytestmark = pytest.mark.django_db
LATER = EARLY + timedelta(days=10)


@pytest.fixture
def anna() -> User:
    anna = make.user("alliance_manager")
    make.partner("BMW Group", owner=anna, domain="bmw.com", country="DE")
    return anna


def received(by: User, *bodies: Any, is_trial: bool = False) -> list[Received]:
    return exchange.receive_opportunities(
        bodies=bodies, by=by, at=LATER, is_trial=is_trial
    )


class TestReceive:
    def test_goes_as_far_as_its_fields_allow_and_says_what_is_missing(
        self, anna: User
    ) -> None:
        (result,) = received(anna, changed())

        held()
        assert result.outcome == "create"
        assert result.notes == (
            "“Business validation” still asks for: contract months",
        )
        assert Deal.objects.get().stage == "Technical Validation"

    def test_the_same_again_changes_nothing(self, anna: User) -> None:
        received(anna, changed())
        before = Deal.objects.get().version

        (again,) = received(anna, changed())

        assert again.outcome == "unchanged"
        assert Deal.objects.get().version == before

    def test_moves_what_it_knows(self, anna: User) -> None:
        received(anna, changed())

        (result,) = received(anna, changed(LifeCycle={"Stage": "Qualified"}))

        assert result.outcome == "update"
        assert Deal.objects.get().stage == "Qualified"

    def test_knows_again_what_we_had_sent(self, anna: User) -> None:
        deal = make.deal(
            anna.partners_owned.get(),
            owner=anna,
            title="Cockpit",
            end_customer="BMW AG",
        )
        (body,) = opportunities_of(Deal.objects.all())

        (result,) = received(anna, {**body, "Id": "O77"})

        assert (result.outcome, result.deal_id) == ("unchanged", deal.pk)
        assert deal.external_ids.get().value == "O77"

    def test_loses_with_its_reason(self, anna: User) -> None:
        life = {"Stage": "Closed Lost", "ClosedLostReason": "Price"}

        received(anna, changed(LifeCycle=life))

        assert Deal.objects.get().lost_reason == "price"

    def test_refuses_a_win_without_paper_and_keeps_the_others(self, anna: User) -> None:
        won = changed(Id="O2", LifeCycle={"Stage": "Launched"})

        results = received(anna, won, changed(), "nonsense")

        assert [r.outcome for r in results] == ["refused", "create", "refused"]
        assert "agreement" in results[0].missing
        assert Deal.objects.count() == 1

    def test_refuses_an_unknown_company(self, anna: User) -> None:
        customer = {"Account": {"CompanyName": "Nobody Ltd"}}

        (result,) = received(anna, changed(Customer=customer))

        assert result.problem == "No partner was found for it."

    def test_keeps_nothing_when_it_only_tries(self, anna: User) -> None:
        (result,) = received(anna, changed(), is_trial=True)

        assert result.outcome == "create"
        assert not Deal.objects.exists()

    def test_does_not_touch_what_is_out_of_sight(self, anna: User) -> None:
        received(anna, changed())
        ben = make.user("alliance_manager")
        partner = anna.partners_owned.get()
        partner.confidentiality = "restricted"
        partner.save()

        (result,) = received(ben, changed())

        assert result.problem == "Another deal has this id of that system."


class TestDoors:
    def test_the_command_writes_and_takes_in(self, anna: User, tmp_path: Path) -> None:
        file = tmp_path / "opportunities.json"
        file.write_text(json.dumps({"Opportunities": [changed()]}))

        call_command("exchange_deals", "in", str(file), "--as", anna.email)
        call_command("exchange_deals", "out", str(file), "--as", anna.email)

        (body,) = json.loads(file.read_text())["Opportunities"]
        assert body["Id"] == FACTS["external_id"]
        assert body["LifeCycle"]["Stage"] == "Technical Validation"

    def test_the_api_answers_one_by_one(self, anna: User) -> None:
        api = caller(anna)
        path = "/api/v1/partner-central/opportunities/"

        sent = api.send("POST", path, {"opportunities": [changed(), {"Id": "x"}]})
        seen = api.get(path)

        outcomes = [result["outcome"] for result in sent.json()["results"]]
        assert outcomes == ["create", "refused"]
        assert seen.json()["opportunities"][0]["Project"]["Title"] == "Cockpit"

    def test_the_api_refuses_who_may_only_look(self) -> None:
        api = caller(make.user("finance"))

        answer = api.send(
            "POST", "/api/v1/partner-central/opportunities/", {"opportunities": []}
        )

        assert answer.status_code == 403
