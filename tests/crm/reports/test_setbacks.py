"""What becomes of a delivery when something breaks on the way, step by step."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError

from crm.reports.models import ReportDelivery, State
from crm.reports.models.reasons import Reason
from crm.reports.operations import claims, delivering
from crm.reports.operations.claims import Timing
from crm.reports.rendering import mail
from partners.models import Partner
from tests import make
from tests.crm.reports.conftest import DUE
from tests.crm.reports.test_delivering import deliver, due
from tests.crm.reports.test_smtp import Answers, answers

__all__ = ["answers"]
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.enable_socket,
    pytest.mark.timeout(60),
]


def breaks(*_: object, **__: object) -> Any:
    raise RuntimeError("The disk is full.")


class TestMaking:
    def test_that_breaks_is_tried_again_later(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(mail, "compose", breaks)

        delivery = deliver(due())

        assert (delivery.state, delivery.owner, delivery.attempts) == (
            State.DUE,
            "",
            1,
        )
        assert not delivering.deliver_next(at=DUE)

    def test_that_breaks_again_and_again_has_failed(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(mail, "compose", breaks)
        delivery = due()
        ReportDelivery.objects.update(attempts=5)

        assert deliver(delivery).state == State.FAILED
        assert delivery.reason == Reason.NOT_MADE

    def test_is_left_to_others_when_the_worker_is_told_to_stop(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def stops(**_: object) -> Any:
            raise SystemExit

        monkeypatch.setattr(mail, "compose", stops)
        delivery = due()
        ReportDelivery.objects.update(next_attempt_at=make.EARLY)

        with pytest.raises(SystemExit):
            delivering.deliver_next(at=DUE)

        delivery.refresh_from_db()
        assert (delivery.state, delivery.owner, delivery.attempts) == (
            State.DUE,
            "",
            0,
        )

    def test_that_somebody_else_took_over_changes_nothing(
        self, monkeypatch: pytest.MonkeyPatch, answers: Answers
    ) -> None:
        composed = mail.compose

        def slowly(**asked: Any) -> mail.Message:
            ReportDelivery.objects.update(owner="somebody else")
            return composed(**asked)

        monkeypatch.setattr(mail, "compose", slowly)

        delivery = deliver(due())

        assert (delivery.state, delivery.owner) == (State.RENDERING, "somebody else")
        assert answers.contents == []

    def test_that_breaks_after_somebody_else_took_over_changes_nothing(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def slowly(**_: Any) -> mail.Message:
            ReportDelivery.objects.update(owner="somebody else")
            raise RuntimeError("The disk is full.")

        monkeypatch.setattr(mail, "compose", slowly)

        assert deliver(due()).owner == "somebody else"


class TestFrozenMail:
    def test_of_more_than_its_reader_may_see_by_now_is_made_again(
        self, answers: Answers
    ) -> None:
        answers.rcpt = "451 4.3.0 later"
        delivery = self.seen_less(deliver(self.about_a_partner()))

        assert (delivery.state, delivery.run) == (State.DUE, None)
        assert not hasattr(delivery, "message")

    def test_that_may_have_been_read_is_not_made_again(self, answers: Answers) -> None:
        answers.end = "452 4.2.2 full"
        delivery = self.seen_less(deliver(self.about_a_partner()))

        assert (delivery.state, delivery.reason) == (
            State.SUPPRESSED,
            Reason.NOT_READER,
        )

    def about_a_partner(self) -> ReportDelivery:
        make.partner("Secret")
        return due(person=make.user("model_team"))

    def seen_less(self, delivery: ReportDelivery) -> ReportDelivery:
        assert delivery.state == State.READY
        Partner.objects.update(confidentiality="restricted")
        ReportDelivery.objects.update(next_attempt_at=make.EARLY)
        delivering.deliver_next(at=DUE)
        return ReportDelivery.objects.get()


class TestHandOver:
    def test_without_the_mark_sends_nothing(
        self, answers: Answers, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(claims, "mark_sending", lambda _claim: False)

        assert deliver(due()).state == State.READY
        assert answers.contents == []

    def test_whose_mark_took_longer_than_the_lease_sends_nothing(
        self, answers: Answers
    ) -> None:
        delivery = due()
        ReportDelivery.objects.update(next_attempt_at=make.EARLY)
        moments = iter([timedelta(0), timedelta(minutes=9)])

        class Clock:
            sleep = staticmethod(lambda _seconds: None)
            monotonic = staticmethod(lambda: next(moments).total_seconds())

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(delivering, "time", Clock)
            delivering.deliver_next(at=DUE, timing=Timing())

        delivery.refresh_from_db()
        assert (delivery.state, delivery.owner) == (State.READY, "")
        assert answers.contents == []


class TestResult:
    """Storing what the server said, while the database restarts."""

    class Cut:
        in_atomic_block = False

        def close(self) -> None:
            pass

    @pytest.fixture(autouse=True)
    def outside(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(delivering, "connection", self.Cut())
        monkeypatch.setattr("time.sleep", lambda _seconds: None)

    def test_is_tried_until_the_database_is_back(self) -> None:
        answers = iter([OperationalError(), OperationalError(), None])

        def store() -> None:
            answer = next(answers)
            if answer is not None:
                raise answer

        delivering._surely(store)

        assert next(answers, "all were used") == "all were used"

    def test_that_cannot_be_stored_is_said(self) -> None:
        tried = []

        def store() -> None:
            tried.append(1)
            raise OperationalError

        with pytest.raises(OperationalError):
            delivering._surely(store)
        assert len(tried) == delivering.RESULT_ATTEMPTS


class TestRelease:
    def test_gives_back_what_was_not_handed_over(self) -> None:
        delivery = due()
        ReportDelivery.objects.update(next_attempt_at=make.EARLY)
        claims.take(owner="me", timing=Timing())

        assert claims.release(owner="me") == 1
        delivery.refresh_from_db()
        assert (delivery.state, delivery.attempts) == (State.DUE, 0)
