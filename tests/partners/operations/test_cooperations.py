"""Cooperations begin in the first stage and change field by field."""

from datetime import UTC, datetime
from typing import Any

import pytest

from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.core.errors import StaleVersionError
from crm.journal.models import Event
from partners.models import Cooperation, Partner
from partners.operations import cooperations as operations
from partners.operations.cooperations import CooperationRefusedError
from partners.operations.partners import archive_partner
from tests import make

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def anna() -> User:
    return make.user(Role.ALLIANCE_MANAGER, team=make.team())


@pytest.fixture
def bmw(anna: User) -> Partner:
    return make.partner("BMW", owner=anna, team=anna.team, reporting_currency="EUR")


def begin(partner: Partner, by: User, **fields: str) -> Cooperation:
    given: dict[str, Any] = {
        "title": "Cockpit",
        "cooperation_type": "ai_application",
        "next_step": "Call",
    } | fields
    return operations.begin_cooperation(partner=partner, by=by, at=AT, **given)


class TestBegin:
    def test_starts_in_the_first_stage(self, bmw: Partner, anna: User) -> None:
        cooperation = begin(bmw, anna)

        assert (cooperation.stage_id, cooperation.stage_entered_at) == (
            "first_contact",
            AT,
        )
        assert cooperation.transitions.get().entered_at == AT
        assert (cooperation.owner, cooperation.currency) == (anna, "EUR")
        assert Event.objects.get().kind == "cooperation.begun"

    def test_gives_each_its_own_code(self, bmw: Partner, anna: User) -> None:
        codes = [begin(bmw, anna).code, begin(bmw, anna).code]

        assert codes == [f"P{bmw.pk}-1", f"P{bmw.pk}-2"]

    @pytest.mark.parametrize("fields", [{"title": " "}, {"next_step": ""}])
    def test_needs_title_and_next_step(
        self, bmw: Partner, anna: User, fields: dict[str, str]
    ) -> None:
        with pytest.raises(CooperationRefusedError):
            begin(bmw, anna, **fields)

        assert Cooperation.objects.count() == 0

    def test_with_an_archived_partner_is_refused(
        self, bmw: Partner, anna: User
    ) -> None:
        archive_partner(partner=bmw, by=anna, at=AT)

        with pytest.raises(CooperationRefusedError, match="archived"):
            begin(bmw, anna)


class TestEdit:
    def test_changes_what_is_given(self, bmw: Partner, anna: User) -> None:
        cooperation = begin(bmw, anna)

        edited = operations.edit_cooperation(
            cooperation=cooperation,
            by=anna,
            at=AT,
            values={"fit_score": 70, "title": "Cockpit"},
            expected_version=1,
        )

        assert (edited.fit_score, edited.version) == (70, 2)
        assert Event.objects.latest("id").new == {"fit_score": 70}

    @pytest.mark.parametrize(
        "values",
        [
            {"stage": "production"},
            {"fit_score": 101},
            {"next_step": ""},
            {"version": 3},
        ],
    )
    def test_refuses(self, bmw: Partner, anna: User, values: dict[str, object]) -> None:
        cooperation = begin(bmw, anna)

        with pytest.raises(CooperationRefusedError):
            operations.edit_cooperation(
                cooperation=cooperation, by=anna, at=AT, values=values
            )

        cooperation.refresh_from_db()
        assert (cooperation.version, cooperation.stage_id) == (1, "first_contact")

    def test_of_an_older_version_is_refused(self, bmw: Partner, anna: User) -> None:
        cooperation = begin(bmw, anna)

        with pytest.raises(StaleVersionError):
            operations.edit_cooperation(
                cooperation=cooperation,
                by=anna,
                at=AT,
                values={"fit_score": 5},
                expected_version=9,
            )
