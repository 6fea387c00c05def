"""A week whose every number was computed by hand: facts, payload, restatements, home.

The arithmetic stands beside each expectation; amounts are in euro, one euro buys 1.25 USD.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.figures import sections as figures
from crm.figures.blocks import Figure, Value
from crm.figures.facts import Facts
from crm.figures.headline import USAGE
from crm.home import portrait
from crm.rates.models import FxRate
from crm.reports.operations import runs
from crm.reports.payloads import Payload, VisibleSet, headline_of
from crm.reports.wanted import Wanted
from partners import operations as acts
from partners.models import Partner
from partners.operations.stages import Closing
from partners.stages import Stage
from partners.usage.models import CloudAccount
from tests import make

D = Decimal
MONDAY = date(2026, 11, 16)
DELIVERED = datetime(2026, 11, 24, 6, tzinfo=UTC)
MORNING = datetime(2026, 11, 23, 1, tzinfo=UTC)
EVERYTHING = [each.name for each in figures.ALL]

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(60)]


def day(number: int) -> date:
    """Return a day counted from the Monday of week 47."""
    return MONDAY + timedelta(days=number)


def use(account: CloudAccount, on: date, cost: Any, **fields: Any) -> None:
    make.usage(account, on, cost, delivered_at=DELIVERED, **fields)


class World:
    """Two partners that are seen and one that is not."""

    def __init__(self) -> None:
        self.director = make.user(Role.EXECUTIVE, name="Victor")
        self.anna = make.user(Role.ALLIANCE_MANAGER, name="Anna")
        self.big = make.partner("Big", owner=self.anna)
        self.small = make.partner("Small", owner=self.anna)
        self.unseen = make.partner("Unseen", owner=self.director)
        for on, rate in ((day(-8), "1.25"), (day(-2), "1.25")):
            FxRate.objects.create(
                base="EUR", quote="USD", date=on, rate=D(rate), source="test"
            )
        self._big()
        self._small()
        use(make.cloud_account(self.unseen), day(0), 1_000_000, currency="EUR")

    def _big(self) -> None:
        account = make.cloud_account(self.big)
        for week in range(4):  # 50 on each Monday of weeks 40 to 43
            use(account, day(-49 + 7 * week), 50, currency="EUR")
        for number in range(-7, 0):  # week 46: 5 + 8 of AI a day
            use(account, day(number), 5, currency="EUR")
            use(account, day(number), 8, model="qwen", tokens=500, currency="EUR")
        for number in range(7):  # week 47: 5 + 10 of AI a day
            use(account, day(number), 5, currency="EUR")
            use(account, day(number), 10, model="qwen", tokens=1000, currency="EUR")
        use(account, day(3), -3, charge_category="Credit", currency="EUR")
        use(account, day(2), 100, charge_category="Tax", currency="EUR")
        use(account, day(2), 500, charge_category="Purchase", currency="EUR")

    def _small(self) -> None:
        account = make.cloud_account(self.small)
        use(account, day(-7), 10)  # 8 euro
        use(account, day(0), 20)  # 16 euro
        use(account, day(1), 20)  # 16 euro
        for number in (4, 5):  # AI on two days only: 2 euro each
            fields: dict[str, Any] = {"tokens": 300, "direction": "output"}
            use(account, day(number), "2.5", model="qwen", **fields)

    def wanted(self, **fields: Any) -> Wanted:
        values: dict[str, Any] = {
            "definition": make.report(sections=EVERYTHING),
            "period": "2026-W47",
            "time_zone": "Asia/Shanghai",
            "currency": "EUR",
            "language": "en",
            "visible": VisibleSet(
                (self.big.pk, self.small.pk), tuple(sorted(figures.rights()))
            ),
        }
        return Wanted(**{**values, **fields})


@pytest.fixture
def world() -> World:
    return World()


def numbers(payload: Payload) -> dict[str, Figure]:
    return headline_of(payload)


def value(figure: Figure) -> str:
    return str(figure["value"].get("value"))


def changed(figure: Figure) -> str:
    return str(figure["change"]["value"].get("value"))


class TestHeadline:
    def test_by_hand(self, world: World) -> None:
        payload = runs.computed_payload(wanted=world.wanted())

        found = numbers(payload)
        # big 7 × 15 − 3 credit; small 16 + 16 + 2 + 2; neither tax nor purchase
        assert value(found["spend"]) == "138.00"
        # week 46: 7 × 13 + 8 = 99; (138 − 99) ÷ 99
        assert changed(found["spend"]) == "0.393939"
        assert found["spend"]["value"]["rate_on"] == day(-2).isoformat()
        # (70 + 4) ÷ 138; week 43 had spend and no AI
        assert value(found["ai-share"]) == "0.536232"
        assert changed(found["ai-share"]) == "0.536232"
        # 7,000 + 600; week 46: 3,500; 4,100 ÷ 3,500
        assert value(found["tokens"]) == "7600"
        assert changed(found["tokens"]) == "1.171429"
        # big on seven days, small on two
        assert (value(found["active-partners"]), changed(found["active-partners"])) == (
            "1",
            "0",
        )

    def test_says_how_many_days_were_compared(self, world: World) -> None:
        payload = runs.computed_payload(wanted=world.wanted())

        against = numbers(payload)["spend"]["change"]["against"]
        assert against == "last week"

    def test_leaves_out_what_the_reader_may_not_see(self, world: World) -> None:
        rights = tuple(sorted(figures.rights() - {USAGE}))
        visible = VisibleSet((world.big.pk,), rights)

        payload = runs.computed_payload(wanted=world.wanted(visible=visible))

        assert set(numbers(payload)) & {"spend", "tokens", "ai-share"} == set()
        names = {part["name"] for part in payload["sections"]}
        assert names & {"spend", "movers", "usage-detail", "retention"} == set()


class TestSections:
    def rows(self, payload: Payload, name: str, table: int = 0) -> list[list[Value]]:
        part = next(each for each in payload["sections"] if each["name"] == name)
        tables = [block for block in part["blocks"] if block["block"] == "table"]
        return tables[table]["rows"]

    def test_leaders_by_hand(self, world: World) -> None:
        payload = runs.computed_payload(wanted=world.wanted())

        rows = self.rows(payload, "movers")
        # big: 28 days 7 × 13 + 105 − 3 = 193, before 4 × 50 = 200; small: 44 from nothing
        assert [str(cell.get("value")) for cell in rows[0]] == [
            "Small",
            "44.00",
            "44.00",
            "44",
        ]
        assert rows[0][3]["kind"] == "new"
        laggard = self.rows(payload, "movers", 1)[0]
        assert [str(cell.get("value")) for cell in laggard[1:]] == [
            "193.00",
            "-7.00",
            "-0.035000",
        ]

    def test_charge_categories_stay_in_their_currency(self, world: World) -> None:
        payload = runs.computed_payload(wanted=world.wanted())

        rows = self.rows(payload, "usage-detail", 1)
        said = {
            (row[0]["value"], row[1].get("currency")): row[1].get("value")
            for row in rows
        }
        assert said[("Tax (not spend)", "EUR")] == "100.00"
        assert said[("Purchase (not spend)", "EUR")] == "500.00"
        assert said[("Credit", "EUR")] == "-3.00"
        assert said[("Usage", "USD")] == "45.00"

    def test_moves_come_with_reason_and_person(self, world: World) -> None:
        victor = world.director
        ended = make.cooperation(world.big, title="Search", by=victor)
        acts.move_stage(
            cooperation=ended,
            to=Stage.TERMINATED,
            by=victor,
            at=datetime(2026, 11, 18, 9, tzinfo=UTC),
            reason="No budget",
            closing=Closing(
                reason="no_budget",
                lessons="Ask earlier",
                commitments_settlement="None were made",
            ),
        )

        payload = runs.computed_payload(wanted=world.wanted())

        assert value(numbers(payload)["moves"]) == "0 / 0 / 1"
        part = next(each for each in payload["sections"] if each["name"] == "changes")
        move = part["blocks"][0]["moves"][0]
        assert move["title"] == "Big: Search"
        assert move["evidence"][0] == "Victor: No budget"

    def test_a_missing_rate_refuses_the_total_by_name(self, world: World) -> None:
        payload = runs.computed_payload(wanted=world.wanted(currency="CNY"))

        spend = numbers(payload)["spend"]
        assert spend["value"]["kind"] == "unknown"
        assert "CNY" in spend["note"]
        assert value(numbers(payload)["tokens"]) == "7600"


class TestRestatements:
    def test_tell_old_and_new_once_data_came_late(self, world: World) -> None:
        wanted = world.wanted(period="2026-W46")
        runs.freeze_run(wanted=wanted, at=MORNING - timedelta(days=7))
        account = CloudAccount.objects.filter(ownerships__partner=world.big).get()
        use(account, day(-1), 11, currency="EUR")

        payload = runs.computed_payload(
            wanted=world.wanted(definition=wanted.definition)
        )

        told = {each["label"]: each for each in payload["restatements"]}
        assert told["Cloud spend"]["old"]["value"] == "99.00"
        assert told["Cloud spend"]["new"]["value"] == "110.00"
        assert "Tokens" not in told
        assert payload["sections"][-1]["name"] == "restated"

    def test_are_none_when_nothing_changed(self, world: World) -> None:
        wanted = world.wanted(period="2026-W46")
        runs.freeze_run(wanted=wanted, at=MORNING - timedelta(days=7))

        payload = runs.computed_payload(
            wanted=world.wanted(definition=wanted.definition)
        )

        assert payload["restatements"] == []


class TestHome:
    def seen(self, person: User) -> tuple[Facts, dict[str, Any]]:
        look = portrait.look_of(person=person, at=MORNING, week="2026-W47", scope="all")
        facts = portrait.facts_for(person=person, look=look, at=MORNING)
        return facts, portrait.portrait(facts)

    def test_says_the_same_as_the_mail(self, world: World) -> None:
        person = world.director
        person.currency, person.time_zone = "EUR", "Asia/Shanghai"
        with translation.override("en"):
            facts, page = self.seen(person)
            visible = VisibleSet(facts.frame.partner_ids, tuple(facts.frame.rights))
            payload = runs.computed_payload(wanted=world.wanted(visible=visible))
            said = {
                figure["label"]: figure["value"]
                for part in portrait.told(facts, ["headline"])
                for figure in part["blocks"][0]["figures"]
            }

        mailed = [figure["label"] for figure in numbers(payload).values()]
        assert [each["label"] for each in page["figures"]] == mailed
        assert {each["label"]: each["value"] for each in page["figures"]} == said


class TestQueries:
    @pytest.mark.parametrize("partners", [2, 20])
    def test_do_not_grow_with_the_partners(self, world: World, partners: int) -> None:
        ids = [world.big.pk, world.small.pk]
        for number in range(partners - 2):
            each = make.partner(f"More {number}")
            use(make.cloud_account(each), day(1), 5, currency="EUR")
            ids.append(each.pk)
        visible = VisibleSet(tuple(ids), tuple(sorted(figures.rights())))
        wanted = world.wanted(visible=visible)

        with CaptureQueriesContext(
            connection,
        ) as queries:
            runs.computed_payload(wanted=wanted)

        assert Partner.objects.count() >= partners
        assert len(queries) == QUERIES


QUERIES = 40
