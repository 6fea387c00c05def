"""Accounts are found in the data, and belong to one partner on each day."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Sum

from crm.journal.models import Event
from partners.models import Partner
from partners.usage import operations
from partners.usage.models import (
    AccountAssignment,
    CloudAccount,
    DailyUsage,
    Environment,
    MonthlyUsage,
)
from tests import make
from tests.partners.usage import exports
from tests.partners.usage.conftest import Loader

pytestmark = pytest.mark.django_db

AT = datetime(2025, 2, 1, tzinfo=UTC)


def spend_by_partner() -> dict[int | None, Decimal]:
    rows = MonthlyUsage.objects.values_list("partner").annotate(s=Sum("billed_cost"))
    return dict(rows)


@pytest.fixture
def accounts(load: Loader, tmp_path: Path) -> dict[str, CloudAccount]:
    """Ten days of one payer with two sub-accounts; each day costs 1 in each."""
    rows = [
        exports.day(
            number,
            SubAccountId=sub,
            SubAccountName=f"Team {sub}",
            Tags=f'{{"project": "p{number % 2}"}}',
        )
        for number in range(1, 11)
        for sub in ("a", "b")
    ]
    load(exports.write(tmp_path / "usage.csv", rows))
    return {one.sub_account_id: one for one in CloudAccount.objects.all()}


def assign(account: CloudAccount, partner: Partner, **fields: object) -> None:
    fields.setdefault("since", None)
    operations.assign_account(
        account=account,
        partner=partner,
        by=make.user(),
        at=AT,
        **fields,  # type: ignore[arg-type]  # the test's own keywords
    )


class TestDiscover:
    def test_payers_and_sub_accounts(self, accounts: dict[str, CloudAccount]) -> None:
        assert set(accounts) == {"", "a", "b"}
        assert accounts["a"].name == "Team a"
        assert accounts[""].billing_account_id == "001122"

    def test_unassigned_spend_stays_in_the_totals(
        self, accounts: dict[str, CloudAccount]
    ) -> None:
        assert spend_by_partner() == {None: Decimal(20)}


class TestAssignAccount:
    def test_a_payer_covers_its_sub_accounts(
        self, accounts: dict[str, CloudAccount]
    ) -> None:
        acme = make.partner()

        assign(accounts[""], acme)

        assert spend_by_partner() == {acme.pk: Decimal(20)}

    def test_a_sub_account_goes_before_its_payer(
        self, accounts: dict[str, CloudAccount]
    ) -> None:
        acme, beta = make.partner(), make.partner()

        assign(accounts[""], acme)
        assign(accounts["b"], beta)

        assert spend_by_partner() == {acme.pk: Decimal(10), beta.pk: Decimal(10)}

    def test_moving_restates_from_the_day_on_and_only_that(
        self, accounts: dict[str, CloudAccount]
    ) -> None:
        acme, beta = make.partner(), make.partner()
        assign(accounts[""], acme)

        assign(accounts[""], beta, since=date(2025, 1, 4))

        assert spend_by_partner() == {acme.pk: Decimal(6), beta.pk: Decimal(14)}
        kept = AccountAssignment.objects.get(partner=acme)
        assert kept.during == DateRange(None, date(2025, 1, 4))

    def test_a_tag_value_goes_before_the_account_after_a_reroll(
        self, accounts: dict[str, CloudAccount]
    ) -> None:
        acme, beta = make.partner(), make.partner()
        assign(accounts[""], acme)
        assign(accounts[""], beta, tag=("project", "p1"))

        list(operations.reroll_source(source=accounts[""].source, at=AT))

        assert spend_by_partner() == {acme.pk: Decimal(10), beta.pk: Decimal(10)}
        assert DailyUsage.objects.filter(tag_bucket="project=p1").exists()

    def test_new_sub_accounts_inherit(
        self, accounts: dict[str, CloudAccount], load: Loader, tmp_path: Path
    ) -> None:
        acme = make.partner()
        assign(accounts[""], acme)

        rows = [
            exports.day(n, SubAccountId=sub)
            for n in range(1, 11)
            for sub in ("a", "b", "c")
        ]
        load(exports.write(tmp_path / "more.csv", rows))

        assert spend_by_partner() == {acme.pk: Decimal(30)}

    def test_is_written_down_for_both_partners(
        self, accounts: dict[str, CloudAccount]
    ) -> None:
        acme, beta = make.partner(), make.partner()
        assign(accounts[""], acme)
        assign(accounts[""], beta, since=date(2025, 1, 4))

        told = Event.objects.filter(kind="usage.account-assigned")
        assert set(told.values_list("partner_id", flat=True)) == {acme.pk, beta.pk}

    def test_days_must_not_be_empty(self, accounts: dict[str, CloudAccount]) -> None:
        with pytest.raises(operations.AssignmentRefusedError):
            assign(
                accounts[""],
                make.partner(),
                since=date(2025, 1, 4),
                until=date(2025, 1, 4),
            )


class TestOnePartnerAtATime:
    def row(self, account: CloudAccount, low: date | None, high: date | None) -> None:
        AccountAssignment.objects.create(
            account=account,
            partner=make.partner(),
            during=DateRange(low, high),
            assigned_by=make.user(),
            assigned_at=AT,
        )

    def test_days_that_touch_are_fine(self, accounts: dict[str, CloudAccount]) -> None:
        self.row(accounts["a"], None, date(2025, 1, 4))
        self.row(accounts["a"], date(2025, 1, 4), None)

        assert AccountAssignment.objects.count() == 2

    def test_days_that_overlap_are_refused_by_the_database(
        self, accounts: dict[str, CloudAccount]
    ) -> None:
        self.row(accounts["a"], None, date(2025, 1, 5))

        with pytest.raises(IntegrityError), transaction.atomic():
            self.row(accounts["a"], date(2025, 1, 4), None)


class TestSetEnvironment:
    def test_is_written_down(self, accounts: dict[str, CloudAccount]) -> None:
        operations.set_environment(
            account=accounts["a"],
            environment=Environment.PRODUCTION,
            by=make.user(),
            at=AT,
        )

        accounts["a"].refresh_from_db()
        assert accounts["a"].environment == Environment.PRODUCTION
        assert Event.objects.filter(kind="usage.account-environment-set").exists()
