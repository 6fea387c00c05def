"""The admin pages of accounts: who may open which, and what a forged post changes: nothing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from crm.accounts import operations
from crm.accounts.models import ApiToken, BrowserSession, Invitation, Team, User
from crm.accounts.roles import Role
from crm.journal.models import Event
from tests import make

pytestmark = pytest.mark.django_db

PASSWORD = "a fine long sentence"
NOW = timezone.now()
EVERY = set(Role.values)
OVERSEERS = {Role.ADMINISTRATOR, Role.AUDITOR}
ADMIN = {Role.ADMINISTRATOR}
CONFIRMED = {"_form_submitted": "True"}


def logged_in(person: User) -> Client:
    client = Client()
    client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return client


def token_of(owner: User) -> ApiToken:
    return operations.issue_token(
        owner=owner,
        name="ERP",
        scopes=["deals:read"],
        expires_at=NOW + timedelta(days=9),
        by=owner,
        at=NOW,
    )[0]


PAGES = [
    ("/admin/accounts/user/", EVERY),
    ("/admin/accounts/user/add/", ADMIN),
    ("/admin/accounts/user/me/", EVERY),
    ("/admin/accounts/user/{user}/change/", EVERY),
    ("/admin/accounts/user/{user}/hand-over/", ADMIN),
    ("/admin/accounts/user/{user}/history/", EVERY),
    ("/admin/accounts/team/", EVERY),
    ("/admin/accounts/team/add/", ADMIN),
    ("/admin/accounts/team/{team}/change/", EVERY),
    ("/admin/auth/group/", OVERSEERS),
    ("/admin/auth/group/{role}/change/", OVERSEERS),
    ("/admin/auth/group/add/", set()),
    ("/admin/accounts/invitation/", OVERSEERS),
    ("/admin/accounts/invitation/{invitation}/change/", OVERSEERS),
    ("/admin/accounts/invitation/add/", set()),
    ("/admin/accounts/browsersession/", EVERY),
    ("/admin/accounts/browsersession/add/", set()),
    ("/admin/accounts/apitoken/", {*OVERSEERS, Role.INTEGRATION}),
    ("/admin/accounts/apitoken/add/", {*ADMIN, Role.INTEGRATION}),
    ("/admin/accounts/apitoken/{token}/change/", OVERSEERS),
]


@pytest.fixture
def numbers() -> dict[str, int]:
    invited = operations.invite_person(
        email="new@example.com", name="New", by=None, at=NOW
    )
    return {
        "user": make.user().pk,
        "team": make.team().pk,
        "role": Group.objects.get(name=Role.LEGAL).pk,
        "invitation": invited.pk,
        "token": token_of(make.user()).pk,
    }


@pytest.mark.parametrize(("address", "allowed"), PAGES, ids=[p[0] for p in PAGES])
def test_each_page_opens_for_its_roles(
    address: str, allowed: set[str], numbers: dict[str, int]
) -> None:
    opened = set()
    for role in Role.values:
        answer = logged_in(make.user(role)).get(address.format(**numbers))
        assert answer.status_code in (200, 302, 403, 404)
        if answer.status_code == 200:
            opened.add(role)

    assert opened == allowed


@pytest.mark.parametrize("address", [address for address, _ in PAGES])
def test_nobody_sees_a_page_without_login(
    address: str, numbers: dict[str, int]
) -> None:
    answer = Client().get(address.format(**numbers))

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/admin/login/")


def everything() -> list[Any]:
    models: list[Any] = [ApiToken, Invitation, Team, Group]
    rows = [list(model.objects.order_by("pk").values()) for model in models]
    columns = [field.attname for field in User._meta.fields]
    columns.remove("last_login")
    people = list(User.objects.order_by("pk").values(*columns))
    roles = sorted(User.groups.through.objects.values_list("user_id", "group_id"))
    return [*rows, people, roles, Event.objects.count()]


FORGED = [
    (
        "/admin/accounts/user/add/",
        {"email": "x@example.com", "name": "X", "language": "en"},
    ),
    (
        "/admin/accounts/user/{user}/change/",
        {
            "name": "Mallory",
            "language": "en",
            "time_zone": "UTC",
            "currency": "EUR",
            "is_superuser": "on",
        },
    ),
    ("/admin/accounts/user/{user}/delete/", {"post": "yes"}),
    (
        "/admin/accounts/user/{user}/give_role/",
        {"role": "executive", "_form_submitted": "True"},
    ),
    ("/admin/accounts/user/{user}/hand-over/", {"to": "{me}"}),
    ("/admin/accounts/user/{user}/password/", {"password1": "x", "password2": "x"}),
    ("/admin/accounts/team/add/", {"name": "Mine"}),
    ("/admin/accounts/team/{team}/change/", {"name": "Mine", "lead": "{me}"}),
    ("/admin/accounts/team/{team}/delete/", {"post": "yes"}),
    ("/admin/auth/group/{role}/change/", {"name": "x", "permissions": "1"}),
    ("/admin/accounts/apitoken/{token}/change/", {"name": "Mine", "owner": "{me}"}),
    ("/admin/accounts/apitoken/{token}/delete/", {"post": "yes"}),
    (
        "/admin/accounts/user/",
        {"action": "delete_selected", "_selected_action": "{user}", "post": "yes"},
    ),
    (
        "/admin/accounts/user/",
        {
            "form-TOTAL_FORMS": "1",
            "form-INITIAL_FORMS": "1",
            "form-0-id": "{user}",
            "form-0-name": "Mallory",
            "_save": "Save",
        },
    ),
]


@pytest.mark.parametrize(("address", "sent"), FORGED, ids=[f[0] for f in FORGED])
@pytest.mark.parametrize("role", [Role.EXECUTIVE, Role.AUDITOR, Role.INTEGRATION])
def test_a_forged_post_changes_nothing(
    role: str, address: str, sent: dict[str, str], numbers: dict[str, int]
) -> None:
    make.team(lead=User.objects.get(pk=numbers["user"]))
    mallory = make.user(role)
    client = logged_in(mallory)
    client.get("/admin/accounts/user/me/")
    before = everything()
    values = {key: text.format(me=mallory.pk, **numbers) for key, text in sent.items()}

    answer = client.post(address.format(**numbers), values)

    assert answer.status_code in (200, 302, 403, 404)
    assert everything() == before


BUTTONS = [
    ("user/{user}/give_role", {"role": "legal"}, "person.role-granted"),
    ("user/{user}/end_sessions", {}, "person.sessions-ended"),
    ("user/{user}/deactivate", {}, "person.deactivated"),
    (
        "user/{user}/change_email",
        {"email": "other@example.com", "password": PASSWORD},
        "person.email-changed",
    ),
    ("invitation/{invitation}/revoke", {}, "person.invitation-revoked"),
    ("invitation/{invitation}/send_again", {}, "person.invitation-asked"),
    ("apitoken/{token}/revoke", {}, "token.revoked"),
]


def button(address: str) -> str:
    kind, number, name = address.split("/")
    return f"/admin/accounts/{kind}/{number}/{name}/"


@pytest.mark.parametrize(
    ("address", "sent", "kind"), BUTTONS, ids=[b[0] for b in BUTTONS]
)
class TestButtons:
    def test_do_what_they_say_for_administrators(
        self, address: str, sent: dict[str, str], kind: str, numbers: dict[str, int]
    ) -> None:
        client = logged_in(make.administrator(password=PASSWORD))
        page = button(address.format(**numbers))
        before = Event.objects.filter(kind=kind).count()

        asked = client.get(page)
        unchanged = Event.objects.filter(kind=kind).count()
        client.post(page, {**sent, **CONFIRMED})

        assert asked.status_code == 200
        assert unchanged == before
        assert Event.objects.filter(kind=kind).count() == before + 1

    def test_refuse_everybody_else(
        self, address: str, sent: dict[str, str], kind: str, numbers: dict[str, int]
    ) -> None:
        page = button(address.format(**numbers))
        clients = [logged_in(make.user(role)) for role in sorted(EVERY - ADMIN)]
        before = everything()

        answers = [client.post(page, {**sent, **CONFIRMED}) for client in clients]
        codes = {answer.status_code for answer in answers}

        assert codes <= {403, 404}
        assert everything() == before


class TestPeople:
    def test_an_administrator_invites(
        self, django_capture_on_commit_callbacks: Callable[[], Any]
    ) -> None:
        client = logged_in(make.administrator())
        team = make.team()

        answer = client.post(
            "/admin/accounts/user/add/",
            {
                "email": "neo@example.com",
                "name": "Neo",
                "team": team.pk,
                "language": "zh-hans",
                "roles": ["legal", "finance"],
            },
        )

        assert answer.status_code == 302
        made = User.objects.get(email="neo@example.com")
        assert (made.team, made.is_active, made.is_superuser) == (team, False, False)
        assert made.groups.count() == 2
        assert Invitation.objects.due().get().person == made

    def test_a_taken_address_is_told_in_the_form(self) -> None:
        make.user(email="neo@example.com")

        answer = logged_in(make.administrator()).post(
            "/admin/accounts/user/add/",
            {"email": "NEO@example.com", "name": "Neo", "language": "en"},
        )

        assert answer.status_code == 200
        assert "errors" in answer.text
        assert not User.objects.filter(name="Neo").exists()

    def test_an_administrator_edits_profile_and_team(self) -> None:
        anna, team = make.user(), make.team()
        values = {
            "name": "Anna Berg",
            "team": team.pk,
            "language": "en",
            "time_zone": "Europe/Berlin",
            "currency": "EUR",
            "email": "stolen@example.com",
            "is_superuser": "on",
            "groups": "1",
        }

        logged_in(make.administrator()).post(
            f"/admin/accounts/user/{anna.pk}/change/", values
        )

        stored = User.objects.get(pk=anna.pk)
        assert (stored.name, stored.team, stored.currency) == ("Anna Berg", team, "EUR")
        assert (stored.email, stored.is_superuser) == (anna.email, False)
        assert stored.groups.count() == 0

    def test_passwords_and_hashes_are_on_no_page(self, numbers: dict[str, int]) -> None:
        client = logged_in(make.administrator(password=PASSWORD))
        digest = ApiToken.objects.get().digest
        pages = [address.format(**numbers) for address, _ in PAGES]

        texts = [client.get(address).text for address in pages]

        assert not any("md5$" in text or digest in text for text in texts)

    @pytest.mark.parametrize("rows", [2, 20])
    def test_list_costs_the_same_for_few_and_many(
        self, rows: int, django_assert_num_queries: Any
    ) -> None:
        team = make.team()
        for _row in range(rows):
            make.user(Role.LEGAL, Role.FINANCE, team=team)
        client = logged_in(make.administrator())
        client.get("/admin/accounts/user/")

        with django_assert_num_queries(LIST_QUERIES):
            client.get("/admin/accounts/user/")


LIST_QUERIES = 10


class TestHandOver:
    def test_shows_counts_then_gives_all(self) -> None:
        leaver, successor = make.user(), make.user(name="Successor")
        make.team(lead=leaver)
        make.team(lead=leaver)
        client = logged_in(make.administrator())
        page = f"/admin/accounts/user/{leaver.pk}/hand-over/"

        preview = client.get(page).text
        answer = client.post(page, {"to": successor.pk})

        assert "Teams led" in preview
        assert answer.headers["Location"] == f"/admin/accounts/user/{leaver.pk}/change/"
        assert Team.objects.filter(lead=successor).count() == 2

    def test_refuses_whoever_left_as_successor(self) -> None:
        leaver, gone = make.user(), make.user(is_active=False)
        make.team(lead=leaver)
        client = logged_in(make.administrator())

        answer = client.post(
            f"/admin/accounts/user/{leaver.pk}/hand-over/", {"to": gone.pk}
        )

        assert answer.status_code == 200
        assert Team.objects.get().lead == leaver


class TestTeams:
    def test_are_registered_and_edited(self) -> None:
        client, parent, lead = logged_in(make.administrator()), make.team(), make.user()

        client.post(
            "/admin/accounts/team/add/",
            {
                "name": "EMEA",
                "parent": parent.pk,
                "members-TOTAL_FORMS": 0,
                "members-INITIAL_FORMS": 0,
            },
        )
        team = Team.objects.get(name="EMEA")
        client.post(
            f"/admin/accounts/team/{team.pk}/change/",
            {
                "name": "Europe",
                "parent": "",
                "lead": lead.pk,
                "members-TOTAL_FORMS": 0,
                "members-INITIAL_FORMS": 0,
            },
        )

        stored = Team.objects.get(pk=team.pk)
        assert (stored.name, stored.path, stored.lead) == (
            "Europe",
            f"/{team.pk}/",
            lead,
        )

    def test_a_circle_is_told_in_the_form(self) -> None:
        top = make.team()
        below = make.team(parent=top)

        answer = logged_in(make.administrator()).post(
            f"/admin/accounts/team/{top.pk}/change/",
            {
                "name": top.name,
                "parent": below.pk,
                "members-TOTAL_FORMS": 0,
                "members-INITIAL_FORMS": 0,
            },
        )

        assert "which belongs to it" in answer.text
        assert Team.objects.get(pk=top.pk).parent is None


class TestTokens:
    def values(self, owner: User, **changed: Any) -> dict[str, Any]:
        return {
            "name": "ERP",
            "owner": owner.pk,
            "scopes": ["deals:read", "usage:write"],
            "networks": "10.0.0.0/8\n192.0.2.1",
            "days": 30,
            **changed,
        }

    def test_shows_the_secret_once_and_only_in_the_answer(self) -> None:
        anna = make.user(Role.INTEGRATION)
        client = logged_in(anna)

        answer = client.post("/admin/accounts/apitoken/add/", self.values(anna))

        assert answer.status_code == 200
        assert "no-store" in answer.headers["Cache-Control"]
        text = answer.text.split("<code")[1].split(">", 1)[1].split("<")[0]
        token = operations.find_token(text=text, address="10.1.1.1", at=timezone.now())
        assert token.networks == ["10.0.0.0/8", "192.0.2.1/32"]
        pages = [
            client.get("/admin/accounts/apitoken/").text,
            client.get(f"/admin/accounts/apitoken/{token.pk}/change/").text,
            client.get(f"/admin/accounts/apitoken/{token.pk}/history/").text,
        ]
        secret = text.split("_")[2]
        assert not any(secret in page for page in pages)
        assert secret not in str(dict(client.session)) + str(client.cookies)

    def test_of_a_colleague_is_refused(self) -> None:
        anna, boss = make.user(Role.INTEGRATION), make.user(Role.EXECUTIVE)

        answer = logged_in(anna).post(
            "/admin/accounts/apitoken/add/", self.values(boss)
        )

        assert answer.status_code == 200
        assert not ApiToken.objects.exists()

    @pytest.mark.parametrize(
        "wrong",
        [{"networks": "nonsense"}, {"days": 0}, {"days": 367}, {"scopes": "all"}],
    )
    def test_nonsense_is_told_in_the_form(self, wrong: dict[str, Any]) -> None:
        anna = make.user(Role.INTEGRATION)

        answer = logged_in(anna).post(
            "/admin/accounts/apitoken/add/", self.values(anna, **wrong)
        )

        assert answer.status_code == 200
        assert not ApiToken.objects.exists()

    def test_of_others_are_hidden_from_integration(self) -> None:
        other = token_of(make.user())
        client = logged_in(make.user(Role.INTEGRATION))

        assert other.public not in client.get("/admin/accounts/apitoken/").text
        answer = client.post(f"/admin/accounts/apitoken/{other.pk}/revoke/", CONFIRMED)
        assert answer.status_code == 404
        assert ApiToken.objects.get().revoked_at is None


class TestOwnPage:
    address = "/admin/accounts/user/me/"

    def test_stores_the_profile_and_speaks_the_new_language(self) -> None:
        anna = make.user(Role.LEGAL)
        client = logged_in(anna)

        client.post(
            self.address,
            {
                "act": "profile",
                "name": "Anna Berg",
                "language": "zh-hans",
                "time_zone": "Europe/Berlin",
                "currency": "EUR",
                "is_superuser": "on",
                "team": make.team().pk,
            },
        )

        stored = User.objects.get(pk=anna.pk)
        assert (stored.name, stored.time_zone) == ("Anna Berg", "Europe/Berlin")
        assert (stored.is_superuser, stored.team) == (False, None)
        assert "关于我" in client.get(self.address).text

    def test_changes_the_address_with_the_password_and_stays(self) -> None:
        anna = make.user(Role.LEGAL, password=PASSWORD)
        here, elsewhere = logged_in(anna), logged_in(anna)
        sent = {"act": "address", "email": "new@example.com"}

        refused = here.post(self.address, {**sent, "password": "wrong"})
        here.post(self.address, {**sent, "password": PASSWORD})

        assert "not your password" in refused.text
        assert User.objects.get(pk=anna.pk).email == "new@example.com"
        assert here.get(self.address).status_code == 200
        assert elsewhere.get(self.address).status_code == 302

    def test_lists_browsers_and_logs_out_of_all(self) -> None:
        anna = make.user(Role.LEGAL)
        here, elsewhere = logged_in(anna), logged_in(anna)
        elsewhere.get(self.address, headers={"user-agent": "Telephone"})

        listed = here.get(self.address, headers={"user-agent": "Desk"}).text
        here.post(self.address, {"act": "sessions"})

        assert "Telephone" in listed
        assert "Desk" in listed
        codes = [client.get(self.address).status_code for client in (here, elsewhere)]
        assert codes == [302, 302]
        assert not BrowserSession.objects.exists()

    def test_an_unknown_act_does_nothing(self) -> None:
        client = logged_in(make.user(Role.LEGAL))
        client.get(self.address)
        before = everything()

        assert client.post(self.address, {"act": "delete"}).status_code == 200
        assert everything() == before


class TestSessions:
    address = "/admin/accounts/browsersession/"

    def test_end_only_ones_own(self) -> None:
        anna, ben = make.user(Role.LEGAL), make.user(Role.LEGAL)
        here, other = logged_in(anna), logged_in(ben)
        for client in (here, other):
            client.get("/admin/")
        theirs = BrowserSession.objects.get(person=ben)

        listed = here.get(self.address)
        here.post(
            self.address, {"action": "end_selected", "_selected_action": [theirs.pk]}
        )

        assert ben.name not in listed.text
        assert other.get("/admin/").status_code == 200
        logged_in(make.administrator()).post(
            self.address, {"action": "end_selected", "_selected_action": [theirs.pk]}
        )
        assert other.get("/admin/").status_code == 302

    def test_are_noted_once_in_five_minutes(
        self, django_assert_num_queries: Any
    ) -> None:
        client = logged_in(make.user(Role.LEGAL))
        client.get("/admin/")
        first = BrowserSession.objects.get().seen_at
        client.get("/admin/")

        assert BrowserSession.objects.get().seen_at == first
