"""The end of commitments: charged, rolled over or waived, once and for good.

Sources: DOMAIN 3.2 (shortfall policy, milestones) and the true-up of Discontinuous
commitments of FOCUS 1.4; what is charged is the balance of the ledger at the end.
"""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from crm.accounts.models import User
from crm.accounts.roles import Role
from deals.commitments import Milestone
from deals.models import Commitment
from deals.operations import commitments, drawdowns
from deals.operations.commitments import Counts
from deals.operations.settlements import settle_commitment
from deals.operations.terms import CommitmentRefusedError, CommitmentTermsError
from deals.queries.commitments import standings
from tests import make
from tests.deals import making
from tests.partners.database import held

pytestmark = pytest.mark.django_db
D = Decimal
BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
OVER = datetime(2026, 2, 25, tzinfo=UTC)
MARCH = date(2025, 3, 3)


@pytest.fixture
def fiona() -> User:
    return make.user(Role.FINANCE)


def drawn(amount: int, used: int, **fields: object) -> Commitment:
    """Make a commitment over 2025 of which so much was used in March."""
    row = making.commitment(amount=amount, at=BEGIN, **fields)  # type: ignore[arg-type]  # a shorthand
    make.usage(make.cloud_account(row.partner), MARCH, used)
    return row


def ledger(row: Commitment) -> list[tuple[str, D, D]]:
    entries = row.entries.order_by("number")
    return [(entry.kind, entry.amount, entry.balance_after) for entry in entries]


class TestSettle:
    @pytest.mark.parametrize("policy", ["charge", "waive"])
    def test_takes_the_rest_of_the_balance(self, fiona: User, policy: str) -> None:
        row = drawn(1000, 640, shortfall_policy=policy)

        done = settle_commitment(commitment=row, by=fiona, at=OVER)

        held()
        assert ledger(row) == [
            ("opening", D(-1000), D(1000)),
            ("usage", D(640), D(360)),
            ("settlement", D(360), D(0)),
        ]
        assert (done.status, done.settled_at) == ("expired", OVER)

    def test_of_one_that_is_drawn_completes_it(self, fiona: User) -> None:
        row = drawn(1000, 1200)

        done = settle_commitment(commitment=row, by=fiona, at=OVER)

        assert done.status == "completed"
        assert ledger(row)[-1] == ("usage", D(1000), D(0))

    def test_rolls_the_rest_into_the_next(self, fiona: User) -> None:
        row = drawn(1000, 640, shortfall_policy="roll_over")
        after = making.commitment(
            row.partner,
            amount=500,
            start_on=date(2026, 1, 1),
            end_on=date(2027, 1, 1),
            milestones=[
                Milestone(due_on=date(2026, 7, 1), target=D(200)),
                Milestone(due_on=date(2027, 1, 1), target=D(500)),
            ],
        )

        done = settle_commitment(commitment=row, by=fiona, at=OVER, into=after)

        held()
        after.refresh_from_db()
        assert done.rolled_into == after
        assert after.amount == D(860)
        assert [m.target for m in commitments.milestones_of(after)] == [D(200), D(860)]
        assert ledger(after)[-1] == ("amendment", D(-360), D(860))

    @pytest.mark.parametrize("is_named", [False, True])
    def test_needs_a_successor_that_fits(self, fiona: User, is_named: bool) -> None:
        row = drawn(1000, 640, shortfall_policy="roll_over")
        elsewhere = making.commitment(amount=5) if is_named else None

        with pytest.raises(CommitmentRefusedError, match="rolled over"):
            settle_commitment(commitment=row, by=fiona, at=OVER, into=elsewhere)

        assert ledger(row)[-1][0] != "settlement"

    @pytest.mark.parametrize(
        "at", [datetime(2025, 6, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)]
    )
    def test_waits_until_all_months_are_closed(self, fiona: User, at: datetime) -> None:
        row = drawn(1000, 640)

        with pytest.raises(CommitmentRefusedError, match="not closed"):
            settle_commitment(commitment=row, by=fiona, at=at)

    def test_is_done_once(self, fiona: User) -> None:
        row = drawn(1000, 640)
        settle_commitment(commitment=row, by=fiona, at=OVER)

        with pytest.raises(CommitmentRefusedError):
            settle_commitment(commitment=row, by=fiona, at=OVER)

    def test_stands_whatever_is_delivered_afterwards(self, fiona: User) -> None:
        row = drawn(1000, 640)
        settle_commitment(commitment=row, by=fiona, at=OVER)
        make.usage(make.cloud_account(row.partner), date(2025, 5, 5), 100)

        drawdowns.post_due(at=OVER)

        assert ledger(row)[-1] == ("settlement", D(360), D(0))

    def test_of_lost_intervals_charges_nothing_again(self, fiona: User) -> None:
        """Continuous: what an interval did not use is lost with it (FOCUS 1.4, 3.3)."""
        row = drawn(
            1200,
            70,
            settlement="continuous",
            interval="monthly",
            interval_amount=D(100),
        )

        settle_commitment(commitment=row, by=fiona, at=OVER)

        kinds = [kind for kind, _amount, _balance in ledger(row)]
        assert kinds.count("expiry") == 12
        assert ledger(row)[-1][2] == D(0)
        assert sum(amount for kind, amount, _b in ledger(row) if kind == "usage") == 70


