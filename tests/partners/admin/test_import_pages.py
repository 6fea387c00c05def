"""The page of an import: which column becomes what, and what each row sets."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from crm.accounts.models import User
from crm.accounts.roles import Role
from partners.models import ImportBatch, ImportRow, Partner
from tests import make

pytestmark = pytest.mark.django_db
IMPORTS = "/admin/partners/importbatch/"


@pytest.fixture
def anna() -> User:
    return make.user(Role.ALLIANCE_MANAGER, name="Anna", team=make.team("Europe"))


@pytest.fixture
def page(anna: User, client: Client) -> Client:
    client.force_login(anna)
    return client


def upload(page: Client, text: str, **said: str) -> ImportBatch:
    sheet = SimpleUploadedFile("sheet.csv", text.encode())
    page.post(f"{IMPORTS}add/", {"sheet": sheet, **said})
    return ImportBatch.objects.latest("pk")


def shown(page: Client, batch: ImportBatch, query: str = "") -> str:
    answer = page.get(f"{IMPORTS}{batch.pk}/change/{query}")
    return " ".join(answer.content.decode().split())


def map_columns(page: Client, batch: ImportBatch, **columns: str) -> Any:
    return page.post(
        f"{IMPORTS}{batch.pk}/map_columns/", {"_form_submitted": "True", **columns}
    )


class TestColumns:
    def test_are_shown_with_what_they_become(self, page: Client) -> None:
        batch = upload(page, "Name,Ratings\nBMW Group,A\n")

        told = shown(page, batch)

        assert "Name</strong> → display name" in told
        assert "Ratings</strong> →" in told
        assert "left out" in told

    def test_are_mapped_by_hand_where_no_heading_is_understood(
        self, page: Client
    ) -> None:
        batch = upload(page, "Wer,Wo\nBMW Group,DE\n", becomes="partners")
        assert (batch.columns, batch.counts["refused"]) == ({}, 1)

        map_columns(page, batch, column_0="display_name", column_1="country")

        batch.refresh_from_db()
        assert batch.columns == {"0": "display_name", "1": "country"}
        assert batch.counts["create"] == 1

    def test_are_asked_for_as_they_are_now(self, page: Client) -> None:
        batch = upload(page, "Name,,Land\nBMW Group,x,DE\n")

        asked = page.get(f"{IMPORTS}{batch.pk}/map_columns/").content.decode()

        assert "Column 2" in asked
        assert '<option value="display_name" selected>display name</option>' in asked
        assert "leave out" in asked

    @pytest.mark.parametrize(
        ("columns", "refusal"),
        [
            ({}, "No column becomes a field."),
            (
                {"column_0": "legal_name", "column_1": "legal_name"},
                "Only one column can become: legal name.",
            ),
        ],
    )
    def test_are_refused_in_words(
        self, page: Client, columns: dict[str, str], refusal: str
    ) -> None:
        batch = upload(page, "Name,Legal name\nBMW Group,BMW AG\n")

        answer = map_columns(page, batch, **columns)

        assert refusal in answer.content.decode()
        batch.refresh_from_db()
        assert batch.columns == {"0": "display_name", "1": "legal_name"}


class TestRows:
    def test_tell_what_they_set_in_words(self, page: Client, anna: User) -> None:
        known = make.partner("BMW Group", domain="bmw.com", owner=anna, country="DE")
        make.user(Role.ALLIANCE_MANAGER, name="Ben", email="ben@example.com")
        batch = upload(
            page,
            "Name,Website,Tier,Owner,Aliases,Team\n"
            "BMW Group,bmw.com,strategic,ben@example.com,宝马,Europe\n",
        )

        told = shown(page, batch)

        assert "<div>Tier: Strategic</div>" in told
        assert "<div>Alliance manager: Ben</div>" in told
        assert "<div>Aliases: 宝马</div>" in told
        assert f'/partner/{known.pk}/change/">BMW Group</a>' in told

    def test_of_contacts_tell_roles_by_name(self, page: Client, anna: User) -> None:
        make.partner("BMW Group", domain="bmw.com", owner=anna)
        batch = upload(
            page,
            "Full name,Email,Website,Role\nEva,eva@bmw.com,bmw.com,champion\n",
            becomes="contacts",
        )

        assert "<div>Role: Champion</div>" in shown(page, batch)

    def test_leave_a_partner_out_that_was_hidden_since(
        self, page: Client, anna: User
    ) -> None:
        known = make.partner("Secret Works", domain="secret.example", owner=anna)
        batch = upload(page, "Name,Website\nThe works,secret.example\n")
        ben = make.user(Role.ALLIANCE_MANAGER)
        Partner.objects.filter(pk=known.pk).update(
            confidentiality="restricted", owner=ben
        )

        assert "Secret Works</a>" not in shown(page, batch)

    def test_keep_their_outcome_from_page_to_page(
        self, page: Client, anna: User
    ) -> None:
        lines = [f"Long {i},long{i}.example" for i in range(101)]
        batch = upload(page, "\n".join(["Name,Website", *lines, ",nobody.example"]))

        told = shown(page, batch, "?outcome=create")

        assert "?outcome=create&page=2" in told
        assert "Refused 1" in told
        refused = shown(page, batch, "?outcome=refused")
        assert ImportRow.objects.filter(outcome="refused").count() == 1
        assert "nobody.example" in refused
        assert "long1.example" not in refused
