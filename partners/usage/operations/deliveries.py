"""Deliveries: judged and swapped in, released, withdrawn, restored."""

import tempfile
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from duckdb import DuckDBPyConnection

from crm.accounts.models import User
from crm.core.errors import DomainError
from crm.journal import operations as journal
from partners.usage import store, verdicts
from partners.usage.models import (
    BillingSource,
    DailyUsage,
    DeliveryStatus,
    UsageDelivery,
)
from partners.usage.operations import rollups
from partners.usage.verdicts import Month, Reason, Verdict


class DeliveryRefusedError(DomainError):
    """What was asked does not fit the status of the delivery."""

    code = "usage.delivery-refused"


def judged(delivery: UsageDelivery, *, is_each_row_even: bool, at: datetime) -> Verdict:
    """Decide about a staged delivery as things stand now."""
    others = UsageDelivery.objects.filter(
        source_id=delivery.source_id,
        scope=delivery.scope,
        billing_month=delivery.billing_month,
    ).exclude(pk=delivery.pk)
    source = delivery.source
    return verdicts.judge(
        _month(delivery, is_each_row_even=is_each_row_even),
        current=[_month(o) for o in others if o.status == DeliveryStatus.CURRENT],
        earlier=[
            _month(o)
            for o in others
            if o.status in {DeliveryStatus.SUPERSEDED, DeliveryStatus.WITHDRAWN}
        ],
        mode=source.delivery_mode,
        billing_month=delivery.billing_month,
        today=at.date(),
        close_after_days=source.close_after_days,
    )


def _month(delivery: UsageDelivery, *, is_each_row_even: bool = False) -> Month:
    return Month(
        id=delivery.pk,
        rows=delivery.rows,
        days=frozenset(delivery.days),
        totals={
            currency: {cost: Decimal(text) for cost, text in costs.items()}
            for currency, costs in delivery.totals.items()
        },
        fingerprint=delivery.fingerprint,
        is_increment=delivery.is_increment,
        is_each_row_even=is_each_row_even,
    )


def settle(
    delivery: UsageDelivery,
    *,
    is_each_row_even: bool,
    owner: str,
    by: User | None,
    at: datetime,
    duck: DuckDBPyConnection | None = None,
) -> UsageDelivery:
    """Judge a staged delivery and swap it in, hold it, or drop it as already loaded.

    :param owner: the worker that holds the load; another one's load is left alone.
    :param duck: see `rollups.prepare`.
    """
    with tempfile.TemporaryDirectory(dir=store.root()) as work:
        file = Path(work) / "rollup.csv"
        accounts = rollups.prepare(delivery, into=file, at=at, duck=duck)
        with transaction.atomic():
            BillingSource.objects.select_for_update().get(pk=delivery.source_id)
            locked = _locked(delivery.pk, {DeliveryStatus.STAGED})
            if locked.load.owner != owner:
                raise DeliveryRefusedError(_("Another worker has taken this load."))
            verdict = judged(locked, is_each_row_even=is_each_row_even, at=at)
            reasons = [*verdict.reasons, *_counted_elsewhere(locked, accounts)]
            if verdict.is_no_op:
                _close(locked, DeliveryStatus.NO_OP, at=at)
            elif reasons:
                _hold(locked, reasons, by=by, at=at)
            else:
                locked.is_increment = verdict.is_increment
                _put_in(locked, file, kind="usage.delivery-loaded", by=by, at=at)
    if locked.status == DeliveryStatus.NO_OP:
        store.drop(locked.folder)
    return locked


def release_delivery(
    *, delivery: UsageDelivery, by: User, at: datetime
) -> UsageDelivery:
    """Apply a held delivery after a person has looked; it replaces the month.

    :raises DeliveryRefusedError: when it is not held.
    """
    return _apply(
        delivery, {DeliveryStatus.HELD}, kind="usage.delivery-released", by=by, at=at
    )


def restore_delivery(
    *, delivery: UsageDelivery, by: User, at: datetime
) -> UsageDelivery:
    """Make an earlier delivery count again; what counts now is superseded.

    :raises DeliveryRefusedError: when it was neither superseded nor withdrawn.
    """
    return _apply(
        delivery,
        {DeliveryStatus.SUPERSEDED, DeliveryStatus.WITHDRAWN},
        kind="usage.delivery-restored",
        by=by,
        at=at,
    )


def _apply(
    delivery: UsageDelivery,
    allowed: set[DeliveryStatus],
    *,
    kind: str,
    by: User,
    at: datetime,
) -> UsageDelivery:
    _locked_or_refuse(delivery, allowed)
    with tempfile.TemporaryDirectory(dir=store.root()) as work:
        file = Path(work) / "rollup.csv"
        rollups.prepare(delivery, into=file, at=at)
        with transaction.atomic():
            BillingSource.objects.select_for_update().get(pk=delivery.source_id)
            locked = _locked(delivery.pk, allowed)
            _put_in(locked, file, kind=kind, by=by, at=at)
    return locked


def _locked_or_refuse(delivery: UsageDelivery, allowed: set[DeliveryStatus]) -> None:
    with transaction.atomic():
        _locked(delivery.pk, allowed)


