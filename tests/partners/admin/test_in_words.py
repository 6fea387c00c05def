"""Pages of the registry say things by the names people know, and name people of both sides."""

import pytest
from django.test import Client
from django.utils import timezone

from crm.accounts.models import User
from partners import operations
from partners.models import BusinessReview, Cooperation
from partners.operations import Suggestion
from tests import make
from tests.partners.admin.test_registry_pages import (
    ADMIN,
    TODAY,
    anna,
    cooperation,
    page,
    press,
    secret,
)

__all__ = ["anna", "cooperation", "page", "secret"]

pytestmark = pytest.mark.django_db


class TestInWords:
    """No code of the product is shown where people have a name for it."""

    def test_a_proposal_names_what_was_looked_at(
        self, page: Client, cooperation: Cooperation, anna: User
    ) -> None:
        proposal = operations.propose_move(
            cooperation=cooperation,
            suggestion=Suggestion(
                kind="gate_met",
                to="qualified",
                words="Every criterion is met.",
                evidence={"owner_named": "passed", "approval:owner": "missing"},
            ),
            at=timezone.now(),
        )
        assert proposal is not None

        told = page.get(f"{ADMIN}proposal/{proposal.pk}/change/").text

        assert "Owner named: passed" in told
        assert "Approved by the owner: missing" in told
        assert "gate_met" not in told

    def test_checks_name_their_criterion(
        self, page: Client, cooperation: Cooperation
    ) -> None:
        press(page, cooperation, "move", to="qualified")

        told = page.get(f"{ADMIN}gatecheck/").text

        assert "Partner profile complete" in told
        assert "Approved by the owner" in told
        assert "profile_complete" not in told

    def test_the_page_of_an_activity_tells_when_and_with_whom(
        self, page: Client, cooperation: Cooperation, anna: User
    ) -> None:
        activity = operations.log_activity(
            partner=cooperation.partner,
            cooperation=cooperation,
            values={"kind": "call", "summary": "Price"},
            by=anna,
            at=timezone.now(),
        )

        told = page.get(f"{ADMIN}activity/{activity.pk}/change/").text

        assert "BMW Group" in told
        assert "Cockpit" in told


def test_a_review_names_people_of_both_sides(
    page: Client, cooperation: Cooperation, anna: User
) -> None:
    erika = make.contact(cooperation.partner, "Erika")
    page.post(
        f"{ADMIN}businessreview/add/",
        {
            "partner": cooperation.partner_id,
            "cooperation": cooperation.pk,
            "held_on": TODAY,
            "outcomes": "Both keep the plan.",
            "people": [anna.pk],
            "contacts": [erika.pk],
        },
    )

    review = BusinessReview.objects.get()
    assert list(review.meeting.contacts.all()) == [erika]
    told = page.get(f"{ADMIN}businessreview/{review.pk}/change/").text
    assert "Anna, Erika" in told


def test_a_review_refuses_people_out_of_sight(
    page: Client, cooperation: Cooperation, secret: Cooperation
) -> None:
    hidden = make.contact(secret.partner, "Nobody")

    answer = page.post(
        f"{ADMIN}businessreview/add/",
        {
            "partner": cooperation.partner_id,
            "held_on": TODAY,
            "outcomes": "Both keep the plan.",
            "contacts": [hidden.pk],
        },
    )

    assert answer.status_code == 200
    assert not BusinessReview.objects.exists()
