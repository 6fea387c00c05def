"""Usage draws commitments: posted once, reversed when restated, never edited."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from pytest_django import DjangoAssertNumQueries

from crm.journal.models import Event
from deals.models import Commitment, DrawdownEntry, EntryKind
from deals.operations import drawdowns
from deals.operations.commitments import Counts
from deals.queries.commitments import standings
from partners.usage.models import DailyUsage, UsageDelivery
from tests import make
from tests.deals import making
from tests.partners.database import refused_by

pytestmark = pytest.mark.django_db

D = Decimal
APRIL = datetime(2025, 4, 25, tzinfo=UTC)


def post(at: datetime) -> drawdowns.Outcome:
    return drawdowns.post_due(at=at)


def ledger(row: Commitment) -> list[tuple[str, D, D, D]]:
    entries = row.entries.order_by("number")
    return [(e.kind, e.amount, e.overage, e.balance_after) for e in entries]


def withdraw(on: date) -> None:
    """Take the delivery of a month out, as a later one would that replaces it."""
    delivery = UsageDelivery.objects.get(
        billing_month=on.replace(day=1), status="current"
    )
    DailyUsage.objects.filter(delivery=delivery).delete()
    delivery.status = "superseded"
    delivery.save()


class TestPostDue:
    def test_opens_with_the_amount_and_draws_closed_months(self) -> None:
        row = making.commitment(amount=1000, at=APRIL)
        account = make.cloud_account(row.partner)
        make.usage(account, date(2025, 3, 3), 100)
        make.usage(account, date(2025, 3, 9), 50)
        make.usage(account, date(2025, 4, 2), 70)

        done = post(APRIL)

        assert ledger(row) == [
            ("opening", D(-1000), D(0), D(1000)),
            ("usage", D(150), D(0), D(850)),
        ]
        assert (done.entries, done.commitments) == (1, 1)

    def test_posts_nothing_a_second_time(self) -> None:
        row = making.commitment(at=APRIL)
        make.usage(make.cloud_account(row.partner), date(2025, 3, 3), 100)
        post(APRIL)

        again = post(APRIL)

        assert again.entries == 0
        assert row.entries.count() == 2

    def test_reverses_and_posts_again_what_a_delivery_restates(self) -> None:
        row = making.commitment(amount=1000, at=APRIL)
        account = make.cloud_account(row.partner)
        make.usage(account, date(2025, 2, 3), 40)
        make.usage(account, date(2025, 3, 3), 100)
        post(APRIL)
        withdraw(date(2025, 3, 1))
        make.usage(account, date(2025, 3, 3), 80)

        post(APRIL)

        assert ledger(row)[2:] == [
            ("usage", D(100), D(0), D(860)),
            ("reversal", D(-100), D(0), D(960)),
            ("usage", D(80), D(0), D(880)),
        ]
        undone = row.entries.get(kind=EntryKind.REVERSAL)
        assert undone.reversal_of == row.entries.get(amount=100)

    def test_draws_overlapping_commitments_by_priority(self) -> None:
        partner = make.partner()
        second = making.commitment(partner, amount=500, priority=20, at=APRIL)
        first = making.commitment(partner, amount=100, priority=10, at=APRIL)
        make.usage(make.cloud_account(partner), date(2025, 3, 3), 160)

        post(APRIL)

        assert ledger(first)[-1] == ("usage", D(100), D(0), D(0))
        assert ledger(second)[-1] == ("usage", D(60), D(0), D(440))

    def test_records_what_goes_beyond_as_overage(self) -> None:
        row = making.commitment(amount=100, at=APRIL)
        make.usage(make.cloud_account(row.partner), date(2025, 3, 3), 160)

        post(APRIL)

        assert ledger(row)[-1] == ("usage", D(100), D(60), D(0))

    def test_counts_only_what_is_eligible(self) -> None:
        counts = [
            Counts(dimension="ai", value="ai"),
            Counts(dimension="region", value="cn-beijing", is_excluded=True),
        ]
        row = making.commitment(counts=counts, at=APRIL)
        account = make.cloud_account(row.partner)
        make.usage(account, date(2025, 3, 3), 10, model="qwen-max")
        make.usage(account, date(2025, 3, 4), 20)
        make.usage(account, date(2025, 3, 5), 40, model="qwen-max", region="cn-beijing")
        make.usage(
            account, date(2025, 3, 6), -5, model="qwen-max", charge_category="Credit"
        )

        post(APRIL)

        assert ledger(row)[-1] == ("usage", D(10), D(0), D(990))

    def test_counts_tokens_by_volume(self) -> None:
        row = making.commitment(kind="token_volume", amount=10_000, at=APRIL)
        account = make.cloud_account(row.partner)
        make.usage(account, date(2025, 3, 3), 1, model="qwen-max", tokens=4_000)

        post(APRIL)

        assert ledger(row)[-1] == ("usage", D(4_000), D(0), D(6_000))

    def test_loses_what_an_interval_does_not_use(self) -> None:
        row = making.commitment(
            settlement="continuous",
            interval="monthly",
            interval_amount=D(100),
            start_on=date(2025, 1, 1),
            end_on=date(2025, 5, 1),
            at=datetime(2025, 1, 1, tzinfo=UTC),
        )
        account = make.cloud_account(row.partner)
        make.usage(account, date(2025, 1, 3), 130)
        make.usage(account, date(2025, 2, 3), 30)

        post(APRIL)

        assert row.amount == D(400)
        assert ledger(row)[1:] == [
            ("usage", D(100), D(30), D(300)),
            ("usage", D(30), D(0), D(270)),
            ("expiry", D(70), D(0), D(200)),
            ("expiry", D(100), D(0), D(100)),
        ]

    def test_converts_at_the_rate_of_the_charge_day(self) -> None:
        row = making.commitment(currency="EUR", at=APRIL)
        make.usage(make.cloud_account(row.partner), date(2025, 3, 3), 100)
        making.rate("EUR", "USD", date(2025, 3, 2), "1.25")

        post(APRIL)

        assert ledger(row)[-1][1] == D(80)

    def test_waits_for_a_missing_rate_and_names_it(self) -> None:
        row = making.commitment(currency="EUR", at=APRIL)
        make.usage(make.cloud_account(row.partner), date(2025, 3, 3), 100)

        done = post(APRIL)

        assert "USD" in done.problems[row.partner_id]
        assert row.entries.count() == 1
        making.rate("EUR", "USD", date(2025, 3, 2), "1.25")
        assert post(APRIL).entries == 1

    def test_follows_an_account_that_changes_hands(self) -> None:
        row = making.commitment(at=APRIL)
        account = make.cloud_account(row.partner)
        make.usage(account, date(2025, 3, 3), 100)
        post(APRIL)
        account.ownerships.update(partner=make.partner())

        post(APRIL)

        assert ledger(row)[-1] == ("reversal", D(-100), D(0), D(1000))

    def test_writes_one_journal_entry_for_each_commitment(self) -> None:
        row = making.commitment(at=APRIL)
        make.usage(make.cloud_account(row.partner), date(2025, 3, 3), 100)

        post(APRIL)

        event = Event.objects.filter(kind="commitment.drawn").latest("pk")
        assert event.subject_id == row.pk
        assert event.new["entries"] == 1


class TestTheLedger:
    def test_cannot_be_changed(self) -> None:
        making.commitment()

        with pytest.raises(Exception, match="append-only"):
            DrawdownEntry.objects.update(amount=1)

    def test_refuses_a_balance_that_does_not_add_up(self) -> None:
        row = making.commitment(amount=100)

        with refused_by("drawdownentry_balance_adds_up"):
            DrawdownEntry.objects.create(
                commitment=row,
                number=2,
                kind=EntryKind.EXPIRY,
                source_line="x",
                amount=10,
                balance_after=80,
                posted_at=APRIL,
            )

    def test_refuses_a_gap_in_the_numbers(self) -> None:
        row = making.commitment(amount=100)

        with refused_by("drawdownentry_numbers_follow"):
            DrawdownEntry.objects.create(
                commitment=row,
                number=3,
                kind=EntryKind.EXPIRY,
                source_line="x",
                amount=10,
                balance_after=90,
                posted_at=APRIL,
            )

    def test_refuses_to_be_overdrawn(self) -> None:
        row = making.commitment(amount=100)

        with refused_by("drawdownentry_not_overdrawn"):
            DrawdownEntry.objects.create(
                commitment=row,
                number=2,
                kind=EntryKind.EXPIRY,
                source_line="x",
                amount=101,
                balance_after=-1,
                posted_at=APRIL,
            )

    def test_refuses_the_same_source_line_twice(self) -> None:
        row = making.commitment(amount=100)

        with refused_by("drawdownentry_source_line_once"):
            DrawdownEntry.objects.create(
                commitment=row,
                number=2,
                kind=EntryKind.EXPIRY,
                source_line="opening",
                amount=0,
                balance_after=100,
                posted_at=APRIL,
            )


class TestStandings:
    def test_shows_closed_months_as_final_and_the_rest_as_provisional(self) -> None:
        row = making.commitment(amount=3650, at=APRIL)
        account = make.cloud_account(row.partner)
        make.usage(account, date(2025, 2, 3), 100)
        for day in range(1, 15):
            make.usage(account, date(2025, 4, day), 10, delivered_at=APRIL)
        post(APRIL)

        found = standings(at=APRIL)[row.pk]

        assert (found.final, found.provisional) == (D(100), D(140))
        assert found.arithmetic.as_of == date(2025, 4, 15)
        assert found.arithmetic.run_rate == D(140) / 28
        assert round(found.arithmetic.attainment, 20) == round(D(240) / D(3650), 20)

    def test_needs_no_posting_to_be_right(self) -> None:
        row = making.commitment(amount=3650, at=datetime(2025, 1, 1, tzinfo=UTC))
        account = make.cloud_account(row.partner)
        make.usage(account, date(2025, 2, 3), 100, delivered_at=APRIL)
        make.usage(account, date(2025, 4, 3), 10, delivered_at=APRIL)

        found = standings(at=APRIL)[row.pk]

        assert (found.final, found.provisional) == (D(0), D(110))

    @pytest.mark.parametrize("rows", [2, 5])
    def test_cost_does_not_grow(
        self, rows: int, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        for _ in range(rows):
            row = making.commitment(at=APRIL)
            make.usage(make.cloud_account(row.partner), date(2025, 3, 3), 100)
        post(APRIL)

        with django_assert_num_queries(4):
            found = standings(at=APRIL)

        assert len(found) == rows

    def test_of_an_earlier_instant_take_what_was_posted_since_for_provisional(
        self,
    ) -> None:
        row = making.commitment(amount=3650, at=datetime(2025, 1, 1, tzinfo=UTC))
        account = make.cloud_account(row.partner)
        make.usage(account, date(2025, 1, 3), 100, delivered_at=APRIL)
        make.usage(account, date(2025, 4, 3), 10, delivered_at=APRIL)
        post(APRIL)

        found = standings(at=APRIL - timedelta(hours=1))[row.pk]

        assert (found.final, found.arithmetic.drawn) == (D(0), D(110))


class TestAtOnce:
    def test_a_late_tick_with_an_earlier_clock_adds_nothing(self) -> None:
        row = making.commitment(at=APRIL)
        make.usage(make.cloud_account(row.partner), date(2025, 3, 3), 100)
        post(APRIL)

        drawdowns.post_partners(
            partner_ids=[row.partner_id], at=APRIL - timedelta(seconds=1)
        )

        assert row.entries.count() == 2
