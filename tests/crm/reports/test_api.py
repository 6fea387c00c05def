"""Reports by REST in both directions: written, read back, decided; and what is refused."""

from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.figures import sections
from crm.reports.models import ReportDelivery, ReportRun, ReportSubscription, State
from tests import make
from tests.crm.reports.test_delivering import deliver, due, freeze
from tests.crm.reports.test_guards import force
from tests.crm.web.api.conftest import Caller, caller

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(60)]
DEFINITIONS = "/api/v1/report-definitions/"
SUBSCRIPTIONS = "/api/v1/report-subscriptions/"
RUNS = "/api/v1/report-runs/"
DELIVERIES = "/api/v1/report-deliveries/"


@pytest.fixture
def manager() -> User:
    return make.reports_manager()


@pytest.fixture
def api(manager: User) -> Caller:
    return caller(manager)


def report(owner: User, **fields: Any) -> dict[str, Any]:
    values = {
        "code": "north-monthly",
        "name": "North, the month",
        "name_zh": "北方月报",
        "audience": "executive",
        "sections": sections.names_for("executive"),
        "rhythm": "monthly",
        "weekday": 2,
        "hour": 7,
        "formats": ["pdf"],
        "owner_id": owner.pk,
    }
    return {**values, **fields}


class TestDefinitions:
    def test_are_written_and_read_back(self, api: Caller, manager: User) -> None:
        given = report(manager)

        made = api.send("POST", DEFINITIONS, given)

        assert made.status_code == 201
        found = api.get(f"{DEFINITIONS}{made.json()['id']}/").json()
        assert {name: found[name] for name in given} == given

    def test_are_edited_by_version(self, api: Caller, manager: User) -> None:
        made = api.send("POST", DEFINITIONS, report(manager)).json()
        address = f"{DEFINITIONS}{made['id']}/"

        done = api.send("PATCH", address, {"hour": 8}, If_Match='"1"')
        late = api.send("PATCH", address, {"hour": 9}, If_Match='"1"')

        assert (done.status_code, done.json()["hour"]) == (200, 8)
        assert late.status_code == 412

    @pytest.mark.parametrize(
        ("fields", "pointer"),
        [
            ({"weekday": 8}, "#/weekday"),
            ({"audience": "everybody"}, "#/audience"),
            ({"formats": ["docx"]}, "#/formats"),
            ({"owner_id": 10**9}, "#/owner_id"),
        ],
    )
    def test_that_make_no_sense_are_refused(
        self, api: Caller, manager: User, fields: dict[str, Any], pointer: str
    ) -> None:
        answer = api.send("POST", DEFINITIONS, report(manager, **fields))

        assert answer.status_code == 400
        assert answer.json()["errors"][0]["pointer"].startswith(pointer)

    def test_name_sections_that_exist(self, api: Caller, manager: User) -> None:
        answer = api.send("POST", DEFINITIONS, report(manager, sections=["gossip"]))

        assert answer.status_code == 400
        assert answer.json()["code"] == "reports.no-such-section"

    def test_are_made_by_managers_only(self, manager: User) -> None:
        reader = caller(make.user(Role.ALLIANCE_MANAGER))

        answer = reader.send("POST", DEFINITIONS, report(manager))

        assert answer.status_code == 403
        assert reader.get(DEFINITIONS).status_code == 200


