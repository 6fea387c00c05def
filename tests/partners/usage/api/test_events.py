"""Metering by API: each event once, and provisional until the bill covers its day."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.journal.models import Event
from partners.usage import operations
from partners.usage.models import CloudAccount, MeteredEvent
from tests import make
from tests.crm.web.api.conftest import TokenCaller, caller, program

EVENTS = "/api/v1/usage/events/"
PROVISIONAL = "/api/v1/usage/provisional/"
BATCH = "application/cloudevents-batch+json"
NOON = datetime.now(tz=UTC).replace(hour=12, minute=0, second=0, microsecond=0)
AT = NOON - timedelta(days=2)


@pytest.fixture
def ida(db: None) -> User:  # noqa: ARG001 - opens the database
    return make.user(Role.INTEGRATION)


@pytest.fixture
def api(ida: User) -> TokenCaller:
    return program(ida, "usage:write")


@pytest.fixture
def account(db: None) -> CloudAccount:  # noqa: ARG001 - opens the database
    return make.cloud_account(make.partner())


def event(account: CloudAccount, name: str = "1", **data: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": name,
        "source": "gateway/eu-1",
        "type": "usage.metered",
        "time": AT.isoformat(),
        "data": {
            "account_id": account.pk,
            "model": "qwen-max",
            **(data or {"tokens_in": 5}),
        },
    }


def post(api: TokenCaller, body: Any, query: str = "") -> Any:
    return api.generic("POST", EVENTS + query, orjson.dumps(body), content_type=BATCH)


class TestReport:
    def test_a_batch_counts_each_name_once(
        self, api: TokenCaller, account: CloudAccount
    ) -> None:
        batch = [event(account, "1"), event(account, "2"), event(account, "1")]

        made, again = post(api, batch), post(api, batch)

        results = [each["result"] for each in made.json()["results"]]
        assert results == ["created", "created", "unchanged"]
        assert again.json()["counts"] == {"unchanged": 3}
        assert MeteredEvent.objects.count() == 2
        entries = Event.objects.filter(kind="usage.events-reported")
        assert [entry.new["events_in_request"] for entry in entries] == [2]

    def test_one_event_answers_with_itself(
        self, api: TokenCaller, account: CloudAccount
    ) -> None:
        answer = api.generic(
            "POST",
            EVENTS,
            orjson.dumps(event(account, gpu_seconds="1.5")),
            content_type="application/cloudevents+json",
        )

        assert answer.status_code == 201
        assert answer.json()["gpu_seconds"] == "1.500000"
        assert answer.json()["is_provisional"] is True
        assert answer.json()["charge_day"] == AT.date().isoformat()

    @pytest.mark.parametrize(
        ("changes", "pointer"),
        [
            ({"specversion": "0.3"}, "#/0/specversion"),
            ({"type": "other"}, "#/0/type"),
            ({"time": "2026-11-01T00:00:00"}, "#/0/time"),
            ({"time": (NOON - timedelta(days=91)).isoformat()}, "#/0"),
            ({"time": (NOON + timedelta(days=2)).isoformat()}, "#/0"),
            ({"id": ""}, "#/0/id"),
            ({"data": {"account_id": 1, "model": "m"}}, "#/0/data"),
            ({"data": {"account_id": 10**9, "model": "m", "requests": 1}}, "#/0"),
            (
                {"data": {"account_id": 1, "model": "m", "requests": -1}},
                "#/0/data/requests",
            ),
            ({"extra": 1}, "#/0/extra"),
        ],
    )
    def test_nonsense_is_refused_and_nothing_stored(
        self,
        api: TokenCaller,
        account: CloudAccount,
        changes: dict[str, Any],
        pointer: str,
    ) -> None:
        answer = post(api, [{**event(account), **changes}, event(account, "2")])

        assert answer.status_code == 400
        assert answer.json()["errors"][0]["pointer"] == pointer
        assert not MeteredEvent.objects.exists()

    def test_not_atomic_takes_the_good_ones(
        self, api: TokenCaller, account: CloudAccount
    ) -> None:
        answer = post(api, [{"id": 1}, event(account)], "?atomic=false")

        assert answer.json()["counts"] == {"refused": 1, "created": 1}

    def test_accounts_of_hidden_partners_look_absent(self, api: TokenCaller) -> None:
        hidden = make.cloud_account(make.partner(confidentiality="restricted"))
        of_nobody = make.cloud_account()

        answers = [post(api, [event(each)]).json() for each in (hidden, of_nobody)]

        codes = {answer["errors"][0]["detail"] for answer in answers}
        assert codes == {"There is no such account of a partner."}

    def test_a_name_belongs_to_one_account(
        self, api: TokenCaller, account: CloudAccount
    ) -> None:
        post(api, [event(account)])

        answer = post(api, [event(make.cloud_account(make.partner()))])

        assert answer.json()["code"] == "usage.event-reused"

    def test_needs_role_and_scope(self, account: CloudAccount, ida: User) -> None:
        reader = program(ida, "usage:read")
        manager = program(make.user(Role.ALLIANCE_MANAGER))

        assert post(reader, [event(account)]).status_code == 403
        assert post(manager, [event(account)]).status_code == 403

    def test_a_thousand_cost_as_many_queries_as_ten(
        self, api: TokenCaller, account: CloudAccount
    ) -> None:
        counts = []
        for number in (10, 1_000):
            batch = [event(account, f"{number}-{each}") for each in range(number)]
            with CaptureQueriesContext(connection) as asked:
                assert post(api, batch).status_code == 200
            counts.append(len(asked))

        assert counts[1] <= counts[0] <= 20


class TestProvisional:
    def test_until_the_bill_of_the_day(
        self, api: TokenCaller, account: CloudAccount
    ) -> None:
        post(api, [event(account, "1", tokens_in=5), event(account, "2", tokens_out=7)])

        before = api.get(PROVISIONAL).json()["results"]
        make.usage(account, AT.date(), 1)
        after = api.get(PROVISIONAL).json()["results"]
        listed = api.get(EVENTS).json()["results"]

        assert before == [
            {
                "day": AT.date().isoformat(),
                "account_id": account.pk,
                "model": "qwen-max",
                "tokens_in": "5.000000",
                "tokens_out": "7.000000",
                "requests": "0.000000",
                "gpu_seconds": "0.000000",
                "events": 2,
            }
        ]
        assert after == []
        assert {each["is_provisional"] for each in listed} == {False}

    def test_only_of_partners_one_sees(self, ida: User, account: CloudAccount) -> None:
        secret = make.partner(confidentiality="restricted")
        hidden = make.cloud_account(secret)
        secret.owner = ida
        secret.save()
        writer = program(ida)
        post(writer, [event(hidden)])
        secret.owner = None
        secret.save()

        assert program(ida).get(PROVISIONAL).json()["results"] == []
        assert program(ida).get(EVENTS).json()["results"] == []

    @pytest.mark.parametrize(
        "query",
        ["?since=x", "?since=2026-02-01&until=2026-01-01", "?account_id=0", "?a=1"],
    )
    def test_nonsense_is_400(self, api: TokenCaller, query: str) -> None:
        assert api.get(PROVISIONAL + query).status_code == 400

    def test_admin_shows_them(self, api: TokenCaller, account: CloudAccount) -> None:
        post(api, [event(account)])

        page = caller(make.user(Role.FINANCE)).get("/admin/usage/meteredevent/")

        assert "qwen-max" in page.text
        assert "provisional" in page.text


class TestKept:
    def test_ninety_days(self, api: TokenCaller, account: CloudAccount) -> None:
        post(api, [event(account)])

        kept = operations.forget_events(at=AT + timedelta(days=89))
        gone = operations.forget_events(at=AT + timedelta(days=90))

        assert (kept, gone) == (0, 1)

    def test_constraints(self, api: TokenCaller, account: CloudAccount) -> None:
        post(api, [event(account)])
        stored = MeteredEvent.objects.get()
        MeteredEvent.objects.update(tokens_in=0)

        with (
            pytest.raises(IntegrityError, match="never_negative"),
            transaction.atomic(),
        ):
            MeteredEvent.objects.update(tokens_in=-1)
        stored.pk = None
        with pytest.raises(IntegrityError, match="metered_event_once"):
            stored.save()

    def test_received_now(self, api: TokenCaller, account: CloudAccount) -> None:
        post(api, [event(account)])

        age = timezone.now() - MeteredEvent.objects.get().received_at
        assert age < timedelta(minutes=1)
