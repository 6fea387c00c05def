"""Deliveries to a real receiver: signed, tried again, withheld, given up."""

import json
from datetime import datetime, timedelta

import pytest
from django.core import mail
from standardwebhooks import Webhook

from crm.accounts.models import User
from crm.journal.models import Event
from crm.webhooks.models import State, WebhookDelivery, WebhookEndpoint
from crm.webhooks.operations import endpoints, planning, replaying, sending, telling
from tests import make
from tests.crm.webhooks.conftest import Receiver, happen, owe, send_all

HOUR = timedelta(hours=1)


class TestSend:
    def test_arrives_signed_and_is_logged(
        self, endpoint: WebhookEndpoint, receiver: Receiver, now: datetime
    ) -> None:
        event = happen(make.partner(), at=now)
        delivery = owe(endpoint, event, at=now)

        assert send_all(at=now) == 1

        (message,) = receiver.messages
        (secret,) = endpoints.secrets_of(endpoint=endpoint, at=now)
        verified = Webhook(secret).verify(message.body, message.headers)
        assert verified["type"] == "partner.changed"
        assert verified["data"]["id"] == event.pk
        assert verified["data"]["new"] == {"tier": "b"}
        assert message.headers["webhook-id"] == f"msg_{delivery.key}"
        delivery.refresh_from_db()
        (attempt,) = delivery.log.all()
        assert (delivery.state, attempt.number, attempt.status) == ("delivered", 1, 200)

    def test_both_secrets_sign_during_a_rotation(
        self, endpoint: WebhookEndpoint, receiver: Receiver, ida: User, now: datetime
    ) -> None:
        (old,) = endpoints.secrets_of(endpoint=endpoint, at=now)
        endpoints.rotate_secret(endpoint=endpoint, overlap=HOUR, by=ida, at=now)
        owe(endpoint, happen(make.partner(), at=now), at=now)
        send_all(at=now)

        (message,) = receiver.messages
        new = endpoints.secrets_of(endpoint=endpoint, at=now)[0]
        assert new != old
        for secret in (new, old):
            Webhook(secret).verify(message.body, message.headers)
        assert endpoints.secrets_of(endpoint=endpoint, at=now + HOUR) == [new]

    def test_a_failure_is_tried_again_with_the_same_id(
        self, endpoint: WebhookEndpoint, receiver: Receiver, now: datetime
    ) -> None:
        delivery = owe(endpoint, happen(make.partner(), at=now), at=now)
        receiver.answers = [(500, {})]

        send_all(at=now)
        at_once = send_all(at=now + timedelta(seconds=4))
        send_all(at=now + timedelta(seconds=6))

        assert at_once == 0
        ids = {message.headers["webhook-id"] for message in receiver.messages}
        assert len(receiver.messages) == 2
        assert len(ids) == 1
        delivery.refresh_from_db()
        assert delivery.state == State.DELIVERED
        assert [each.status for each in delivery.log.order_by("id")] == [500, 200]

    @pytest.mark.parametrize("status", [301, 302, 307, 308])
    def test_a_redirect_is_a_failure(
        self, endpoint: WebhookEndpoint, receiver: Receiver, now: datetime, status: int
    ) -> None:
        delivery = owe(endpoint, happen(make.partner(), at=now), at=now)
        receiver.answers = [(status, {"Location": receiver.url})]

        send_all(at=now)

        delivery.refresh_from_db()
        assert (delivery.state, len(receiver.messages)) == (State.WAITING, 1)

    def test_retry_after_leaves_the_whole_endpoint_alone(
        self, endpoint: WebhookEndpoint, receiver: Receiver, now: datetime
    ) -> None:
        owe(endpoint, happen(make.partner(), at=now), at=now)
        owe(endpoint, happen(make.partner(), at=now), at=now)
        receiver.answers = [(429, {"Retry-After": "600"})]

        send_all(at=now)
        send_all(at=now + timedelta(seconds=599))
        early = len(receiver.messages)
        send_all(at=now + timedelta(seconds=601))

        assert early == 1
        assert len(receiver.messages) == 3

    def test_410_switches_off_and_the_owner_is_told(
        self, endpoint: WebhookEndpoint, receiver: Receiver, ida: User, now: datetime
    ) -> None:
        owe(endpoint, happen(make.partner(), at=now), at=now)
        second = owe(endpoint, happen(make.partner(), at=now), at=now)
        receiver.answers = [(410, {})]

        send_all(at=now)
        told = telling.tell_owners(), telling.tell_owners()

        endpoint.refresh_from_db()
        second.refresh_from_db()
        assert (endpoint.is_active, endpoint.reason) == (False, "gone")
        assert second.state == State.FAILED
        assert told == (1, 0)
        (letter,) = mail.outbox
        assert letter.to == [f"{ida.name} <{ida.email}>"]
        assert "ERP" in letter.subject

    def test_long_failure_warns_then_switches_off(
        self, endpoint: WebhookEndpoint, receiver: Receiver, now: datetime
    ) -> None:
        receiver.answers = [(500, {})] * 40
        delivery = owe(endpoint, happen(make.partner(), at=now), at=now)
        notices, moment = [], now
        while delivery.state == State.WAITING:
            send_all(at=moment)
            endpoint.refresh_from_db()
            delivery.refresh_from_db()
            notices.append(endpoint.notice)
            moment = max(delivery.next_attempt_at, moment)

        assert delivery.state == State.FAILED
        assert delivery.attempts == 10
        assert notices.index("failing") < len(notices) - 1
        owe(endpoint, happen(make.partner(), at=now), at=moment)
        send_all(at=moment + 12 * HOUR)
        endpoint.refresh_from_db()
        assert (endpoint.is_active, endpoint.reason, endpoint.notice) == (
            False,
            "failing",
            "disabled",
        )

    def test_an_address_that_leads_inside_is_a_fault_not_a_request(
        self,
        endpoint: WebhookEndpoint,
        receiver: Receiver,
        settings: object,
        now: datetime,
    ) -> None:
        delivery = owe(endpoint, happen(make.partner(), at=now), at=now)
        settings.OUTBOUND_ALLOW_LOOPBACK = False  # type: ignore[attr-defined]  # pytest-django's

        send_all(at=now)

        assert receiver.messages == []
        assert delivery.log.get().fault.startswith("outbound.")

    def test_what_the_owner_may_not_see_any_more_is_withheld(
        self, endpoint: WebhookEndpoint, receiver: Receiver, now: datetime
    ) -> None:
        partner = make.partner()
        delivery = owe(endpoint, happen(partner, at=now), at=now)
        partner.confidentiality = "restricted"
        partner.save()

        send_all(at=now)

        delivery.refresh_from_db()
        assert delivery.state == State.WITHHELD
        assert receiver.messages == []

    def test_nothing_goes_out_for_an_owner_who_left(
        self, endpoint: WebhookEndpoint, receiver: Receiver, ida: User, now: datetime
    ) -> None:
        owe(endpoint, happen(make.partner(), at=now), at=now)
        ida.is_active = False
        ida.save()

        send_all(at=now)

        assert receiver.messages == []

    def test_a_late_result_counts_nothing(
        self, endpoint: WebhookEndpoint, receiver: Receiver, now: datetime
    ) -> None:
        delivery = owe(endpoint, happen(make.partner(), at=now), at=now)
        slow = sending.take(at=now)
        later = now + 2 * sending.LEASE
        assert slow is not None
        assert sending.sweep(at=later) == 1
        send_all(at=later)

        assert not sending._mine(slow).update(state=State.FAILED)

        delivery.refresh_from_db()
        assert (delivery.state, delivery.attempts) == (State.DELIVERED, 2)

    def test_one_endpoint_has_two_on_their_way_at_most(
        self, endpoint: WebhookEndpoint, now: datetime
    ) -> None:
        for _number in range(3):
            owe(endpoint, happen(make.partner(), at=now), at=now)

        claims = [sending.take(at=now) for _number in range(3)]

        assert [claim is not None for claim in claims] == [True, True, False]


