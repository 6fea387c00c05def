"""One mail from due to sent, and all the ways in which it is not sent."""

import email
from datetime import timedelta
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group

from crm.accounts.models import User
from crm.reports.models import (
    OptOut,
    ReportDelivery,
    ReportRun,
    State,
    StoredMessage,
    Suppression,
)
from crm.reports.models.reasons import Reason
from crm.reports.operations import delivering, planning
from tests import make
from tests.crm.reports.conftest import DUE

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)
LATER = DUE + timedelta(minutes=1)


def due(**fields: Any) -> ReportDelivery:
    """Make a subscription and plan its report of 2026-W47."""
    subscription = make.subscription(at=DUE - WEEK, **fields)
    planning.plan_due(at=DUE)
    return subscription.deliveries.get()


def deliver(delivery: ReportDelivery) -> ReportDelivery:
    ReportDelivery.objects.filter(pk=delivery.pk).update(next_attempt_at=make.EARLY)
    assert delivering.deliver_next(at=LATER)
    delivery.refresh_from_db()
    return delivery


def shown_to(delivery: ReportDelivery) -> list[int]:
    """Return the partners that the mail of this row shows."""
    assert delivery.run is not None
    return list(delivery.run.visible["partners"])


class TestDeliver:
    def test_sends_one_mail_and_stores_the_answer(self, mails: Path) -> None:
        make.partner("BMW")

        delivery = deliver(due())

        assert (delivery.state, delivery.smtp_code) == (State.SENT, 250)
        assert delivery.handed_over == 1
        assert delivery.owner == ""
        (file,) = mails.glob("*.eml")
        assert file.read_bytes() == bytes(delivery.message.content)

    def test_nothing_waits_afterwards(self) -> None:
        deliver(due())

        assert not delivering.deliver_next(at=LATER)

    def test_readers_who_see_the_same_share_a_run(self) -> None:
        definition = make.report()
        one = make.subscription(definition, at=DUE - WEEK)
        two = make.subscription(definition, at=DUE - WEEK)
        planning.plan_due(at=DUE)
        ReportDelivery.objects.update(next_attempt_at=make.EARLY)

        while delivering.deliver_next(at=LATER):
            pass

        assert ReportRun.objects.count() == 1
        assert one.deliveries.get().run == two.deliveries.get().run

    def test_a_second_subscription_to_the_same_figures_sends_no_copy(
        self, mails: Path
    ) -> None:
        definition, person = make.report(), make.user("executive")
        make.subscription(definition, at=DUE - WEEK, person=person)
        role = Group.objects.get(name="executive")
        make.subscription(definition, at=DUE - WEEK, role=role)
        planning.plan_due(at=DUE)
        ReportDelivery.objects.update(next_attempt_at=make.EARLY)

        while delivering.deliver_next(at=LATER):
            pass

        rows = ReportDelivery.objects.order_by("pk").values_list("state", "reason")
        assert list(rows) == [(State.SENT, ""), (State.SKIPPED, Reason.SAME_RUN)]
        assert len(list(mails.glob("*.eml"))) == 1

    def test_two_readers_with_different_sight_get_different_figures(self) -> None:
        definition = make.report()
        make.partner("Secret", confidentiality="restricted")
        sees = make.subscription(
            definition, at=DUE - WEEK, person=make.user("executive")
        )
        blind = make.subscription(
            definition, at=DUE - WEEK, person=make.user("model_team")
        )
        planning.plan_due(at=DUE)
        ReportDelivery.objects.update(next_attempt_at=make.EARLY)

        while delivering.deliver_next(at=LATER):
            pass

        assert len(shown_to(sees.deliveries.get())) == 1
        assert shown_to(blind.deliveries.get()) == []


class TestNotSent:
    def test_to_somebody_who_left(self) -> None:
        delivery = due()
        User.objects.filter(pk=delivery.recipient_id).update(is_active=False)

        assert deliver(delivery).state == State.SUPPRESSED
        assert delivery.reason == Reason.LEFT

    def test_to_somebody_who_unsubscribed_meanwhile(self) -> None:
        delivery = due()
        OptOut.objects.create(
            subscription=delivery.subscription, person=delivery.recipient, at=DUE
        )

        assert deliver(delivery).reason == Reason.UNSUBSCRIBED

    def test_to_somebody_who_lost_the_role(self) -> None:
        person = make.user("finance")
        role = Group.objects.get(name="finance")
        delivery = due(role=role)
        person.groups.clear()

        assert deliver(delivery).reason == Reason.NOT_READER

    def test_to_an_address_that_refuses_mails(self) -> None:
        delivery = due()
        Suppression.objects.create(
            address=delivery.recipient.email.upper(), reason="550", suppressed_at=DUE
        )

        assert deliver(delivery).reason == Reason.DEAD_ADDRESS

    def test_when_there_is_nothing_to_report_and_so_wished(self) -> None:
        assert deliver(due(send_if_empty=False)).reason == Reason.NOTHING

    def test_days_later(self) -> None:
        delivery = due()
        ReportDelivery.objects.filter(pk=delivery.pk).update(next_attempt_at=DUE - WEEK)

        delivering.deliver_next(at=DUE + timedelta(hours=121))

        delivery.refresh_from_db()
        assert (delivery.state, delivery.reason) == (State.SKIPPED, Reason.TOO_LATE)

    def test_with_figures_that_the_reader_may_no_longer_see(self) -> None:
        person = make.user("model_team")
        partner = make.partner("Open")
        delivery = freeze(due(person=person))
        partner.confidentiality = "restricted"
        partner.save()

        deliver(delivery)

        assert delivery.state == State.DUE
        assert not StoredMessage.objects.filter(pk=delivery.pk).exists()
        assert shown_to(deliver(delivery)) == []


def freeze(delivery: ReportDelivery) -> ReportDelivery:
    """Deliver up to the frozen message, as if the server were away."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delivering, "_send", lambda *_: None)
        deliver(delivery)
    ReportDelivery.objects.filter(pk=delivery.pk).update(owner="", lease_until=None)
    delivery.refresh_from_db()
    assert delivery.state == State.READY
    return delivery


class TestMessage:
    def test_stands_as_frozen_and_is_made_only_once(self) -> None:
        delivery = freeze(due())
        frozen = bytes(delivery.message.content)
        make.partner("New since then")

        deliver(delivery)

        assert delivery.state == State.SENT
        assert bytes(StoredMessage.objects.get(pk=delivery.pk).content) == frozen

    def test_names_its_row_and_its_moment(self) -> None:
        delivery = deliver(due())

        message = email.message_from_bytes(
            bytes(delivery.message.content), policy=default
        )

        assert str(delivery.key) in delivery.message_id
        assert message["Message-ID"] == delivery.message_id
        assert message["Date"].datetime == delivery.message_date
