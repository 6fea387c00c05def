"""A week that is told after the fact: deals, risks and health as they stood at its end."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from crm.figures.facts import Facts
from crm.reports.operations import runs
from crm.reports.payloads import headline_of
from crm.watch.models import Alert, HealthOverride, HealthSnapshot
from deals.models import Deal
from deals.pipeline import ChangeKind, DealStage
from partners.models import Cooperation
from tests import make
from tests.crm.figures.deal_world import AT, IN_Q4, MONDAY, T, World, kept, told

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(60)]
DAY = timedelta(days=1)
LONG_AFTER = AT + timedelta(days=30)


@pytest.fixture
def world() -> World:
    return World()


def facts(world: World, *, made_at: datetime = LONG_AFTER) -> Facts:
    return world.wanted().question(made_at=made_at).facts


@transaction.atomic
def moved(deal: Deal, to: DealStage, at: datetime, **fields: object) -> None:
    """Move a deal, as the operations do, at an instant."""
    assert deal.owner is not None
    stay = deal.stage_changes.get(exited_at__isnull=True)
    stay.exited_at = at
    stay.save()
    kind = {
        DealStage.LAUNCHED: ChangeKind.WIN,
        DealStage.CLOSED_LOST: ChangeKind.LOSE,
    }.get(to, ChangeKind.REOPEN if deal.closed_on else ChangeKind.MOVE)
    deal.stage_changes.create(
        from_stage=deal.stage,
        to_stage=to,
        kind=kind,
        entered_at=at,
        by=deal.owner,
        reason="Told later",
    )
    values = {"stage": to, "stage_entered_at": at, **fields}
    Deal.objects.filter(pk=deal.pk).update(**values)


class TestDeals:
    def test_that_moved_since_stand_where_they_stood(self, world: World) -> None:
        deal = world.deal(DealStage.QUALIFIED, 1000)
        moved(deal, DealStage.COMMITTED, AT + DAY, probability=80, category="commit")

        (line,) = facts(world).pipeline.open

        assert (line.stage, line.probability) == (DealStage.QUALIFIED, 20)
        assert not facts(world).pipeline.is_kept

    def test_that_were_won_since_are_open(self, world: World) -> None:
        deal = world.deal(DealStage.COMMITTED, 1000)
        kept(deal, MONDAY, amount=Decimal(700))
        moved(
            deal,
            DealStage.LAUNCHED,
            AT + DAY,
            closed_on=T + DAY,
            probability=100,
            category="closed",
            won_reason="price",
            agreement=make.agreement(world.big),
        )

        found = facts(world).pipeline

        assert [line.amount for line in found.open] == [Decimal(700)]
        assert found.won == []
        assert found.is_kept

    def test_that_were_won_before_but_noted_since_are_won(self, world: World) -> None:
        deal = world.deal(DealStage.COMMITTED, 1000)
        moved(
            deal,
            DealStage.LAUNCHED,
            AT + DAY,
            closed_on=T - DAY,
            probability=100,
            category="closed",
            won_reason="price",
            agreement=make.agreement(world.big),
        )

        assert [line.pk for line in facts(world).pipeline.won] == [deal.pk]

    def test_that_were_opened_again_since_are_closed(self, world: World) -> None:
        deal = world.deal(DealStage.CLOSED_LOST, 1000)
        moved(
            deal,
            DealStage.QUALIFIED,
            AT + DAY,
            closed_on=None,
            lost_reason="",
            probability=20,
            category="pipeline",
        )

        (line,) = facts(world).pipeline.lines

        assert (line.stage, line.closed_on) == (
            DealStage.CLOSED_LOST,
            date(2026, 10, 1),
        )

    def test_that_began_since_are_not_there(self, world: World) -> None:
        world.deal(DealStage.QUALIFIED, 1000, opened_at=AT + DAY)

        assert facts(world).pipeline.lines == []

    def test_have_the_amount_and_date_of_the_snapshot(self, world: World) -> None:
        deal = world.deal(DealStage.COMMITTED, 1000)
        kept(deal, MONDAY, amount=Decimal(400), target_close_on=IN_Q4)
        Deal.objects.filter(pk=deal.pk).update(target_close_on=date(2027, 3, 1))

        found = headline_of(world.payload())["forecast"]

        assert found["value"]["value"] == "320.00"  # 400 × 80 %, not 0


class TestRisks:
    def at_risk(self, world: World, opened_at: datetime) -> Alert:
        cooperation = make.cooperation(world.big, by=world.anna)
        return make.alert(cooperation, opened_at=opened_at)

    @pytest.mark.parametrize(
        ("opened", "count", "in_time"),
        [
            (timedelta(hours=-1), 1, 1),
            (timedelta(hours=3), 1, 1),  # found in the night after
            (timedelta(days=2), 0, 1),  # found since: in time means as of now
        ],
    )
    def test_are_those_of_the_night_after(
        self, world: World, opened: timedelta, count: int, in_time: int
    ) -> None:
        self.at_risk(world, AT + opened)

        assert len(facts(world).risks.rows) == count
        assert len(facts(world, made_at=AT + 3 * DAY).risks.rows) == in_time

    def test_that_are_over_since_still_stood_then(self, world: World) -> None:
        alert = self.at_risk(world, AT - 10 * DAY)
        alert.resolved_at = AT + 5 * DAY
        alert.save()

        then, now = facts(world).risks, facts(world, made_at=AT + 6 * DAY).risks

        assert [row.weeks for row in then.rows] == [2]
        assert then.count_before == 1
        assert now.rows == []


class TestHealth:
    @pytest.fixture
    def cooperation(self, world: World) -> Cooperation:
        return make.cooperation(world.big, by=world.anna, title="Cockpit")

    def scored(self, cooperation: Cooperation, on: date, overall: int | None) -> None:
        HealthSnapshot.objects.filter(cooperation=cooperation).update(is_latest=False)
        HealthSnapshot.objects.create(
            cooperation=cooperation,
            partner=cooperation.partner,
            valid_from=on,
            stage="mou",
            deployment=overall,
            overall=overall,
            confidence=40 if overall is None else 100,
            drivers=[
                {"measure": "deployment", "code": "gate", "passed": 1, "total": 4}
            ],
            scheme_version=1,
        )

    def test_has_score_change_measures_and_reasons(
        self, world: World, cooperation: Cooperation
    ) -> None:
        self.scored(cooperation, MONDAY - DAY, 55)
        self.scored(cooperation, T, 35)

        table, why = told(world.payload(), "health")

        (row,) = table["rows"]
        assert [each.get("value") for each in row[1:5]] == [35, "in trouble", -20, 35]
        (move,) = why["moves"]
        assert move["text"] == "35 of 100, in trouble; 100% of what counts is known"
        assert move["tone"] == "bad"
        assert move["evidence"] == [
            "Deployment 35: 1 of 4 criteria of the next gate are met."
        ]

    def test_of_a_past_week_is_what_was_found_then(
        self, world: World, cooperation: Cooperation
    ) -> None:
        self.scored(cooperation, T, 80)
        self.scored(cooperation, T + 3 * DAY, 20)

        def overall(made_at: datetime) -> int | None:
            (row,) = facts(world, made_at=made_at).health.rows
            return row.reading.overall

        assert overall(LONG_AFTER) == 80
        assert overall(AT + 4 * DAY) == 20

    def test_that_nobody_knows_is_never_green(
        self, world: World, cooperation: Cooperation
    ) -> None:
        self.scored(cooperation, T, None)

        table, why = told(world.payload(), "health")

        assert [each["kind"] for each in table["rows"][0][1:4]] == [
            "unknown",
            "text",
            "unknown",
        ]
        assert why["moves"][0]["text"].startswith(
            "Too little is known for a score; 40%"
        )
        assert why["moves"][0]["evidence"] == [
            "Deployment unknown: 1 of 4 criteria of the next gate are met."
        ]

    def test_without_any_look_is_unknown(
        self, world: World, cooperation: Cooperation
    ) -> None:
        (table,) = told(world.payload(), "health")

        assert table["rows"][0][1]["kind"] == "unknown"

    def test_by_hand_says_who_and_why(
        self, world: World, cooperation: Cooperation
    ) -> None:
        self.scored(cooperation, T, 35)
        HealthOverride.objects.create(
            cooperation=cooperation,
            overall=75,
            reason="They signed yesterday",
            by=world.anna,
            at=AT,
            ends_on=T + 20 * DAY,
        )

        table, why = told(world.payload(), "health")

        assert table["rows"][0][1]["value"] == 75
        assert why["moves"][0]["evidence"][0] == (
            "Set by Anna until 13 Dec 2026: They signed yesterday"
        )

    def test_of_many_counts_them_and_explains_those_that_lag(
        self, world: World, cooperation: Cooperation
    ) -> None:
        self.scored(cooperation, T, 30)
        for _number in range(3):
            self.scored(make.cooperation(world.big, by=world.anna), T, 90)

        counts, table, why = told(world.payload(), "health")

        assert [each["value"]["value"] for each in counts["figures"]] == [3, 0, 1, 0]
        assert len(table["rows"]) == 4
        assert [each["title"] for each in why["moves"]] == ["Big: Cockpit"]


class TestNotes:
    def notes(self, world: World, at: datetime | None) -> list[str]:
        return runs.computed_payload(wanted=world.wanted(), at=at)["notes"]

    def test_say_what_is_of_today(self, world: World) -> None:
        deal = world.deal(DealStage.COMMITTED, 1000)
        kept(deal, MONDAY)

        (note,) = self.notes(world, datetime(2026, 12, 22, 9, tzinfo=UTC))

        assert note.startswith("Made on 22 Dec 2026, after the fact.")

    def test_say_that_no_snapshot_was_kept(self, world: World) -> None:
        world.deal(DealStage.COMMITTED, 1000)

        assert "No snapshot of deals" in self.notes(world, LONG_AFTER)[1]

    @pytest.mark.parametrize("at", [None, AT, AT + 6 * DAY])
    def test_are_none_of_a_report_in_time(
        self, world: World, at: datetime | None
    ) -> None:
        assert self.notes(world, at) == []
