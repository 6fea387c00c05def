"""What a deal sells, and whom it is credited to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.core import versions
from deals.models import AttributionCredit, Deal, DealLine
from deals.operations.deals import DealInputError, DealRefusedError, lock_open
from deals.pipeline import CreditKind
from partners.models import Partner
from partners.operations.changes import Act

WHOLE = Decimal(100)
CENT = Decimal("0.01")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One thing that is sold, as it is given."""

    product: str
    quantity: Decimal
    unit_price: Decimal
    unit: str = ""
    service_category: str = ""

    @property
    def amount(self) -> Decimal:
        """What the database will compute: quantity × unit price, to the cent."""
        return (self.quantity * self.unit_price).quantize(CENT, ROUND_HALF_UP)


@transaction.atomic
def set_lines(
    *,
    deal: Deal,
    lines: Sequence[Line],
    by: User,
    at: datetime,
    expected_version: int | None = None,
) -> Deal:
    """Replace the lines of an open deal; its amount becomes their sum.

    Without lines the amount stays as it is and can be edited again.

    :raises DealInputError: for a line without product, or with a quantity that is not above
        zero or a negative price.
    :raises DealRefusedError: when the deal is closed.
    """
    locked = lock_open(deal, expected_version=expected_version)
    _check(lines)
    old = {"amount": locked.amount, "lines": locked.lines.count()}
    locked.lines.all().delete()
    DealLine.objects.bulk_create(
        DealLine(
            deal=locked,
            position=position,
            product=line.product.strip(),
            service_category=line.service_category.strip(),
            quantity=line.quantity,
            unit=line.unit.strip(),
            unit_price=line.unit_price,
        )
        for position, line in enumerate(lines, 1)
    )
    amount = locked.amount
    if lines:
        amount = locked.lines.aggregate(total=Sum("amount"))["total"]
    versions.advance(locked, expected=None, amount=amount)
    Act(by, at, locked.partner_id, locked.cooperation_id).record(
        "deal.lines-set", locked, old=old, new={"amount": amount, "lines": len(lines)}
    )
    return locked


def _check(lines: Sequence[Line]) -> None:
    for line in lines:
        if not line.product.strip() or line.quantity <= 0 or line.unit_price < 0:
            raise DealInputError(
                _("A line needs a product, a quantity above zero and a price."),
                code="deal.bad-line",
            )


@transaction.atomic
def add_line(*, deal: Deal, line: Line, by: User, at: datetime) -> Deal:
    """Put one more line on an open deal; the errors are those of `set_lines`."""
    locked = lock_open(deal)
    return set_lines(deal=locked, lines=[*_lines_of(locked), line], by=by, at=at)


@transaction.atomic
def remove_line(*, line: DealLine, by: User, at: datetime) -> Deal:
    """Take one line off an open deal; the amount follows while lines are left."""
    locked = lock_open(line.deal)
    return set_lines(
        deal=locked, lines=_lines_of(locked, but=line.position), by=by, at=at
    )


def _lines_of(deal: Deal, *, but: int = 0) -> list[Line]:
    return [
        Line(
            product=row.product,
            quantity=row.quantity,
            unit_price=row.unit_price,
            unit=row.unit,
            service_category=row.service_category,
        )
        for row in deal.lines.exclude(position=but).order_by("position")
    ]


@transaction.atomic
def give_credit(
    *,
    deal: Deal,
    partner: Partner,
    kind: str,
    percent: Decimal,
    evidence: str,
    by: User,
    at: datetime,
) -> AttributionCredit:
    """Write down what share of an open deal a partner brought, or had a hand in.

    :raises DealRefusedError: when more than 100 % would be sourced; influence is apart.
    :raises DealInputError: without evidence, or outside 0 to 100 percent.
    """
    locked = lock_open(deal)
    if not 0 < percent <= WHOLE:
        raise DealInputError(_("A share is above 0 and at most 100 percent."))
    if not evidence.strip():
        raise DealInputError(_("Say what shows it."), code="deal.needs-evidence")
    if kind == CreditKind.SOURCED:
        _refuse_above_whole(locked, percent)
    credit = AttributionCredit.objects.create(
        deal=locked,
        partner=partner,
        kind=kind,
        percent=percent,
        evidence=evidence.strip(),
        by=by,
        given_at=at,
    )
    Act(by, at, locked.partner_id, locked.cooperation_id).record(
        "deal.credit-given",
        locked,
        new={"partner": partner, "kind": kind, "percent": percent},
    )
    return credit


def _refuse_above_whole(deal: Deal, percent: Decimal) -> None:
    given = deal.credits.filter(kind=CreditKind.SOURCED)
    left = WHOLE - (given.aggregate(total=Sum("percent"))["total"] or Decimal(0))
    if percent > left:
        raise DealRefusedError(
            _("Only %(left)s percent of the deal are left to be sourced.")
            % {"left": f"{left.normalize():f}"},
            code="deal.sourced-above-100",
        )


@transaction.atomic
def withdraw_credit(
    *, credit: AttributionCredit, reason: str, by: User, at: datetime
) -> None:
    """Take a credit back while the deal is open; the journal keeps it.

    :raises DealRefusedError: when the deal is closed.
    :raises DealInputError: without a reason.
    """
    locked = lock_open(credit.deal)
    if not reason.strip():
        raise DealInputError(_("Say why."), code="deal.needs-reason")
    Act(by, at, locked.partner_id, locked.cooperation_id).record(
        "deal.credit-withdrawn",
        locked,
        old={
            "partner": credit.partner_id,
            "kind": credit.kind,
            "percent": credit.percent,
        },
        new={"reason": reason.strip()},
    )
    AttributionCredit.objects.filter(pk=credit.pk).delete()
