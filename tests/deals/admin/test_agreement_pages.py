"""Pages of agreements: scoped, signed by those who may, documents kept and given out."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from crm.accounts.models import User
from crm.accounts.roles import Role
from deals.models import Agreement
from tests import make

pytestmark = pytest.mark.django_db
LIST = "/admin/deals/agreement/"
SENT = {"_form_submitted": "1"}


@pytest.fixture
def anna() -> User:
    return make.user(Role.ALLIANCE_MANAGER, name="Anna", team=make.team("Europe"))


@pytest.fixture
def page(anna: User, client: Client) -> Client:
    client.force_login(anna)
    return client


class TestList:
    def test_shows_only_what_the_person_may_see(self, page: Client, anna: User) -> None:
        make.agreement(make.partner(owner=anna), title="Cockpit frame")
        make.agreement(make.partner(confidentiality="restricted"), title="Hidden")

        text = page.get(LIST).text

        assert "Cockpit frame" in text
        assert "Hidden" not in text

    @pytest.mark.parametrize("rows", [2, 20])
    def test_costs_the_same_for_any_number(
        self,
        page: Client,
        anna: User,
        rows: int,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        partner = make.partner(owner=anna)
        for _number in range(rows):
            make.agreement(partner, owner=anna)
        page.get(LIST)

        with django_assert_num_queries(5):
            page.get(LIST)


class TestPage:
    def test_shows_signatures_deadlines_and_amendments(
        self, page: Client, anna: User
    ) -> None:
        partner = make.partner(owner=anna)
        until = timezone.now().date() + timedelta(days=100)
        frame = make.agreement(partner, expires_on=until, notice_days=60)
        make.agreement(partner, "amendment", parent=frame, title="First amendment")

        text = page.get(f"{LIST}{frame.pk}/change/").text

        assert "in 100 days" in text
        assert "in 40 days" in text
        assert "First amendment" in text
        assert "No document is kept yet." in text

    def test_drafts_a_paper(self, page: Client, anna: User) -> None:
        form = {
            "partner": make.partner(owner=anna).pk,
            "title": "Frame",
            "agreement_type": "msa",
            "currency": "EUR",
        }

        answer = page.post(f"{LIST}add/", form)

        assert answer.status_code == 302
        assert Agreement.objects.get().status == "draft"

    def test_terms_of_a_signed_paper_are_not_edited(
        self, page: Client, anna: User
    ) -> None:
        paper = make.agreement(make.partner(owner=anna))

        text = page.get(f"{LIST}{paper.pk}/change/").text

        assert 'name="reference"' in text
        assert 'name="expires_on"' not in text

    @pytest.mark.parametrize("rows", [1, 10])
    def test_costs_the_same_whatever_hangs_on_it(
        self,
        page: Client,
        anna: User,
        rows: int,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        partner = make.partner(owner=anna)
        frame = make.agreement(partner)
        for _number in range(rows):
            make.agreement(partner, "amendment", parent=frame)
            make.deal(partner, agreement=frame)
        url = f"{LIST}{frame.pk}/change/"
        page.get(url)

        with django_assert_num_queries(14):
            page.get(url)


class TestActs:
    @pytest.mark.parametrize(
        ("role", "status"),
        [
            (Role.LEGAL, 302),
            (Role.ALLIANCE_DIRECTOR, 302),
            (Role.ALLIANCE_MANAGER, 403),
            (Role.FINANCE, 403),
            (Role.AUDITOR, 403),
        ],
    )
    def test_signing_is_for_legal_and_directors(
        self, client: Client, role: str, status: int
    ) -> None:
        paper = make.agreement(status="in_review")
        client.force_login(make.user(role))

        answer = client.post(
            f"{LIST}{paper.pk}/sign/",
            {**SENT, "side": "ours", "signed_on": "2026-01-05"},
        )

        assert answer.status_code == status

    def test_a_document_is_kept_and_given_out(self, page: Client, anna: User) -> None:
        paper = make.agreement(make.partner(owner=anna))
        document = SimpleUploadedFile("frame.pdf", b"%PDF-1.7 text")

        page.post(f"{LIST}{paper.pk}/add_version/", {**SENT, "document": document})
        answer = page.get(f"{LIST}{paper.pk}/versions/1/")

        assert b"".join(answer.streaming_content) == b"%PDF-1.7 text"  # type: ignore[attr-defined]  # a file answer
        assert answer.headers["Content-Disposition"].startswith("attachment")

    def test_a_document_out_of_sight_is_not_found(self, page: Client) -> None:
        paper = make.agreement(make.partner(confidentiality="restricted"))

        assert page.get(f"{LIST}{paper.pk}/versions/1/").status_code == 404

    def test_an_amendment_is_drafted(self, page: Client, anna: User) -> None:
        paper = make.agreement(make.partner(owner=anna), expires_on=date(2027, 1, 1))

        page.post(f"{LIST}{paper.pk}/amend/", {**SENT, "expires_on": "2029-01-01"})

        assert Agreement.objects.get(parent=paper).amends == {
            "expires_on": "2029-01-01"
        }

    def test_a_refusal_is_shown_in_the_dialog(self, page: Client, anna: User) -> None:
        paper = make.agreement(make.partner(owner=anna))

        text = page.post(f"{LIST}{paper.pk}/amend/", SENT).text

        assert "An amendment changes terms or parties" in text