@transaction.atomic
def withdraw_delivery(
    *, delivery: UsageDelivery, reason: str, by: User, at: datetime
) -> UsageDelivery:
    """Take a delivery out of all figures; its line items stay in the store.

    :raises DeliveryRefusedError: without a reason, or when it neither counts nor waits.
    """
    if not reason.strip():
        raise DeliveryRefusedError(_("Say why the delivery is withdrawn."))
    BillingSource.objects.select_for_update().get(pk=delivery.source_id)
    locked = _locked(delivery.pk, {DeliveryStatus.CURRENT, DeliveryStatus.HELD})
    before = locked.status
    _close(locked, DeliveryStatus.WITHDRAWN, at=at)
    if before == DeliveryStatus.CURRENT:
        rollups.take_out([locked.pk])
        _derive(locked)
    _record(locked, "usage.delivery-withdrawn", by=by, at=at, reason=reason.strip())
    return locked


@transaction.atomic
def refuse_delivery(
    *, delivery: UsageDelivery, reason: str, by: User, at: datetime
) -> UsageDelivery:
    """Leave a held delivery out after a person has looked; what counts stays.

    :raises DeliveryRefusedError: without a reason, or when it is not held.
    """
    _locked(delivery.pk, {DeliveryStatus.HELD})
    return withdraw_delivery(delivery=delivery, reason=reason, by=by, at=at)


def _locked(pk: int, allowed: set[DeliveryStatus]) -> UsageDelivery:
    delivery = (
        UsageDelivery.objects.select_for_update(of=("self",))
        .select_related("source", "load")
        .get(pk=pk)
    )
    if delivery.status not in allowed:
        raise DeliveryRefusedError(
            _("The delivery is %(status)s.") % {"status": delivery.get_status_display()}
        )
    return delivery


def _put_in(
    delivery: UsageDelivery,
    file: Path,
    *,
    kind: str,
    by: User | None,
    at: datetime,
) -> None:
    """Swap the rows of the month: the old ones out, the new ones in, totals compared."""
    replaced = [] if delivery.is_increment else _current(delivery)
    for old in replaced:
        old.superseded_by = delivery
        _close(old, DeliveryStatus.SUPERSEDED, at=at)
    delivery.superseded_by = None
    delivery.reasons = []
    _close(delivery, DeliveryStatus.CURRENT, at=at)
    rollups.take_out([old.pk for old in replaced])
    rollups.swap_in(delivery, file)
    _derive(delivery)
    _record(delivery, kind, by=by, at=at, replaced=[old.pk for old in replaced])


def _current(delivery: UsageDelivery) -> list[UsageDelivery]:
    return list(
        UsageDelivery.objects.select_for_update()
        .filter(
            source_id=delivery.source_id,
            scope=delivery.scope,
            billing_month=delivery.billing_month,
            status=DeliveryStatus.CURRENT,
        )
        .exclude(pk=delivery.pk)
        .order_by("pk")
    )


def _close(delivery: UsageDelivery, status: DeliveryStatus, *, at: datetime) -> None:
    delivery.status = status
    delivery.decided_at = at
    delivery.save(
        update_fields=[
            "status",
            "decided_at",
            "superseded_by",
            "is_increment",
            "reasons",
        ]
    )


def _hold(
    delivery: UsageDelivery,
    reasons: Sequence[Reason],
    *,
    by: User | None,
    at: datetime,
) -> None:
    delivery.reasons = [
        {"code": reason.code, "words": str(reason.words)} for reason in reasons
    ]
    _close(delivery, DeliveryStatus.HELD, at=at)
    _record(delivery, "usage.delivery-held", by=by, at=at, reasons=delivery.reasons)


def _counted_elsewhere(
    delivery: UsageDelivery, accounts: Sequence[int]
) -> list[Reason]:
    """Name other exports of this source that hold the same accounts in this month."""
    others = UsageDelivery.objects.filter(
        source_id=delivery.source_id,
        billing_month=delivery.billing_month,
        status=DeliveryStatus.CURRENT,
    ).exclude(scope=delivery.scope)
    if not others:
        return []
    return [
        Reason(
            "two-exports",
            _("Export “%(scope)s” (delivery %(id)d) holds the same accounts.")
            % {"scope": other.scope, "id": other.pk},
        )
        for other in others
        if DailyUsage.objects.filter(delivery=other, account_id__in=accounts).exists()
    ]


def _derive(delivery: UsageDelivery) -> None:
    rollups.derive_months(
        source_id=delivery.source_id, billing_months=[delivery.billing_month]
    )


def _record(
    delivery: UsageDelivery,
    kind: str,
    *,
    by: User | None,
    at: datetime,
    **facts: Any,
) -> None:
    journal.record(
        kind=kind,
        subject=delivery,
        by=by,
        at=at,
        new={
            "source": delivery.source.name,
            "scope": delivery.scope,
            "billing_month": delivery.billing_month.isoformat(),
            "rows": delivery.rows,
            "totals": delivery.totals,
            **facts,
        },
    )
