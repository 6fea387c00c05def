"""Pages of what surrounds a cooperation: board, timeline, PoCs, proposals, documents, the ladder."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from crm.accounts.models import User
from crm.accounts.roles import Role
from partners import operations
from partners.models import (
    ActionItem,
    Activity,
    Attachment,
    BusinessReview,
    Cooperation,
    Poc,
    Proposal,
    Risk,
    StageTransitionRule,
)
from partners.operations import Suggestion
from tests import make

pytestmark = pytest.mark.django_db
ADMIN = "/admin/partners/"
BOARD = f"{ADMIN}cooperation/board/"
TODAY = timezone.now().date()


@pytest.fixture
def anna() -> User:
    return make.user(Role.ALLIANCE_MANAGER, name="Anna", team=make.team("Europe"))


@pytest.fixture
def page(anna: User, client: Client) -> Client:
    client.force_login(anna)
    return client


@pytest.fixture
def cooperation(anna: User) -> Cooperation:
    partner = make.partner("BMW Group", owner=anna, team=anna.team)
    return make.cooperation(partner, owner=anna, title="Cockpit")


@pytest.fixture
def secret() -> Cooperation:
    partner = make.partner("Secret", confidentiality="restricted")
    return make.cooperation(partner, title="Hidden plan")


def press(page: Client, row: Any, act: str, /, **data: Any) -> Any:
    address = f"{ADMIN}{row._meta.model_name}/{row.pk}/{act}/"
    return page.post(address, {"_form_submitted": "True", **data})


def drag(page: Client, row: Cooperation, to: str, *, version: int = 1) -> Any:
    return page.post(
        BOARD,
        {"move": f"{row.pk}:{version}:{to}"},
        headers={"Accept": "application/json"},
    )


class TestBoard:
    def test_shows_visible_ones_in_their_stage(
        self, page: Client, cooperation: Cooperation, secret: Cooperation
    ) -> None:
        answer = page.get(BOARD)

        columns = {c.key: c for c in answer.context["board"].columns}
        assert [c.title for c in columns["first_contact"].cards] == ["Cockpit"]
        assert columns["first_contact"].cards[0].moves == {
            "qualified": "",
            "terminated": "move",
        }
        assert "Hidden plan" not in answer.text

    def test_a_refused_card_goes_back_and_its_checks_stay(
        self, page: Client, cooperation: Cooperation
    ) -> None:
        answer = drag(page, cooperation, "qualified")

        assert answer.status_code == 409
        assert "At least one contact" in answer.json()["text"]
        cooperation.refresh_from_db()
        assert cooperation.stage_id == "first_contact"
        assert cooperation.gate_checks.exists()

    def test_a_card_of_an_old_board_is_refused(
        self, page: Client, cooperation: Cooperation
    ) -> None:
        Cooperation.objects.filter(pk=cooperation.pk).update(version=2)

        answer = drag(page, cooperation, "qualified")

        assert answer.status_code == 409
        assert "Somebody else changed this" in answer.json()["text"]

    def test_of_others_looks_absent(self, page: Client, secret: Cooperation) -> None:
        assert drag(page, secret, "qualified").status_code == 404

    @pytest.mark.parametrize("rows", [2, 20])
    def test_costs_the_same_for_any_number(
        self,
        page: Client,
        anna: User,
        rows: int,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        for _number in range(rows):
            make.cooperation(make.partner(owner=anna), owner=anna)
        page.get(BOARD)

        with django_assert_num_queries(6):
            page.get(BOARD)


class TestCooperationPage:
    def test_shows_both_sides_and_what_is_overdue(
        self, page: Client, cooperation: Cooperation, anna: User
    ) -> None:
        for side, days in (("ours", -3), ("theirs", 3)):
            operations.add_action_item(
                partner=cooperation.partner,
                cooperation=cooperation,
                values={
                    "title": f"Promise of {side}",
                    "side": side,
                    "due_on": TODAY + timedelta(days=days),
                },
                by=anna,
                at=timezone.now(),
            )

        text = page.get(f"{ADMIN}cooperation/{cooperation.pk}/change/").text

        assert "Promise of ours" in text
        assert "Promise of theirs" in text
        assert "Governance: 0 of 4" in text
        assert text.count("overdue") >= 1

    def test_leads_to_its_timeline(
        self, page: Client, cooperation: Cooperation, secret: Cooperation
    ) -> None:
        press(page, cooperation, "threaten", title="Budget", **LEVELS)

        text = page.get(f"{ADMIN}cooperation/{cooperation.pk}/timeline/").text
        other = page.get(f"{ADMIN}cooperation/{secret.pk}/timeline/")

        assert "Risk raised" in text
        assert "Budget" in text
        assert other.status_code == 404
        assert Risk.objects.get().owner is not None

    def test_plans_a_proof_that_runs_to_its_decision(
        self, page: Client, cooperation: Cooperation
    ) -> None:
        press(
            page,
            cooperation,
            "prove",
            title="Proof",
            planned_start_on=TODAY,
            planned_end_on=TODAY + timedelta(days=30),
        )
        poc = Poc.objects.get()
        press(
            page,
            poc,
            "agree",
            name="Answered",
            direction="at_least",
            target="80",
            is_mandatory="on",
        )
        press(page, poc, "begin")
        refused = press(page, poc, "decide", decision="go", reason="Good").text
        metric = poc.metrics.get()
        press(page, poc, "measure", metric=metric.pk, measured="84", on=TODAY)
        press(page, poc, "decide", decision="go", reason="Good")

        poc.refresh_from_db()
        assert "every mandatory metric measured" in refused
        assert poc.status == "go"


LEVELS = {"severity": "high", "likelihood": "low"}


class TestProposals:
    @pytest.fixture
    def proposal(self, cooperation: Cooperation) -> Proposal:
        made = operations.propose_move(
            cooperation=cooperation,
            suggestion=Suggestion("gate_met", "qualified", "All is there.", {"n": 7}),
            at=timezone.now(),
        )
        assert made is not None
        return made

    def test_stand_on_the_page_with_their_evidence(
        self, page: Client, proposal: Proposal
    ) -> None:
        cooperation = f"{ADMIN}cooperation/{proposal.cooperation_id}/change/"
        own = page.get(f"{ADMIN}proposal/{proposal.pk}/change/").text

        assert "All is there." in page.get(cooperation).text
        assert "n: 7" in own

    def test_are_dismissed_with_one_click_and_a_reason(
        self, page: Client, proposal: Proposal
    ) -> None:
        press(page, proposal, "dismiss", reason="Not yet")

        proposal.refresh_from_db()
        assert (proposal.state, proposal.reason) == ("dismissed", "Not yet")

    def test_are_not_decided_by_readers(
        self, client: Client, proposal: Proposal
    ) -> None:
        client.force_login(make.user(Role.AUDITOR))

        assert press(client, proposal, "accept", reason="Yes").status_code == 403


class TestDocuments:
    def test_are_uploaded_and_served_as_downloads(
        self, page: Client, cooperation: Cooperation
    ) -> None:
        page.post(
            f"{ADMIN}attachment/add/",
            {
                "partner": cooperation.partner_id,
                "cooperation": cooperation.pk,
                "purpose": "minutes",
                "file": SimpleUploadedFile("minutes.html", b"%PDF-1.7 minutes"),
            },
        )
        row = Attachment.objects.get()

        answer = page.get(f"{ADMIN}attachment/{row.pk}/content/")

        assert b"".join(answer) == b"%PDF-1.7 minutes"
        assert answer.headers["Content-Type"] == "application/pdf"
        assert answer.headers["Content-Disposition"].startswith("attachment")
        row.content.delete(save=False)


class TestReviews:
    def test_are_recorded(self, page: Client, cooperation: Cooperation) -> None:
        answer = page.post(
            f"{ADMIN}businessreview/add/",
            {
                "partner": cooperation.partner_id,
                "cooperation": cooperation.pk,
                "held_on": TODAY,
                "outcomes": "Two more countries",
                "are_executives": "on",
            },
        )

        assert answer.status_code == 302
        review = BusinessReview.objects.get()
        assert review.meeting.is_executive
        assert review.next_due_on == TODAY + timedelta(days=91)


class TestLadder:
    def test_a_criterion_is_set_as_a_new_version(self, client: Client) -> None:
        client.force_login(make.administrator())
        rule = StageTransitionRule.objects.current().get(
            source__code="first_contact", target__code="qualified"
        )
        press(
            client,
            rule,
            "ask",
            code="use_case",
            label="Use case",
            kind="field",
            parameters='{"fields": ["use_case"]}',
        )
        fresh = StageTransitionRule.objects.current().get(
            source__code="first_contact", target__code="qualified"
        )

        assert fresh.version == rule.version + 1
        assert fresh.criteria.count() == rule.criteria.count() + 1

    def test_is_not_changed_by_managers(self, page: Client) -> None:
        rule = StageTransitionRule.objects.current().order_by("pk")[0]

        assert press(page, rule, "retire").status_code == 403


@pytest.mark.parametrize(
    "model",
    [
        "risk",
        "poc",
        "proposal",
        "attachment",
        "businessreview",
        "gatecheck",
        "waiver",
        "approval",
        "hold",
        "stagedefinition",
        "stagetransitionrule",
    ],
)
def test_lists_open(page: Client, model: str) -> None:
    assert page.get(f"{ADMIN}{model}/").status_code == 200


def test_action_items_show_when_they_are_due(page: Client, anna: User) -> None:
    place = make.cooperation(make.partner(owner=anna), owner=anna)
    where = {"partner": place.partner, "cooperation": place, "side": "ours"}
    days = [TODAY - timedelta(days=4), TODAY, TODAY + timedelta(days=9)]
    for day in days:
        ActionItem.objects.create(**where, title="Send", due_on=day)

    listed = page.get(f"{ADMIN}actionitem/").content.decode()

    assert all(f"{day:%Y-%m-%d}" in listed for day in days)


@pytest.mark.parametrize("rows", [2, 20])
@pytest.mark.parametrize("model", ["cooperation", "actionitem", "risk", "activity"])
def test_lists_cost_the_same_for_any_number(
    page: Client,
    anna: User,
    model: str,
    rows: int,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for _number in range(rows):
        place = make.cooperation(make.partner(owner=anna), owner=anna)
        where = {"partner": place.partner, "cooperation": place}
        ActionItem.objects.create(**where, title="Send", side="ours", due_on=TODAY)
        Risk.objects.create(**where, title="Budget", raised_at=make.EARLY)
        Activity.objects.create(
            **where,
            kind="call",
            summary="Talk",
            happened_at=make.EARLY,
            logged_by=anna,
        )
    page.get(f"{ADMIN}{model}/")

    with django_assert_max_num_queries(8):
        page.get(f"{ADMIN}{model}/")
