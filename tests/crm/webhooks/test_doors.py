"""The doors of webhooks: who may make, change and see them; constraints of the tables."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext

from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.journal.models import Event
from crm.webhooks.models import State, WebhookEndpoint
from crm.webhooks.operations import endpoints, sending
from tests import make
from tests.crm.web.api.conftest import caller, program
from tests.crm.webhooks.conftest import Receiver, happen, owe, send_all

HOOKS = "/api/v1/webhooks/"
GIVEN = {"description": "ERP", "url": "https://erp.example.com/hook"}
CONFIRMED = {"_form_submitted": "True"}


class TestApi:
    def test_make_change_and_remove(self, ida: User) -> None:
        api = program(ida, "webhooks:write")

        made = api.send("POST", HOOKS, {**GIVEN, "kinds": ["deal.*"]})
        here = f"{HOOKS}{made.json()['id']}/"
        changed = api.send(
            "PATCH", here, {"is_active": False}, If_Match=made.headers["ETag"]
        )
        stale = api.send(
            "PATCH", here, {"url": "https://b.example.com"}, If_Match='"1"'
        )
        secrets = api.get(f"{here}secrets/")
        removed = api.send("DELETE", here, If_Match=changed.headers["ETag"])

        assert made.status_code == 201
        assert "secret" not in str(made.json())
        assert (changed.json()["is_active"], changed.json()["reason"]) == (
            False,
            "person",
        )
        assert stale.status_code == 412
        assert secrets.json()["secrets"][0].startswith("whsec_")
        assert removed.status_code == 204
        kinds = list(Event.objects.order_by("id").values_list("kind", flat=True))
        assert kinds[-3:] == [
            "webhook.registered",
            "webhook.changed",
            "webhook.removed",
        ]
        latest = Event.objects.latest("id")
        assert (latest.by, latest.token_id) == (ida, ida.api_tokens.get().pk)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"url": "http://erp.example.com/"},
            {"url": "https://169.254.169.254/"},
            {"url": "https://localhost/"},
            {"kinds": ["Partner"]},
            {"partner_ids": [0]},
            {"description": " "},
            {"owner_id": 1},
        ],
    )
    def test_nonsense_is_400(self, ida: User, wrong: dict[str, Any]) -> None:
        answer = program(ida).send("POST", HOOKS, {**GIVEN, **wrong})

        assert answer.status_code == 400
        assert not WebhookEndpoint.objects.exists()

    def test_others_neither_see_nor_change_it(
        self, endpoint: WebhookEndpoint, ida: User, now: datetime
    ) -> None:
        owe(endpoint, happen(make.partner(), at=now), at=now)
        send_all(at=now)
        here = f"{HOOKS}{endpoint.pk}/"
        other = program(make.user(Role.INTEGRATION))
        admin = program(make.user(Role.ADMINISTRATOR))

        hidden = [
            other.get(here),
            other.get(f"{here}secrets/"),
            admin.get(f"{here}secrets/"),
            other.send("POST", f"{here}test/", {}),
        ]
        lists = [
            other.get(f"/api/v1/{name}/").json()["results"]
            for name in ("webhooks", "webhook-deliveries", "webhook-attempts")
        ]
        moved = admin.send("PATCH", here, {"url": GIVEN["url"]}, If_Match="*")
        off = admin.send("PATCH", here, {"is_active": False}, If_Match="*")

        assert [answer.status_code for answer in hidden] == [404] * 4
        assert lists == [[], [], []]
        assert (moved.status_code, off.status_code) == (409, 200)

    def test_reading_scope_does_not_show_secrets(
        self, endpoint: WebhookEndpoint, ida: User
    ) -> None:
        answer = program(ida, "webhooks:read").get(f"{HOOKS}{endpoint.pk}/secrets/")

        assert (answer.status_code, answer.json()["code"]) == (403, "scope-missing")

    def test_managers_have_none(self, db: None) -> None:
        api = program(make.user(Role.ALLIANCE_MANAGER))

        assert api.get(HOOKS).status_code == 403
        assert api.send("POST", HOOKS, GIVEN).status_code == 403

    def test_replay_rotate_and_test(
        self, endpoint: WebhookEndpoint, ida: User, receiver: Receiver, now: datetime
    ) -> None:
        event = happen(make.partner(), at=now)
        api, here = program(ida), f"{HOOKS}{endpoint.pk}/"
        period = {"since": now.isoformat(), "until": (now + timedelta(1)).isoformat()}

        answers = [
            api.send("POST", f"{here}replay/", period),
            api.send("POST", f"{here}replay-entries/", {"event_ids": [event.pk]}),
            api.send("POST", f"{here}rotate-secret/", {"overlap_hours": 1}),
            api.send("POST", f"{here}test/", {}),
        ]
        backwards = api.send(
            "POST", f"{here}replay/", {**period, "until": period["since"]}
        )

        assert [answer.status_code for answer in answers] == [200] * 4
        assert backwards.status_code == 400
        assert send_all(at=now + timedelta(minutes=1)) == 2
        log = api.get("/api/v1/webhook-attempts/").json()["results"]
        assert [attempt["status"] for attempt in log] == [200, 200]


class TestAdmin:
    def test_make_see_the_secret_and_change(self, ida: User) -> None:
        client = caller(ida)
        values = {**GIVEN, "kinds": "deal.won\npartner.*", "is_active": "on"}

        made = client.post("/admin/webhooks/webhookendpoint/add/", values, follow=True)
        endpoint = WebhookEndpoint.objects.get()
        page = client.get(f"/admin/webhooks/webhookendpoint/{endpoint.pk}/change/")

        assert endpoint.kinds == ["deal.won", "partner.*"]
        (secret,) = endpoints.secrets_of(endpoint=endpoint, at=endpoint.created_at)
        assert secret in made.text
        assert "no-store" in made.headers["Cache-Control"]
        assert secret not in page.text
        assert "partner.*" in page.text

    def test_an_inner_address_is_told_in_the_form(self, ida: User) -> None:
        values = {**GIVEN, "url": "https://10.0.0.1/"}

        answer = caller(ida).post("/admin/webhooks/webhookendpoint/add/", values)

        assert answer.status_code == 200
        assert "not on the public internet" in answer.text

    def test_buttons(
        self, endpoint: WebhookEndpoint, ida: User, receiver: Receiver, now: datetime
    ) -> None:
        happen(make.partner(), at=now)
        client, here = caller(ida), f"/admin/webhooks/webhookendpoint/{endpoint.pk}/"
        days = {
            "since": (now - timedelta(1)).date().isoformat(),
            "until": (now + timedelta(1)).date().isoformat(),
        }

        answers = [
            client.post(f"{here}send_test/", CONFIRMED),
            client.post(f"{here}replay/", {**CONFIRMED, **days}),
            client.post(f"{here}rotate_secret/", {**CONFIRMED, "overlap_hours": 2}),
            client.post(f"{here}show_secrets/", CONFIRMED),
        ]

        assert [answer.status_code for answer in answers] == [302] * 4
        assert len(endpoints.secrets_of(endpoint=endpoint, at=now)) == 2
        send_all(at=now + timedelta(minutes=1))
        delivery = endpoint.deliveries.filter(is_test=False).get()
        page = client.get(f"/admin/webhooks/webhookdelivery/{delivery.pk}/change/")
        assert page.status_code == 200
        assert "partner.changed" in page.text
        again = client.post(
            f"/admin/webhooks/webhookdelivery/{delivery.pk}/send_again/", CONFIRMED
        )
        delivery.refresh_from_db()
        assert (again.status_code, delivery.state) == (302, State.WAITING)

    @pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.INTEGRATION])
    def test_secrets_of_others_stay_hidden(
        self, endpoint: WebhookEndpoint, role: str
    ) -> None:
        here = f"/admin/webhooks/webhookendpoint/{endpoint.pk}/secrets/"

        assert caller(make.user(role)).get(here).status_code == 404
        assert Client().get(here).status_code == 302

    @pytest.mark.parametrize("page", ["webhookendpoint", "webhookdelivery"])
    def test_lists_cost_the_same_for_many_rows(
        self, endpoint: WebhookEndpoint, ida: User, now: datetime, page: str
    ) -> None:
        client, counts = caller(ida), []
        client.get(f"/admin/webhooks/{page}/")
        for number in (2, 20):
            for _ in range(number):
                owe(endpoint, happen(make.partner(), at=now), at=now)
                endpoints.register_endpoint(values=GIVEN, by=ida, at=now)
            with CaptureQueriesContext(
                connection,
            ) as queries:
                client.get(f"/admin/webhooks/{page}/")
            counts.append(len(queries))

        assert counts[0] == counts[1] <= 14


class TestConstraints:
    def refused(self, name: str, **changes: Any) -> None:
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            WebhookEndpoint.objects.update(**changes)

    def test_off_needs_a_reason_and_on_has_none(
        self, endpoint: WebhookEndpoint
    ) -> None:
        WebhookEndpoint.objects.update(is_active=False, reason="person")
        self.refused("webhook_endpoint_says_why_it_is_off", reason="")
        self.refused("webhook_endpoint_says_why_it_is_off", is_active=True)

    def test_filters_are_bounded(self, endpoint: WebhookEndpoint) -> None:
        WebhookEndpoint.objects.update(kinds=["a"] * 100, partner_ids=[1] * 1000)
        self.refused("webhook_endpoint_filters_are_bounded", kinds=["a"] * 101)
        self.refused("webhook_endpoint_filters_are_bounded", partner_ids=[1] * 1001)

    def test_one_secret_without_end(
        self, endpoint: WebhookEndpoint, now: datetime
    ) -> None:
        endpoint.secrets.create(salt="1", created_at=now, expires_at=now)
        with pytest.raises(IntegrityError, match="one_without_end"):
            endpoint.secrets.create(salt="2", created_at=now)

    @pytest.mark.parametrize(
        ("changes", "name"),
        [
            ({"state": "sending"}, "leased_while_sending"),
            ({"lease_until": Now()}, "leased_while_sending"),
            ({"state": "delivered"}, "ended_at_some_time"),
            ({"ended_at": Now()}, "ended_at_some_time"),
        ],
    )
    def test_states_of_a_delivery(
        self,
        endpoint: WebhookEndpoint,
        now: datetime,
        changes: dict[str, Any],
        name: str,
    ) -> None:
        delivery = owe(endpoint, happen(make.partner(), at=now), at=now)
        sending.take(at=now)
        endpoint.deliveries.update(state="delivered", lease_until=None, ended_at=now)
        endpoint.deliveries.update(state="waiting", ended_at=None)

        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            endpoint.deliveries.filter(pk=delivery.pk).update(**changes)
