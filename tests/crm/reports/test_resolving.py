"""What people decide and ask for: resolve, send again, test, back-fill, the command."""

from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core import mail as outbox
from django.core.management import CommandError, call_command

from crm.reports.models import ReportDelivery, State
from crm.reports.models.reasons import Reason
from crm.reports.operations import (
    alarms,
    cleaning,
    delivering,
    planning,
    requests,
    resolving,
    subscribing,
)
from crm.reports.replies import Reply, Step, pause_after
from tests import make
from tests.crm.reports.conftest import DUE
from tests.crm.reports.test_delivering import WEEK, deliver, due, freeze
from tests.crm.reports.test_guards import force

pytestmark = pytest.mark.django_db


def doubtful() -> ReportDelivery:
    delivery = freeze(due())
    force(delivery, State.UNCERTAIN)
    return delivery


class TestResolve:
    def test_marks_a_doubtful_one_as_sent(self) -> None:
        delivery = doubtful()

        resolving.mark_as_sent(delivery=delivery, by=make.administrator(), at=DUE)

        delivery.refresh_from_db()
        assert (delivery.state, delivery.sent_at) == (State.SENT, DUE)

    def test_sends_a_doubtful_one_again_with_the_same_bytes(self, mails: Path) -> None:
        delivery = doubtful()
        frozen = bytes(delivery.message.content)

        resolving.send_again(delivery=delivery, by=make.administrator(), at=DUE)
        deliver(delivery)

        (file,) = mails.glob("*.eml")
        assert file.read_bytes() == frozen
        assert (delivery.state, delivery.handed_over) == (State.SENT, 2)

    def test_leaves_a_doubtful_one_as_not_arrived(self) -> None:
        delivery = doubtful()

        resolving.mark_as_failed(delivery=delivery, by=make.administrator(), at=DUE)

        delivery.refresh_from_db()
        assert (delivery.state, delivery.reason) == (State.FAILED, Reason.BY_PERSON)

    def test_a_sent_one_is_never_sent_again(self) -> None:
        delivery = deliver(due())

        for operation in (
            resolving.send_again,
            resolving.mark_as_sent,
            resolving.mark_as_failed,
        ):
            with pytest.raises(resolving.DeliveryRefusedError):
                operation(delivery=delivery, by=make.administrator(), at=DUE)

    def test_a_mail_that_is_no_longer_kept_is_not_made_up_again(self) -> None:
        delivery = doubtful()
        delivery.message.delete()

        with pytest.raises(resolving.DeliveryRefusedError):
            resolving.send_again(delivery=delivery, by=make.administrator(), at=DUE)


class TestAlarm:
    def test_tells_the_owner_once_and_no_reader(self, mails: Path) -> None:
        delivery = doubtful()

        told = [alarms.send_alarms(at=DUE) for _ in range(2)]

        assert told == [1, 0]
        (file,) = mails.glob("*.eml")
        content = file.read_text()
        assert f"<{delivery.definition.owner.email}>" in content
        assert f"To: {delivery.recipient.name}" not in content
        assert outbox.outbox == []


class TestSuppression:
    def test_three_final_refusals_in_a_row_end_the_mails(self) -> None:
        person = make.user("executive")
        reply = Reply(550, "5.1.1 unknown", Step.RECIPIENT)

        found = []
        for _ in range(3):
            delivery = freeze(due(person=person))
            force(delivery, State.FAILED)
            found.append(
                alarms.suppress_if_dead(delivery=delivery, reply=reply, at=DUE)
            )

        assert found == [False, False, True]


