"""Pages of commitments, imports, targets and the forecast, opened by people."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from html import unescape
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from crm.accounts.models import User
from crm.accounts.roles import Role
from deals.models import Commitment, ContractCommitment, Target
from deals.operations import commitments, contracts
from tests import make
from tests.deals import making
from tests.partners.usage.focus.test_contracts import ROW, written

pytestmark = pytest.mark.django_db

D = Decimal


def seen_by(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def finance() -> User:
    return make.user(Role.FINANCE)


@pytest.fixture
def row(finance: User) -> Commitment:
    """Return a commitment of a year that is drawn half as fast as planned."""
    start = timezone.now().date() - timedelta(days=182)
    partner = make.partner("BMW", confidentiality="nda")
    account = make.cloud_account(partner)
    for day in range(60, 182):
        make.usage(
            account, start + timedelta(days=day), 10, delivered_at=timezone.now()
        )
    return making.commitment(
        partner,
        amount=3650,
        start_on=start,
        end_on=start + timedelta(days=365),
        by=finance,
        at=timezone.now(),
    )


def exported(row: Commitment) -> ContractCommitment:
    """Link a commitment of a billing export to ours."""
    return ContractCommitment.objects.create(
        contract_id="AGR-1",
        contract_commitment_id="CMT-1",
        focus_version="1.4",
        category="Spend",
        starts_at=timezone.now(),
        ends_at=timezone.now(),
        cost=D(1),
        currency="USD",
        row={},
        imported_at=timezone.now(),
        commitment=row,
        partner=row.partner,
    )


def page(name: str, *arguments: object) -> str:
    return reverse(f"admin:deals_{name}", args=arguments)


class TestCommitmentPage:
    def test_shows_the_arithmetic_the_chart_and_the_ledger(
        self, row: Commitment, finance: User
    ) -> None:
        answer = seen_by(finance).get(page("commitment_change", row.pk))

        html = answer.content.decode()
        assert answer.status_code == 200
        assert "drawn ÷ amount" in html
        assert '<path class="burn-planned"' in html
        assert "The same as a table" in html
        assert "delivery:" in html

    @pytest.mark.parametrize("rows", [2, 20])
    def test_costs_9_queries_with_all_that_a_page_can_have(
        self,
        row: Commitment,
        finance: User,
        rows: int,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        """Amended, reminded of, linked to an export, and drawn in a foreign currency."""
        today = timezone.now().date()
        making.rate("EUR", "USD", today - timedelta(days=60), D(1))
        account = make.cloud_account(row.partner)
        make.usage(account, today - timedelta(days=57), 10, currency="EUR")
        for number in range(rows):
            commitments.amend_commitment(
                commitment=row,
                values={"priority": number + 1},
                reason="So.",
                by=finance,
                at=timezone.now(),
            )
            row.reminders.create(
                kind="missed",
                deadline_on=today - timedelta(days=number),
                due_at=timezone.now(),
            )
        exported(row)
        client = seen_by(finance)
        client.get(page("commitment_change", row.pk))

        with django_assert_num_queries(9):
            html = client.get(page("commitment_change", row.pk)).text

        assert "milestone missed" in html
        assert "Beside the billing export" in html

    def test_is_not_there_for_an_outsider(self, row: Commitment) -> None:
        carla = make.user(Role.ALLIANCE_MANAGER, team=make.team())

        answer = seen_by(carla).get(page("commitment_change", row.pk))

        assert answer.status_code == 302

    def test_amends_by_its_dialog(self, row: Commitment, finance: User) -> None:
        url = page("commitment_change", row.pk)
        client = seen_by(finance)

        client.post(
            reverse("admin:deals_commitment_amend", args=[row.pk]),
            {
                "_form_submitted": "on",
                "amount": "5000",
                "end_on": row.end_on.isoformat(),
                "priority": "10",
                "shortfall_policy": "waive",
                "cost_column": "effective",
                "milestones": "",
                "counts": "ai: ai",
                "reason": "They asked for it.",
            },
        )

        row.refresh_from_db()
        assert (row.amount, row.priority) == (D(5000), 10)
        assert "They asked for it." in client.get(url).content.decode()


class TestCommitmentList:
    def test_shows_the_pace_of_each(self, row: Commitment, finance: User) -> None:
        html = seen_by(finance).get(page("commitment_changelist")).content.decode()

        assert row.title in html
        assert "far behind" in html

    def test_records_a_new_one(self, finance: User) -> None:
        partner = make.partner()

        answer = seen_by(finance).post(
            page("commitment_add"),
            {
                "partner": partner.pk,
                "code": "CM-NEW",
                "title": "GPU hours",
                "kind": "gpu_reservation",
                "promised": "100",
                "currency": "",
                "settlement": "continuous",
                "interval": "monthly",
                "start_on": "2026-01-01",
                "end_on": "2026-04-01",
                "priority": "100",
                "cost_column": "effective",
                "shortfall_policy": "waive",
                "milestones": "",
                "counts": "",
                "note": "",
            },
        )

        assert answer.status_code == 302, answer.context["errors"]
        made = Commitment.objects.get(code="CM-NEW")
        assert (made.amount, made.unit) == (D(300), "GPU-Hours")


class TestContractPages:
    def test_bring_a_file_in_and_link_it(
        self, row: Commitment, finance: User, tmp_path: Path
    ) -> None:
        content = written(tmp_path, ROW).read_bytes()
        client = seen_by(finance)

        client.post(
            page("contractcommitment_import"),
            {"file": SimpleUploadedFile("c.csv", content), "partner": ""},
        )
        one = ContractCommitment.objects.get()
        client.post(
            reverse("admin:deals_contractcommitment_link", args=[one.pk]),
            {"_form_submitted": "on", "commitment": row.pk},
        )

        html = client.get(page("commitment_change", row.pk)).content.decode()
        assert "Beside the billing export" in html
        assert "CMT-1" in html

    def test_say_which_row_is_faulty(self, finance: User, tmp_path: Path) -> None:
        path = written(tmp_path, ROW | {"ContractCommitmentCost": "much"})

        answer = seen_by(finance).post(
            page("contractcommitment_import"),
            {"file": SimpleUploadedFile("c.csv", path.read_bytes())},
        )

        assert "line 2" in answer.content.decode()
        assert not ContractCommitment.objects.exists()

    def test_are_closed_to_those_who_may_not_import(self) -> None:
        client = seen_by(make.user(Role.MODEL_TEAM))

        assert client.get(page("contractcommitment_import")).status_code == 403

    def test_unassigned_rows_are_for_those_who_assign_them(
        self, tmp_path: Path, finance: User
    ) -> None:
        contracts.import_contracts(
            file_name="c.csv",
            content=written(tmp_path, ROW).read_bytes(),
            by=finance,
            at=datetime(2026, 1, 1, tzinfo=UTC),
        )
        manager = make.user(Role.ALLIANCE_MANAGER)

        seen = ContractCommitment.objects.visible_to(manager).count()

        assert seen == 0
        assert ContractCommitment.objects.visible_to(finance).count() == 1


class TestForecastPage:
    def test_opens_without_any_deal(self, finance: User) -> None:
        answer = seen_by(finance).get(page("forecast"))

        assert answer.status_code == 200
        assert "Open pipeline" in answer.content.decode()

    @pytest.mark.parametrize("by", ["team", "owner", "industry", "region"])
    def test_leads_from_each_number_to_its_deals(self, by: str) -> None:
        vice = make.user(Role.EXECUTIVE)
        partner = make.partner(country="DE", industry="automotive")
        deal = making.deal(
            "Committed",
            500,
            partner=partner,
            owner=vice,
            team=make.team(),
            target_close_on=timezone.now().date(),
        )
        client = seen_by(vice)

        html = client.get(page("forecast"), {"by": by}).content.decode()

        links = {
            unescape(url)
            for url in re.findall(r'href="(/admin/deals/deal/\?[^"]+)"', html)
        }
        lists = {client.get(url).content.decode() for url in links}
        assert len(links) > 8
        assert any(deal.title in one for one in lists)


class TestTargetPages:
    def test_set_a_target(self, finance: User) -> None:
        team = make.team()

        seen_by(finance).post(
            page("target_add"),
            {
                "metric": "won",
                "team": team.pk,
                "region": "",
                "start_on": "2026-10-01",
                "end_on": "2027-01-01",
                "amount": "1000000",
                "currency": "usd",
            },
        )

        assert Target.objects.get().currency == "USD"
        assert Target.objects.get().start_on == date(2026, 10, 1)
