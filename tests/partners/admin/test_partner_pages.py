"""Admin pages of the registry: scoped by person, changed by operations, refusals shown."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.journal.models import Event
from partners.models import (
    ActionItem,
    Activity,
    Contact,
    Cooperation,
    GateCheck,
    ImportBatch,
    Partner,
)
from partners.operations import import_jobs
from partners.operations.search import rebuild_search
from partners.tasks import run_import
from tests import make

pytestmark = pytest.mark.django_db
LIST = "/admin/partners/partner/"


@pytest.fixture
def anna() -> User:
    return make.user(Role.ALLIANCE_MANAGER, name="Anna", team=make.team("Europe"))


@pytest.fixture
def page(anna: User, client: Client) -> Client:
    client.force_login(anna)
    return client


@pytest.fixture
def bmw(anna: User) -> Partner:
    partner = make.partner(
        "BMW Group", owner=anna, team=anna.team, domain="bmw.com", country="DE"
    )
    rebuild_search()
    return partner


@pytest.fixture
def secret() -> Partner:
    return make.partner("Secret Motors", confidentiality="restricted")


def filled(**changes: Any) -> dict[str, Any]:
    return {
        "display_name": "New Partner",
        "legal_name": "",
        "local_name": "",
        "industry": "automotive",
        "country": "DE",
        "segment": "",
        "partner_type": "oem",
        "tier": "key",
        "lifecycle": "active",
        "confidentiality": "public",
        "reporting_currency": "EUR",
        "time_zone": "Europe/Berlin",
        "domain_lines": "www.new-partner.example\nnew.example",
        "alias_lines": "Newbie",
        "number_lines": "duns: 315023366",
        "external_lines": "salesforce: 001A",
        "cooperations-TOTAL_FORMS": 0,
        "cooperations-INITIAL_FORMS": 0,
        "contacts-TOTAL_FORMS": 0,
        "contacts-INITIAL_FORMS": 0,
        **changes,
    }


class TestList:
    def test_shows_only_what_the_person_may_see(
        self, page: Client, bmw: Partner, secret: Partner
    ) -> None:
        text = page.get(LIST).text

        assert "BMW Group" in text
        assert "Secret Motors" not in text

    def test_searches_as_everywhere(self, page: Client, bmw: Partner) -> None:
        make.partner("Quixotic")
        rebuild_search()

        text = page.get(LIST, {"q": "bmw.c"}).text

        assert "BMW Group" in text
        assert "Quixotic" not in text

    @pytest.mark.parametrize("rows", [2, 20])
    def test_costs_the_same_for_any_number(
        self,
        page: Client,
        anna: User,
        rows: int,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        for number in range(rows):
            make.partner(f"P{number}", owner=anna)
        page.get(LIST)

        with django_assert_num_queries(5):
            page.get(LIST)


class TestForm:
    def test_registers_with_all_names_and_numbers(
        self, page: Client, anna: User
    ) -> None:
        answer = page.post(f"{LIST}add/", filled())
        assert answer.status_code == 302
        made = Partner.objects.get()
        assert (made.legal_name, made.owner) == ("New Partner", anna)
        assert made.domains.get(is_primary=True).domain == "new-partner.example"
        assert made.external_ids.get().value == "001A"
        assert Event.objects.get().kind == "partner.registered"

    def test_warns_of_nearly_the_same_name_and_goes_on_when_told(
        self, page: Client, bmw: Partner
    ) -> None:
        text = page.post(f"{LIST}add/", filled(display_name="BMW AG")).text
        assert "nearly this name" in text
        assert Partner.objects.count() == 1

        page.post(f"{LIST}add/", filled(display_name="BMW AG", accept_duplicates="on"))
        assert Partner.objects.count() == 2

    @pytest.mark.parametrize(
        ("field", "value", "words"),
        [
            ("number_lines", "duns 1", "Not of the form"),
            ("number_lines", "vat: 1", "Unknown scheme"),
            ("domain_lines", "no domain", "no internet domain"),
            ("country", "XX", "ISO 3166"),
        ],
    )
    def test_says_what_is_wrong_and_stores_nothing(
        self, page: Client, field: str, value: str, words: str
    ) -> None:
        assert words in page.post(f"{LIST}add/", filled(**{field: value})).text
        assert Partner.objects.count() == 0

    def test_edits(self, page: Client, bmw: Partner) -> None:
        address = f"{LIST}{bmw.pk}/change/"

        page.post(address, filled(display_name="BMW", expected_version=1))

        bmw.refresh_from_db()
        assert (bmw.display_name, bmw.version) == ("BMW", 2)

    def test_of_what_is_out_of_sight_is_absent(
        self, page: Client, secret: Partner
    ) -> None:
        answer = page.post(f"{LIST}{secret.pk}/change/", filled())

        assert answer.status_code == 302
        secret.refresh_from_db()
        assert secret.display_name == "Secret Motors"

    @pytest.mark.parametrize("role", [Role.FINANCE, Role.AUDITOR, Role.MODEL_TEAM])
    def test_is_read_only_for_those_who_only_read(
        self, client: Client, bmw: Partner, role: Role
    ) -> None:
        client.force_login(make.user(role))

        answer = client.post(f"{LIST}{bmw.pk}/change/", filled())

        assert answer.status_code == 403
        bmw.refresh_from_db()
        assert bmw.version == 1


class TestButtons:
    def press(self, page: Client, row: Any, name: str, **data: Any) -> Any:
        meta = row._meta
        address = f"/admin/{meta.app_label}/{meta.model_name}/{row.pk}/{name}/"
        return page.post(address, {"_form_submitted": "True", **data})

    def test_begin_a_cooperation(self, page: Client, bmw: Partner) -> None:
        self.press(
            page,
            bmw,
            "begin",
            title="Cockpit",
            cooperation_type="ai_application",
            next_step="Call",
        )

        assert Cooperation.objects.get().title == "Cockpit"

    def test_archive_and_restore(self, page: Client, bmw: Partner) -> None:
        self.press(page, bmw, "archive")
        bmw.refresh_from_db()
        assert bmw.archived_at is not None

        self.press(page, bmw, "restore")
        bmw.refresh_from_db()
        assert bmw.archived_at is None

    def test_merge_is_for_directors(
        self, page: Client, client: Client, bmw: Partner, anna: User
    ) -> None:
        other = make.partner("BMW AG", owner=anna)
        assert self.press(page, other, "merge", winner=bmw.pk).status_code == 403

        director = make.user(Role.ALLIANCE_DIRECTOR, team=anna.team)
        client.force_login(director)
        shown = self.press(client, other, "merge", winner=bmw.pk).text
        other.refresh_from_db()
        assert "Press again to merge" in shown
        assert other.merged_into is None

        self.press(client, other, "merge", winner=bmw.pk, looked_at=bmw.pk)

        other.refresh_from_db()
        assert other.merged_into == bmw

    def test_merge_offers_what_is_alike_and_finds_the_rest(
        self, client: Client, bmw: Partner, anna: User
    ) -> None:
        other = make.partner("BMW Group AG", owner=anna)
        make.partner("Falkenried", owner=anna)
        secret = make.partner("BMW Group Secret", confidentiality="restricted")
        client.force_login(make.user(Role.FINANCE, Role.ALLIANCE_DIRECTOR))
        Partner.objects.filter(pk=secret.pk).update(archived_at=make.EARLY)
        rebuild_search()

        at_first = self.press(client, other, "merge").text
        found = self.press(client, other, "merge", wanted="falken").text

        assert "BMW Group</option>" in at_first
        assert "Falkenried</option>" not in at_first
        assert "Choose where it goes; 1 were found." in found
        assert "Falkenried</option>" in found
        assert "Secret" not in at_first + found

    def test_erase_a_contact(self, client: Client, bmw: Partner, anna: User) -> None:
        erika = make.contact(bmw, "Erika")
        client.force_login(make.user(Role.ALLIANCE_DIRECTOR, team=anna.team))

        self.press(client, erika, "erase", reason="Her letter of 1 March")

        assert Contact.objects.get().name == ""

    def test_a_refused_move_says_what_is_missing_and_keeps_its_checks(
        self, page: Client, bmw: Partner, anna: User
    ) -> None:
        cooperation = make.cooperation(bmw, owner=anna)

        text = self.press(page, cooperation, "move", to="qualified").text

        assert "Missing: At least one contact with a role" in text
        cooperation.refresh_from_db()
        assert cooperation.stage_id == "first_contact"
        assert GateCheck.objects.filter(cooperation=cooperation).count() >= 5

    def test_hold_and_resume(self, page: Client, bmw: Partner, anna: User) -> None:
        cooperation = make.cooperation(bmw, owner=anna)

        self.press(page, cooperation, "hold", reason="Budget round")
        cooperation.refresh_from_db()
        assert cooperation.hold_reason == "Budget round"

        self.press(page, cooperation, "resume")
        cooperation.refresh_from_db()
        assert cooperation.on_hold_since is None

    def test_log_and_plan_and_done(
        self, page: Client, bmw: Partner, anna: User
    ) -> None:
        cooperation = make.cooperation(bmw, owner=anna)

        self.press(page, cooperation, "log", kind="meeting", summary="First talk")
        self.press(
            page, cooperation, "plan", title="Draft", side="ours", due_on="2026-12-01"
        )
        item = ActionItem.objects.get()
        self.press(page, item, "complete")

        item.refresh_from_db()
        assert (item.status, item.owner) == ("done", anna)
        assert Activity.objects.get().logged_by == anna


class TestCooperationPage:
    def test_shows_ladder_and_gate(
        self, page: Client, bmw: Partner, anna: User
    ) -> None:
        cooperation = make.cooperation(bmw, owner=anna)

        text = page.get(f"/admin/partners/cooperation/{cooperation.pk}/change/").text

        assert "Strategic agreement" in text
        assert "At least one contact with a role" in text
        assert 'aria-current="step"' in text

    def test_a_forged_stage_is_ignored(
        self, page: Client, bmw: Partner, anna: User
    ) -> None:
        cooperation = make.cooperation(bmw, owner=anna)
        address = f"/admin/partners/cooperation/{cooperation.pk}/change/"

        page.post(
            address,
            {
                "title": "Cockpit",
                "cooperation_type": "ai_application",
                "next_step": "Call",
                "currency": "EUR",
                "security_review": "not_started",
                "stage": "production",
                "stage_id": "production",
            },
        )

        cooperation.refresh_from_db()
        assert (cooperation.title, cooperation.stage_id) == ("Cockpit", "first_contact")


class TestImportPage:
    def test_uploads_previews_commits_and_undoes(self, page: Client) -> None:
        sheet = SimpleUploadedFile("a.csv", b"Name,Website\nBMW,bmw.com\nX,none\n")
        page.post("/admin/partners/importbatch/add/", {"sheet": sheet})
        batch = ImportBatch.objects.get()
        address = f"/admin/partners/importbatch/{batch.pk}/"

        text = page.get(f"{address}change/").text
        assert "no internet domain" in text

        page.post(f"{address}commit/", {"_form_submitted": "True"})
        assert Partner.objects.get().display_name == "BMW"

        page.post(f"{address}undo/", {"_form_submitted": "True"})
        assert Partner.objects.count() == 0

    def test_shows_how_far_a_worker_is(self, page: Client) -> None:
        rows = "".join(f"Long {n}\n" for n in range(import_jobs.MOST_AT_ONCE + 1))
        sheet = SimpleUploadedFile("a.csv", f"Name\n{rows}".encode())
        page.post("/admin/partners/importbatch/add/", {"sheet": sheet})
        batch = ImportBatch.objects.get()
        address = f"/admin/partners/importbatch/{batch.pk}/"

        waiting = page.get(f"{address}change/").text
        run_import(batch_id=batch.pk)
        piece = page.get(f"{address}progress/").text

        assert f'data-progress="{address}progress/"' in waiting
        assert "data-open" in waiting
        assert "done" in piece
        assert "data-open" not in piece

    def test_gives_refused_rows_without_formulas(self, page: Client) -> None:
        sheet = SimpleUploadedFile("a.csv", b"Name,Website\n=1+1,none\n")
        page.post("/admin/partners/importbatch/add/", {"sheet": sheet})
        batch = ImportBatch.objects.get()

        answer = page.get(f"/admin/partners/importbatch/{batch.pk}/faults.csv")

        assert "'=1+1" in answer.text
        assert "no internet domain" in answer.text

    def test_of_another_person_is_absent(self, page: Client, client: Client) -> None:
        sheet = SimpleUploadedFile("a.csv", b"Name\nBMW\n")
        page.post("/admin/partners/importbatch/add/", {"sheet": sheet})
        batch = ImportBatch.objects.get()
        client.force_login(make.user(Role.ALLIANCE_MANAGER))

        answer = client.get(f"/admin/partners/importbatch/{batch.pk}/faults.csv")

        assert answer.status_code == 404
