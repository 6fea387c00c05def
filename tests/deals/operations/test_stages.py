"""Winning, losing, reopening and overriding deals; what their stages are worth."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm.accounts.models import User
from crm.journal.models import Event
from deals.models import Deal, DealStageWeight
from deals.operations import stages, weights
from deals.operations.deals import DealInputError, DealRefusedError
from deals.operations.stages import Closing
from deals.pipeline import DealStage, LostReason, WonReason
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


class TestWinDeal:
    def test_is_closed_with_reason_date_and_full_probability(self, anna: User) -> None:
        deal = won(committed(anna), anna, note="On time")

        held()
        assert (deal.stage, deal.probability, deal.category) == (
            "Launched",
            100,
            "closed",
        )
        assert (deal.closed_on, deal.won_reason) == (LATER.date(), "proof")
        assert kinds_of(deal) == ["deal.won"]

    def test_needs_amount_agreement_and_reason(self, anna: User) -> None:
        deal = committed(anna, amount=Decimal(0))

        with pytest.raises(DealRefusedError) as refusal:
            stages.move_deal(deal=deal, to=DealStage.LAUNCHED, by=anna, at=LATER)

        assert refusal.value.missing == (
            "total contract value above zero",
            "closed on",
            "won because",
        )

    def test_needs_an_agreement_signed_by_both(self, anna: User) -> None:
        deal = committed(anna)
        deal.agreement = make.agreement(deal.partner, status="in_review")
        Deal.objects.filter(pk=deal.pk).update(agreement=deal.agreement)

        with pytest.raises(DealRefusedError) as refusal:
            won(deal, anna)

        assert refusal.value.missing == (
            "an agreement signed by both sides and in force",
        )

    def test_is_refused_for_a_reason_of_losing(self, anna: User) -> None:
        with pytest.raises(DealInputError, match="does not fit"):
            won(committed(anna), anna, reason=LostReason.NO_BUDGET)

    def test_is_refused_in_the_future(self, anna: User) -> None:
        with pytest.raises(DealInputError, match="future"):
            won(committed(anna), anna, closed_on=LATER.date() + timedelta(days=1))


class TestLoseDeal:
    def test_may_happen_from_anywhere(self, anna: User) -> None:
        lost = stages.lose_deal(
            deal=make.deal(owner=anna),
            closing=Closing(reason=LostReason.NO_BUDGET),
            by=anna,
            at=LATER,
        )

        held()
        assert (lost.probability, lost.category) == (0, "omitted")

    def test_names_the_competitor(self, anna: User) -> None:
        with pytest.raises(DealInputError, match="competitor"):
            stages.lose_deal(
                deal=make.deal(owner=anna),
                closing=Closing(reason=LostReason.COMPETITOR),
                by=anna,
                at=LATER,
            )

    def test_needs_a_reason(self, anna: User) -> None:
        with pytest.raises(DealRefusedError) as refusal:
            stages.move_deal(
                deal=make.deal(owner=anna),
                to=DealStage.CLOSED_LOST,
                by=anna,
                at=LATER,
            )

        assert refusal.value.missing == ("closed on", "lost because")


class TestReopenDeal:
    def test_goes_back_to_where_it_was(self, anna: User) -> None:
        deal = won(committed(anna), anna)

        again = stages.reopen_deal(
            deal=deal, reason="Booked too early", by=anna, at=LATER
        )

        held()
        assert (again.stage, again.closed_on, again.won_reason) == (
            "Committed",
            None,
            "",
        )

    def test_needs_a_reason(self, anna: User) -> None:
        deal = won(committed(anna), anna)

        with pytest.raises(DealInputError, match="why"):
            stages.reopen_deal(deal=deal, reason=" ", by=anna, at=LATER)

    def test_is_refused_for_an_open_deal(self, anna: User) -> None:
        with pytest.raises(DealRefusedError, match="open"):
            stages.reopen_deal(deal=make.deal(), reason="x", by=anna, at=LATER)


class TestOverride:
    def test_carries_author_and_reason_and_ends_with_the_next_move(
        self, anna: User
    ) -> None:
        deal = make.deal(owner=anna, **FILLED)

        overridden = stages.override_forecast(
            deal=deal, probability=70, reason="Their board said yes", by=anna, at=LATER
        )
        moved = stages.move_deal(
            deal=overridden, to=DealStage.QUALIFIED, by=anna, at=LATER
        )

        assert (overridden.probability, overridden.overridden_by) == (70, anna)
        assert (moved.probability, moved.is_overridden) == (20, False)
        assert moved.override_reason == ""

    def test_may_be_ended_by_hand(self, anna: User) -> None:
        deal = stages.override_forecast(
            deal=make.deal(), category="commit", reason="x", by=anna, at=LATER
        )

        ended = stages.end_override(deal=deal, by=anna, at=LATER)

        assert (ended.category, ended.is_overridden) == ("omitted", False)

    @pytest.mark.parametrize("probability", [0, 100])
    def test_holds_at_the_edges(self, anna: User, probability: int) -> None:
        stages.override_forecast(
            deal=make.deal(), probability=probability, reason="x", by=anna, at=LATER
        )

        held()

    @pytest.mark.parametrize(
        "given",
        [{"reason": ""}, {"probability": 101}, {"category": "closed"}],
    )
    def test_is_refused(self, anna: User, given: dict[str, Any]) -> None:
        with pytest.raises(DealInputError):
            stages.override_forecast(
                deal=make.deal(), by=anna, at=LATER, **{"reason": "x", **given}
            )


class TestReviseWeight:
    def test_open_deals_follow_unless_overridden(self, anna: User) -> None:
        plain = make.deal()
        own = stages.override_forecast(
            deal=make.deal(), probability=33, reason="x", by=anna, at=LATER
        )
        weight = DealStageWeight.objects.get(stage=DealStage.PROSPECT)

        weights.revise_weight(
            weight=weight, probability=15, category="pipeline", by=anna, at=LATER
        )

        plain.refresh_from_db()
        own.refresh_from_db()
        assert (plain.probability, plain.category) == (15, "pipeline")
        assert own.probability == 33

    def test_is_refused_when_an_open_stage_would_be_closed(self, anna: User) -> None:
        weight = DealStageWeight.objects.get(stage=DealStage.PROSPECT)

        with pytest.raises(DealInputError):
            weights.revise_weight(
                weight=weight, probability=15, category="closed", by=anna, at=LATER
            )
