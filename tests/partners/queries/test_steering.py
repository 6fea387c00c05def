"""Governance of many cooperations: what counts for which, in a fixed number of queries."""

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from crm.accounts.models import User
from partners import operations, queries
from partners.governance import Governance, Point, Promises
from partners.models import Cooperation, Partner
from tests import make
from tests.make import EARLY

pytestmark = pytest.mark.django_db
NOW = EARLY + timedelta(days=200)


@pytest.fixture
def anna() -> User:
    return make.user()


@pytest.fixture
def cooperation(anna: User) -> Cooperation:
    partner = make.partner("BMW", owner=anna, our_sponsor=anna)
    return make.cooperation(partner, owner=anna, steering_rhythm="monthly")


def of(cooperation: Cooperation) -> Governance:
    rows = Cooperation.objects.filter(pk=cooperation.pk)
    return queries.governance(rows, at=NOW)[cooperation.pk]


def log(
    partner: Partner, cooperation: Cooperation | None, days_ago: int, **kind: Any
) -> None:
    partner.activities.create(
        cooperation=cooperation,
        kind="meeting",
        happened_at=NOW - timedelta(days=days_ago),
        summary="Talk",
        logged_by=make.user(),
        **kind,
    )


class TestGovernance:
    def test_of_a_new_one_lacks_all_but_the_plan(
        self, cooperation: Cooperation
    ) -> None:
        found = of(cooperation)

        assert found.score == 1
        assert found.lost == (
            Point.SPONSORS,
            Point.EXECUTIVE_CONTACT,
            Point.BUSINESS_REVIEW,
        )
        assert found.is_meeting_overdue

    def test_counts_what_was_done_for_the_whole_partner(
        self, cooperation: Cooperation
    ) -> None:
        partner = cooperation.partner
        make.contact(partner, roles=["executive_sponsor"])
        log(partner, cooperation, 95, is_executive=True)
        log(partner, None, 60, is_executive=True)
        log(partner, cooperation, 99, is_business_review=True)

        found = of(cooperation)

        assert found.score == 4
        assert found.executives_met_on == (NOW - timedelta(days=60)).date()

    def test_leaves_out_other_cooperations_and_what_is_to_come(
        self, cooperation: Cooperation
    ) -> None:
        partner = cooperation.partner
        log(partner, make.cooperation(partner), 5, is_executive=True)
        log(partner, cooperation, -5, is_executive=True)

        assert of(cooperation).executives_met_on is None

    def test_says_since_when_their_sponsor_is_gone(
        self, cooperation: Cooperation
    ) -> None:
        partner = cooperation.partner
        gone = (NOW - timedelta(days=40)).date()
        partner.their_sponsor = make.contact(partner, left_on=gone)
        partner.save()

        assert of(cooperation).their_sponsor_left_on == gone
        assert Point.SPONSORS in of(cooperation).lost

        make.contact(partner, roles=["executive_sponsor"])
        assert of(cooperation).their_sponsor_left_on is None
        assert Point.SPONSORS not in of(cooperation).lost

    def test_tells_overdue_promises_of_both_sides_apart(
        self, cooperation: Cooperation
    ) -> None:
        partner = cooperation.partner
        for side, days in (("ours", 1), ("ours", -1), ("theirs", 3), ("ours", 0)):
            partner.action_items.create(
                cooperation=cooperation if side == "ours" else None,
                title="Send it",
                side=side,
                due_on=(NOW - timedelta(days=days)).date(),
            )

        found = of(cooperation)

        assert (found.ours, found.theirs) == (Promises(3, 1), Promises(1, 1))

    @pytest.mark.parametrize("rows", [2, 20])
    def test_costs_the_same_for_any_number(
        self, rows: int, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        for _number in range(rows):
            make.cooperation()

        with django_assert_num_queries(2):
            found = queries.governance(Cooperation.objects.all(), at=NOW)

        assert len(found) == rows


class TestRecordReview:
    def test_earns_the_point_and_plans_the_next(
        self, cooperation: Cooperation, anna: User
    ) -> None:
        day = NOW.date() - timedelta(days=3)

        review = operations.record_review(
            partner=cooperation.partner,
            cooperation=cooperation,
            values={"held_on": day, "outcomes": "Go on with two countries"},
            by=anna,
            at=NOW,
        )

        found = of(cooperation)
        assert found.reviewed_on == found.executives_met_on == day
        assert review.next_due_on == day + timedelta(days=91)

    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({"held_on": NOW.date() + timedelta(days=1)}, "review.day"),
            ({"outcomes": " "}, "review.no-outcomes"),
            ({"next_due_on": NOW.date()}, "review.next"),
        ],
    )
    def test_refuses_what_does_not_fit(
        self, cooperation: Cooperation, anna: User, values: dict[str, Any], code: str
    ) -> None:
        with pytest.raises(operations.ReviewRefusedError) as refused:
            operations.record_review(
                partner=cooperation.partner,
                values={"held_on": NOW.date(), "outcomes": "Good"} | values,
                by=anna,
                at=NOW,
            )

        assert refused.value.code == code
        assert cooperation.partner.activities.count() == 0

    def test_refuses_the_pack_of_another_partner(
        self, cooperation: Cooperation, anna: User
    ) -> None:
        pack = operations.attach_document(
            partner=make.partner(),
            document=operations.Document("review.txt", b"numbers"),
            by=anna,
            at=NOW,
        )

        with pytest.raises(operations.ReviewRefusedError, match="of this partner"):
            operations.record_review(
                partner=cooperation.partner,
                values={"held_on": NOW.date(), "outcomes": "Good", "pack": pack},
                by=anna,
                at=NOW,
            )

    def test_is_corrected_with_the_version_seen(
        self, cooperation: Cooperation, anna: User
    ) -> None:
        review = operations.record_review(
            partner=cooperation.partner,
            values={"held_on": NOW.date(), "outcomes": "Good"},
            by=anna,
            at=NOW,
        )

        edited = operations.edit_review(
            review=review, values={"outcomes": "Better"}, by=anna, at=NOW
        )

        assert (edited.outcomes, edited.version) == ("Better", 2)