class TestReplay:
    def test_sends_a_period_again_with_the_same_ids_and_what_was_missed(
        self, endpoint: WebhookEndpoint, receiver: Receiver, ida: User, now: datetime
    ) -> None:
        sent = owe(endpoint, happen(make.partner(), at=now), at=now)
        send_all(at=now)
        missed = happen(make.partner(), at=now)
        happen(make.partner(), at=now + HOUR)

        count = replaying.replay_period(
            endpoint=endpoint, since=now, until=now + HOUR, by=ida, at=now
        )
        send_all(at=now)

        assert count == 2
        ids = [message.headers["webhook-id"] for message in receiver.messages]
        assert ids.count(f"msg_{sent.key}") == 2
        told = [json.loads(message.body)["data"]["id"] for message in receiver.messages]
        assert missed.pk in told
        assert len(told) == 3

    def test_by_id_sends_only_what_one_may_see(
        self, endpoint: WebhookEndpoint, ida: User, now: datetime
    ) -> None:
        seen = happen(make.partner(), at=now)
        hidden = happen(make.partner(confidentiality="restricted"), at=now)

        count = replaying.replay_entries(
            endpoint=endpoint, entries=[seen.pk, hidden.pk, 10**9], by=ida, at=now
        )

        assert count == 1
        assert endpoint.deliveries.get().event == seen

    def test_test_message_arrives(
        self, endpoint: WebhookEndpoint, receiver: Receiver, ida: User, now: datetime
    ) -> None:
        replaying.send_test(endpoint=endpoint, by=ida, at=now)

        send_all(at=now)

        assert json.loads(receiver.messages[0].body)["type"] == "webhook.tested"


