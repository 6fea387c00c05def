"""Statistics of the ladder, headline stages, trees and timelines."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from crm.accounts.roles import Role
from partners import operations, queries
from partners.models import Cooperation, Partner
from partners.queries import StageStatistics
from partners.stages import Stage
from tests import make
from tests.make import EARLY
from tests.partners.conftest import People, Ready

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("only_own_evidence")]
DAY = timedelta(days=1)


def of(stage: str, at: datetime, rows: Any = None) -> StageStatistics:
    cooperations = Cooperation.objects.all() if rows is None else rows
    found = queries.stage_statistics(cooperations, at=at)
    return next(row for row in found if row.stage.code == stage)


def advance(cooperation: Cooperation, people: People, days: float) -> Cooperation:
    return operations.move_stage(
        cooperation=cooperation,
        to=Stage.QUALIFIED,
        by=people.anna,
        at=EARLY + days * DAY,
    )


class TestStageStatistics:
    def test_tell_median_and_85th_percentile_of_completed_stays(
        self, people: People, ready: Ready
    ) -> None:
        for days in (10, 20, 40):
            advance(ready(), people, days)

        found = of("first_contact", EARLY + 50 * DAY)

        assert (found.completed, found.median_days) == (3, 20)
        assert found.percentile_85_days == pytest.approx(34)

    def test_leave_holds_out(self, people: People, ready: Ready) -> None:
        resting = operations.put_on_hold(
            cooperation=ready(), reason="Budget year", by=people.anna, at=EARLY
        )
        operations.resume(cooperation=resting, by=people.anna, at=EARLY + 4 * DAY)
        advance(resting, people, 10)

        assert of("first_contact", EARLY + 50 * DAY).median_days == 6

    def test_count_stays_that_ended_in_the_last_year(
        self, people: People, ready: Ready
    ) -> None:
        advance(ready(), people, 10)

        assert of("first_contact", EARLY + 374 * DAY).completed == 1
        assert of("first_contact", EARLY + 375 * DAY).completed == 0

    def test_convert_within_twice_the_expected_days(
        self, people: People, ready: Ready
    ) -> None:
        advance(ready(), people, 60)
        advance(ready(), people, 60.1)
        ready()

        found = of("first_contact", EARLY + 70 * DAY)

        assert (found.entered, found.reached) == (3, 1)
        assert found.conversion == pytest.approx(1 / 3)

    def test_wait_for_the_end_of_the_cohort_window(self, ready: Ready) -> None:
        ready()

        assert of("first_contact", EARLY + 60 * DAY).entered == 1
        assert of("first_contact", EARLY + 59.9 * DAY).entered == 0
        assert of("first_contact", EARLY + 59.9 * DAY).conversion is None

    def test_count_running_and_resting(self, people: People, ready: Ready) -> None:
        ready()
        operations.put_on_hold(
            cooperation=ready(), reason="Budget year", by=people.anna, at=EARLY
        )

        found = of("first_contact", EARLY)

        assert (found.running, found.on_hold) == (2, 1)

    def test_count_what_the_person_may_see(self, people: People, ready: Ready) -> None:
        advance(ready(), people, 10)
        Partner.objects.update(confidentiality="nda")
        carla = make.user(Role.ALLIANCE_MANAGER, team=make.team())
        later = EARLY + 50 * DAY

        seen = Cooperation.objects.visible_to(carla)

        assert of("first_contact", later, seen).completed == 0
        assert of("first_contact", later).completed == 1

    def test_count_only_what_the_person_may_see(
        self, people: People, ready: Ready
    ) -> None:
        hidden, shown = advance(ready(), people, 10), advance(ready(), people, 20)
        Partner.objects.filter(pk=hidden.partner_id).update(confidentiality="nda")
        carla = make.user(Role.ALLIANCE_MANAGER, team=make.team())
        later, mine = EARLY + 70 * DAY, Cooperation.objects.visible_to(carla)

        found = of("first_contact", later, mine)

        assert list(mine) == [shown]
        assert (found.completed, found.median_days, found.entered) == (1, 20, 1)
        assert of("qualified", later, mine).running == 1

    def test_count_a_cooperation_that_comes_again_once(
        self, people: People, ready: Ready
    ) -> None:
        once = advance(ready(), people, 10)
        back = operations.move_stage(
            cooperation=once,
            to=Stage.FIRST_CONTACT,
            by=people.anna,
            at=EARLY + 20 * DAY,
            reason="The budget is gone",
        )
        advance(back, people, 30)

        found = of("first_contact", EARLY + 100 * DAY)

        assert (found.completed, found.entered, found.reached) == (2, 1, 1)

    def test_costs_two_queries(self, django_assert_num_queries: Any) -> None:
        make.cooperation()

        with django_assert_num_queries(2):
            queries.stage_statistics(Cooperation.objects.all(), at=EARLY)


class TestHeadline:
    def headline(self) -> tuple[str | None, bool]:
        row = queries.with_headline(Partner.objects.all()).get()
        return row.headline_stage, row.headline_on_hold

    def test_is_the_highest_running_stage(self, people: People) -> None:
        partner = make.partner(owner=people.anna)
        make.cooperation(partner, stage=Stage.MOU)
        make.cooperation(partner, stage=Stage.PRODUCTION)

        assert self.headline() == ("production", False)

    def test_is_marked_when_only_resting_ones_are_there(self, people: People) -> None:
        partner = make.partner(owner=people.anna)
        make.cooperation(partner, stage=Stage.MOU)
        highest = make.cooperation(partner, stage=Stage.PRODUCTION)
        operations.put_on_hold(
            cooperation=highest, reason="Budget year", by=people.anna, at=EARLY
        )

        assert self.headline() == ("production", True)

    def test_is_nothing_without_a_running_cooperation(self) -> None:
        make.partner()

        assert self.headline() == (None, False)


class TestTree:
    def test_counts_everyone_once(self) -> None:
        group = make.partner()
        company = make.partner(parent=group)
        branch = make.partner(parent=company)
        make.partner()

        ids = queries.group_ids([group.pk, company.pk])

        assert ids == [group.pk, company.pk, branch.pk]

    def test_knows_the_line_above(self) -> None:
        group = make.partner()
        company = make.partner(parent=group)
        branch = make.partner(parent=company)

        assert queries.ancestor_ids(branch.pk) == [group.pk, company.pk]
        assert queries.ancestor_ids(group.pk) == []


class TestTimeline:
    @pytest.fixture
    def cooperation(self, people: People, ready: Ready) -> Cooperation:
        cooperation = ready()
        advance(cooperation, people, 10)
        operations.log_activity(
            partner=cooperation.partner,
            values={"kind": "call", "summary": "Other matter"},
            by=people.anna,
            at=EARLY + 11 * DAY,
        )
        return cooperation

    def test_of_a_partner_tells_all_of_it(self, cooperation: Cooperation) -> None:
        told = queries.partner_timeline(cooperation.partner)

        assert [happening.kind for happening in told] == [
            "activity.call",
            "cooperation.stage-moved",
            "activity.meeting",
        ]

    def test_of_a_cooperation_leaves_others_out(self, cooperation: Cooperation) -> None:
        told = queries.cooperation_timeline(cooperation)

        assert [happening.kind for happening in told] == [
            "cooperation.stage-moved",
            "activity.meeting",
        ]

    def test_tells_what_hangs_on_the_cooperation(
        self, people: People, cooperation: Cooperation
    ) -> None:
        operations.raise_risk(
            partner=cooperation.partner,
            cooperation=cooperation,
            values={"title": "No chips"},
            by=people.anna,
            at=EARLY + 12 * DAY,
        )

        assert queries.cooperation_timeline(cooperation)[0].kind == "risk.raised"

    def test_reads_on_where_it_stopped(self, cooperation: Cooperation) -> None:
        whole = queries.partner_timeline(cooperation.partner)

        pages = []
        place = None
        while page := queries.partner_timeline(
            cooperation.partner, limit=1, before=place
        ):
            pages += page
            place = page[-1].place

        assert [p.place for p in pages] == [w.place for w in whole]
