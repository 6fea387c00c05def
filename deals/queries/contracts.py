"""Our ledger against what billing exports say of the same commitment."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, OuterRef, QuerySet
from django.db.models.functions import Cast, JSONObject
from django.utils.translation import gettext as _

from deals.models import (
    Commitment,
    ContractApplication,
    ContractCommitment,
    DrawdownEntry,
)

ZERO = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class TermDifference:
    """One term that ours and the imported commitment say differently."""

    name: str
    ours: object
    theirs: object


@dataclass(frozen=True, kw_only=True)
class MonthDifference:
    """One month: what our ledger drew, overage included, and what the export applied."""

    month: date
    ours: Decimal
    theirs: Decimal

    @property
    def difference(self) -> Decimal:
        return self.theirs - self.ours


@dataclass(frozen=True, kw_only=True)
class Reconciliation:
    """An imported commitment beside ours.

    :ivar unit: in which the months are counted.
    :ivar other_units: units in which the export applied something that ours does not count.
    """

    contract: ContractCommitment
    terms: tuple[TermDifference, ...]
    months: tuple[MonthDifference, ...]
    unit: str
    other_units: tuple[str, ...] = ()

    @property
    def ours(self) -> Decimal:
        return sum((month.ours for month in self.months), ZERO)

    @property
    def theirs(self) -> Decimal:
        return sum((month.theirs for month in self.months), ZERO)

    @property
    def difference(self) -> Decimal:
        return self.theirs - self.ours


def reconciliation_of(
    commitment: Commitment, entries: Iterable[DrawdownEntry]
) -> Reconciliation | None:
    """Return our ledger beside the imported commitment; None without one. One query."""
    contract: Any = (
        ContractCommitment.objects.filter(commitment=commitment)
        .annotate(said_applied=ArraySubquery(_applications()))
        .first()
    )
    if contract is None:
        return None
    ours: dict[date, Decimal] = {}
    for entry in entries:
        if entry.delivery_id is not None and entry.period_on is not None:
            month = entry.period_on.replace(day=1)
            ours[month] = ours.get(month, ZERO) + entry.amount + entry.overage
    theirs, other_units = _applied(contract.said_applied, commitment)
    months = tuple(
        MonthDifference(
            month=month, ours=ours.get(month, ZERO), theirs=theirs.get(month, ZERO)
        )
        for month in sorted({*ours, *theirs})
    )
    return Reconciliation(
        contract=contract,
        terms=tuple(_terms(commitment, contract)),
        months=months,
        unit=commitment.measure,
        other_units=other_units,
    )


def _applications() -> QuerySet[ContractApplication, Any]:
    """Return what deliveries that count now applied to a contract commitment."""
    return (
        ContractApplication.objects.filter(
            contract_id=OuterRef("contract_id"),
            contract_commitment_id=OuterRef("contract_commitment_id"),
            delivery__status="current",
        )
        .order_by("charge_month", "currency", "unit")
        .values_list(
            JSONObject(
                month=Cast("charge_month", CharField()),
                currency="currency",
                unit="unit",
                cost=Cast("cost", CharField()),
                quantity=Cast("quantity", CharField()),
            )
        )
    )


def _applied(
    rows: Iterable[dict[str, Any]], commitment: Commitment
) -> tuple[dict[date, Decimal], tuple[str, ...]]:
    """Return what was applied by month in the unit of ours, and which other units."""
    found: dict[date, Decimal] = {}
    others: set[str] = set()
    for row in rows:
        is_ours = (
            row["currency"] == commitment.currency
            if commitment.is_money
            else _same(row["unit"], commitment)
        )
        number = row["cost"] if commitment.is_money else row["quantity"]
        if number is not None and is_ours:
            month = date.fromisoformat(row["month"])
            found[month] = found.get(month, ZERO) + Decimal(number)
        else:
            others.add(row["currency"] if row["cost"] is not None else row["unit"])
    return found, tuple(sorted(others))


def _same(unit: str, commitment: Commitment) -> bool:
    """Tell whether an applied unit is ours; GPU hours are often plain hours there."""
    wanted = commitment.unit.lower()
    return unit.lower() in {wanted, wanted.removeprefix("gpu-")}


def _terms(
    commitment: Commitment, contract: ContractCommitment
) -> list[TermDifference]:
    amount = contract.cost if commitment.is_money else contract.quantity
    measure = contract.currency if commitment.is_money else contract.unit
    pairs = [
        (_("amount"), commitment.amount, amount),
        (_("unit or currency"), commitment.measure, measure),
        (_("starts on"), commitment.start_on, contract.starts_at.date()),
        (_("ends before"), commitment.end_on, contract.ends_at.date()),
    ]
    if contract.model:
        pairs.append((_("settlement"), commitment.settlement, contract.model.lower()))
    return [
        TermDifference(name=name, ours=ours, theirs=theirs)
        for name, ours, theirs in pairs
        if ours != theirs
    ]
