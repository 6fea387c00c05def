"""A query inside another: its values keep their places, whatever stands around."""

import pytest
from django.db import connection

from crm.accounts.models import User
from crm.core import sql
from tests import make

pytestmark = pytest.mark.django_db


def test_an_inlined_query_keeps_its_values() -> None:
    anna = make.user(name="100 % Anna")
    make.user(name="Carla")
    rows = User.objects.filter(name__startswith="100 %").values("pk")

    text, values = sql.inlined(rows, "who")

    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, %(more)s::int FROM accounts_user WHERE id IN ({text})",  # noqa: S608  our own text
            values | {"more": 7},
        )
        assert cursor.fetchall() == [(anna.pk, 7)]


def test_a_query_that_finds_nothing_says_so() -> None:
    text, values = sql.inlined(User.objects.none().values("pk"), "who")

    with connection.cursor() as cursor:
        cursor.execute(text, values)
        assert cursor.fetchall() == []