@pytest.mark.django_db(transaction=True)
class TestPlanning:
    def test_each_entry_once_as_filtered_and_as_visible(
        self, endpoint: WebhookEndpoint, ida: User, now: datetime
    ) -> None:
        one, other = make.partner(), make.partner()
        gone = make.partner(merged_into=one, archived_at=now)
        endpoints.edit_endpoint(
            endpoint=endpoint,
            values={"kinds": ["partner.*"], "partner_ids": [gone.pk]},
            by=ida,
            at=now,
        )
        wanted = [happen(one, at=now), happen(gone, at=now, kind="partner.merged")]
        happen(other, at=now)
        happen(one, at=now, kind="deal.won")
        secret = make.partner(confidentiality="restricted")
        endpoint.refresh_from_db()
        happen(secret, at=now)

        planned = planning.plan_deliveries(at=now), planning.plan_deliveries(at=now)

        owed = WebhookDelivery.objects.values_list("event_id", flat=True)
        assert planned == (2, 0)
        assert sorted(owed) == sorted(event.pk for event in wanted)

    def test_goes_on_after_a_crash_before_sending(
        self, endpoint: WebhookEndpoint, receiver: Receiver, now: datetime
    ) -> None:
        happen(make.partner(), at=now)
        planning.plan_deliveries(at=now)
        sending.take(at=now)  # and the worker dies here
        later = now + 2 * sending.LEASE

        sending.sweep(at=later)
        planning.plan_deliveries(at=later)
        send_all(at=later)

        assert len(receiver.messages) == 1


class TestForget:
    def test_what_ended_a_month_ago_goes(
        self, endpoint: WebhookEndpoint, receiver: Receiver, now: datetime
    ) -> None:
        owe(endpoint, happen(make.partner(), at=now), at=now)
        send_all(at=now)

        kept = telling.forget_old(at=now + timedelta(days=29))
        gone = telling.forget_old(at=now + timedelta(days=31))

        assert (kept, gone > 0) == (0, True)
        assert not WebhookDelivery.objects.exists()
        assert Event.objects.exists()
