"""Series, movers, freshness and line items by hand-computed values."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from pytest_django import DjangoAssertNumQueries

from partners.models import Partner
from partners.usage import operations, queries
from partners.usage.models import CloudAccount
from partners.usage.queries import Dimension, Scope
from tests import make
from tests.partners.usage import exports
from tests.partners.usage.conftest import Loader
from tests.partners.usage.queries.conftest import AT, FIRST, LAST

pytestmark = pytest.mark.django_db

END = LAST + timedelta(days=1)


class TestDailyUsage:
    def test_adds_up_spend_without_taxes(
        self, partner: Partner, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        scope = Scope(partner_ids=(partner.pk,))

        with django_assert_num_queries(1):
            points = queries.daily_usage(scope, since=FIRST, until=END)

        assert len(points) == 59
        assert {(p.currency, p.effective, p.ai, p.rows) for p in points} == {
            ("USD", Decimal(3), Decimal(2), 3)
        }

    def test_keeps_tokens_in_and_out_apart(self, partner: Partner) -> None:
        scope = Scope(partner_ids=(partner.pk,))

        (point,) = queries.daily_usage(
            scope, since=FIRST, until=FIRST + timedelta(days=1)
        )

        assert (point.tokens_in, point.tokens_out) == (Decimal(3), Decimal(1))

    def test_divides_by_model(self, partner: Partner) -> None:
        scope = Scope(partner_ids=(partner.pk,))

        points = queries.daily_usage(scope, since=LAST, until=END, by=Dimension.MODEL)

        assert {(p.key, p.effective) for p in points} == {
            ("", Decimal(1)),
            ("qwen-max", Decimal(2)),
        }

    def test_the_environment_of_a_tag_counts(self, partner: Partner) -> None:
        scope = Scope(partner_ids=(partner.pk,), environment="production")

        points = queries.daily_usage(scope, since=LAST, until=END)

        assert [p.effective for p in points] == [Decimal(2)]

    def test_a_group_holds_its_subsidiaries_once(self, partner: Partner) -> None:
        holding = make.partner()
        Partner.objects.filter(pk=partner.pk).update(parent=holding)

        scope = Scope.of_group(holding)
        points = queries.daily_usage(scope, since=LAST, until=END)

        assert set(scope.partner_ids) == {holding.pk, partner.pk}
        assert [p.effective for p in points] == [Decimal(3)]


class TestMonthlySpend:
    def test_is_per_month_and_currency(self, partner: Partner) -> None:
        rows = queries.monthly_spend(since=FIRST, until=END, partner_ids=[partner.pk])

        assert [(r.month, r.effective, r.ai, r.tokens) for r in rows] == [
            (date(2025, 1, 1), Decimal(93), Decimal(62), Decimal(124)),
            (date(2025, 2, 1), Decimal(84), Decimal(56), Decimal(112)),
        ]

    def test_top_partners(self, partner: Partner) -> None:
        (row,) = queries.top_partners(
            month=date(2025, 2, 1), currency="USD", partner_ids=[partner.pk]
        )

        assert (row.partner_id, row.effective) == (partner.pk, Decimal(84))


class TestTopMovers:
    def test_hold_two_periods_side_by_side(self, partner: Partner) -> None:
        (mover,) = queries.top_movers(partner_ids=[partner.pk], end=END)

        assert (mover.now, mover.before) == (Decimal(84), Decimal(84))
        assert mover.change == 0


class TestStorageMean:
    def test_is_averaged_and_not_summed(self, load: Loader, tmp_path: Path) -> None:
        # 0.5 GB-months are 0.5 * 744 GB-hours in January: 15.5 GB over one day
        row = exports.day(1, ConsumedUnit="GB/Month", ConsumedQuantity="0.5")
        hourly = exports.day(1, ConsumedUnit="Gigabyte Per Hour", ConsumedQuantity="24")
        load(exports.write(tmp_path / "a.csv", [row, hourly]))
        partner = make.partner()
        operations.assign_account(
            account=CloudAccount.objects.get(),
            partner=partner,
            since=None,
            by=make.user(),
            at=AT,
        )

        mean = queries.storage_mean(
            Scope(partner_ids=(partner.pk,)),
            since=FIRST,
            until=FIRST + timedelta(days=1),
        )

        assert mean == Decimal("15.5") + 1


class TestFreshness:
    def test_tells_how_far_a_source_reaches(self, partner: Partner) -> None:
        (source,) = queries.freshness(today=date(2025, 3, 2))

        assert (source.latest_day, source.is_late, source.held) == (LAST, False, 0)

    def test_late_beyond_what_is_expected(self, partner: Partner) -> None:
        on_edge = queries.freshness(today=LAST + timedelta(days=3))
        beyond = queries.freshness(today=LAST + timedelta(days=4))

        assert (on_edge[0].is_late, beyond[0].is_late) == (False, True)

    def test_complete_days_end_with_the_data(self, partner: Partner) -> None:
        days = queries.complete_days(
            [partner.pk], since=LAST, until=LAST + timedelta(days=9)
        )

        assert days == {LAST}


class TestUnassignedSpend:
    def test_is_listed_by_money_with_suggestions(
        self, load: Loader, tmp_path: Path
    ) -> None:
        rows = [
            exports.day(1, SubAccountId="a", SubAccountName="Northwind AI prod"),
            exports.day(1, SubAccountId="b", SubAccountName="Other", EffectiveCost="9"),
        ]
        load(exports.write(tmp_path / "a.csv", rows))
        northwind = make.partner("Northwind Ltd")
        make.partner("Contoso")

        found = queries.unassigned_spend(
            since=FIRST, partners=list(Partner.objects.all())
        )

        assert [one.sub_account_id for one in found] == ["b", "a"]
        assert found[1].suggestions == (northwind.pk,)


class TestLineItems:
    def test_lead_from_a_number_to_its_rows(self, partner: Partner) -> None:
        accounts = list(CloudAccount.objects.all())

        page = queries.line_items(accounts, day=LAST, services=["Studio"], limit=1)

        assert page.count == 2
        assert len(page.rows) == 1
        row = dict(zip(page.columns, page.rows[0], strict=True))
        assert row["EffectiveCost"] == Decimal(1)
        assert row["ServiceName"] == "Studio"

    def test_are_none_where_nothing_was_used(self, partner: Partner) -> None:
        accounts = list(CloudAccount.objects.all())

        page = queries.line_items(accounts, day=LAST + timedelta(days=5))

        assert (page.count, page.rows) == (0, [])
