"""Facts of deals as they stood at the end of a period, whatever became of them since.

The stage comes from the stays in stages, which are exact; amount, probability and dates
from the snapshot of the week. Where a week has none, they are those of today.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery

from crm.figures.frame import DAY, Frame
from deals import pipeline
from deals.models import Deal, DealSnapshot, DealStageChange
from deals.pipeline import DealStage

REAL = (*pipeline.QUALIFIED_OR_LATER, DealStage.LAUNCHED)
"""Stages that a deal must have reached to count in a win rate."""

FIELDS = (
    "pk",
    "title",
    "partner_id",
    "stage",
    "category",
    "probability",
    "amount",
    "monthly_spend",
    "currency",
    "target_close_on",
    "closed_on",
    "lost_reason",
)
KEPT = (
    "category",
    "probability",
    "amount",
    "monthly_spend",
    "currency",
    "target_close_on",
)
"""What a snapshot knows besides the stage."""


def deals_at(
    frame: Frame, *, since: date, snapshots: Mapping[int, DealSnapshot]
) -> list[dict[str, Any]]:
    """Return the deals that were open at T or closed since a day; one query.

    :param snapshots: by deal, of the week that ends at T.
    """
    deals = Deal.objects.filter(partner_id__in=frame.partner_ids)
    chosen = deals.filter(Q(stage__in=pipeline.OPEN) | Q(closed_on__gte=since))
    changes = DealStageChange.objects.filter(
        deal_id=OuterRef("pk"), entered_at__lt=frame.cut_off
    )
    latest = changes.order_by("-entered_at")
    annotated = chosen.annotate(
        began_at=Subquery(changes.order_by("entered_at").values("entered_at")[:1]),
        stage_then=Subquery(latest.values("to_stage")[:1]),
        since_then=Subquery(latest.values("entered_at")[:1]),
        was_qualified=Exists(changes.filter(to_stage__in=REAL)),
    )
    names = ("began_at", "stage_then", "since_then", "was_qualified")
    told = (
        _then(dict(row), frame, snapshots.get(row["pk"]))
        for row in annotated.order_by("pk").values(*FIELDS, *names)
    )
    return [row for row in told if row is not None]


def _then(
    row: dict[str, Any], frame: Frame, kept: DealSnapshot | None
) -> dict[str, Any] | None:
    """Return a deal as it stood at T; None when it was not there yet."""
    last_day = frame.after if frame.now is None else frame.today + DAY
    if row["closed_on"] is not None and row["closed_on"] < last_day:
        return row
    if row["stage_then"] is None:
        return None
    stage = DealStage(row["stage_then"])
    is_open = stage in pipeline.OPEN
    closed = None if is_open else row["since_then"].astimezone(frame.zone).date()
    then = row | {"stage": stage, "closed_on": closed}
    if not is_open:
        return then
    if kept is not None:
        return then | {name: getattr(kept, name) for name in KEPT}
    if stage != row["stage"]:
        then |= {
            "probability": pipeline.PROBABILITY[stage],
            "category": pipeline.CATEGORY[stage],
        }
    return then
