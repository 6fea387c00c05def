"""Which usage counts, case by case."""

from decimal import Decimal

import pytest

from deals import eligibility
from deals.eligibility import Piece

AI = Piece(
    service_category="AI and Machine Learning",
    service="Model Studio",
    region="cn-hangzhou",
    accounts=("Sub-1", "0047"),
    is_ai=True,
)
STORAGE = Piece(
    service_category="Storage", service="OSS", region="eu-central-1", accounts=("0047",)
)


def said(*rows: tuple[str, str, bool], **flags: bool) -> eligibility.Rule:
    return eligibility.rule_of(rows, **flags)


class TestTakes:
    @pytest.mark.parametrize(
        ("rows", "ai", "storage"),
        [
            ([], True, True),
            ([("ai", "ai", False)], True, False),
            ([("ai", "ai", True)], False, True),
            ([("service_category", "storage", False)], False, True),
            ([("region", "CN-Hangzhou", False)], True, False),
            ([("account", "sub-1", False)], True, False),
            ([("account", "0047", False)], True, True),
            (
                [("service", "OSS", False), ("service", "Model Studio", False)],
                True,
                True,
            ),
            ([("account", "0047", False), ("ai", "other", False)], False, True),
            ([("account", "0047", False), ("service", "OSS", True)], True, False),
        ],
    )
    def test_follows_values_and_exclusions(
        self, rows: list[tuple[str, str, bool]], *, ai: bool, storage: bool
    ) -> None:
        rule = said(*rows)

        assert (rule.takes(AI), rule.takes(STORAGE)) == (ai, storage)

    @pytest.mark.parametrize(
        ("category", "flag"),
        [("Credit", "counts_credits"), ("Purchase", "counts_purchases")],
    )
    def test_counts_credits_and_purchases_only_where_said(
        self, category: str, flag: str
    ) -> None:
        piece = Piece(charge_category=category)

        assert not said().takes(piece)
        assert said(**{flag: True}).takes(piece)

    def test_never_counts_tax(self) -> None:
        rule = said(counts_credits=True, counts_refunds=True, counts_purchases=True)

        assert not rule.takes(Piece(charge_category="Tax"))

    def test_tells_a_refund_from_a_correction(self) -> None:
        refund = Piece(charge_category="Adjustment", is_refund=True)
        correction = Piece(charge_category="Usage", effective=Decimal(-3))

        assert not said().takes(refund)
        assert said(counts_refunds=True).takes(refund)
        assert said().takes(correction)
        assert said().takes(Piece(charge_category="Adjustment"))
