"""A person's own page and sessions in the admin."""

from typing import Any

import pytest

from crm.accounts.models import BrowserSession, User
from crm.accounts.roles import Role
from tests import make
from tests.crm.accounts.admin.browsing import PASSWORD, everything, logged_in

pytestmark = pytest.mark.django_db


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
        here.post(self.address, {**sent, "email": "", "password": PASSWORD})
        assert User.objects.get(pk=anna.pk).email == anna.email
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
