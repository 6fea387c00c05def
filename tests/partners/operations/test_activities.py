"""Activities, the mutual action plan and risks."""

from datetime import date, timedelta

import pytest

from crm.core.errors import StaleVersionError
from partners import operations
from partners.models import ActionItem, Cooperation
from partners.operations import ActivityRefusedError, PlanRefusedError
from tests import make
from tests.make import EARLY
from tests.partners.conftest import People, Ready
from tests.partners.database import held

pytestmark = pytest.mark.django_db
MEETING = {"kind": "meeting", "summary": "Steering committee"}


@pytest.fixture
def cooperation(ready: Ready) -> Cooperation:
    return ready()


class TestLogActivity:
    def test_names_people_of_both_sides(
        self, people: People, cooperation: Cooperation
    ) -> None:
        partner = cooperation.partner
        theirs = make.contact(partner)

        activity = operations.log_activity(
            partner=partner,
            cooperation=cooperation,
            values=MEETING,
            people=[people.anna],
            contacts=[theirs],
            by=people.anna,
            at=EARLY,
        )

        assert activity.happened_at == EARLY
        assert (list(activity.people.all()), list(activity.contacts.all())) == (
            [people.anna],
            [theirs],
        )
        held()

    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({"kind": "party"}, "activity.kind"),
            ({"summary": " "}, "activity.summary"),
            ({"happened_at": EARLY + timedelta(seconds=1)}, "activity.future"),
        ],
    )
    def test_refuses(
        self,
        people: People,
        cooperation: Cooperation,
        values: dict[str, object],
        code: str,
    ) -> None:
        with pytest.raises(ActivityRefusedError) as refused:
            operations.log_activity(
                partner=cooperation.partner,
                values={**MEETING, **values},
                by=people.anna,
                at=EARLY,
            )

        assert refused.value.code == code

    def test_refuses_people_of_another_partner(
        self, people: People, cooperation: Cooperation
    ) -> None:
        with pytest.raises(ActivityRefusedError, match="another partner"):
            operations.log_activity(
                partner=cooperation.partner,
                values=MEETING,
                contacts=[make.contact(make.partner())],
                by=people.anna,
                at=EARLY,
            )

    def test_refuses_a_cooperation_of_another_partner(
        self, people: People, cooperation: Cooperation
    ) -> None:
        with pytest.raises(ActivityRefusedError, match="another partner"):
            operations.log_activity(
                partner=make.partner(),
                cooperation=cooperation,
                values=MEETING,
                by=people.anna,
                at=EARLY,
            )


class TestEditActivity:
    def test_refuses_an_old_version(
        self, people: People, cooperation: Cooperation
    ) -> None:
        activity = cooperation.activities.get()
        later = EARLY + timedelta(days=1)
        operations.edit_activity(
            activity=activity, values={"minutes": 30}, by=people.anna, at=later
        )

        with pytest.raises(StaleVersionError):
            operations.edit_activity(
                activity=activity,
                values={"minutes": 45},
                by=people.anna,
                at=later,
                expected_version=1,
            )


OURS = {"title": "Send the draft", "side": "ours", "due_on": date(2026, 2, 1)}


def add(
    cooperation: Cooperation, people: People, values: dict[str, object]
) -> ActionItem:
    return operations.add_action_item(
        partner=cooperation.partner,
        cooperation=cooperation,
        values=values,
        by=people.anna,
        at=EARLY,
    )


class TestActionItems:
    def test_on_our_side_belong_to_who_adds_them(
        self, people: People, cooperation: Cooperation
    ) -> None:
        assert add(cooperation, people, OURS).owner == people.anna

    def test_on_their_side_name_a_contact(
        self, people: People, cooperation: Cooperation
    ) -> None:
        contact = make.contact(cooperation.partner)

        item = add(cooperation, people, {**OURS, "side": "theirs", "contact": contact})

        assert (item.owner, item.contact) == (None, contact)

    def test_cannot_be_ours_and_done_by_them(
        self, people: People, cooperation: Cooperation
    ) -> None:
        contact = make.contact(cooperation.partner)

        with pytest.raises(PlanRefusedError) as refused:
            add(cooperation, people, {**OURS, "contact": contact})

        assert refused.value.code == "plan.side"

    def test_need_a_due_date(self, people: People, cooperation: Cooperation) -> None:
        with pytest.raises(PlanRefusedError):
            add(cooperation, people, {**OURS, "due_on": None})

    def test_are_done_once(self, people: People, cooperation: Cooperation) -> None:
        item = add(cooperation, people, OURS)
        done = operations.complete_action_item(item=item, by=people.anna, at=EARLY)

        with pytest.raises(PlanRefusedError, match="already"):
            operations.drop_action_item(item=done, by=people.anna, at=EARLY)

    def test_can_be_reopened(self, people: People, cooperation: Cooperation) -> None:
        item = add(cooperation, people, OURS)
        operations.drop_action_item(item=item, by=people.anna, at=EARLY)

        item = operations.reopen_action_item(item=item, by=people.anna, at=EARLY)

        assert (item.status, item.closed_at) == ("open", None)

    def test_change_only_while_open(
        self, people: People, cooperation: Cooperation
    ) -> None:
        item = add(cooperation, people, OURS)
        operations.complete_action_item(item=item, by=people.anna, at=EARLY)

        with pytest.raises(PlanRefusedError, match="reopen"):
            operations.edit_action_item(
                item=item, values={"title": "Other"}, by=people.anna, at=EARLY
            )


class TestRisks:
    def test_are_closed_with_a_reason(
        self, people: People, cooperation: Cooperation
    ) -> None:
        risk = operations.raise_risk(
            partner=cooperation.partner,
            cooperation=cooperation,
            values={"title": "No chips", "severity": "high"},
            by=people.anna,
            at=EARLY,
        )

        with pytest.raises(PlanRefusedError, match="why"):
            operations.close_risk(risk=risk, reason="", by=people.anna, at=EARLY)

        closed = operations.close_risk(
            risk=risk, reason="Chips came", by=people.anna, at=EARLY
        )
        assert (closed.status, closed.closed_at) == ("closed", EARLY)

    def test_know_three_levels(self, people: People, cooperation: Cooperation) -> None:
        with pytest.raises(PlanRefusedError) as refused:
            operations.raise_risk(
                partner=cooperation.partner,
                values={"title": "No chips", "severity": "huge"},
                by=people.anna,
                at=EARLY,
            )

        assert refused.value.code == "plan.level"