class TestReplies:
    @pytest.mark.parametrize(
        ("reply", "is_final", "is_about_address"),
        [
            (Reply(550, "5.1.1 unknown", Step.RECIPIENT), True, True),
            (Reply(550, "no such user", Step.RECIPIENT), True, True),
            (Reply(550, "5.7.1 policy", Step.RECIPIENT), True, False),
            (Reply(552, "5.3.4 too large", Step.END), True, False),
            (Reply(535, "5.7.8 wrong password", Step.LOGIN), False, False),
            (Reply(451, "later", Step.RECIPIENT), False, False),
            (Reply(0, "timed out", Step.BODY), False, False),
        ],
    )
    def test_tell_final_from_temporary(
        self, reply: Reply, is_final: bool, is_about_address: bool
    ) -> None:
        assert (reply.is_final, reply.is_about_address) == (is_final, is_about_address)

    def test_pauses_grow_and_spread(self) -> None:
        quick = [pause_after(code=451, attempts=n) for n in range(1, 14)]

        assert quick == sorted(quick)
        assert pause_after(code=452, attempts=1) > pause_after(code=451, attempts=1)
        assert pause_after(code=421, attempts=1, spread=1) > pause_after(
            code=421, attempts=1
        )


class TestAskedFor:
    def test_a_test_goes_to_who_asks_and_collides_with_nothing(
        self, mails: Path
    ) -> None:
        subscription = make.subscription(at=DUE - WEEK)
        by = make.user("executive")

        test = requests.send_test(subscription=subscription, by=by, at=DUE)
        planning.plan_due(at=DUE)
        deliver(test)

        assert test.state == State.SENT
        assert subscription.deliveries.filter(is_test=False).count() == 1
        assert any("Test" in file.read_text() for file in mails.glob("*.eml"))

    def test_a_missed_period_is_sent_after_all(self) -> None:
        subscription = make.subscription(at=DUE - WEEK)
        planning.plan_due(at=DUE + WEEK)

        (asked,) = requests.send_period(
            subscription=subscription,
            by=make.administrator(),
            at=DUE + WEEK,
            period="2026-W47",
        )

        assert (asked.state, asked.period) == (State.DUE, "2026-W47")

    def test_who_has_it_gets_no_second_copy(self) -> None:
        delivery = deliver(due())

        asked = requests.send_period(
            subscription=delivery.subscription, by=None, at=DUE, period="2026-W47"
        )

        assert asked == []

    @pytest.mark.parametrize("period", ["2026-W48", "2026-11"])
    def test_a_period_that_is_not_over_or_of_another_rhythm_is_refused(
        self, period: str
    ) -> None:
        with pytest.raises(requests.RequestRefusedError):
            requests.send_period(
                subscription=make.subscription(), by=None, at=DUE, period=period
            )

    def test_only_managers_subscribe_others(self) -> None:
        values = {"definition": make.report(), "person": make.user()}

        with pytest.raises(subscribing.SubscriptionRefusedError):
            subscribing.subscribe(values=values, by=make.user("finance"), at=DUE)


class TestCommand:
    def test_a_dry_run_says_who_would_get_what(self) -> None:
        subscription = make.subscription()
        out = StringIO()

        call_command(
            "send_weekly_report", "--week", "2026-W40", "--dry-run", stdout=out
        )

        assert subscription.person is not None
        assert subscription.person.email in out.getvalue()
        assert not ReportDelivery.objects.exists()

    def test_sends_in_this_process(self, mails: Path) -> None:
        make.subscription()
        out = StringIO()

        call_command("send_weekly_report", "--week", "2026-W40", stdout=out)

        assert "Sent" in out.getvalue()
        assert len(list(mails.glob("*.eml"))) == 1

    @pytest.mark.parametrize(
        "options",
        [
            ["--week", "2025-W53"],
            ["--to", "nobody@example.com"],
            ["--definition", "none"],
        ],
    )
    def test_says_what_it_does_not_understand(self, options: list[str]) -> None:
        make.subscription()

        with pytest.raises(CommandError):
            call_command("send_weekly_report", *options)


class TestCleaning:
    def test_mails_go_after_90_days_and_doubtful_ones_stay(self) -> None:
        sent, kept = deliver(due()), doubtful()
        later = kept.message.stored_at + timedelta(days=91)

        assert cleaning.forget_messages(at=later) == 1
        assert not hasattr(ReportDelivery.objects.get(pk=sent.pk), "message")
        assert delivering.deliver_next(at=DUE) is None
