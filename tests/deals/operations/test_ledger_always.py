"""Whatever is delivered, restated and amended: ledgers reconcile and are never edited."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.accounts.models import User
from crm.accounts.roles import Role
from deals.models import Commitment, DrawdownEntry
from deals.operations import commitments, drawdowns
from partners.usage.models import CloudAccount, DailyUsage, UsageDelivery
from tests import make
from tests.deals import making
from tests.partners.database import held

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(60)]
D = Decimal
OVER = datetime(2025, 12, 25, tzinfo=UTC)
AMOUNTS = st.decimals("-300", "900", places=6)
DELIVERED = st.tuples(st.just("usage"), st.integers(1, 6), AMOUNTS)
AMENDED = st.tuples(st.just("amend"), st.integers(0, 1), st.integers(1, 3000).map(D))
STORIES = st.lists(st.one_of(DELIVERED, DELIVERED, AMENDED), min_size=1, max_size=6)


class Undone(Exception):  # noqa: N818  no error: it ends an example
    """Takes an example back."""


@pytest.fixture
def fiona() -> User:
    return make.user(Role.FINANCE)


@pytest.fixture
def account() -> CloudAccount:
    return make.cloud_account(make.partner())


@pytest.fixture
def pair(account: CloudAccount, fiona: User) -> list[Commitment]:
    """Two commitments that overlap; the first draws first."""
    partner = account.ownerships.get().partner
    at = datetime(2025, 1, 1, tzinfo=UTC)
    return [
        making.commitment(partner, amount=700, priority=1, by=fiona, at=at),
        making.commitment(partner, amount=900, priority=2, by=fiona, at=at),
    ]


def deliver(account: CloudAccount, month: int, amount: Decimal) -> None:
    """Let a month be delivered; what was there of it is superseded."""
    first = date(2025, month, 1)
    for old in UsageDelivery.objects.filter(billing_month=first, status="current"):
        DailyUsage.objects.filter(delivery=old).delete()
        old.status = "superseded"
        old.save()
    make.usage(account, first.replace(day=9), amount)


def check(row: Commitment) -> None:
    """See that every balance is the one before less the amount, and none is below zero."""
    balance, entries = D(0), list(row.entries.order_by("number"))
    for number, entry in enumerate(entries, start=1):
        balance -= entry.amount
        assert (entry.number, entry.balance_after) == (number, balance)
        assert balance >= 0


@given(story=STORIES)
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_balances_reconcile_and_nothing_is_edited(
    story: list[tuple[str, int, Decimal]],
    account: CloudAccount,
    pair: list[Commitment],
    fiona: User,
) -> None:
    with pytest.raises(Undone), transaction.atomic():  # noqa: PT012  a whole story
        kept: dict[int, tuple[Decimal, Decimal, Decimal]] = {}
        for what, which, amount in story:
            if what == "usage":
                deliver(account, which, amount)
            else:
                _amend(pair[which], amount, fiona)
            drawdowns.post_due(at=OVER)
            now = _entries()
            assert kept.items() <= now.items()
            kept = now
        for row in pair:
            check(row)
        _counts_what_was_used(pair, account)
        held()
        raise Undone


def _amend(row: Commitment, amount: Decimal, by: User) -> None:
    row.refresh_from_db()
    if row.amount != amount:
        commitments.amend_commitment(
            commitment=row, values={"amount": amount}, reason="So.", by=by, at=OVER
        )


def _entries() -> dict[int, tuple[Decimal, Decimal, Decimal]]:
    rows = DrawdownEntry.objects.values_list("pk", "amount", "overage", "balance_after")
    return {pk: (amount, overage, balance) for pk, amount, overage, balance in rows}


def _counts_what_was_used(pair: list[Commitment], account: CloudAccount) -> None:
    """Drawn and overage of both together are the usage of closed months."""
    entries = DrawdownEntry.objects.filter(
        commitment__in=pair, kind__in=["usage", "reversal"]
    )
    told = sum((entry.amount + entry.overage for entry in entries), D(0))
    used = DailyUsage.objects.filter(account=account, delivery__status="current")
    assert told == sum(used.values_list("effective_cost", flat=True), D(0))
