"""FOCUS commitments: imported, linked to ours, and read from line items."""

import tempfile
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.core import versions
from crm.core.errors import DomainError
from crm.journal import operations as journal
from deals.models import (
    Commitment,
    ContractApplication,
    ContractCommitment,
    ContractReading,
)
from partners.models import Partner
from partners.operations.locks import lock
from partners.usage.focus import contracts
from partners.usage.focus.contracts import PREFIX, ContractFile, ContractRow
from partners.usage.queries import contracts as usage

READ_AT_ONCE = 50
"""Deliveries whose line items one tick reads."""


class ContractRefusedError(DomainError):
    """An imported commitment cannot be linked like this."""

    code = "contract-commitment.refused"


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What one file brought.

    :ivar replaced: rows of the file that name a commitment the file names again later.
    """

    file: str
    version: str
    rows: int
    new: int
    changed: int
    same: int
    replaced: int = 0
    unknown_columns: tuple[str, ...] = field(default=())


def import_contracts(
    *,
    file_name: str,
    content: bytes,
    by: User | None,
    at: datetime,
    partner: Partner | None = None,
) -> Imported:
    """Keep the commitments of a FOCUS Contract Commitment file, the latest state of each.

    The same file again changes nothing. Of rows that name the same commitment the one
    updated last counts, else the later one.

    :param partner: whose they are, where the file is one partner's; else they wait for
        somebody who links them.
    :raises FileRefusedError: naming line and column; nothing is kept then.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(content)
        file = contracts.read(path, name=file_name)
    return _keep(file, partner=partner, by=by, at=at)


@transaction.atomic
def _keep(
    file: ContractFile, *, partner: Partner | None, by: User | None, at: datetime
) -> Imported:
    latest = _latest(file)
    known = {
        _key(row): row
        for row in ContractCommitment.objects.select_for_update()
        .filter(contract_commitment_id__in={key[2] for key in latest})
        .order_by("pk")
    }
    counts = {"new": 0, "changed": 0, "same": 0}
    for key, row in latest.items():
        values = _values(row, file, at=at)
        old = known.get(key)
        if old is None:
            old = ContractCommitment.objects.create(partner=partner, **values)
            counts["new"] += 1
            _record("contract-commitment.imported", old, by=by, at=at)
        elif old.row == values["row"]:
            counts["same"] += 1
        else:
            versions.advance(old, expected=None, **values)
            counts["changed"] += 1
            _record("contract-commitment.changed", old, by=by, at=at)
    return Imported(
        file=file.name,
        version=file.version,
        rows=len(file.rows),
        replaced=len(file.rows) - len(latest),
        unknown_columns=file.unknown,
        **counts,
    )


Key = tuple[str, str, str]


def _latest(file: ContractFile) -> dict[Key, ContractRow]:
    found: dict[Key, ContractRow] = {}
    for row in file.rows:
        key = (
            row.text("InvoiceIssuerName")[:200],
            row.text("ContractId")[:300],
            row.text("ContractCommitmentId")[:300],
        )
        earlier = found.get(key)
        updated = f"{PREFIX}LastUpdated"
        is_older = (
            earlier is not None
            and updated in row.times
            and updated in earlier.times
            and row.times[updated] < earlier.times[updated]
        )
        if not is_older:
            found[key] = row
    return found


def _key(row: ContractCommitment) -> Key:
    return row.issuer, row.contract_id, row.contract_commitment_id


def _values(row: ContractRow, file: ContractFile, *, at: datetime) -> dict[str, Any]:
    return {
        "contract_id": row.text("ContractId")[:300],
        "contract_commitment_id": row.text("ContractCommitmentId")[:300],
        "issuer": row.text("InvoiceIssuerName")[:200],
        "focus_version": file.version,
        "category": row.text(f"{PREFIX}Category")[:20],
        "commitment_type": row.text(f"{PREFIX}Type")[:200],
        "description": row.text(f"{PREFIX}Description"),
        "starts_at": row.times[f"{PREFIX}PeriodStart"],
        "ends_at": row.times[f"{PREFIX}PeriodEnd"],
        "cost": row.numbers.get(f"{PREFIX}Cost"),
        "quantity": row.numbers.get(f"{PREFIX}Quantity"),
        "unit": row.text(f"{PREFIX}Unit")[:80],
        "currency": row.text("BillingCurrency").upper(),
        "model": row.text(f"{PREFIX}Model")[:30],
        "interval": row.text(f"{PREFIX}FulfillmentInterval")[:30],
        "lifecycle": row.text(f"{PREFIX}LifecycleStatus")[:30],
        "row": row.texts,
        "file_name": file.name[:250],
        "sha256": file.sha256,
        "imported_at": at,
    }


@transaction.atomic
def link_contract(
    *,
    contract: ContractCommitment,
    commitment: Commitment | None,
    by: User,
    at: datetime,
    partner: Partner | None = None,
    expected_version: int | None = None,
) -> ContractCommitment:
    """Say which of our commitments an imported one is, or at least whose it is.

    :param commitment: ours; None undoes the link.
    :param partner: whose it is, where none of ours corresponds yet.
    :raises ContractRefusedError: when another imported one is linked to it already.
    """
    fresh = lock(contract, expected_version=expected_version)
    whose = commitment.partner if commitment is not None else partner
    if commitment is not None:
        others = ContractCommitment.objects.filter(commitment=commitment)
        if others.exclude(pk=fresh.pk).exists():
            raise ContractRefusedError(
                _("Another imported commitment is linked to it already."),
                code="contract-commitment.linked",
            )
    old = {"commitment": fresh.commitment_id, "partner": fresh.partner_id}
    versions.advance(fresh, expected=None, commitment=commitment, partner=whose)
    journal.record(
        kind="contract-commitment.linked",
        subject=fresh,
        by=by,
        at=at,
        partner_id=fresh.partner_id,
        old=old,
        new={"commitment": fresh.commitment_id, "partner": fresh.partner_id},
    )
    return fresh


def read_applied(*, at: datetime) -> int:
    """Read from new deliveries what their line items apply to contracts; return how many.

    Each delivery is read once; one that does not count any more is left out of comparisons.
    """
    known = list(ContractReading.objects.values_list("delivery_id", flat=True))
    fresh = usage.deliveries_that_count(known=known, limit=READ_AT_ONCE)
    for delivery in fresh:
        found = usage.applied_contracts(delivery)
        with transaction.atomic():
            _made, is_new = ContractReading.objects.get_or_create(
                delivery=delivery,
                defaults={
                    "read_at": at,
                    "row_count": sum(one.row_count for one in found),
                },
            )
            if not is_new:
                continue
            ContractApplication.objects.bulk_create(
                ContractApplication(
                    delivery=delivery,
                    contract_id=one.contract_id[:300],
                    contract_commitment_id=one.contract_commitment_id[:300],
                    charge_month=one.charge_month,
                    currency=one.currency,
                    unit=one.unit[:80],
                    cost=one.cost,
                    quantity=one.quantity,
                    row_count=one.row_count,
                )
                for one in found
            )
    return len(fresh)


def _record(
    kind: str, row: ContractCommitment, *, by: User | None, at: datetime
) -> None:
    journal.record(
        kind=kind,
        subject=row,
        by=by,
        at=at,
        partner_id=row.partner_id,
        new={
            "contract": row.contract_id,
            "commitment": row.contract_commitment_id,
            "cost": row.cost,
            "quantity": row.quantity,
            "file": row.file_name,
        },
    )
