"""What the calendar does to agreements, each thing exactly once."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail as outbox

from deals.models import Agreement, AgreementReminder
from deals.operations import deadlines, reminding, signing, snapshots, stages
from deals.operations.stages import Closing
from tests import make
from tests.make import EARLY
from tests.partners.database import held

pytestmark = pytest.mark.django_db
END = date(2026, 7, 31)


def on(day: date, hour: int = 9) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def before(days: int) -> datetime:
    return on(END - timedelta(days=days))


class TestKeepCalendar:
    def test_begins_what_is_signed_on_its_day(self) -> None:
        paper = make.agreement(status="signed", effective_on=date(2026, 3, 1))

        deadlines.keep_calendar(at=on(date(2026, 2, 28)))
        still = Agreement.objects.get(pk=paper.pk).status
        deadlines.keep_calendar(at=on(date(2026, 3, 1)))

        held()
        assert still == "signed"
        assert Agreement.objects.get(pk=paper.pk).status == "active"

    def test_ends_the_day_after_the_last(self) -> None:
        paper = make.agreement(expires_on=END)

        deadlines.keep_calendar(at=on(END, hour=23))
        still = Agreement.objects.get(pk=paper.pk).status
        deadlines.keep_calendar(at=on(END + timedelta(days=1), hour=0))

        held()
        assert still == "active"
        paper.refresh_from_db()
        assert (paper.status, paper.ended_on) == ("expired", END)

    def test_renews_by_itself_once(self) -> None:
        paper = make.agreement(
            expires_on=date(2026, 1, 31), auto_renews=True, renewal_months=1
        )

        done = [deadlines.keep_calendar(at=on(date(2026, 2, 1))) for _ in range(2)]

        paper.refresh_from_db()
        assert (paper.status, paper.expires_on) == ("active", date(2026, 2, 28))
        assert done == [1, 0]

    def test_makes_up_terms_that_were_missed(self) -> None:
        paper = make.agreement(
            expires_on=date(2026, 1, 31), auto_renews=True, renewal_months=12
        )

        deadlines.keep_calendar(at=on(date(2028, 1, 31)))

        paper.refresh_from_db()
        assert paper.expires_on == date(2028, 1, 31)

    def test_ends_instead_after_notice(self) -> None:
        paper = make.agreement(
            expires_on=END, auto_renews=True, renewal_months=12, notice_days=30
        )
        signing.give_notice(
            agreement=paper,
            on=date(2026, 3, 1),
            by=make.user(),
            at=on(date(2026, 3, 1)),
        )

        deadlines.keep_calendar(at=on(END + timedelta(days=1)))

        paper.refresh_from_db()
        assert paper.status == "expired"


class TestNoteReminders:
    def test_each_once_over_half_a_year(self) -> None:
        make.agreement(expires_on=END, notice_days=45)

        for left in range(200, -1, -1):
            deadlines.note_reminders(at=before(left))

        found = AgreementReminder.objects.order_by("due_at")
        assert [(r.kind, (r.deadline_on - r.due_at.date()).days) for r in found] == [
            ("expiry_180", 180),
            ("expiry_90", 90),
            ("notice_30", 30),
            ("expiry_60", 60),
            ("notice_7", 7),
            ("expiry_30", 30),
        ]

    def test_twice_on_a_day_is_once(self) -> None:
        make.agreement(expires_on=END)

        made = [deadlines.note_reminders(at=before(90)) for _ in range(2)]

        assert made == [1, 0]

    def test_only_the_nearest_for_a_paper_that_came_late(self) -> None:
        make.agreement(expires_on=END)

        deadlines.note_reminders(at=before(25))

        assert [r.kind for r in AgreementReminder.objects.all()] == ["expiry_30"]

    def test_again_for_the_next_term(self) -> None:
        paper = make.agreement(expires_on=END)
        deadlines.note_reminders(at=before(30))
        Agreement.objects.filter(pk=paper.pk).update(
            expires_on=END + timedelta(days=365)
        )

        deadlines.note_reminders(at=on(END + timedelta(days=365 - 30)))

        assert AgreementReminder.objects.filter(kind="expiry_30").count() == 2

    def test_none_of_notice_that_was_given(self) -> None:
        make.agreement(expires_on=END, notice_days=45, notice_given_on=date(2026, 2, 1))

        deadlines.note_reminders(at=before(50))

        assert [r.kind for r in AgreementReminder.objects.all()] == ["expiry_60"]

    @pytest.mark.parametrize("status", ["draft", "signed"])
    def test_none_of_what_is_not_active(self, status: str) -> None:
        make.agreement(status=status, expires_on=END)

        assert deadlines.note_reminders(at=before(30)) == 0


def noted(**fields: Any) -> AgreementReminder:
    anna = make.user("alliance_manager", email="anna@example.com")
    make.agreement(
        make.partner("BMW", owner=anna),
        expires_on=END,
        owner=anna,
        title="Cockpit frame",
        **fields,
    )
    deadlines.note_reminders(at=before(30))
    return AgreementReminder.objects.get()


class TestSendReminder:
    def test_goes_to_the_owner_with_the_day_and_the_link(self) -> None:
        reminder = noted()

        is_sent = reminding.send_reminder(reminder_id=reminder.pk, at=before(30))

        (letter,) = outbox.outbox
        assert is_sent
        assert letter.to == ["anna@example.com"] or "anna@example.com" in letter.to[0]
        assert letter.subject == "Expires on July 31, 2026: Cockpit frame"
        assert "“Cockpit frame” with BMW expires on July 31, 2026, in 30 days." in (
            letter.body
        )
        assert f"/admin/deals/agreement/{reminder.agreement_id}/change/" in letter.body
        assert "No renewal deal is open." in letter.body

    def test_goes_once_however_often_it_is_asked(self) -> None:
        reminder = noted()

        for _ in range(3):
            reminding.send_reminder(reminder_id=reminder.pk, at=before(30))

        reminder.refresh_from_db()
        assert len(outbox.outbox) == 1
        assert reminder.state == "sent"

    def test_waits_for_the_one_who_is_at_it(self) -> None:
        reminder = noted()
        AgreementReminder.objects.filter(pk=reminder.pk).update(
            state="sending", claimed_until=before(30) + timedelta(minutes=5)
        )

        early = reminding.send_reminder(reminder_id=reminder.pk, at=before(30))
        late = reminding.send_reminder(
            reminder_id=reminder.pk, at=before(30) + timedelta(minutes=6)
        )

        assert (early, late) == (False, True)

    def test_names_the_renewal_deal(self) -> None:
        reminder = noted()
        paper = reminder.agreement
        make.deal(paper.partner, title="Second term", renews=paper)

        reminding.send_reminder(reminder_id=reminder.pk, at=before(30))

        assert "- Second term (Prospect)" in outbox.outbox[0].body

    def test_goes_to_nobody_who_may_not_see_it(self) -> None:
        reminder = noted()
        partner = reminder.agreement.partner
        partner.confidentiality = "restricted"
        partner.owner = None
        partner.save()

        reminding.send_reminder(reminder_id=reminder.pk, at=before(30))

        reminder.refresh_from_db()
        assert (len(outbox.outbox), reminder.state) == (0, "no_reader")

    def test_speaks_chinese_to_whoever_reads_it(self) -> None:
        reminder = noted()
        reader = reminder.agreement.owner
        assert reader is not None
        reader.language = "zh-hans"
        reader.save()

        reminding.send_reminder(reminder_id=reminder.pk, at=before(30))

        assert "到期" in outbox.outbox[0].subject


class TestSnapshots:
    MONDAY = datetime(2026, 1, 11, 16, 0, 1, tzinfo=UTC)
    """One second into Monday in Shanghai."""

    def test_are_taken_once_a_week(self) -> None:
        make.deal()

        taken = [snapshots.take_snapshots(at=self.MONDAY) for _ in range(2)]

        assert taken == [1, 0]

    def test_say_how_it_stood(self) -> None:
        deal = make.deal(amount=5, target_close_on=END)

        snapshots.take_snapshots(at=self.MONDAY)

        kept = deal.snapshots.get()
        assert kept.week_on == date(2026, 1, 5)
        assert (kept.stage, kept.amount, kept.target_close_on) == (
            "Prospect",
            Decimal(5),
            END,
        )

    def test_leave_out_what_came_after_the_week(self) -> None:
        make.deal(entered_at=self.MONDAY - timedelta(seconds=2))
        make.deal(entered_at=self.MONDAY - timedelta(seconds=1))

        assert snapshots.take_snapshots(at=self.MONDAY + timedelta(hours=2)) == 1

    def test_keep_what_was_decided_in_the_week_and_nothing_older(self) -> None:
        lost = Closing(reason="no_budget")
        for days in (0, 8):
            stages.lose_deal(
                deal=make.deal(),
                closing=lost,
                by=make.user(),
                at=EARLY + timedelta(days=days),
            )

        taken = snapshots.take_snapshots(at=self.MONDAY + timedelta(days=7))

        assert taken == 1
