"""The feedback loop: who takes which step, what each asks for, what stays in the journal."""

from datetime import date, timedelta
from typing import Any

import pytest

from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.core.errors import DomainError, StaleVersionError
from crm.journal.models import Event
from partners.ai import operations
from partners.ai.models import Feedback
from partners.ai.operations import Answer
from tests import make
from tests.make import EARLY
from tests.partners.ai import makers

pytestmark = pytest.mark.django_db
LATER = EARLY + timedelta(days=20)


def move(feedback: Feedback, to: str, by: User, **answer: Any) -> Feedback:
    return operations.move_feedback(
        feedback=feedback, to=to, answer=Answer(**answer), by=by, at=LATER
    )


def refused(code: str, feedback: Feedback, to: str, by: User, **answer: Any) -> None:
    with pytest.raises(DomainError) as caught:
        move(feedback, to, by, **answer)
    assert caught.value.code == code


def shipped(mo: User) -> Feedback:
    feedback = makers.feedback()
    move(feedback, "accepted", mo)
    return move(feedback, "shipped", mo, model=makers.base_model())


class TestRaise:
    def test_is_open_with_its_age(self, anna: User) -> None:
        feedback = operations.raise_feedback(
            scenario=makers.scenario(),
            model=makers.base_model(),
            values={"title": "Dialects", "priority": 3, "raised_on": EARLY.date()},
            by=anna,
            at=LATER,
        )

        assert (feedback.state, feedback.raised_by) == ("open", anna)
        event = Event.objects.get(kind="feedback.raised")
        assert event.partner_id == feedback.scenario.cooperation.partner_id

    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({"title": " "}, "feedback.needs-title"),
            ({"title": "x", "raised_on": date(2030, 1, 1)}, "feedback.future"),
            ({"title": "x", "state": "shipped"}, "fields.unknown"),
        ],
    )
    def test_is_refused(self, anna: User, values: dict[str, Any], code: str) -> None:
        with pytest.raises(DomainError) as caught:
            operations.raise_feedback(
                scenario=makers.scenario(),
                model=makers.base_model(),
                values=values,
                by=anna,
                at=LATER,
            )
        assert caught.value.code == code

    def test_is_about_no_model_of_another_partner(self, anna: User) -> None:
        with pytest.raises(DomainError, match="another partner"):
            operations.raise_feedback(
                scenario=makers.scenario(),
                model=makers.derived_model(),
                values={"title": "x"},
                by=anna,
                at=LATER,
            )


class TestMove:
    def test_goes_from_open_to_verified_by_two_sides(
        self, mo: User, anna: User
    ) -> None:
        feedback, version = makers.feedback(), makers.base_model("Better-2")
        contact = make.contact(feedback.scenario.cooperation.partner)

        move(feedback, "accepted", mo)
        move(feedback, "shipped", mo, model=version, on=EARLY.date())
        done = move(feedback, "verified", anna, contact=contact)

        assert (done.owner, done.shipped_base) == (mo, version)
        assert (done.verified_by, done.verified_on) == (contact, LATER.date())
        assert done.version == 4
        assert list(Event.objects.order_by("pk").values_list("kind", flat=True)) == [
            "feedback.accepted",
            "feedback.shipped",
            "feedback.verified",
        ]

    def test_each_side_takes_its_own_steps(self, mo: User, anna: User) -> None:
        refused("feedback.not-yours", makers.feedback(), "accepted", anna)
        refused("feedback.not-yours", makers.feedback(), "declined", anna, reason="x")
        refused("feedback.not-yours", shipped(mo), "verified", mo)
        refused("feedback.not-yours", shipped(mo), "open", mo, reason="x")

    def test_asks_for_reason_version_and_fitting_contact(
        self, mo: User, anna: User
    ) -> None:
        refused("feedback.needs-reason", makers.feedback(), "declined", mo)
        accepted = move(makers.feedback(), "accepted", mo)
        refused("feedback.needs-version", accepted, "shipped", mo)
        refused(
            "scenario.foreign-model", accepted, "shipped", mo,
            model=makers.derived_model(),
        )  # fmt: skip
        refused(
            "feedback.foreign-contact", shipped(mo), "verified", anna,
            contact=make.contact(make.partner()),
        )  # fmt: skip
        refused(
            "feedback.too-early", shipped(mo), "verified", anna, on=date(2026, 1, 6)
        )
        refused("feedback.future", shipped(mo), "verified", anna, on=date(2030, 1, 1))
        refused("feedback.no-such-step", makers.feedback(), "verified", anna)
        refused("feedback.no-such-step", makers.feedback(), "x", mo)

    def test_comes_back_when_it_is_not_solved(self, mo: User, anna: User) -> None:
        feedback = shipped(mo)

        refused("feedback.needs-reason", feedback, "open", anna)
        again = move(feedback, "open", anna, reason="Still wrong in Swabian")

        assert (again.state, again.reopened_count) == ("open", 1)
        assert (again.shipped_base, again.shipped_on) == (None, None)
        assert again.reason == "Still wrong in Swabian"

    def test_is_taken_by_whom_is_named(self, mo: User) -> None:
        other = make.user(Role.MODEL_TEAM)

        assert move(makers.feedback(), "accepted", mo, owner=other).owner == other

    def test_on_an_older_version_is_refused(self, mo: User) -> None:
        with pytest.raises(StaleVersionError):
            operations.move_feedback(
                feedback=makers.feedback(version=2),
                to="accepted",
                by=mo,
                at=LATER,
                expected_version=1,
            )


class TestEdit:
    def test_changes_words_priority_and_owner(self, anna: User) -> None:
        feedback = makers.feedback()

        operations.edit_feedback(
            feedback=feedback, values={"priority": 4}, by=anna, at=LATER
        )

        feedback.refresh_from_db()
        assert (feedback.priority, feedback.version) == (4, 2)

    def test_keeps_the_owner_of_what_was_accepted(self, mo: User) -> None:
        accepted = move(makers.feedback(), "accepted", mo)

        with pytest.raises(DomainError) as caught:
            operations.edit_feedback(
                feedback=accepted, values={"owner": None}, by=mo, at=LATER
            )
        assert caught.value.code == "feedback.needs-owner"
