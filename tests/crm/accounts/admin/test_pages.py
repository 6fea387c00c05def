"""The admin pages of accounts: who may open which, and what a forged post changes: nothing."""

import pytest
from django.test import Client

from crm.accounts.models import ApiToken, User
from crm.accounts.roles import Role
from crm.journal.models import Event
from tests import make
from tests.crm.accounts.admin.browsing import CONFIRMED, PASSWORD, everything, logged_in

pytestmark = pytest.mark.django_db

EVERY = set(Role.values)
OVERSEERS = {Role.ADMINISTRATOR, Role.AUDITOR}
ADMIN = {Role.ADMINISTRATOR}
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


@pytest.mark.timeout(60)  # renders each page for ten roles
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
    ("user/{lawyer}/withdraw_role", {"role": "legal"}, "person.role-withdrawn"),
    ("user/{user}/end_sessions", {}, "person.sessions-ended"),
    ("user/{left}/reactivate", {}, "person.reactivated"),
    ("user/{invitee}/invite_again", {}, "person.invitation-asked"),
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


def test_passwords_and_hashes_are_on_no_page(numbers: dict[str, int]) -> None:
    client = logged_in(make.administrator(password=PASSWORD))
    digest = ApiToken.objects.get().digest
    pages = [address.format(**numbers) for address, _ in PAGES]

    texts = [client.get(address).text for address in pages]

    assert not any("md5$" in text or digest in text for text in texts)


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
