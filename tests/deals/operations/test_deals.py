"""Opening, editing and moving deals: by effect, journal and refusal."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm.accounts.models import User
from crm.core.errors import StaleVersionError
from crm.journal.models import Event
from deals.models import Deal
from deals.operations import deals, stages
from deals.operations.deals import DealInputError, DealRefusedError
from deals.operations.stages import Closing
from deals.pipeline import DealStage, WonReason
from tests import make
from tests.make import EARLY
from tests.partners.database import held

pytestmark = pytest.mark.django_db
LATER = EARLY + timedelta(days=10)
FILLED: dict[str, Any] = {
    "end_customer": "BMW AG",
    "target_close_on": date(2026, 6, 30),
    "monthly_spend": Decimal(100_000),
    "use_case": "In-car assistant",
    "amount": Decimal(1_200_000),
    "contract_months": 12,
}


@pytest.fixture
def anna() -> User:
    return make.user("alliance_manager")


def committed(anna: User, **fields: Any) -> Deal:
    """Make a deal that only waits for being won."""
    partner = make.partner(owner=anna)
    paper = make.agreement(partner)
    return make.deal(
        partner,
        stage=DealStage.COMMITTED,
        owner=anna,
        agreement=paper,
        **{**FILLED, **fields},
    )


def won(deal: Deal, by: User, **closing: Any) -> Deal:
    said = Closing(**{"reason": WonReason.PROOF, **closing})
    return stages.win_deal(deal=deal, closing=said, by=by, at=LATER)


def kinds_of(deal: Deal) -> list[str]:
    rows = Event.objects.filter(subject_type="deals.deal", subject_id=deal.pk)
    return list(rows.order_by("pk").values_list("kind", flat=True))


class TestOpenDeal:
    def test_begins_in_prospect_with_weight_and_journal(self, anna: User) -> None:
        partner = make.partner(owner=anna, reporting_currency="EUR")

        made = deals.open_deal(partner=partner, title="Cockpit", by=anna, at=EARLY)

        held()
        assert (made.stage, made.probability, made.category) == (
            "Prospect",
            10,
            "omitted",
        )
        assert (made.owner, made.currency) == (anna, "EUR")
        assert kinds_of(made) == ["deal.opened"]

    def test_takes_currency_and_owner_from_its_cooperation(self, anna: User) -> None:
        cooperation = make.cooperation(owner=anna, currency="USD")

        made = deals.open_deal(
            partner=cooperation.partner,
            title="Cockpit",
            by=make.user(),
            at=EARLY,
            values={"cooperation": cooperation},
        )

        assert (made.owner, made.currency) == (anna, "USD")

    def test_counts_codes_per_partner(self, anna: User) -> None:
        partner = make.partner()

        codes = [
            deals.open_deal(partner=partner, title=name, by=anna, at=EARLY).code
            for name in ("One", "Two")
        ]

        assert codes == [f"D{partner.pk}-1", f"D{partner.pk}-2"]

    def test_names_what_a_later_stage_asks_for(self, anna: User) -> None:
        with pytest.raises(DealRefusedError) as refusal:
            deals.open_deal(
                partner=make.partner(),
                title="Cockpit",
                by=anna,
                at=EARLY,
                stage=DealStage.QUALIFIED,
            )

        assert refusal.value.missing == (
            "end customer",
            "target close",
            "expected monthly spend",
        )

    def test_is_refused_for_an_archived_partner(self, anna: User) -> None:
        with pytest.raises(DealRefusedError, match="archived"):
            deals.open_deal(
                partner=make.partner(archived_at=EARLY), title="X", by=anna, at=EARLY
            )

    def test_is_refused_for_a_cooperation_of_another_partner(self, anna: User) -> None:
        with pytest.raises(DealInputError, match="another partner"):
            deals.open_deal(
                partner=make.partner(),
                title="X",
                by=anna,
                at=EARLY,
                values={"cooperation": make.cooperation()},
            )

    @pytest.mark.parametrize(
        "values",
        [{"title": " "}, {"amount": Decimal(-1)}, {"contract_months": 145}],
    )
    def test_is_refused_with_a_bad_value(
        self, anna: User, values: dict[str, Any]
    ) -> None:
        with pytest.raises(DealInputError):
            deals.open_deal(
                partner=make.partner(),
                title=values.pop("title", "X"),
                by=anna,
                at=EARLY,
                values=values,
            )


class TestEditDeal:
    def test_writes_what_differs_into_the_journal(self, anna: User) -> None:
        deal = make.deal(owner=anna)

        deals.edit_deal(
            deal=deal,
            by=anna,
            at=LATER,
            values={"amount": Decimal(5), "title": deal.title},
        )

        event = Event.objects.get(kind="deal.edited")
        assert event.new == {"amount": "5"}

    def test_changes_nothing_for_the_same(self, anna: User) -> None:
        deal = make.deal(owner=anna)

        same = deals.edit_deal(
            deal=deal, by=anna, at=LATER, values={"title": deal.title}
        )

        assert same.version == deal.version

    def test_is_refused_when_the_stage_needs_it(self, anna: User) -> None:
        deal = committed(anna)

        with pytest.raises(DealRefusedError) as refusal:
            deals.edit_deal(deal=deal, by=anna, at=LATER, values={"use_case": ""})

        assert refusal.value.missing == ("use case",)

    def test_is_refused_on_a_stale_version(self, anna: User) -> None:
        deal = make.deal(owner=anna)

        with pytest.raises(StaleVersionError):
            deals.edit_deal(
                deal=deal, by=anna, at=LATER, values={"title": "Y"}, expected_version=9
            )

    def test_is_refused_when_closed(self, anna: User) -> None:
        deal = won(committed(anna), anna)

        with pytest.raises(DealRefusedError, match="reopen"):
            deals.edit_deal(deal=deal, by=anna, at=LATER, values={"title": "Y"})


class TestMoveDeal:
    def test_brings_the_weight_of_the_stage(self, anna: User) -> None:
        deal = make.deal(owner=anna, **FILLED)

        moved = stages.move_deal(
            deal=deal, to=DealStage.BUSINESS_VALIDATION, by=anna, at=LATER
        )

        held()
        assert (moved.probability, moved.category) == (60, "best_case")
        assert moved.stage_changes.count() == 2

    def test_goes_back_too(self, anna: User) -> None:
        deal = make.deal(stage=DealStage.QUALIFIED, owner=anna, **FILLED)

        moved = stages.move_deal(deal=deal, to=DealStage.PROSPECT, by=anna, at=LATER)

        assert moved.stage == DealStage.PROSPECT

    @pytest.mark.parametrize(
        ("to", "taken", "words"),
        [
            (DealStage.QUALIFIED, "end_customer", "end customer"),
            (DealStage.TECHNICAL_VALIDATION, "use_case", "use case"),
            (
                DealStage.BUSINESS_VALIDATION,
                "amount",
                "total contract value above zero",
            ),
            (DealStage.COMMITTED, "agreement", "agreement"),
        ],
    )
    def test_names_what_is_missing(
        self, anna: User, to: DealStage, taken: str, words: str
    ) -> None:
        partner = make.partner(owner=anna)
        filled = {**FILLED, "agreement": make.agreement(partner)}
        empty = None if taken in {"amount", "agreement"} else ""
        deal = make.deal(partner, owner=anna, **{**filled, taken: empty})

        with pytest.raises(DealRefusedError) as refusal:
            stages.move_deal(deal=deal, to=to, by=anna, at=LATER)

        assert refusal.value.missing == (words,)
        assert refusal.value.code == "deal.incomplete"

    def test_is_refused_to_launched_past_committed(self, anna: User) -> None:
        deal = make.deal(owner=anna, **FILLED)

        with pytest.raises(DealRefusedError, match="cannot go"):
            won(deal, anna)

    def test_is_refused_before_the_stage_began(self, anna: User) -> None:
        deal = make.deal(owner=anna, **FILLED)

        with pytest.raises(DealInputError, match="later"):
            stages.move_deal(
                deal=deal,
                to=DealStage.QUALIFIED,
                by=anna,
                at=EARLY - timedelta(seconds=1),
            )

    def test_is_refused_to_a_stage_that_is_none(self, anna: User) -> None:
        with pytest.raises(DealInputError, match="no stage"):
            stages.move_deal(deal=make.deal(), to="Won", by=anna, at=LATER)
