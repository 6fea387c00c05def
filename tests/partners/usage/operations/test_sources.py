"""Billing sources: registered, changed, and refused in words."""

from typing import Any

import pytest

from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.journal.models import Event
from partners.usage import operations
from partners.usage.operations import SourceRefusedError
from tests import make
from tests.partners.usage.conftest import AT

pytestmark = pytest.mark.django_db


@pytest.fixture
def fiona() -> User:
    return make.user(Role.FINANCE)


class TestRegister:
    def test_keeps_and_journals(self, fiona: User) -> None:
        source = operations.register_source(
            values={"name": " acme ", "time_zone": "Asia/Shanghai"}, by=fiona, at=AT
        )

        assert source.name == "acme"
        assert Event.objects.get(kind="usage.source-created").by == fiona

    @pytest.mark.parametrize(
        ("values", "text"),
        [
            ({"name": ""}, "needs a name"),
            ({"name": "a/b"}, "slashes"),
            ({"name": ".done"}, "full stop"),
            ({"name": "taken"}, "already"),
            ({"name": "a", "time_zone": "Mars/Base"}, "Mars/Base"),
        ],
    )
    def test_refuses_in_words(
        self, fiona: User, values: dict[str, Any], text: str
    ) -> None:
        operations.find_or_create_source(name="taken", by=None, at=AT)

        with pytest.raises(SourceRefusedError, match=text):
            operations.register_source(values=values, by=fiona, at=AT)


class TestEdit:
    def test_journals_what_changed_and_nothing_else(self, fiona: User) -> None:
        source, _is_new = operations.find_or_create_source(name="a", by=None, at=AT)

        operations.edit_source(
            source=source, values={"name": "a", "lateness_days": 5}, by=fiona, at=AT
        )
        operations.edit_source(
            source=source, values={"lateness_days": 5}, by=fiona, at=AT
        )

        event = Event.objects.get(kind="usage.source-edited")
        assert (event.old, event.new) == ({"lateness_days": 2}, {"lateness_days": 5})