class TestAmend:
    def test_more_is_added_to_the_balance(self, fiona: User) -> None:
        row = drawn(1000, 640)
        drawdowns.post_due(at=OVER)

        commitments.amend_commitment(
            commitment=row,
            values={"amount": D(1500)},
            reason="More.",
            by=fiona,
            at=OVER,
        )

        assert ledger(row)[-1] == ("amendment", D(-500), D(860))
        assert row.amendments.get().reason == "More."

    def test_less_than_was_drawn_makes_overage(self, fiona: User) -> None:
        row = drawn(1000, 640)
        drawdowns.post_due(at=OVER)

        commitments.amend_commitment(
            commitment=row, values={"amount": D(500)}, reason="Less.", by=fiona, at=OVER
        )

        held()
        latest = row.entries.order_by("-number")[0]
        assert latest.balance_after == D(0)
        assert sum(e.overage for e in row.entries.all()) == D(140)

    def test_other_eligibility_tells_the_ledger_anew(self, fiona: User) -> None:
        row = drawn(1000, 640)
        drawdowns.post_due(at=OVER)

        commitments.amend_commitment(
            commitment=row,
            values={},
            counts=[Counts(dimension="region", value="nowhere")],
            reason="Only there.",
            by=fiona,
            at=OVER,
        )

        assert ledger(row)[-1] == ("reversal", D(-640), D(1000))

    def test_needs_a_reason(self, fiona: User) -> None:
        with pytest.raises(CommitmentTermsError):
            commitments.amend_commitment(
                commitment=drawn(10, 5),
                values={"amount": D(20)},
                reason=" ",
                by=fiona,
                at=OVER,
            )


def test_a_prepaid_pool_tells_when_it_is_used_up() -> None:
    """100 a day of a pool of 10,000: exhausted 42 days after 28 × 100 + 3,000 were drawn."""
    row = making.commitment(
        amount=10_000, is_prepaid=True, at=datetime(2025, 1, 1, tzinfo=UTC)
    )
    account = make.cloud_account(row.partner)
    make.usage(account, date(2025, 1, 10), 3_000)
    for number in range(1, 29):
        make.usage(account, date(2025, 2, number), 100)

    at = datetime(2025, 3, 1, tzinfo=UTC)
    found = standings(at=at, commitment_ids=[row.pk])[row.pk]

    assert found.arithmetic.run_rate == D(100)
    assert found.arithmetic.remaining == D(4_200)
    assert found.arithmetic.exhaustion_on == date(2025, 4, 12)
