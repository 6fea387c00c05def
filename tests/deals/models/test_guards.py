"""What the database itself refuses about deals, tried past every model and operation."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError

from deals.models import AttributionCredit, Deal, DealLine, DealStageChange
from deals.pipeline import ChangeKind, DealStage
from tests import make
from tests.make import EARLY
from tests.partners.database import held, refused_by, sql

pytestmark = pytest.mark.django_db
LATER = EARLY + timedelta(days=10)


def step(deal: Deal, to: str, kind: str, at: Any = LATER, **fields: Any) -> None:
    """Take a step by hand: close the stay, open the next, and set the deal's columns."""
    before = deal.stage
    DealStageChange.objects.filter(deal=deal, exited_at=None).update(exited_at=at)
    DealStageChange.objects.create(
        deal=deal,
        from_stage=before,
        to_stage=to,
        kind=kind,
        entered_at=at,
        by=make.user(),
        reason="by hand",
    )
    Deal.objects.filter(pk=deal.pk).update(stage=to, stage_entered_at=at, **fields)
    deal.refresh_from_db()


WON = {
    "category": "closed",
    "probability": 100,
    "closed_on": date(2026, 1, 15),
    "won_reason": "price",
    "amount": 10,
}


def committed(**fields: Any) -> Deal:
    partner = make.partner()
    paper = make.agreement(partner)
    return make.deal(
        partner, stage=DealStage.COMMITTED, agreement=paper, amount=5, **fields
    )


class TestDealStageFollowsMove:
    def test_holds_with_its_move(self) -> None:
        deal = make.deal()

        step(deal, DealStage.QUALIFIED, ChangeKind.MOVE)

        held()

    def test_holds_at_the_edge_of_two_stays_touching(self) -> None:
        deal = make.deal()

        step(deal, DealStage.QUALIFIED, ChangeKind.MOVE, at=EARLY)

        held()

    def test_refuses_a_stage_written_directly(self) -> None:
        deal = make.deal()

        with refused_by("deal_stage_follows_move"):
            sql("UPDATE deals_deal SET stage = 'Qualified' WHERE id = %s", deal.pk)

    def test_refuses_a_deal_without_a_move(self) -> None:
        with refused_by("deal_has_open_stay"):
            Deal.objects.create(
                partner=make.partner(),
                code="x",
                title="x",
                category="omitted",
                probability=10,
                stage_entered_at=EARLY,
            )


class TestDealMoves:
    def test_are_refused_out_of_line(self) -> None:
        deal = make.deal()
        step(deal, DealStage.QUALIFIED, ChangeKind.MOVE)

        with refused_by("dealstagechange_follows_previous"):
            Deal.objects.filter(pk=deal.pk).update(stage=DealStage.PROSPECT)
            deal.stage = DealStage.BUSINESS_VALIDATION
            step(deal, DealStage.COMMITTED, ChangeKind.MOVE, LATER + timedelta(days=1))

    def test_are_refused_from_prospect_to_launched(self) -> None:
        deal = make.deal()

        with refused_by("dealstagechange_step_is_allowed"):
            step(deal, DealStage.LAUNCHED, ChangeKind.WIN)

    def test_are_refused_when_rewritten(self) -> None:
        deal = make.deal()

        with refused_by("dealstagechange_closes_once"):
            deal.stage_changes.update(to_stage=DealStage.QUALIFIED)

    def test_are_refused_when_deleted(self) -> None:
        deal = make.deal()
        held()

        with refused_by("dealstagechange_append_only"):
            deal.stage_changes.all().delete()

    def test_are_refused_twice_open(self) -> None:
        deal = make.deal()

        with refused_by("dealstagechange_one_open", "dealstagechange_no_overlap"):
            DealStageChange.objects.create(
                deal=deal,
                to_stage=DealStage.PROSPECT,
                kind=ChangeKind.START,
                entered_at=LATER,
                by=make.user(),
            )


class TestWonDeal:
    def test_holds_with_amount_date_and_agreement(self) -> None:
        deal = committed()

        step(deal, DealStage.LAUNCHED, ChangeKind.WIN, **WON)

        held()

    def test_holds_at_the_edge_with_a_cent_on_a_signed_agreement(self) -> None:
        partner = make.partner()
        paper = make.agreement(partner, status="signed")
        deal = make.deal(partner, stage=DealStage.COMMITTED, agreement=paper)

        step(
            deal,
            DealStage.LAUNCHED,
            ChangeKind.WIN,
            **{**WON, "amount": Decimal("0.01")},
        )

        held()

    @pytest.mark.parametrize(
        "change",
        [{"amount": 0}, {"closed_on": None}, {"agreement": None}, {"won_reason": ""}],
    )
    def test_is_refused_without_any_of_them(self, change: dict[str, Any]) -> None:
        deal = committed()

        with refused_by("deal_won_has_amount_date_and_agreement"):
            step(deal, DealStage.LAUNCHED, ChangeKind.WIN, **{**WON, **change})

    def test_is_refused_on_a_draft(self) -> None:
        partner = make.partner()
        paper = make.agreement(partner, status="in_review")
        deal = make.deal(partner, stage=DealStage.COMMITTED, agreement=paper)

        with refused_by("deal_won_has_signed_agreement"):
            step(deal, DealStage.LAUNCHED, ChangeKind.WIN, **WON)


