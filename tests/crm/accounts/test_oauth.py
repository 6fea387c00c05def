"""OAuth2 clients: trade id and secret for an hour, within the scopes of an API token."""

from base64 import b64encode
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application

from crm.accounts import operations, tasks
from crm.accounts.models import ApiToken, User
from crm.accounts.operations.clients import Credentials
from crm.accounts.roles import Role
from crm.journal.models import Event
from tests import make
from tests.crm.web.api.conftest import TokenCaller, caller

TOKEN = "/api/oauth/token/"
PARTNERS = "/api/v1/partners/"


@pytest.fixture
def ida(db: None) -> User:  # noqa: ARG001 - opens the database
    return make.user(Role.INTEGRATION, Role.ALLIANCE_MANAGER)


def issue(owner: User, **asked: Any) -> tuple[ApiToken, Credentials]:
    at = timezone.now()
    return operations.issue_client(
        **{
            "owner": owner,
            "name": "ERP",
            "scopes": ["partners:write", "usage:read"],
            "expires_at": at + timedelta(days=30),
            "by": owner,
            "at": at,
            **asked,
        }
    )


def trade(given: Credentials, **form: str) -> Any:
    basic = b64encode(f"{given.client_id}:{given.secret}".encode()).decode()
    return Client().post(
        TOKEN,
        {"grant_type": "client_credentials", **form},
        headers={"Authorization": f"Basic {basic}"},
    )


class TestTrade:
    def test_gives_a_token_that_acts_as_the_owner(self, ida: User) -> None:
        client, given = issue(ida)

        answer = trade(given)
        granted = answer.json()
        api = TokenCaller(granted["access_token"])
        made = api.send("POST", PARTNERS, {"display_name": "Acme"})

        assert granted["expires_in"] == 3600
        assert granted["token_type"] == "Bearer"
        assert "no-store" in answer.headers["Cache-Control"]
        assert sorted(granted["scope"].split()) == ["partners:write", "usage:read"]
        assert made.status_code == 201
        event = Event.objects.filter(kind__startswith="partner.").latest("id")
        assert (event.by, event.token_id) == (ida, client.pk)
        assert str(client.client) == "ERP"
        client.refresh_from_db()
        assert client.latest_use_at is not None

    def test_may_ask_for_less_and_not_for_more(self, ida: User) -> None:
        _client, given = issue(ida)

        less = trade(given, scope="partners:read").json()["access_token"]
        more = trade(given, scope="deals:read")

        api = TokenCaller(less)
        assert api.get(PARTNERS).status_code == 200
        refused = api.send("POST", PARTNERS, {"display_name": "Acme"})
        assert (refused.status_code, refused.json()["code"]) == (403, "scope-missing")
        assert (more.status_code, more.json()["error"]) == (400, "invalid_scope")

    def test_neither_secret_nor_token_is_stored(self, ida: User) -> None:
        _client, given = issue(ida)
        text = trade(given).json()["access_token"]

        stored = str(list(Application.objects.values())) + str(
            list(AccessToken.objects.values())
        )

        assert given.secret not in stored
        assert text not in stored
        assert text.startswith("crmo_")

    @pytest.mark.parametrize(
        "form",
        [
            {"grant_type": "password", "username": "a", "password": "b"},
            {"grant_type": "authorization_code", "code": "x"},
            {"grant_type": "refresh_token", "refresh_token": "x"},
            {"grant_type": "implicit"},
        ],
    )
    def test_knows_no_other_grant(self, ida: User, form: dict[str, str]) -> None:
        _client, given = issue(ida)

        answer = trade(given, **form)

        assert answer.status_code == 400
        assert answer.json()["error"] == "unsupported_grant_type"

    def test_a_wrong_secret_is_401_in_the_form_of_the_rfc(self, ida: User) -> None:
        _client, given = issue(ida)

        answer = trade(given._replace(secret="wrong"))

        assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"})

    def test_many_wrong_secrets_are_paused(
        self, ida: User, settings: Any, socket_enabled: Any
    ) -> None:
        settings.API_FAILURE_RATE = "1/3600"
        _client, given = issue(ida)
        wrong = given._replace(secret="wrong")

        statuses = [trade(wrong).status_code for _number in range(3)]

        assert statuses[-1] == 429

    @pytest.mark.parametrize("address", ["authorize", "introspect", "applications"])
    def test_offers_nothing_else(self, ida: User, address: str) -> None:
        assert caller(ida).get(f"/api/oauth/{address}/").status_code == 404


class TestEnd:
    def test_revoking_the_client_ends_its_tokens_at_once(self, ida: User) -> None:
        client, given = issue(ida)
        api = TokenCaller(trade(given).json()["access_token"])

        operations.revoke_token(token=client, by=ida, at=timezone.now())

        assert api.get(PARTNERS).json()["code"] == "token.revoked"
        assert trade(given).status_code == 401

    def test_who_left_gets_none(self, ida: User) -> None:
        _client, given = issue(ida)
        api = TokenCaller(trade(given).json()["access_token"])
        ida.is_active = False
        ida.save()

        assert api.get(PARTNERS).json()["code"] == "token.owner-inactive"
        assert trade(given).status_code == 401

    def test_only_from_allowed_networks(self, ida: User) -> None:
        _client, given = issue(ida, networks=["10.0.0.0/8"])
        api = TokenCaller(trade(given).json()["access_token"])

        assert api.get(PARTNERS).json()["code"] == "token.network"

    def test_after_an_hour(self, ida: User) -> None:
        _client, given = issue(ida)
        api = TokenCaller(trade(given).json()["access_token"])
        AccessToken.objects.update(expires=timezone.now())

        assert api.get(PARTNERS).json()["code"] == "token.expired"
        tasks.forget_access_tokens()
        assert not AccessToken.objects.exists()

    def test_by_itself(self, ida: User) -> None:
        _client, given = issue(ida)
        text = trade(given).json()["access_token"]
        basic = b64encode(f"{given.client_id}:{given.secret}".encode()).decode()

        answer = Client().post(
            "/api/oauth/revoke/",
            {"token": text},
            headers={"Authorization": f"Basic {basic}"},
        )

        assert answer.status_code == 200
        assert TokenCaller(text).get(PARTNERS).status_code == 401

    def test_made_up_tokens_are_unknown(self, db: None) -> None:
        answer = TokenCaller("crmo_" + "a" * 43).get(PARTNERS)

        assert (answer.status_code, answer.json()["code"]) == (401, "token.unknown")


class TestOtherDoors:
    def test_command_prints_id_and_secret(
        self, ida: User, capsys: pytest.CaptureFixture[str]
    ) -> None:
        call_command(
            "create_api_token", ida.email, "--scope", "partners:read", "--client"
        )

        client_id, secret = capsys.readouterr().out.split()
        assert trade(Credentials(client_id, secret)).status_code == 200

    def test_admin_shows_them_once(self, ida: User) -> None:
        values = {
            "name": "ERP",
            "owner": ida.pk,
            "scopes": ["partners:read"],
            "is_client": "on",
            "networks": "",
            "days": 30,
        }

        answer = caller(ida).post("/admin/accounts/apitoken/add/", values)

        application = Application.objects.get()
        assert application.client_id in answer.text
        assert application.client_secret not in answer.text
        texts = [part.split("<")[0] for part in answer.text.split('select-all">')[1:]]
        assert trade(Credentials(*texts)).status_code == 200

    def test_the_toolkit_has_no_pages(self, db: None) -> None:
        boss = caller(make.user(Role.ADMINISTRATOR))

        assert boss.get("/admin/oauth2_provider/application/").status_code == 404
