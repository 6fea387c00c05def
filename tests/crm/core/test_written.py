"""The database notes every write of a watched row, whatever way it comes."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models
from django.utils import timezone

from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.core import bulk
from crm.core.written import UpdatedAt
from partners import operations
from partners.models import Partner
from partners.operations import Marks
from partners.operations.merging import merge_partners
from tests import make

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
WATCHED = [
    model
    for model in apps.get_models()
    if any(isinstance(field, UpdatedAt) for field in model._meta.concrete_fields)
]


@pytest.fixture
def anna() -> User:
    return make.user(Role.ALLIANCE_MANAGER)


def written(row: models.Model) -> datetime:
    at: datetime = (
        type(row)._default_manager.values_list("updated_at", flat=True).get(pk=row.pk)
    )
    return at


def moved(row: models.Model, act: Callable[[], Any]) -> bool:
    """Tell whether the act moves the time at which the row was written."""
    before = written(row)
    act()
    return written(row) > before


class TestEveryWatchedTable:
    def test_is_watched_by_the_database(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT tgrelid::regclass::text FROM pg_trigger"
                " WHERE tgname LIKE '%%_notes_writing'"
            )
            watched = {table for (table,) in cursor.fetchall()}

        assert watched == {model._meta.db_table for model in WATCHED}

    def test_is_every_row_with_a_version_that_has_a_list_to_sync(self) -> None:
        names = {model._meta.label for model in WATCHED}

        assert {"partners.Partner", "partners.Contact", "deals.Deal"} <= names


class TestNoting:
    def test_begins_with_the_insert(self) -> None:
        partner = make.partner()

        assert abs(timezone.now() - written(partner)) < timedelta(minutes=1)

    def test_is_done_for_writes_past_save(self) -> None:
        partner = make.partner()
        partner.tier = "strategic"

        assert moved(partner, lambda: Partner.objects.update(tier="key"))
        assert moved(partner, lambda: bulk.update(Partner, [partner], ["tier"]))

    def test_cannot_be_overruled(self) -> None:
        partner = make.partner()

        Partner.objects.update(updated_at=LONG_AGO)

        assert written(partner) > LONG_AGO


class TestOperationsMove:
    """Also those that write nothing but parts of the record."""

    @pytest.mark.parametrize(
        "given",
        [
            {"values": {"tier": "key"}},
            {"values": {}, "marks": Marks(aliases=["Nova"])},
            {"values": {}, "marks": Marks(domains=["nova.example"])},
            {"values": {}, "marks": Marks(external_ids=[("erp", "7")])},
        ],
    )
    def test_a_partner(self, anna: User, given: dict[str, Any]) -> None:
        partner = make.partner(owner=anna)

        def edit() -> None:
            operations.edit_partner(partner=partner, by=anna, at=AT, **given)

        assert moved(partner, edit)
        assert not moved(partner, edit)

    def test_a_partner_by_the_people_it_names(self, anna: User) -> None:
        partner = make.partner(owner=anna)

        assert moved(
            partner,
            lambda: operations.edit_partner(
                partner=partner,
                values={},
                marks=Marks(named_people=[make.user()]),
                by=anna,
                at=AT,
            ),
        )

    def test_both_partners_of_a_merge_and_what_goes_over(self, anna: User) -> None:
        winner, loser = make.partner(owner=anna), make.partner(owner=anna)
        contact, cooperation = make.contact(loser), make.cooperation(loser, owner=anna)
        rows = (winner, loser, contact, cooperation)
        before = [written(row) for row in rows]

        merge_partners(loser=loser, winner=winner, by=anna, at=AT)

        after = [written(row) for row in rows]
        assert all(b > a for a, b in zip(before, after, strict=True))

    def test_a_contact_that_leaves_and_is_erased(self, anna: User) -> None:
        contact = make.contact(make.partner(owner=anna))
        left: dict[str, Any] = {"contact": contact, "by": anna, "at": AT}

        assert moved(contact, lambda: operations.mark_left(on=AT.date(), **left))
        assert moved(contact, lambda: operations.erase_contact(reason="asked", **left))

    def test_a_cooperation_that_rests_and_goes_on(self, anna: User) -> None:
        cooperation = make.cooperation(owner=anna)
        told: dict[str, Any] = {"cooperation": cooperation, "by": anna, "at": AT}

        assert moved(
            cooperation, lambda: operations.put_on_hold(reason="Budget", **told)
        )
        assert moved(cooperation, lambda: operations.resume(**told))

    def test_a_risk_that_is_over(self, anna: User) -> None:
        risk = operations.raise_risk(
            partner=make.partner(owner=anna),
            values={"title": "Budget", "severity": "high", "likelihood": "high"},
            by=anna,
            at=AT,
        )

        assert moved(
            risk,
            lambda: operations.close_risk(risk=risk, reason="Paid", by=anna, at=AT),
        )
