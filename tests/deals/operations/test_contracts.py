"""FOCUS commitments: official files kept once, and held against our ledger."""

import csv
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

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
from partners.models import Partner
from partners.usage import operations as usage
from partners.usage.models import CloudAccount, UsageDelivery
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


USED = [
    ("aws", "CC-MINSPEND-AWS", "CC-USAGEMIN-AWS"),
    ("azure", "CC-MINSPEND-AZURE", "CC-USAGEMIN-AZURE"),
    ("gcp", "CC-MINSPEND-GCP", "CC-USAGEMIN-GCP"),
]


def said_of(rows: list[dict[str, str]], number: str) -> tuple[Decimal, Decimal]:
    """Add up what a file applies to one commitment: cost, and quantity."""
    parts = [
        part
        for row in rows
        if row["ContractApplied"]
        for part in json.loads(row["ContractApplied"], parse_float=D)["Elements"]
        if part["ContractCommitmentId"] == number
    ]
    return (
        sum((D(part["ContractCommitmentAppliedCost"] or 0) for part in parts), D(0)),
        sum(
            (D(part["ContractCommitmentAppliedQuantity"] or 0) for part in parts), D(0)
        ),
    )


class TestAppliedOfOfficialFiles:
    """Usage and commitments of the same 1.3 export, held against our own ledger."""

    LATER = datetime(2026, 6, 25, tzinfo=UTC)

    @pytest.fixture
    def rows(self, cloud: str) -> list[dict[str, str]]:
        return list(
            csv.DictReader(self._file(cloud, "cost_and_usage").read_text().splitlines())
        )

    @pytest.fixture(autouse=True)
    def loaded(self, cloud: str, fiona: User, tmp_path: Path, settings: Any) -> Partner:
        """Load the usage as one partner's, and the commitments of the same export."""
        settings.USAGE_STORE = tmp_path / "store"
        settings.USAGE_STORE.mkdir()
        source, _new = usage.find_or_create_source(name=cloud, by=None, at=self.LATER)
        asked = usage.request_load(
            source=source,
            paths=[self._file(cloud, "cost_and_usage")],
            by=None,
            at=self.LATER,
        )
        usage.run_load(load=asked, owner="test", at=self.LATER)
        partner = make.partner()
        for account in CloudAccount.objects.all():
            usage.assign_account(
                account=account, partner=partner, since=None, by=fiona, at=self.LATER
            )
        contracts.import_contracts(
            file_name="commitments.csv",
            content=self._file(cloud, "contract_commitment").read_bytes(),
            partner=partner,
            by=fiona,
            at=self.LATER,
        )
        contracts.read_applied(at=self.LATER)
        return partner

    @staticmethod
    def _file(cloud: str, what: str) -> Path:
        return exports.shared(f"toolkit_1.3/{cloud}_1_3_{what}_rows100_seed42.csv")

    @pytest.mark.parametrize(("cloud", "spend", "usage_of"), USED)
    def test_shows_what_they_applied_beside_what_we_drew(
        self,
        spend: str,
        usage_of: str,
        rows: list[dict[str, str]],
        loaded: Partner,
        fiona: User,
    ) -> None:
        theirs, _none = said_of(rows, spend)
        _none, hours = said_of(rows, usage_of)
        ours = sum(
            (D(r["EffectiveCost"]) for r in rows if r["ChargeCategory"] == "Usage"),
            D(0),
        )
        imported_row = ContractCommitment.objects.get(contract_commitment_id=spend)
        row = making.commitment(
            loaded,
            amount=imported_row.cost or 0,
            start_on=date(2026, 5, 1),
            end_on=date(2027, 5, 1),
            by=fiona,
            at=self.LATER,
        )
        contracts.link_contract(
            contract=imported_row, commitment=row, by=fiona, at=self.LATER
        )

        found = reconciliation_of(row, row.entries.all())

        assert found is not None
        assert (found.ours, found.theirs) == (ours, theirs)
        assert found.difference == theirs - ours
        kept = ContractApplication.objects.filter(contract_commitment_id=usage_of)
        assert sum((one.quantity or D(0) for one in kept), D(0)) == hours

    @pytest.mark.parametrize("cloud", ["aws", "azure", "gcp"])
    def test_keeps_every_commitment_that_rows_name(
        self, rows: list[dict[str, str]]
    ) -> None:
        named = {
            part["ContractCommitmentId"]
            for row in rows
            if row["ContractApplied"]
            for part in json.loads(row["ContractApplied"])["Elements"]
        }

        applied_to = set(
            ContractApplication.objects.values_list("contract_commitment_id", flat=True)
        )

        assert applied_to == named


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
