"""Lines make the amount; credits say who brought it."""

from datetime import timedelta
from decimal import Decimal

import pytest

from crm.journal.models import Event
from deals.models import AttributionCredit, Deal
from deals.operations import deals, lines
from deals.operations.deals import DealInputError, DealRefusedError
from deals.operations.lines import Line
from tests import make
from tests.make import EARLY
from tests.partners.database import held

pytestmark = pytest.mark.django_db
LATER = EARLY + timedelta(days=10)


def sold(product: str, quantity: str, price: str) -> Line:
    return Line(product=product, quantity=Decimal(quantity), unit_price=Decimal(price))


def credit(deal: Deal, percent: str, kind: str = "sourced") -> AttributionCredit:
    return lines.give_credit(
        deal=deal,
        partner=make.partner(),
        kind=kind,
        percent=Decimal(percent),
        evidence="Introduced us in March",
        by=make.user(),
        at=LATER,
    )


class TestSetLines:
    def test_make_the_amount(self) -> None:
        deal = lines.set_lines(
            deal=make.deal(amount=Decimal(1)),
            lines=[sold("Tokens", "3", "0.335"), sold("GPU hours", "10", "2")],
            by=make.user(),
            at=LATER,
        )

        held()
        assert deal.amount == Decimal("21.01")
        assert [line.position for line in deal.lines.order_by("position")] == [1, 2]

    def test_round_like_the_line_says(self) -> None:
        given = sold("Tokens", "1", "0.005")

        deal = lines.set_lines(
            deal=make.deal(), lines=[given], by=make.user(), at=LATER
        )

        assert deal.amount == given.amount == Decimal("0.01")

    def test_give_the_amount_back_when_they_go(self) -> None:
        deal = make.deal()
        by = make.user()
        lines.set_lines(deal=deal, lines=[sold("Tokens", "1", "5")], by=by, at=LATER)

        lines.set_lines(deal=deal, lines=[], by=by, at=LATER)
        edited = deals.edit_deal(
            deal=deal, by=by, at=LATER, values={"amount": Decimal(7)}
        )

        held()
        assert edited.amount == 7

    def test_keep_the_amount_from_being_edited(self) -> None:
        deal = make.deal()
        by = make.user()
        lines.set_lines(deal=deal, lines=[sold("Tokens", "1", "5")], by=by, at=LATER)

        with pytest.raises(DealRefusedError, match="lines"):
            deals.edit_deal(deal=deal, by=by, at=LATER, values={"amount": Decimal(7)})

    @pytest.mark.parametrize(
        "line",
        [sold(" ", "1", "1"), sold("Tokens", "0", "1"), sold("Tokens", "1", "-1")],
    )
    def test_are_refused(self, line: Line) -> None:
        with pytest.raises(DealInputError):
            lines.set_lines(deal=make.deal(), lines=[line], by=make.user(), at=LATER)


class TestCredits:
    def test_sourced_up_to_100_and_influenced_apart(self) -> None:
        deal = make.deal()

        credit(deal, "99.99")
        credit(deal, "100", "influenced")
        credit(deal, "0.01")

        held()
        assert Event.objects.filter(kind="deal.credit-given").count() == 3

    def test_say_what_is_left(self) -> None:
        deal = make.deal()
        credit(deal, "60")

        with pytest.raises(DealRefusedError, match="40 percent"):
            credit(deal, "40.01")

    @pytest.mark.parametrize("percent", ["0", "100.01"])
    def test_are_refused_outside(self, percent: str) -> None:
        with pytest.raises(DealInputError):
            credit(make.deal(), percent, "influenced")

    def test_are_withdrawn_with_a_reason(self) -> None:
        given = credit(make.deal(), "60")

        lines.withdraw_credit(
            credit=given, reason="It was our lead", by=make.user(), at=LATER
        )

        assert not AttributionCredit.objects.exists()
        assert Event.objects.get(kind="deal.credit-withdrawn").old["percent"] == "60"
