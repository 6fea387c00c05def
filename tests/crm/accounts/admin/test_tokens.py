"""The admin pages of API tokens: the secret is shown once, to its owner."""

from typing import Any

import pytest
from django.utils import timezone

from crm.accounts import operations
from crm.accounts.models import ApiToken, User
from crm.accounts.roles import Role
from tests import make
from tests.crm.accounts.admin.browsing import CONFIRMED, logged_in, token_of

pytestmark = pytest.mark.django_db


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
