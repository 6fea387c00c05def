"""Writing entries: values, personal values, many at once, request and token."""

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import structlog
from django.db import IntegrityError, models
from django.utils.translation import gettext_lazy

from crm.accounts.models import Team, User
from crm.core.money import Money
from crm.journal import admin, operations, queries
from crm.journal.models import Event, PersonalValue
from crm.journal.operations import Draft
from crm.journal.values import to_json
from tests import make
from tests.crm.journal.conftest import AT, Count


class Colour(models.TextChoices):
    RED = "red", "Red"


class TestToJson:
    @pytest.mark.parametrize(
        ("value", "stored"),
        [
            (Decimal("1E+3"), "1000"),
            (Decimal("0.1000"), "0.1000"),
            (Decimal("-1E-20"), "-0.00000000000000000001"),
            (Money(Decimal("12.50"), "EUR"), "12.50 EUR"),
            (date(2026, 2, 28), "2026-02-28"),
            (
                datetime(2026, 1, 1, 8, tzinfo=timezone(timedelta(hours=8))),
                "2026-01-01T00:00:00Z",
            ),
            (Colour.RED, "red"),
            (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
            (gettext_lazy("name"), "name"),
            ({"b", "a"}, ["a", "b"]),
            ({"a": (1, None, True, 0.5)}, {"a": [1, None, True, 0.5]}),
            ({1: {}}, {"1": {}}),
            ("a\x00b", "a\ufffdb"),
            (2**70, 2**70),
        ],
    )
    def test_keeps_every_digit(self, value: Any, stored: Any) -> None:
        assert to_json(value) == stored

    @pytest.mark.parametrize(
        "value",
        [
            object(),
            b"bytes",
            float("nan"),
            float("inf"),
            Decimal("NaN"),
            datetime(2026, 1, 1),  # noqa: DTZ001 - a naive time is what is refused
            Team(name="x"),
        ],
    )
    def test_refuses_what_would_lose_something(self, value: Any) -> None:
        with pytest.raises(TypeError, match="The journal cannot store"):
            to_json({"a": [value]})


@pytest.mark.django_db
class TestRecord:
    def test_stores_who_what_and_when(self, anna: User, team: Team) -> None:
        event = operations.record(
            kind="team.renamed",
            subject=team,
            by=anna,
            at=AT,
            partner_id=7,
            old={"name": "a"},
            new={"name": "b", "budget": Money(Decimal("1.10"), "CNY")},
        )

        stored = Event.objects.get(pk=event.pk)
        assert (stored.subject_type, stored.subject_id) == ("accounts.team", team.pk)
        assert (stored.by, stored.at, stored.partner_id) == (anna, AT, 7)
        assert stored.old == {"name": "a"}
        assert stored.new == {"name": "b", "budget": "1.10 CNY"}
        assert (stored.token_id, stored.request_id) == (None, "")
        assert str(stored) == f"team.renamed accounts.team {team.pk}"

    def test_names_the_token_and_the_request(self, anna: User, team: Team) -> None:
        anna.acting_token_id = 5

        with structlog.contextvars.bound_contextvars(request_id="r-1"):
            event = operations.record(kind="a.b", subject=team, by=anna, at=AT)

        assert (event.token_id, event.request_id) == (5, "r-1")

    def test_costs_one_statement(
        self, team: Team, django_assert_num_queries: Count
    ) -> None:
        with django_assert_num_queries(1):
            operations.record(kind="a.b", subject=team, by=None, at=AT)

    @pytest.mark.parametrize("kind", ["a.b", "partner.stage-moved", "usage.load.done"])
    def test_takes_dotted_kinds(self, team: Team, kind: str) -> None:
        assert operations.record(kind=kind, subject=team, by=None, at=AT).pk

    @pytest.mark.parametrize(
        "kind", ["", "moved", "a.", "A.b", "a b.c", "a.b\n", "-.-"]
    )
    def test_the_database_refuses_others(self, team: Team, kind: str) -> None:
        with pytest.raises(IntegrityError, match="event_kind_is_dotted"):
            operations.record(kind=kind, subject=team, by=None, at=AT)


@pytest.mark.django_db
class TestPersonal:
    def test_the_entry_names_the_field_only(self, anna: User) -> None:
        event = operations.record(
            kind="user.edited",
            subject=anna,
            by=None,
            at=AT,
            new={"language": "en"},
            personal={"email": ("old@example.com", "new@example.com")},
        )

        row = Event.objects.filter(pk=event.pk).values()[0]
        assert row["personal_fields"] == ["email"]
        assert "example.com" not in str(row)
        assert list(PersonalValue.objects.values_list("field", "old", "new")) == [
            ("email", "old@example.com", "new@example.com")
        ]

    def test_the_database_refuses_a_field_twice(self, anna: User) -> None:
        event = operations.record(
            kind="a.b", subject=anna, by=None, at=AT, personal={"email": (None, "x")}
        )

        assert str(event.personal_values.get()) == f"{event.pk} email"
        with pytest.raises(IntegrityError, match="personal_value_once_per_field"):
            PersonalValue.objects.create(event=event, field="email")


@pytest.mark.django_db
class TestErasePersonal:
    def test_erases_the_values_of_this_subject_and_says_so(self, anna: User) -> None:
        carla = make.user(name="carla")
        for person in (anna, carla):
            for _ in range(2):
                operations.record(
                    kind="user.edited",
                    subject=person,
                    by=None,
                    at=AT,
                    personal={"email": (None, "x"), "name": ("y", "z")},
                )

        assert operations.erase_personal(subject=anna, by=carla, at=AT) == 4

        erasure, edit, _ = queries.history(anna)
        assert erasure.kind == "journal.personal-erased"
        assert erasure.new == {"fields": ["email", "name"], "values": 4}
        assert erasure.by == carla
        assert edit.personal_fields == ["email", "name"]
        assert queries.changes(edit)[0].is_erased
        shown = admin.as_change(queries.changes(edit)[0])
        assert (shown.field, shown.old, shown.new) == ("email", "erased", "erased")
        assert PersonalValue.objects.count() == 4

    def test_may_be_repeated(self, anna: User) -> None:
        assert operations.erase_personal(subject=anna, by=None, at=AT) == 0
        assert operations.erase_personal(subject=anna, by=None, at=AT) == 0
        assert queries.history(anna).count() == 2


@pytest.mark.django_db
class TestRecordMany:
    def test_writes_what_record_writes(self, anna: User, team: Team) -> None:
        drafts = [
            Draft(kind="a.b", subject=team, partner_id=1, new={"n": Decimal("1.0")}),
            Draft(kind="a.c", subject=anna, personal={"email": (None, "x")}),
        ]

        with structlog.contextvars.bound_contextvars(request_id="r-2"):
            assert operations.record_many(drafts=iter(drafts), by=anna, at=AT) == 2

        first, second = Event.objects.order_by("pk")
        assert (first.new, first.request_id, first.by) == ({"n": "1.0"}, "r-2", anna)
        assert second.personal_values.get().new == "x"
        assert first.transaction == second.transaction > 0

    @pytest.mark.parametrize(("rows", "queries_needed"), [(20, 5), (1001, 8)])
    def test_costs_three_statements_per_thousand(
        self,
        team: Team,
        rows: int,
        queries_needed: int,
        django_assert_num_queries: Count,
    ) -> None:
        draft = Draft(kind="a.b", subject=team, personal={"name": ("x", "y")})

        with django_assert_num_queries(queries_needed):
            operations.record_many(drafts=[draft] * rows, by=None, at=AT)

    def test_of_nothing_writes_nothing(self) -> None:
        assert operations.record_many(drafts=[], by=None, at=AT) == 0