class TestClosedDeal:
    def test_may_still_be_handed_over(self) -> None:
        deal = committed()
        step(deal, DealStage.LAUNCHED, ChangeKind.WIN, **WON)

        Deal.objects.filter(pk=deal.pk).update(owner=make.user(), version=9)

        held()

    def test_is_reopened_with_a_reason(self) -> None:
        deal = committed()
        step(deal, DealStage.LAUNCHED, ChangeKind.WIN, **WON)

        step(
            deal,
            DealStage.COMMITTED,
            ChangeKind.REOPEN,
            LATER + timedelta(days=1),
            category="commit",
            closed_on=None,
            won_reason="",
        )

        held()

    def test_is_otherwise_read_only(self) -> None:
        deal = committed()
        step(deal, DealStage.LAUNCHED, ChangeKind.WIN, **WON)

        with refused_by("deal_closed_is_read_only"):
            Deal.objects.filter(pk=deal.pk).update(amount=11)

    def test_takes_no_line_and_no_credit(self) -> None:
        deal = committed()
        step(deal, DealStage.LAUNCHED, ChangeKind.WIN, **WON)

        with refused_by("dealline_closed_is_read_only"):
            line(deal, 1)
        with refused_by("attributioncredit_closed_is_read_only"):
            credit(deal, 10)


def line(deal: Deal, position: int, price: str = "1") -> DealLine:
    return DealLine.objects.create(
        deal=deal,
        position=position,
        product="Tokens",
        quantity=2,
        unit_price=Decimal(price),
    )


def credit(deal: Deal, percent: float | str, kind: str = "sourced") -> None:
    AttributionCredit.objects.create(
        deal=deal,
        partner=deal.partner,
        kind=kind,
        percent=Decimal(percent),
        evidence="Introduced us",
        by=make.user(),
        given_at=EARLY,
    )


class TestLines:
    def test_hold_when_they_add_up(self) -> None:
        deal = make.deal(amount=Decimal("3.00"))

        line(deal, 1)
        line(deal, 2, "0.5")

        held()

    def test_hold_at_the_edge_of_rounding(self) -> None:
        deal = make.deal(amount=Decimal("0.01"))

        line(deal, 1, "0.0025")

        held()

    def test_are_refused_when_the_amount_is_another(self) -> None:
        deal = make.deal(amount=Decimal("3.01"))

        with refused_by("deal_amount_is_sum_of_lines"):
            line(deal, 1, "1.5")


class TestSourced:
    def test_holds_up_to_100_percent_beside_any_influence(self) -> None:
        deal = make.deal()

        credit(deal, 60)
        credit(deal, 100, "influenced")
        credit(deal, 40)

        held()

    def test_is_refused_above(self) -> None:
        deal = make.deal()
        credit(deal, 60)

        with refused_by("attributioncredit_sourced_to_100"):
            credit(deal, "40.01")


class TestBelonging:
    def test_a_deal_is_of_the_partner_of_its_cooperation(self) -> None:
        cooperation = make.cooperation()
        make.deal(cooperation.partner, cooperation=cooperation)

        held()

    def test_a_deal_of_another_partner_is_refused(self) -> None:
        cooperation = make.cooperation()

        with refused_by("deal_cooperation_is_of_partner"):
            make.deal(cooperation=cooperation)

    def test_a_deal_on_the_paper_of_another_partner_is_refused(self) -> None:
        paper = make.agreement()

        with refused_by("deal_agreement_is_of_partner"):
            make.deal(agreement=paper)

    def test_a_cooperation_does_not_leave_its_deals(self) -> None:
        cooperation = make.cooperation()
        make.deal(cooperation.partner, cooperation=cooperation)
        held()

        with refused_by("cooperation_moves_with_its_deals"):
            sql(
                "UPDATE partners_cooperation SET partner_id = %s WHERE id = %s",
                make.partner().pk,
                cooperation.pk,
            )


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("deal_probability_to_100", {"probability": 101}),
        ("deal_contract_of_1_to_144_months", {"contract_months": 145}),
        ("deal_contract_of_1_to_144_months", {"contract_months": 0}),
        ("deal_money_is_not_negative", {"amount": -1}),
        ("deal_currency_has_three_letters", {"currency": "eu"}),
        ("deal_closed_category_is_won", {"category": "closed"}),
        ("deal_open_is_not_closed", {"closed_on": EARLY.date()}),
        ("deal_override_has_author_and_reason", {"override_reason": "So I feel"}),
    ],
)
def test_a_deal_is_refused_with(constraint: str, fields: dict[str, Any]) -> None:
    with refused_by(constraint):
        make.deal(**fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"probability": 0},
        {"probability": 100},
        {"contract_months": 1},
        {"contract_months": 144},
        {"amount": 0},
    ],
)
def test_a_deal_holds_at_the_edge_with(fields: dict[str, Any]) -> None:
    make.deal(**fields)

    held()


def test_snapshots_are_never_changed() -> None:
    deal = make.deal()
    deal.snapshots.create(
        week_on=date(2026, 1, 5),
        stage=deal.stage,
        category=deal.category,
        probability=10,
        currency="CNY",
        taken_at=LATER,
    )

    with refused_by("dealsnapshot_append_only"):
        deal.snapshots.update(probability=11)


@pytest.mark.parametrize("day", [4, 6])
def test_a_snapshot_is_of_a_monday(day: int) -> None:
    deal = make.deal()

    with pytest.raises(IntegrityError):
        deal.snapshots.create(
            week_on=date(2026, 1, day),
            stage=deal.stage,
            category=deal.category,
            probability=10,
            currency="CNY",
            taken_at=LATER,
        )
