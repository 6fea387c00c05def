"""The demo fills an empty database once, and only where it may."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django.fixtures import Settings

from crm.accounts.models import Team, User
from crm.accounts.roles import Role
from crm.demo import notice, operations, people
from crm.demo.models import DemoSeed
from crm.journal.models import Event
from partners.models import Cooperation, Partner, StageTransition
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(90)]
AT = datetime(2026, 11, 23, 9, tzinfo=UTC)


def seed() -> bool:
    return operations.seed_demo(seed=2026, at=AT, say=lambda _text: None)


class TestSeed:
    def test_tells_a_story_that_ends_this_week(self) -> None:
        assert seed()

        assert Partner.objects.count() == 30
        assert Partner.objects.values("industry").distinct().count() == 8
        assert Partner.objects.values("reporting_currency").distinct().count() == 5
        assert Cooperation.objects.values("stage").distinct().count() == 9
        week = StageTransition.objects.filter(entered_at__gte=AT - timedelta(days=7))
        assert week.count() >= 3
        assert not StageTransition.objects.filter(entered_at__gt=AT).exists()
        assert Event.objects.filter(kind="cooperation.move-refused").exists()

    def test_has_somebody_for_every_role(self) -> None:
        cast = operations.bring_people(at=AT)

        for role in Role:
            assert User.objects.filter(groups__name=role.value).exists(), role
        assert Team.objects.filter(lead=None).count() == 0
        assert cast["anna"].check_password(people.PASSWORD)

    def test_twice_is_a_no_op(self) -> None:
        DemoSeed.objects.create(seed=2026, filled_at=AT)

        assert not seed()
        assert (Partner.objects.count(), User.objects.count()) == (0, 0)

    def test_is_refused_where_people_are_in_already(self) -> None:
        make.user()

        with pytest.raises(operations.DemoRefusedError, match="empty"):
            seed()

        assert not DemoSeed.objects.exists()

    def test_is_refused_in_production(self, settings: Settings) -> None:
        settings.IS_PRODUCTION = True

        with pytest.raises(CommandError, match="not for production"):
            call_command("seed_demo")

        assert User.objects.count() == 0


class TestLogins:
    def test_are_printed_with_the_demo_only(self) -> None:
        before, after = StringIO(), StringIO()
        call_command("demo_logins", stdout=before)
        DemoSeed.objects.create(seed=1, filled_at=AT)

        call_command("demo_logins", stdout=after)

        assert before.getvalue() == ""
        assert "anna@demo.example" in after.getvalue()


class TestNotice:
    @pytest.mark.parametrize("has_demo", [True, False])
    def test_stands_on_every_page_while_there_is_a_demo(
        self, *, has_demo: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(notice, "MEMORY", notice.Memory())
        if has_demo:
            DemoSeed.objects.create(seed=1, filled_at=AT)

        page = Client().get("/admin/login/").text

        assert ("figures are invented" in page) is has_demo
