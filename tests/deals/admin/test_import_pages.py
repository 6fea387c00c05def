"""Doors of imports of deals: page, REST and command make one call each."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.imports import jobs
from deals.models import Deal, DealImport, DealStageName
from deals.operations import imports
from deals.tasks import run_import
from tests import make
from tests.crm.web.api.conftest import caller
from tests.make import EARLY

pytestmark = pytest.mark.django_db
PAGES = "/admin/deals/dealimport/"
SENT = {"_form_submitted": "1"}
REST = "/api/v1/deal-imports/"
HEAD = "Record ID,Deal Name,Deal Stage,Associated Company,Amount,Close Date\n"
SHEET = (
    HEAD
    + "77,Cockpit models,Qualified To Buy,BMW Group,1200000,2026-06-30\n"
    + "78,Fleet,In the clouds,BMW Group,,\n"
)


@pytest.fixture
def anna() -> User:
    anna = make.user(Role.ALLIANCE_MANAGER, email="anna@example.com")
    make.partner("BMW Group", owner=anna)
    return anna


@pytest.fixture
def page(anna: User, client: Client) -> Client:
    client.force_login(anna)
    return client


def previewed(by: User, text: str = SHEET) -> DealImport:
    return imports.preview_import(
        file_name="deals.csv", content=text.encode(), by=by, at=EARLY
    )


class TestLongSheets:
    def test_show_how_far_a_worker_is(
        self, page: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(jobs, "MOST_AT_ONCE", 1)
        sheet = SimpleUploadedFile("deals.csv", SHEET.encode())
        page.post(f"{PAGES}add/", {"sheet": sheet, "whose": ""})
        address = f"{PAGES}{DealImport.objects.get().pk}/"

        waiting = page.get(f"{address}change/").text
        run_import(batch_id=DealImport.objects.get().pk)
        piece = page.get(f"{address}progress/").text

        assert f'data-progress="{address}progress/"' in waiting
        assert "data-open" in waiting
        assert "data-open" not in piece

    def test_are_answered_with_202(
        self, anna: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(jobs, "MOST_AT_ONCE", 1)
        api = caller(anna)

        answer = api.post(
            f"{REST}?file_name=deals.csv", SHEET.encode(), content_type="text/csv"
        )

        assert answer.status_code == 202, answer.text
        address = answer.headers["Location"]
        run_import(batch_id=answer.json()["id"])
        assert api.get(address).json()["job_state"] == "done"
        assert api.send("POST", f"{address}commit/", {}).status_code == 202


class TestPage:
    def test_uploads_shows_and_commits(self, page: Client) -> None:
        sheet = SimpleUploadedFile("deals.csv", SHEET.encode())
        page.post(f"{PAGES}add/", {"sheet": sheet, "whose": ""})
        batch = DealImport.objects.get()

        shown = page.get(f"{PAGES}{batch.pk}/change/").content.decode()
        assert "Cockpit models" in shown
        assert "In the clouds" in shown
        assert not Deal.objects.exists()

        page.post(f"{PAGES}{batch.pk}/commit/", SENT)
        assert Deal.objects.get().title == "Cockpit models"

    def test_offers_what_its_state_allows(self, page: Client, anna: User) -> None:
        batch = previewed(anna)
        address = f"{PAGES}{batch.pk}/change/"

        def offered() -> list[bool]:
            shown = page.get(address).content.decode()
            return [f"{batch.pk}/{act}/" in shown for act in ("commit", "undo")]

        assert offered() == [True, False]
        imports.commit_import(batch=batch, by=anna, at=EARLY)
        assert offered() == [False, True]
        imports.undo_import(batch=batch, by=anna, at=EARLY)
        assert offered() == [False, False]

    def test_maps_columns(self, page: Client, anna: User) -> None:
        batch = previewed(anna)
        chosen = {f"column_{at}": name for at, name in batch.columns.items()}

        page.post(f"{PAGES}{batch.pk}/map_columns/", {**SENT, **chosen, "column_4": ""})

        batch.refresh_from_db()
        assert "4" not in batch.columns

    def test_refuses_a_file_in_words(self, page: Client) -> None:
        sheet = SimpleUploadedFile("deals.csv", b"A,B\n1,2\n")

        shown = page.post(f"{PAGES}add/", {"sheet": sheet, "whose": ""})

        assert "name the system" in shown.content.decode()
        assert not DealImport.objects.exists()

    def test_gives_the_refused_rows(self, page: Client, anna: User) -> None:
        batch = previewed(anna)

        text = page.get(f"{PAGES}{batch.pk}/faults.csv").content.decode("utf-8-sig")

        assert "means none of the seven stages" in text
        assert "Cockpit" not in text

    @pytest.mark.parametrize("rows", [2, 20])
    def test_costs_the_same_for_any_number_of_rows(
        self,
        page: Client,
        anna: User,
        rows: int,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        lines = (f"{n},Deal {n},Closed Won,BMW Group,5,\n" for n in range(rows))
        batch = previewed(anna, HEAD + "".join(lines))
        page.get(f"{PAGES}{batch.pk}/change/")

        with django_assert_num_queries(7):
            page.get(f"{PAGES}{batch.pk}/change/")

    def test_is_one_s_own(self, client: Client, anna: User) -> None:
        batch = previewed(anna)
        client.force_login(make.user(Role.ALLIANCE_MANAGER))

        assert client.get(f"{PAGES}{batch.pk}/change/").status_code == 302
        assert client.get(f"{PAGES}{batch.pk}/faults.csv").status_code == 404

    def test_stage_names_are_edited_by_administrators(self, client: Client) -> None:
        client.force_login(make.user(Role.ADMINISTRATOR))
        given = {"system": "salesforce", "name": "Verbal", "stage": "Committed"}
        address = "/admin/deals/dealstagename/"

        client.post(f"{address}add/", given)
        row = DealStageName.objects.get(name="Verbal")
        client.post(
            f"{address}{row.pk}/change/",
            {"name": "Verbal", "stage": "Prospect", "expected_version": 1},
        )
        row.refresh_from_db()
        assert row.stage == "Prospect"

        client.post(f"{address}{row.pk}/delete/", {"post": "yes"})
        assert not DealStageName.objects.filter(pk=row.pk).exists()


class TestRest:
    def test_goes_the_whole_way(self, anna: User) -> None:
        api = caller(anna)
        batch = api.post(
            f"{REST}?file_name=deals.csv",
            SHEET.encode(),
            content_type="text/csv",
        ).json()
        address = f"{REST}{batch['id']}/"

        assert batch["counts"]["create"] == batch["counts"]["refused"] == 1
        (refused,) = api.get(f"{address}rows/?outcome=refused").json()["results"]
        assert (refused["line"], refused["problems"][0]["column"]) == (3, 3)
        assert "seven stages" in api.get(f"{address}faults.csv").content.decode()

        given = {"columns": {**batch["columns"], "4": "monthly_spend"}}
        assert api.send("POST", f"{address}columns/", given).status_code == 200
        assert api.send("POST", f"{address}refresh/", {}).status_code == 200
        assert api.send("POST", f"{address}commit/", {}).json()["status"] == "committed"
        assert Deal.objects.get().monthly_spend == 1_200_000
        assert api.send("POST", f"{address}undo/", {}).json()["status"] == "undone"
        assert not Deal.objects.exists()

    def test_stage_names(self) -> None:
        api = caller(make.user(Role.INTEGRATION))
        given = {"system": "mine", "name": "Verbal", "stage": "Committed"}

        row = api.send("POST", "/api/v1/deal-stage-names/", given).json()
        address = f"/api/v1/deal-stage-names/{row['id']}/"
        tag = api.get(address)["ETag"]
        changed = api.send("PATCH", address, {"stage": "Prospect"}, If_Match=tag)
        assert changed.json()["stage"] == "Prospect"
        tag = api.get(address)["ETag"]
        assert api.send("DELETE", address, If_Match=tag).status_code == 204


class TestCommand:
    @pytest.fixture
    def sheet(self, tmp_path: Path) -> Path:
        path = tmp_path / "deals.csv"
        path.write_text(SHEET, encoding="utf-8")
        return path

    def run(self, *arguments: Any, **options: Any) -> str:
        out = io.StringIO()
        given = {"by": "anna@example.com", **options}
        call_command("import_deals", *arguments, stdout=out, **given)
        return out.getvalue()

    def test_shows_on_a_dry_run(self, anna: User, sheet: Path, tmp_path: Path) -> None:
        faults = tmp_path / "faults.csv"

        with pytest.raises(SystemExit) as ended:
            self.run(sheet, dry_run=True, faults=faults)

        assert ended.value.code == 1
        assert not DealImport.objects.exists()
        assert "In the clouds" in faults.read_text(encoding="utf-8-sig")

    def test_imports_and_takes_back(self, anna: User, tmp_path: Path) -> None:
        sheet = tmp_path / "deals.csv"
        sheet.write_text(SHEET.rsplit("\n", 2)[0], encoding="utf-8")

        said = self.run(sheet, columns=["Amount=monthly_spend"])
        batch = DealImport.objects.get()

        assert "created: 1" in said
        assert Deal.objects.get().monthly_spend == 1_200_000
        self.run(undo=batch.pk)
        assert not Deal.objects.exists()

    @pytest.mark.parametrize(
        ("arguments", "options"),
        [
            (("missing.csv",), {}),
            ((), {}),
            ((), {"undo": 7}),
            (("missing.csv",), {"by": "nobody@example.com"}),
        ],
    )
    def test_says_what_is_wrong(
        self, anna: User, arguments: tuple[str, ...], options: dict[str, Any]
    ) -> None:
        with pytest.raises(CommandError):
            self.run(*map(Path, arguments), **options)
