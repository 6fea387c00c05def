"""Deliveries of one bundle are sent by one worker in a row, whatever came first."""

from datetime import timedelta

import pytest

from crm.reports.models import ReportDelivery, ReportSubscription
from crm.reports.operations import claims, planning, requests
from crm.reports.operations.claims import Claim, Timing
from tests import make
from tests.crm.reports.conftest import DUE

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


def planned(*subscriptions: ReportSubscription) -> list[ReportDelivery]:
    """Plan these, and return their rows in the order of the subscriptions."""
    planning.plan_due(at=DUE)
    ReportDelivery.objects.update(next_attempt_at=make.EARLY)
    return [each.deliveries.get() for each in subscriptions]


def taken(owner: str, bundle: int = 0) -> Claim:
    claim = claims.take(owner=owner, timing=Timing(), bundle=bundle)
    assert claim is not None
    return claim


class TestBundle:
    def test_is_shared_by_readers_of_the_same_figures(self) -> None:
        report = make.report()
        one, two = (make.subscription(report, at=DUE - WEEK) for _ in range(2))

        first, second = planned(one, two)

        assert first.bundle == second.bundle != 0

    @pytest.mark.parametrize(
        "other",
        [{"language": "zh-hans"}, {"currency": "USD"}, {"time_zone": "Asia/Tokyo"}],
    )
    def test_is_another_one_for_other_figures(self, other: dict[str, str]) -> None:
        report = make.report()
        one = make.subscription(report, at=DUE - WEEK)
        two = make.subscription(report, at=DUE - WEEK, **other)

        first, second = planned(one, two)

        assert first.bundle != second.bundle

    def test_is_another_one_for_each_whose_own_partners_are_shown(self) -> None:
        report = make.report()
        one, two = (
            make.subscription(report, at=DUE - WEEK, scope="own") for _ in range(2)
        )

        first, second = planned(one, two)

        assert first.bundle != second.bundle

    def test_of_a_missed_period_is_noted_as_well(self) -> None:
        subscription = make.subscription(at=DUE - WEEK)
        (first,) = planned(subscription)

        (asked,) = requests.send_period(
            subscription=subscription, by=None, at=DUE, period="2026-W46"
        )

        asked.refresh_from_db()
        assert asked.bundle not in {0, first.bundle}


class TestTake:
    def test_stays_with_the_bundle_and_leaves_it_to_whom_has_begun_it(self) -> None:
        report = make.report()
        one, two = (make.subscription(report, at=DUE - WEEK) for _ in range(2))
        other = make.subscription(report, at=DUE - WEEK, currency="USD")
        rows = planned(one, two, other)

        mine = taken("a")
        theirs = taken("b")
        next_of_mine = taken("a", mine.bundle)

        found = [each.delivery_id for each in (mine, next_of_mine, theirs)]
        assert found == [row.pk for row in rows]

    def test_helps_with_a_bundle_where_nothing_else_waits(self) -> None:
        report = make.report()
        rows = planned(*(make.subscription(report, at=DUE - WEEK) for _ in range(2)))

        found = [taken("a").delivery_id, taken("b").delivery_id]

        assert found == [row.pk for row in rows]

    def test_goes_on_to_another_bundle_when_its_own_is_done(self) -> None:
        (row,) = planned(make.subscription(at=DUE - WEEK))

        assert taken("a", bundle=row.bundle + 1).delivery_id == row.pk
