"""Milestones: judged when their months are closed, told anew, reminded of once."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail as outbox

from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.journal.models import Event
from deals.commitments import Milestone, MilestoneState
from deals.models import Commitment, CommitmentReminder, DrawdownEntry, EntryKind
from deals.operations import (
    commitments,
    deadlines,
    drawdowns,
    promised_days,
    reminding,
    settlements,
)
from deals.queries.commitments import standings
from deals.queries.milestones import MilestoneLine, milestone_lines
from partners.usage.models import CloudAccount, DailyUsage, UsageDelivery
from tests import make
from tests.deals import making
from tests.partners.database import refused_by

pytestmark = pytest.mark.django_db

D = Decimal
STEPS = (
    Milestone(due_on=date(2025, 4, 1), target=D(300)),
    Milestone(due_on=date(2025, 7, 1), target=D(600)),
    Milestone(due_on=date(2026, 1, 1), target=D(1000)),
)


def on(month: int, day: int, year: int = 2025) -> datetime:
    return datetime(year, month, day, 9, tzinfo=UTC)


@pytest.fixture
def anna() -> User:
    return make.user(Role.ALLIANCE_MANAGER, email="anna@example.com")


@pytest.fixture
def ramp(anna: User) -> Commitment:
    """1,000 in three steps over 2025, owned by Anna."""
    partner = make.partner("BMW", owner=anna)
    return making.commitment(
        partner, milestones=STEPS, owner=anna, title="Three steps", at=on(1, 2)
    )


@pytest.fixture
def account(ramp: Commitment) -> CloudAccount:
    return make.cloud_account(ramp.partner)


def judged(row: Commitment) -> list[tuple[date | None, D]]:
    entries = row.entries.filter(kind=EntryKind.MILESTONE, reversed_by=None)
    return [(e.period_on, e.shortfall) for e in entries.order_by("number")]


def lines(row: Commitment, at: datetime) -> list[MilestoneLine]:
    found = standings(at=at, commitment_ids=[row.pk])[row.pk]
    return milestone_lines(found, list(row.entries.all()))


class TestJudging:
    def test_of_a_missed_one_says_what_lacked_and_draws_nothing(
        self, ramp: Commitment, account: CloudAccount
    ) -> None:
        make.usage(account, date(2025, 3, 3), 200)

        drawdowns.post_due(at=on(4, 25))

        assert judged(ramp) == [(date(2025, 4, 1), D(100))]
        latest = ramp.entries.latest("number")
        assert (latest.amount, latest.balance_after) == (D(0), D(800))
        event = Event.objects.get(kind="commitment.milestone-missed")
        assert D(event.new["shortfall"]) == 100

    def test_of_a_reached_one_says_so(
        self, ramp: Commitment, account: CloudAccount
    ) -> None:
        make.usage(account, date(2025, 3, 3), 300)

        drawdowns.post_due(at=on(4, 25))

        assert judged(ramp) == [(date(2025, 4, 1), D(0))]
        assert Event.objects.filter(kind="commitment.milestone-reached").count() == 1

    def test_waits_until_its_months_are_closed(
        self, ramp: Commitment, account: CloudAccount
    ) -> None:
        make.usage(account, date(2025, 3, 3), 200)

        drawdowns.post_due(at=on(3, 31))

        assert judged(ramp) == []

    def test_comes_when_a_month_closes_without_any_usage(
        self, ramp: Commitment
    ) -> None:
        drawdowns.post_due(at=on(3, 31))

        drawdowns.post_due(at=on(4, 25))

        assert judged(ramp) == [(date(2025, 4, 1), D(300))]

    def test_settles_each_lack_once(
        self, ramp: Commitment, account: CloudAccount
    ) -> None:
        make.usage(account, date(2025, 3, 3), 200)
        make.usage(account, date(2025, 5, 3), 250)

        drawdowns.post_due(at=on(7, 25))

        # 600 − 450 lack in July, of which 100 lacked in April already
        assert judged(ramp) == [(date(2025, 4, 1), D(100)), (date(2025, 7, 1), D(50))]

    def test_is_told_anew_when_a_delivery_restates_a_month(
        self, ramp: Commitment, account: CloudAccount
    ) -> None:
        make.usage(account, date(2025, 3, 3), 200)
        drawdowns.post_due(at=on(4, 25))
        old = UsageDelivery.objects.get(status="current")
        DailyUsage.objects.filter(delivery=old).delete()
        UsageDelivery.objects.filter(pk=old.pk).update(status="superseded")
        make.usage(account, date(2025, 3, 3), 320)

        drawdowns.post_due(at=on(4, 26))

        assert judged(ramp) == [(date(2025, 4, 1), D(0))]
        undone = ramp.entries.get(kind=EntryKind.REVERSAL, shortfall__lt=0)
        assert (undone.shortfall, undone.amount) == (D(-100), D(0))

    def test_counts_usage_of_the_month_that_it_cuts_on_its_side(
        self, anna: User
    ) -> None:
        steps = (
            Milestone(due_on=date(2025, 3, 15), target=D(100)),
            Milestone(due_on=date(2026, 1, 1), target=D(1000)),
        )
        row = making.commitment(milestones=steps, by=anna, at=on(1, 2))
        account = make.cloud_account(row.partner)
        make.usage(account, date(2025, 3, 14), 60)
        make.usage(account, date(2025, 3, 15), 70)

        drawdowns.post_due(at=on(4, 25))

        assert judged(row) == [(date(2025, 3, 15), D(40))]
        assert [(e.period_on, e.amount) for e in row.entries.filter(kind="usage")] == [
            (date(2025, 3, 1), D(60)),
            (date(2025, 3, 15), D(70)),
        ]

    def test_follows_an_amendment(
        self, ramp: Commitment, account: CloudAccount, anna: User
    ) -> None:
        make.usage(account, date(2025, 3, 3), 200)
        drawdowns.post_due(at=on(4, 25))

        commitments.amend_commitment(
            commitment=ramp,
            values={},
            milestones=[Milestone(due_on=STEPS[0].due_on, target=D(200)), *STEPS[1:]],
            reason="A slower start.",
            by=anna,
            at=on(4, 26),
        )

        assert judged(ramp) == [(date(2025, 4, 1), D(0))]

    def test_says_at_the_end_what_milestones_lacked_before(
        self, ramp: Commitment, account: CloudAccount, anna: User
    ) -> None:
        make.usage(account, date(2025, 3, 3), 200)
        make.usage(account, date(2025, 12, 3), 700)
        at = on(1, 25, year=2026)

        settlements.settle_commitment(commitment=ramp, by=anna, at=at)

        event = Event.objects.get(kind="commitment.settled")
        # 100 lack in all: April's 100 are settled with April, and July's 300 with July
        assert judged(ramp) == [
            (date(2025, 4, 1), D(100)),
            (date(2025, 7, 1), D(300)),
            (date(2026, 1, 1), D(0)),
        ]
        assert D(event.new["shortfall"]) == 100
        assert D(event.new["at_milestones"]) == 400


class TestLines:
    def test_say_what_became_of_each_and_what_will_lack(
        self, ramp: Commitment, account: CloudAccount
    ) -> None:
        make.usage(account, date(2025, 3, 3), 200)
        for day in range(1, 29):
            make.usage(account, date(2025, 6, 1) + timedelta(days=day - 1), 10)
        at = on(6, 29)
        drawdowns.post_due(at=at)

        told = lines(ramp, at)

        assert [(one.state, one.gap) for one in told] == [
            (MilestoneState.MISSED, D(100)),
            # 480 drawn, and 10 a day for the 2 days to come
            (MilestoneState.AHEAD, D(600) - (D(480) + 10 * 2)),
            (MilestoneState.AHEAD, D(1000) - (D(480) + 10 * 186)),
        ]

    def test_say_that_months_are_waited_for(
        self, ramp: Commitment, account: CloudAccount
    ) -> None:
        make.usage(account, date(2025, 3, 3), 200)
        make.usage(account, date(2025, 4, 1), 1)

        assert lines(ramp, on(4, 2))[0].state == MilestoneState.WAITING


class TestLedgerOfMilestones:
    @pytest.fixture
    def entry(self, ramp: Commitment, account: CloudAccount) -> DrawdownEntry:
        make.usage(account, date(2025, 3, 3), 200)
        drawdowns.post_due(at=on(4, 25))
        return ramp.entries.get(kind=EntryKind.MILESTONE)

    def _after(self, entry: DrawdownEntry, **values: Any) -> None:
        fields = {
            "commitment": entry.commitment,
            "number": entry.number + 1,
            "kind": EntryKind.MILESTONE,
            "source_line": "by hand",
            "amount": D(0),
            "balance_after": entry.balance_after,
            "period_on": date(2025, 7, 1),
            "posted_at": entry.posted_at,
            **values,
        }
        DrawdownEntry.objects.create(**fields)

    def test_holds_a_shortfall_of_zero(self, entry: DrawdownEntry) -> None:
        self._after(entry, shortfall=D(0))

        assert entry.commitment.entries.count() == 4

    def test_refuses_one_that_draws(self, entry: DrawdownEntry) -> None:
        with refused_by("drawdownentry_milestone_draws_nothing"):
            self._after(entry, amount=D(1), balance_after=entry.balance_after - 1)

    def test_refuses_a_shortfall_below_zero(self, entry: DrawdownEntry) -> None:
        with refused_by("drawdownentry_milestone_draws_nothing"):
            self._after(entry, shortfall=D(-1))

    def test_refuses_a_shortfall_of_anything_else(self, entry: DrawdownEntry) -> None:
        with refused_by("drawdownentry_shortfall_comes_from_milestone"):
            self._after(entry, kind=EntryKind.EXPIRY, shortfall=D(1))

    def test_refuses_a_reversal_that_leaves_the_shortfall(
        self, entry: DrawdownEntry
    ) -> None:
        with refused_by("drawdownentry_reversal_is_the_opposite"):
            self._after(entry, kind=EntryKind.REVERSAL, reversal_of=entry)


class TestReminders:
    def test_of_each_milestone_and_of_the_end_are_written_once(
        self, ramp: Commitment
    ) -> None:
        days = [on(1, 2) + timedelta(days=n) for n in range(0, 364, 2)]

        made = sum(promised_days.note_reminders(at=day) for day in days)

        found = CommitmentReminder.objects.order_by("due_at", "pk")
        assert made == 6
        assert [(r.deadline_on, r.kind) for r in found] == [
            (step.due_on, kind)
            for step in STEPS
            for kind in ("milestone_60", "milestone_30")
        ]

    def test_of_the_end_where_there_are_no_milestones(self, anna: User) -> None:
        making.commitment(by=anna, at=on(1, 2))

        promised_days.note_reminders(at=on(12, 20))

        assert CommitmentReminder.objects.get().kind == "end_30"

    def test_of_a_missed_one_comes_once(self, ramp: Commitment) -> None:
        drawdowns.post_due(at=on(4, 25))

        made = [promised_days.note_reminders(at=on(4, 25)) for _ in range(2)]

        assert made == [1, 0]
        assert CommitmentReminder.objects.get().kind == "missed"

    def test_of_a_milestone_missed_long_ago_does_not_come(
        self, ramp: Commitment
    ) -> None:
        at = on(4, 25, year=2027)
        drawdowns.post_due(at=at)

        assert promised_days.note_reminders(at=at) == 0


class TestMail:
    @pytest.fixture
    def sent(self, ramp: Commitment, account: CloudAccount) -> CommitmentReminder:
        make.usage(account, date(2025, 2, 20), 100)
        promised_days.note_reminders(at=on(3, 3))
        return CommitmentReminder.objects.get()

    def test_says_what_will_lack(self, sent: CommitmentReminder) -> None:
        is_sent = reminding.send_commitment_reminder(reminder_id=sent.pk, at=on(3, 3))

        (letter,) = outbox.outbox
        assert is_sent
        assert letter.subject == "Milestone before April 1, 2025: Three steps"
        assert "300.00 USD are to be drawn before April 1, 2025, in 29 days" in (
            letter.body
        )
        assert "will lack" in letter.body
        assert f"/admin/deals/commitment/{sent.commitment_id}/change/" in letter.body

    def test_says_that_it_is_reached(self, ramp: Commitment) -> None:
        account = make.cloud_account(ramp.partner)
        make.usage(account, date(2025, 2, 20), 900)
        promised_days.note_reminders(at=on(3, 3))
        reminder = CommitmentReminder.objects.get()

        reminding.send_commitment_reminder(reminder_id=reminder.pk, at=on(3, 3))

        assert "it is reached" in outbox.outbox[0].body

    def test_says_what_lacked(self, ramp: Commitment) -> None:
        drawdowns.post_due(at=on(4, 25))
        promised_days.note_reminders(at=on(4, 25))
        reminder = CommitmentReminder.objects.get()

        reminding.send_commitment_reminder(reminder_id=reminder.pk, at=on(4, 25))

        (letter,) = outbox.outbox
        assert letter.subject == "Milestone of April 1, 2025 missed: Three steps"
        assert "300.00 USD lacked" in letter.body
        assert "a shortfall is charged" in letter.body

    def test_does_not_go_for_a_cancelled_commitment(
        self, sent: CommitmentReminder, anna: User
    ) -> None:
        commitments.cancel_commitment(
            commitment=sent.commitment, reason="Given up.", by=anna, at=on(3, 3)
        )

        is_sent = reminding.send_commitment_reminder(reminder_id=sent.pk, at=on(3, 3))

        assert (is_sent, deadlines.ask_to_send(at=on(3, 3))) == (False, 0)

    def test_is_asked_for_by_the_tick(
        self,
        sent: CommitmentReminder,
        django_capture_on_commit_callbacks: Any,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        asked: list[tuple[str, dict[str, Any]]] = []
        monkeypatch.setattr(
            "crm.core.queue.enqueue", lambda name, **told: asked.append((name, told))
        )

        deadlines.run(at=on(3, 3))

        assert asked == [("deals.send_commitment_reminder", {"reminder_id": sent.pk})]
