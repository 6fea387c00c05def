"""Facts of agreements that end soon: when, by when to give notice, and what follows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q

from crm.figures.frame import DAY, Frame
from deals.agreements import AgreementStatus
from deals.models import Agreement, Deal
from deals.pipeline import OPEN

HORIZONS = (30, 60, 90, 180)
NOTICE_DAYS = 30


@dataclass(frozen=True, kw_only=True)
class Ending:
    """One active agreement that ends, or must be given notice of, soon.

    :ivar has_renewal: an open deal renews it.
    :ivar is_notice_due: the deadline falls in the next 30 days, no notice was given.
    """

    agreement: Agreement
    expires_on: date
    has_renewal: bool
    is_notice_due: bool


@dataclass(frozen=True, kw_only=True)
class Renewals:
    """Agreements that end within 180 days of T or whose notice falls due in 30."""

    today: date
    rows: Sequence[Ending]

    def within(self, days: int) -> list[Ending]:
        """Return those that expire within so many days of T."""
        until = self.today + days * DAY
        return [row for row in self.rows if row.expires_on < until]

    @property
    def notices(self) -> list[Ending]:
        return [row for row in self.rows if row.is_notice_due]


def renewals(frame: Frame) -> Renewals:
    """Read the agreements of a frame that end soon; one query."""
    today = frame.today
    notice = Q(
        notice_deadline_on__gte=today,
        notice_deadline_on__lt=today + NOTICE_DAYS * DAY,
        notice_given_on__isnull=True,
    )
    soon = Q(expires_on__lt=today + HORIZONS[-1] * DAY) | notice
    following = Deal.objects.filter(renews_id=OuterRef("pk"), stage__in=OPEN)
    rows = (
        Agreement.objects.filter(
            soon,
            partner_id__in=frame.partner_ids,
            status=AgreementStatus.ACTIVE,
            expires_on__gte=today,
        )
        .select_related("partner", "owner")
        .annotate(has_renewal=Exists(following))
        .order_by("expires_on", "pk")
    )
    return Renewals(
        today=today,
        rows=[_ending(row, today) for row in rows if row.expires_on is not None],
    )


def _ending(row: Agreement, today: date) -> Ending:
    deadline = row.notice_deadline_on
    return Ending(
        agreement=row,
        expires_on=row.expires_on or today,
        has_renewal=bool(getattr(row, "has_renewal", False)),
        is_notice_due=deadline is not None
        and row.notice_given_on is None
        and today <= deadline < today + NOTICE_DAYS * DAY,
    )
