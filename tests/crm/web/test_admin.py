"""Pages of the admin: rows scoped by person, changes by operations, refusals undone."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client

from crm.accounts.models import Team, User
from crm.journal.models import Event
from crm.web.admin import OperationAdmin
from tests import make
from tests.gallery.models import Part, Sample

pytestmark = pytest.mark.django_db

LIST = "/admin/gallery/sample/"
EVERYTHING = ("view", "add", "change", "delete", "close")


@pytest.fixture
def anna() -> User:
    return person("Anna", *EVERYTHING)


@pytest.fixture
def sample(anna: User) -> Sample:
    return Sample.objects.create(name="Hers", owner=anna)


@pytest.fixture
def foreign() -> Sample:
    return Sample.objects.create(name="Foreign", owner=make.user(name="Carla"))


def person(name: str, *acts: str) -> User:
    made = make.user(name=name)
    codenames = ["view_part", *(f"{act}_sample" for act in acts)]
    made.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return made


def inside(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def page_of(sample: Sample, page: str = "change") -> str:
    return f"{LIST}{sample.pk}/{page}/"


def filled(owner: User, **changes: object) -> dict[str, Any]:
    return {
        "name": "New",
        "owner": owner.pk,
        "kind": "round",
        "parent": "",
        "amount": "10.00",
        "starts_on": "",
        "meets_at_0": "",
        "meets_at_1": "",
        "notes": "",
        "link": "",
        "parts-TOTAL_FORMS": 0,
        "parts-INITIAL_FORMS": 0,
        **changes,
    }


def words(answer: Any) -> str:
    """Return the page with every gap as one blank, however its template is set."""
    return " ".join(answer.content.decode().split())


class TestRows:
    def test_list_shows_only_what_the_person_may_see(
        self, client: Client, anna: User, sample: Sample, foreign: Sample
    ) -> None:
        page = inside(client, anna).get(LIST).content.decode()

        assert "Hers" in page
        assert "Foreign" not in page

    @pytest.mark.parametrize("page", ["change", "delete", "history"])
    def test_hidden_row_is_like_an_absent_one(
        self, client: Client, anna: User, foreign: Sample, page: str
    ) -> None:
        hidden = inside(client, anna).get(page_of(foreign, page))
        absent = client.get(f"{LIST}999999/{page}/")

        assert (hidden.status_code, hidden.headers["Location"]) == (302, "/admin/")
        assert (absent.status_code, absent.headers["Location"]) == (302, "/admin/")

    def test_choices_of_autocomplete_are_scoped(
        self, client: Client, anna: User, sample: Sample, foreign: Sample
    ) -> None:
        answer = inside(client, anna).get(
            "/admin/autocomplete/",
            {
                "app_label": "gallery",
                "model_name": "sample",
                "field_name": "parent",
                "term": "",
            },
        )

        assert [row["text"] for row in answer.json()["results"]] == ["Hers"]

    def test_form_does_not_accept_a_hidden_row_as_reference(
        self, client: Client, anna: User, foreign: Sample
    ) -> None:
        answer = inside(client, anna).post(
            f"{LIST}add/", filled(anna, parent=foreign.pk)
        )

        assert answer.status_code == 200
        assert "parent" in answer.context["adminform"].form.errors
        assert not Sample.objects.filter(name="New").exists()

    def test_action_leaves_hidden_rows_alone(
        self, client: Client, anna: User, sample: Sample, foreign: Sample
    ) -> None:
        inside(client, anna).post(
            LIST,
            {"action": "close_all", "_selected_action": [sample.pk, foreign.pk]},
        )

        sample.refresh_from_db()
        foreign.refresh_from_db()
        assert (sample.is_open, foreign.is_open) == (False, True)


class TestReadOnly:
    def test_nothing_may_be_done_that_is_not_connected(
        self, client: Client, anna: User, rf: Any
    ) -> None:
        class Shown(OperationAdmin[Sample]):
            pass

        request = rf.get("/")
        request.user = User(is_superuser=True, is_active=True)
        door = Shown(Sample, admin.site)

        assert door.has_view_permission(request)
        assert not door.has_add_permission(request)
        assert not door.has_change_permission(request)
        assert not door.has_delete_permission(request)

    def test_without_permission_the_form_cannot_be_sent(
        self, client: Client, sample: Sample
    ) -> None:
        reader = person("Reader", "view")
        Sample.objects.update(owner=reader)

        answer = inside(client, reader).post(page_of(sample), filled(reader))

        assert answer.status_code == 403
        sample.refresh_from_db()
        assert sample.name == "Hers"


class TestChange:
    def test_registers_by_the_operation(self, client: Client, anna: User) -> None:
        answer = inside(client, anna).post(f"{LIST}add/", filled(anna))

        assert answer.status_code == 302
        made = Sample.objects.get()
        event = Event.objects.get()
        assert (event.kind, event.subject_id, event.by) == (
            "sample.registered",
            made.pk,
            anna,
        )
        assert not LogEntry.objects.exists()

    def test_edits_by_the_operation(
        self, client: Client, anna: User, sample: Sample
    ) -> None:
        inside(client, anna).post(page_of(sample), filled(anna, name="Renamed"))

        sample.refresh_from_db()
        event = Event.objects.get()
        assert (sample.name, sample.version) == ("Renamed", 2)
        assert (event.old, event.new) == ({"name": "Hers"}, {"name": "Renamed"})

    @pytest.mark.parametrize("page", ["add", "change"])
    def test_refusal_is_an_error_of_the_form_and_undoes_everything(
        self, client: Client, anna: User, sample: Sample, page: str
    ) -> None:
        path = page_of(sample) if page == "change" else f"{LIST}add/"

        answer = inside(client, anna).post(path, filled(anna, name="Forbidden"))

        assert answer.status_code == 200
        assert answer.context["adminform"].form.non_field_errors() == [
            "This name is taken.",
            "Missing: another name",
        ]
        assert 'value="Forbidden"' in answer.content.decode()
        assert list(Sample.objects.values_list("name", "version")) == [("Hers", 1)]
        assert not Event.objects.exists()

    def test_refuses_a_form_that_was_opened_on_an_older_version(
        self, client: Client, anna: User, sample: Sample
    ) -> None:
        Sample.objects.update(version=2)

        answer = inside(client, anna).post(
            page_of(sample), filled(anna, expected_version=1)
        )

        page = words(answer)
        assert "Somebody else changed this" in page
        assert 'name="expected_version" value="1"' in page
        sample.refresh_from_db()
        assert sample.name == "Hers"

    def test_form_carries_its_version(
        self, client: Client, anna: User, sample: Sample
    ) -> None:
        page = words(inside(client, anna).get(page_of(sample)))

        assert 'name="expected_version" value="1"' in page

    def test_removes_by_the_operation(
        self, client: Client, anna: User, sample: Sample
    ) -> None:
        Sample.objects.update(is_open=False)

        inside(client, anna).post(page_of(sample, "delete"), {"post": "yes"})

        assert not Sample.objects.exists()
        assert Event.objects.get().kind == "sample.removed"
        assert not LogEntry.objects.exists()

    def test_refused_removal_says_why(
        self, client: Client, anna: User, sample: Sample
    ) -> None:
        answer = inside(client, anna).post(
            page_of(sample, "delete"), {"post": "yes"}, follow=True
        )

        assert "Close it before you remove it." in answer.content.decode()
        assert Sample.objects.exists()

    def test_forged_rows_of_an_inline_change_nothing(
        self, client: Client, anna: User, sample: Sample
    ) -> None:
        part = Part.objects.create(sample=sample, title="True")
        forged = {
            "parts-TOTAL_FORMS": 2,
            "parts-INITIAL_FORMS": 1,
            "parts-0-id": part.pk,
            "parts-0-title": "Forged",
            "parts-0-DELETE": "on",
            "parts-1-title": "Forged",
            "parts-1-sample": sample.pk,
        }

        answer = inside(client, anna).post(page_of(sample), filled(anna, **forged))

        assert answer.status_code == 302
        assert list(Part.objects.values_list("title", flat=True)) == ["True"]

    def test_forged_formset_of_a_list_changes_nothing(
        self, client: Client, anna: User, sample: Sample
    ) -> None:
        forged = {
            "form-TOTAL_FORMS": 1,
            "form-INITIAL_FORMS": 1,
            "form-0-id": sample.pk,
            "form-0-name": "Forged",
            "_save": "Save",
        }

        inside(client, anna).post(LIST, forged)

        sample.refresh_from_db()
        assert sample.name == "Hers"


class TestButton:
    def test_opening_the_dialog_changes_nothing(
        self, client: Client, anna: User, sample: Sample
    ) -> None:
        page = inside(client, anna).get(page_of(sample, "close")).content.decode()

        assert 'name="why"' in page
        sample.refresh_from_db()
        assert sample.is_open

    def test_runs_the_operation(
        self, client: Client, anna: User, sample: Sample
    ) -> None:
        sent = {"why": "because", "kind": "round", "_form_submitted": "True"}

        answer = inside(client, anna).post(
            page_of(sample, "close"), sent, headers={"HX-Request": "true"}
        )

        assert answer.headers["HX-Redirect"] == page_of(sample)
        sample.refresh_from_db()
        assert (sample.is_open, sample.notes) == (False, "because")

    def test_refusal_stays_in_the_dialog_and_undoes_everything(
        self, client: Client, anna: User, sample: Sample
    ) -> None:
        sent = {"why": "forbidden", "kind": "round", "_form_submitted": "True"}

        page = inside(client, anna).post(page_of(sample, "close"), sent)

        assert "Missing: a better reason" in page.content.decode()
        sample.refresh_from_db()
        assert sample.is_open
        assert not Event.objects.exists()

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_needs_the_permission(
        self, client: Client, sample: Sample, method: str
    ) -> None:
        changer = person("Changer", "view", "change")
        Sample.objects.update(owner=changer)

        answer = getattr(inside(client, changer), method)(page_of(sample, "close"))

        assert answer.status_code == 403

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_hidden_row_is_like_an_absent_one(
        self, client: Client, anna: User, foreign: Sample, method: str
    ) -> None:
        call = getattr(inside(client, anna), method)

        assert call(page_of(foreign, "close")).status_code == 404
        assert call(f"{LIST}999999/close/").status_code == 404

    def test_needs_the_token_of_the_form(self, anna: User, sample: Sample) -> None:
        careful = Client(enforce_csrf_checks=True)

        answer = inside(careful, anna).post(page_of(sample, "close"), {"why": "x"})

        assert answer.status_code == 403
        assert "This form is too old" in answer.content.decode()


class TestHistory:
    def test_shows_the_journal(
        self, client: Client, anna: User, sample: Sample
    ) -> None:
        inside(client, anna).post(page_of(sample), filled(anna, name="Renamed"))

        page = client.get(page_of(sample, "history")).content.decode()

        assert "sample.edited" in page
        assert "Hers → Renamed" in page
        assert "Anna" in page

    @pytest.mark.parametrize("number", ["0", "-1", "x", "99999999999999999999", "²"])
    def test_nonsense_as_page_is_the_first(
        self, client: Client, anna: User, sample: Sample, number: str
    ) -> None:
        answer = inside(client, anna).get(page_of(sample, "history"), {"p": number})

        assert answer.context["page"] == 1


@pytest.mark.parametrize("rows", [2, 20])
def test_list_costs_the_same_for_any_number_of_rows(
    client: Client, anna: User, rows: int, django_assert_num_queries: Any
) -> None:
    team = Team.objects.create(name="A team")
    for number in range(rows):
        owner = make.user(team=team)
        Sample.objects.create(name=f"Row {number}", owner=owner)
    User.objects.filter(pk=anna.pk).update(is_superuser=True)
    inside(client, anna).get(LIST)

    with django_assert_num_queries(4):
        client.get(LIST)
