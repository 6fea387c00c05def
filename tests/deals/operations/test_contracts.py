"""FOCUS commitments: official files kept once, and held against our ledger."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from crm.accounts.models import User
from crm.accounts.roles import Role
from deals.models import (
    Commitment,
    ContractApplication,
    ContractCommitment,
    ContractReading,
)
from deals.operations import contracts, drawdowns
from deals.operations.contracts import ContractRefusedError
from deals.queries.contracts import reconciliation_of
from partners.usage.models import UsageDelivery
from tests import make
from tests.deals import making
from tests.partners.usage import exports

pytestmark = pytest.mark.django_db
D = Decimal
AT = datetime(2025, 4, 25, tzinfo=UTC)
OFFICIAL = [
    ("spec_1.4_contract_commitment/scenario_1.csv", "1.4", 3),
    ("toolkit_1.3/aws_1_3_contract_commitment_rows100_seed42.csv", "1.3", 10),
    ("toolkit_1.3/azure_1_3_contract_commitment_rows100_seed42.csv", "1.3", 10),
    ("toolkit_1.3/gcp_1_3_contract_commitment_rows100_seed42.csv", "1.3", 11),
]


@pytest.fixture
def fiona() -> User:
    return make.user(Role.FINANCE)


class TestImport:
    @pytest.mark.parametrize(("name", "version", "rows"), OFFICIAL)
    def test_of_official_files_is_done_once(
        self, fiona: User, name: str, version: str, rows: int
    ) -> None:
        content = exports.shared(name).read_bytes()

        first, again = (
            contracts.import_contracts(file_name=name, content=content, by=fiona, at=AT)
            for _twice in range(2)
        )

        assert (first.version, first.rows) == (version, rows)
        assert first.new == ContractCommitment.objects.count() == again.same
        assert (again.new, again.changed) == (0, 0)


def imported(
    commitment: Commitment | None = None, **fields: object
) -> ContractCommitment:
    """Make an imported commitment, linked to ours when one is given."""
    values: dict[str, object] = {
        "contract_id": "AGR-1",
        "contract_commitment_id": "CMT-1",
        "focus_version": "1.3",
        "category": "Spend",
        "starts_at": datetime(2025, 1, 1, tzinfo=UTC),
        "ends_at": datetime(2026, 1, 1, tzinfo=UTC),
        "cost": D(1000),
        "currency": "USD",
        "row": {},
        "imported_at": AT,
    }
    return ContractCommitment.objects.create(
        commitment=commitment,
        partner=commitment.partner if commitment else None,
        **{**values, **fields},
    )


def applied(month: date, cost: int, currency: str = "USD") -> None:
    """Let the current delivery of a month have applied so much to the contract."""
    delivery = UsageDelivery.objects.get(billing_month=month, status="current")
    ContractReading.objects.get_or_create(
        delivery=delivery, defaults={"read_at": AT, "row_count": 1}
    )
    ContractApplication.objects.create(
        delivery=delivery,
        contract_id="AGR-1",
        contract_commitment_id="CMT-1",
        charge_month=month,
        currency=currency,
        cost=D(cost),
        row_count=1,
    )


class TestReconciliation:
    @pytest.fixture
    def ours(self) -> Commitment:
        """100 drawn in February and 150 in March, of 1,000."""
        row = making.commitment(amount=1000, at=datetime(2025, 1, 1, tzinfo=UTC))
        account = make.cloud_account(row.partner)
        make.usage(account, date(2025, 2, 3), 100)
        make.usage(account, date(2025, 3, 3), 150)
        drawdowns.post_due(at=AT)
        return row

    def test_shows_the_difference_of_each_month(self, ours: Commitment) -> None:
        imported(ours)
        applied(date(2025, 2, 1), 100)
        applied(date(2025, 3, 1), 170)

        found = reconciliation_of(ours, ours.entries.all())

        assert found is not None
        assert [
            (m.month.month, m.ours, m.theirs, m.difference) for m in found.months
        ] == [
            (2, D(100), D(100), D(0)),
            (3, D(150), D(170), D(20)),
        ]
        assert (found.ours, found.theirs, found.difference) == (D(250), D(270), D(20))
        assert found.terms == ()

    def test_names_terms_and_units_that_differ(self, ours: Commitment) -> None:
        imported(ours, cost=D(1200), ends_at=datetime(2027, 1, 1, tzinfo=UTC))
        applied(date(2025, 2, 1), 90, currency="EUR")

        found = reconciliation_of(ours, ours.entries.all())

        assert found is not None
        assert [(t.ours, t.theirs) for t in found.terms] == [
            (D(1000), D(1200)),
            (date(2026, 1, 1), date(2027, 1, 1)),
        ]
        assert found.other_units == ("EUR",)
        assert found.theirs == D(0)

    def test_leaves_out_deliveries_that_do_not_count_any_more(
        self, ours: Commitment
    ) -> None:
        imported(ours)
        applied(date(2025, 2, 1), 100)
        UsageDelivery.objects.update(status="superseded")

        found = reconciliation_of(ours, ours.entries.all())

        assert found is not None
        assert found.theirs == D(0)

    def test_needs_a_link(self, ours: Commitment) -> None:
        assert reconciliation_of(ours, ours.entries.all()) is None


class TestLink:
    def test_is_of_one_to_one(self, fiona: User) -> None:
        ours = making.commitment()
        imported(ours)
        second = imported(contract_commitment_id="CMT-2")

        with pytest.raises(ContractRefusedError):
            contracts.link_contract(contract=second, commitment=ours, by=fiona, at=AT)

    def test_is_undone(self, fiona: User) -> None:
        row = imported(making.commitment())

        row = contracts.link_contract(contract=row, commitment=None, by=fiona, at=AT)

        assert (row.commitment, row.partner) == (None, None)
