"""Figures of many cooperations at once: whose rows they are made of, and their windows."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from pytest_django import DjangoAssertNumQueries

from partners.models import Cooperation
from partners.stages import Stage
from partners.usage import operations, queries
from partners.usage.models import CloudAccount
from partners.usage.queries import Basis, CooperationFigures
from tests import make

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 1, tzinfo=UTC)
UNTIL = date(2026, 3, 1)
START = UNTIL - timedelta(days=28)


def used(account: CloudAccount, days: range, cost: int = 1, *, model: str = "") -> None:
    """Use an account on days counted back from the day before `UNTIL`, the 0th."""
    for back in days:
        make.usage(
            account,
            UNTIL - timedelta(days=back + 1),
            cost,
            model=model,
            tokens=10 if model else None,
            delivered_at=AT,
        )


@pytest.fixture
def cooperation() -> Cooperation:
    return make.cooperation()


@pytest.fixture
def account(cooperation: Cooperation) -> CloudAccount:
    return make.cloud_account(cooperation.partner)


def figures_of(cooperation: Cooperation) -> CooperationFigures:
    return queries.cooperation_figures([cooperation.pk], until=UNTIL)[cooperation.pk]


def rule(cooperation: Cooperation, *, service: str = "", model: str = "") -> None:
    operations.add_cooperation_rule(
        cooperation=cooperation, by=make.user(), at=AT, service=service, model=model
    )


class TestBasis:
    def test_of_the_only_open_one_is_the_partner(
        self, cooperation: Cooperation, account: CloudAccount
    ) -> None:
        used(account, range(3))

        found = figures_of(cooperation)

        assert found.whose.basis == Basis.PARTNER
        assert found.spending["USD"].latest == 3

    def test_of_one_among_several_is_unknown_with_a_reason(
        self, cooperation: Cooperation, account: CloudAccount
    ) -> None:
        used(account, range(3))
        make.cooperation(cooperation.partner)

        found = figures_of(cooperation)

        assert found.whose.basis == Basis.UNKNOWN
        assert "no rule" in found.whose.reason
        assert found.spending == {}
        assert found.last_usage_day is None

    def test_of_a_closed_one_without_rules_is_unknown(self) -> None:
        closed = make.cooperation(
            stage=Stage.COMPLETED, entered_at=AT, closed_at=AT, closed_reason="exited"
        )

        assert figures_of(closed).whose.basis == Basis.UNKNOWN

    def test_rules_divide_and_count_no_row_twice(
        self, cooperation: Cooperation, account: CloudAccount
    ) -> None:
        used(account, range(3))
        used(account, range(2), cost=5, model="qwq")
        used(account, range(1), cost=7, model="wan")
        other = make.cooperation(cooperation.partner)
        rule(cooperation, service="Model Studio", model="qwq")
        rule(other, service="Elastic Compute")

        found = queries.cooperation_figures(None, until=UNTIL)

        assert found[cooperation.pk].spending["USD"].latest == 10
        assert found[cooperation.pk].tokens == 20
        assert found[other.pk].spending["USD"].latest == 3
        assert found[other.pk].first_ai_day is None

    def test_the_only_open_one_gets_the_rest(
        self, cooperation: Cooperation, account: CloudAccount
    ) -> None:
        used(account, range(3))
        used(account, range(2), cost=5, model="qwq")
        closed = make.cooperation(
            cooperation.partner,
            stage=Stage.COMPLETED,
            entered_at=AT,
            closed_at=AT,
            closed_reason="exited",
        )
        rule(closed, model="qwq")

        found = queries.cooperation_figures([cooperation.pk, closed.pk], until=UNTIL)

        assert found[cooperation.pk].spending["USD"].latest == 3
        assert found[cooperation.pk].first_ai_day is None
        assert found[closed.pk].spending["USD"].latest == 10


class TestFigures:
    def test_compare_only_days_complete_in_both_windows(
        self, cooperation: Cooperation, account: CloudAccount
    ) -> None:
        used(account, range(2, 56), cost=2)

        found = figures_of(cooperation)

        assert found.reach == UNTIL - timedelta(days=2)
        assert found.compared_days == 26
        spending = found.spending["USD"]
        assert [spending.latest, spending.earlier] == [52, 56]
        assert [spending.now, spending.before] == [52, 52]
        assert spending.growth == 0

    def test_keep_currencies_apart(
        self, cooperation: Cooperation, account: CloudAccount
    ) -> None:
        used(account, range(2))
        make.usage(account, UNTIL - timedelta(days=1), 9, currency="CNY")

        spending = figures_of(cooperation).spending

        assert {name: one.latest for name, one in spending.items()} == {
            "USD": Decimal(2),
            "CNY": Decimal(9),
        }

    def test_count_days(self, cooperation: Cooperation, account: CloudAccount) -> None:
        used(account, range(4))
        used(account, range(10, 40), model="qwq")

        found = figures_of(cooperation)

        assert (found.active_days, found.ai_days) == (22, 18)
        assert (found.streak, found.longest_run) == (4, 30)
        assert found.first_ai_day == UNTIL - timedelta(days=40)
        assert found.last_usage_day == UNTIL - timedelta(days=1)
        assert found.quiet_days == 0

    def test_of_long_ago_still_know_first_and_last_day(
        self, cooperation: Cooperation, account: CloudAccount
    ) -> None:
        make.usage(account, date(2024, 5, 6), model="qwq", delivered_at=AT)
        used(make.cloud_account(make.partner()), range(1))

        found = figures_of(cooperation)

        assert found.first_ai_day == found.last_usage_day == date(2024, 5, 6)
        assert found.active_days == 0

    def test_leave_out_days_of_another_owner(
        self, cooperation: Cooperation, account: CloudAccount
    ) -> None:
        used(account, range(40), model="qwq")
        operations.assign_account(
            account=account,
            partner=cooperation.partner,
            since=START,
            by=make.user(),
            at=AT,
        )

        found = figures_of(cooperation)

        assert found.first_ai_day == START
        assert found.spending["USD"].earlier == 0

    @pytest.mark.parametrize("count", [2, 20])
    def test_cost_the_same_for_many(
        self, count: int, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        for _number in range(count):
            one = make.cooperation()
            used(make.cloud_account(one.partner), range(1))

        with django_assert_num_queries(4):  # with BEGIN-savepoint, SET and RELEASE
            found = queries.cooperation_figures(None, until=UNTIL)

        assert len(found) == count


class TestDays:
    def test_of_each_cooperation(
        self, cooperation: Cooperation, account: CloudAccount
    ) -> None:
        used(account, range(2), model="qwq")

        days = list(
            queries.cooperation_days([cooperation.pk], since=START, until=UNTIL)
        )

        assert [(one.day, f"{one.ai:.0f}", f"{one.tokens_in:.0f}") for one in days] == [
            (date(2026, 2, 27), "1", "10"),
            (date(2026, 2, 28), "1", "10"),
        ]
        assert all(one.is_used and one.is_ai_used for one in days)
