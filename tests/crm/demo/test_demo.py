"""The demo fills an empty database once, and only where it may."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count
from django.test import Client
from pytest_django.fixtures import Settings

from crm.accounts.models import Team, User
from crm.accounts.roles import Role
from crm.demo import notice, operations, people
from crm.demo.models import DemoSeed
from crm.journal.models import Event
from crm.watch.queries import detectors
from partners.ai import queries as ai
from partners.ai.lifecycles import FeedbackState
from partners.ai.models import DerivedModel, Feedback, Scenario
from partners.happenings import title_of
from partners.models import Cooperation, Partner, StageTransition
from partners.usage import queries as usage
from partners.usage import trends
from partners.usage.models import UsageDelivery, UsageLoad
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(240)]
AT = datetime(2026, 11, 23, 9, tzinfo=UTC)


def seed() -> bool:
    return operations.seed_demo(seed=2026, at=AT, say=lambda _text: None)


def tells_two_years_of_usage() -> None:
    """Check usage in the same filling: it takes seconds."""
    states = dict(UsageLoad.objects.values_list("state").annotate(Count("pk")))
    assert states == {"loaded": 12, "held": 1}
    months = UsageDelivery.objects.filter(status="current")
    assert months.values("billing_month").distinct().count() == 24
    assert [one.source for one in usage.freshness(today=AT.date()) if one.is_late] == [
        "Lantern Resale"
    ]
    unassigned = usage.unassigned_spend(
        since=date(2026, 10, 1), partners=list(Partner.objects.all())
    )
    assert {one.name for one in unassigned if one.suggestions} == {
        "Brueckenthal Werkzeugmaschinen AG",
        "橙里零售 物流",
    }
    paper = Partner.objects.get(display_name="Telvanta")
    spent = usage.monthly_spend(
        since=date(2026, 10, 1), until=date(2026, 11, 1), partner_ids=[paper.pk]
    )
    assert [(one.ai, one.tokens) for one in spent] == [(Decimal(0), Decimal(0))]
    assert change_of("星河互娱 Xinghe Games") < Decimal("-0.3")
    assert change_of("BMW Group") > Decimal("0.02")


def tells_that_ai_begins_after_signing() -> None:
    ids = list(Cooperation.objects.values_list("pk", flat=True))
    found = detectors.lags(ids, today=AT.date())
    late = [lag for lag in found.reached if 10 <= lag.days <= 120]
    assert len(late) > len(found.reached) / 2
    assert found.median_days is not None
    assert 10 <= found.median_days <= 120


def change_of(name: str) -> Decimal:
    """Return how AI spend of 28 days stands to the 28 before."""
    scope = usage.Scope(partner_ids=(Partner.objects.get(display_name=name).pk,))
    end = AT.date()
    points = usage.daily_usage(scope, since=end - timedelta(days=56), until=end)
    series = {point.day: point.ai for point in points}
    days = {end - timedelta(days=at) for at in range(1, 57)}
    ratio = trends.growth(
        series, end=end, span=trends.Span.FOUR_WEEKS, complete=days
    ).ratio
    assert ratio is not None
    return ratio


def tells_training_grounds() -> None:
    bmw = Partner.objects.get(display_name="BMW Group").pk
    share = ai.derived_shares([bmw], until=AT.date())[bmw]
    everybody = list(Partner.objects.values_list("pk", flat=True))
    unmapped = ai.unmapped_usage(partner_ids=everybody, until=AT.date())

    assert Scenario.objects.filter(status="live").count() >= 8
    assert DerivedModel.objects.filter(lifecycle="production").count() == 3
    assert set(Feedback.objects.values_list("state", flat=True)) == set(FeedbackState)
    assert share.derived > 0
    assert share.unmapped == 0
    assert "shuntu-ranker-v3" in {each.text for each in unmapped}


def names_what_happened() -> None:
    """Timelines call nothing by the name that programs know it by."""
    kinds = Event.objects.filter(partner_id__isnull=False).values_list(
        "kind", flat=True
    )
    assert [kind for kind in kinds.distinct() if ": " in title_of(kind)] == []


@pytest.fixture(autouse=True)
def usage_store(tmp_path: Path, settings: Settings) -> None:
    settings.USAGE_STORE = tmp_path


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
        tells_two_years_of_usage()
        tells_that_ai_begins_after_signing()
        tells_training_grounds()
        names_what_happened()

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
