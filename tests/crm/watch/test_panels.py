"""What the page of a cooperation and of a partner tells about health and usage."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.watch.operations import stock
from partners.models import Cooperation
from partners.stages import Stage
from tests import make

pytestmark = pytest.mark.django_db
NIGHT = datetime.now(tz=UTC) - timedelta(minutes=1)


@pytest.fixture
def anna() -> User:
    return make.user(Role.ALLIANCE_MANAGER)


@pytest.fixture
def stuck(anna: User) -> Cooperation:
    partner = make.partner(owner=anna)
    return make.cooperation(
        partner, stage=Stage.MOU, entered_at=NIGHT - timedelta(days=400), owner=anna
    )


def page_of(person: User, row: object) -> str:
    client = Client()
    client.force_login(person)
    name = "partner" if row.__class__.__name__ == "Partner" else "cooperation"
    address = reverse(f"admin:partners_{name}_change", args=[row.pk])  # type: ignore[attr-defined]  # each has one
    return client.get(address).text


class TestHealth:
    def test_is_told_with_reasons_and_what_needs_somebody(
        self, anna: User, stuck: Cooperation
    ) -> None:
        stock.take_stock(at=NIGHT)

        page = page_of(anna, stuck)

        assert 'aria-labelledby="watch-panel"' in page
        assert "400 days in stage, expected are 60." in page

    def test_is_left_out_before_the_first_look(
        self, anna: User, stuck: Cooperation
    ) -> None:
        assert "watch-panel" not in page_of(anna, stuck)


class TestUsage:
    def test_is_told_for_both(self, anna: User, stuck: Cooperation) -> None:
        account = make.cloud_account(stuck.partner)
        for back in range(1, 4):
            day = NIGHT.date() - timedelta(days=back)
            make.usage(account, day, 100, model="q", delivered_at=NIGHT)

        for row in (stuck, stuck.partner):
            page = page_of(anna, row)
            assert 'aria-labelledby="usage-panel"' in page
            assert "300 USD" in page
            assert (
                reverse("admin:usage_monthlyusage_partner", args=[stuck.partner_id])
                in page
            )

    def test_is_left_out_for_who_may_not_see_usage(self, stuck: Cooperation) -> None:
        account = make.cloud_account(stuck.partner)
        make.usage(account, NIGHT.date() - timedelta(days=1), 100, delivered_at=NIGHT)
        legal = make.user(Role.LEGAL)
        for group in legal.groups.all():
            group.permissions.remove(
                Permission.objects.get(codename="view_monthlyusage")
            )

        page = page_of(legal, stuck.partner)

        assert stuck.partner.display_name in page
        assert "usage-panel" not in page

    def test_is_left_out_without_usage(self, anna: User, stuck: Cooperation) -> None:
        assert "usage-panel" not in page_of(anna, stuck.partner)