class TestSubscriptions:
    def test_are_written_and_read_back(self, api: Caller) -> None:
        reader = make.user(Role.EXECUTIVE)
        given = {
            "definition_id": make.report().pk,
            "person_id": reader.pk,
            "scope": "all",
            "time_zone": "Asia/Kathmandu",
            "language": "zh-hans",
            "currency": "EUR",
            "formats": ["xlsx"],
            "send_if_empty": False,
        }

        made = api.send("POST", SUBSCRIPTIONS, given)

        assert made.status_code == 201
        found = api.get(f"{SUBSCRIPTIONS}{made.json()['id']}/").json()
        assert {name: found[name] for name in given} == given
        assert found["next_period"]

    def test_of_a_role_reach_its_people(self, api: Caller) -> None:
        reader = make.user(Role.FINANCE)
        role = reader.groups.get()
        given = {"definition_id": make.report().pk, "role_id": role.pk}

        made = api.send("POST", SUBSCRIPTIONS, given)

        assert made.json()["role_id"] == role.pk
        assert ReportSubscription.objects.get(pk=made.json()["id"]).person is None

    def test_are_paused_by_their_reader(self) -> None:
        subscription = make.subscription()
        assert subscription.person is not None
        reader = caller(subscription.person)

        done = reader.send(
            "PATCH",
            f"{SUBSCRIPTIONS}{subscription.pk}/",
            {"is_paused": True},
            If_Match="*",
        )

        assert (done.status_code, done.json()["is_paused"]) == (200, True)

    def test_of_others_are_not_found(self) -> None:
        subscription = make.subscription()

        other = caller(make.user(Role.ALLIANCE_MANAGER))

        assert other.get(f"{SUBSCRIPTIONS}{subscription.pk}/").status_code == 404

    def test_send_a_test_to_who_asks(self, api: Caller, manager: User) -> None:
        subscription = make.subscription()

        answer = api.send("POST", f"{SUBSCRIPTIONS}{subscription.pk}/send-test/", {})

        made = ReportDelivery.objects.get(pk=answer.json()["id"])
        assert (made.is_test, made.recipient) == (True, manager)

    def test_send_a_missed_period_once(self, api: Caller) -> None:
        subscription = make.subscription()
        address = f"{SUBSCRIPTIONS}{subscription.pk}/send-period/"

        for _time in range(2):
            answer = api.send("POST", address, {"period": "2026-W30"})
            assert answer.status_code == 200

        owed = ReportDelivery.objects.get(subscription=subscription)
        assert (owed.period, owed.recipient) == ("2026-W30", subscription.person)

    def test_refuse_a_period_that_is_not_over(self, api: Caller) -> None:
        subscription = make.subscription()
        week = f"{timezone.now().year + 1}-W30"

        answer = api.send(
            "POST", f"{SUBSCRIPTIONS}{subscription.pk}/send-period/", {"period": week}
        )

        assert answer.status_code == 409

    def test_are_sent_now_by_managers_only(self) -> None:
        subscription = make.subscription()
        assert subscription.person is not None

        answer = caller(subscription.person).send(
            "POST", f"{SUBSCRIPTIONS}{subscription.pk}/send-period/", {}
        )

        assert answer.status_code == 403


def run_of(delivery: ReportDelivery) -> ReportRun:
    assert delivery.run is not None
    return delivery.run


class TestRuns:
    def test_give_the_payload_as_it_was_frozen(self) -> None:
        delivery = deliver(due())
        run = run_of(delivery)

        found = caller(delivery.recipient).get(f"{RUNS}{run.pk}/").json()

        assert found["payload"] == run.payload
        assert found["payload_hash"] == run.payload_hash

    def test_are_computed_again_as_the_next_revision(
        self, api: Caller, manager: User
    ) -> None:
        run = run_of(deliver(due(person=manager)))

        answer = api.send("POST", f"{RUNS}{run.pk}/compute-again/", {})

        assert answer.json()["revision"] == 2
        assert api.get(f"{RUNS}{run.pk}/").json()["revision"] == 1

    def test_are_read_only(self, api: Caller) -> None:
        run = run_of(deliver(due()))

        answer = api.send("PATCH", f"{RUNS}{run.pk}/", {"period": "2026-W01"})

        assert answer.status_code == 405

    @pytest.mark.parametrize("rows", [2, 20])
    def test_list_costs_the_same_for_any_number(
        self, rows: int, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        reader = make.user(Role.EXECUTIVE)
        definition = make.report()
        for number in range(rows):
            make.subscription(
                definition,
                person=reader,
                scope="partner",
                scope_partner=make.partner(f"Partner {number}"),
            )
        api = caller(reader)
        api.get(SUBSCRIPTIONS)

        with django_assert_num_queries(QUERIES):
            assert len(api.get(SUBSCRIPTIONS).json()["results"]) == rows


QUERIES = 3


class TestDeliveries:
    @pytest.mark.parametrize(
        ("act", "state"),
        [
            ("mark-as-sent", State.SENT),
            ("mark-as-failed", State.FAILED),
            ("send-again", State.READY),
        ],
    )
    def test_doubtful_ones_are_listed_and_decided(
        self, api: Caller, act: str, state: str
    ) -> None:
        delivery = freeze(due())
        force(delivery, State.UNCERTAIN)

        listed = api.get(DELIVERIES, {"state": "uncertain"}).json()["results"]
        answer = api.send("POST", f"{DELIVERIES}{delivery.pk}/{act}/", {})

        assert [row["id"] for row in listed] == [delivery.pk]
        assert (answer.status_code, answer.json()["state"]) == (200, state)

    def test_what_was_sent_is_not_decided(self, api: Caller) -> None:
        delivery = deliver(due())

        answer = api.send("POST", f"{DELIVERIES}{delivery.pk}/send-again/", {})

        assert answer.status_code == 409

    def test_readers_decide_nothing(self) -> None:
        delivery = freeze(due())
        force(delivery, State.UNCERTAIN)

        answer = caller(delivery.recipient).send(
            "POST", f"{DELIVERIES}{delivery.pk}/mark-as-sent/", {}
        )

        assert answer.status_code == 403
