"""Opportunities in the words of AWS Partner Central: read, written, and the same again."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from deals import partner_central
from deals.partner_central import OpportunityRefusedError
from deals.pipeline import DealStage, LostReason

FACTS: dict[str, Any] = {
    "code": "D7-1",
    "title": "Cockpit",
    "company": "BMW AG",
    "country": "DE",
    "website": "bmw.com",
    "external_id": "O1234567",
    "end_customer": "",
    "use_case": "In-car assistant",
    "deal_type": "net_new",
    "origin": "ours",
    "involvement": "co_sell",
    "stage": "Business Validation",
    "amount": Decimal("1200000.00"),
    "monthly_spend": Decimal("100000.00"),
    "currency": "EUR",
    "target_close_on": date(2026, 6, 30),
    "closed_on": None,
    "lost_reason": "",
    "next_step": "Call them",
}


def changed(**parts: Any) -> dict[str, Any]:
    return {**partner_central.opportunity(FACTS), **parts}


class TestOpportunity:
    def test_has_the_names_of_that_system(self) -> None:
        body = partner_central.opportunity(FACTS)

        assert body["LifeCycle"] == {
            "Stage": "Business Validation",
            "TargetCloseDate": "2026-06-30",
            "NextSteps": "Call them",
        }
        assert body["OpportunityType"] == "Net New Business"
        assert body["Project"]["ExpectedCustomerSpend"][0]["Amount"] == "100000.00"
        assert body["PartnerOpportunityIdentifier"] == "D7-1"

    def test_comes_back_the_same(self) -> None:
        facts = partner_central.read(partner_central.opportunity(FACTS))

        assert (facts.title, facts.stage) == ("Cockpit", DealStage.BUSINESS_VALIDATION)
        assert facts.values == {
            "deal_type": "net_new",
            "origin": "ours",
            "involvement": "co_sell",
            "end_customer": "BMW AG",
            "use_case": "In-car assistant",
            "next_step": "Call them",
            "target_close_on": date(2026, 6, 30),
            "monthly_spend": Decimal("100000.00"),
            "amount": Decimal("1200000.00"),
            "currency": "EUR",
        }

    @pytest.mark.parametrize("stage", list(DealStage))
    def test_every_stage_travels_verbatim(self, stage: DealStage) -> None:
        body = partner_central.opportunity({**FACTS, "stage": stage})

        assert body["LifeCycle"]["Stage"] == stage.value
        assert partner_central.read(body).stage == stage

    @pytest.mark.parametrize("reason", list(LostReason))
    def test_every_reason_comes_back(self, reason: LostReason) -> None:
        body = partner_central.opportunity({**FACTS, "lost_reason": reason})

        assert partner_central.read(body).lost_reason == reason

    def test_names_the_competitor(self) -> None:
        life = {
            "Stage": "Closed Lost",
            "ClosedLostReason": "Lost to Competitor - Google",
        }

        facts = partner_central.read(changed(LifeCycle=life))

        assert (facts.lost_reason, facts.competitor) == ("competitor", "Google")


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"Id": ""}, "Id is missing"),
        ({"Project": {}}, "Title is missing"),
        ({"LifeCycle": {"Stage": "Won"}}, "no stage"),
        ({"LifeCycle": []}, "no stage"),
        ({"LifeCycle": {"Stage": "Prospect", "TargetCloseDate": "soon"}}, "no date"),
        ({"OpportunityType": "Other"}, "OpportunityType cannot be"),
        ({"Customer": "BMW"}, "Customer is no object"),
        (
            {"SoftwareRevenue": {"Value": {"Amount": "1", "CurrencyCode": "USD"}}},
            "two currencies",
        ),
        (
            {"SoftwareRevenue": {"Value": {"Amount": "one", "CurrencyCode": "EUR"}}},
            "no amount",
        ),
    ],
)
def test_is_refused_in_words(parts: dict[str, Any], words: str) -> None:
    with pytest.raises(OpportunityRefusedError, match=words):
        partner_central.read(changed(**parts))


def test_is_refused_when_it_is_no_object() -> None:
    with pytest.raises(OpportunityRefusedError, match="JSON object"):
        partner_central.read("Cockpit")
