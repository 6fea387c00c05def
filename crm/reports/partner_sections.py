"""Sections that need partners and cooperations only: portfolio, changes, next steps."""

from collections import Counter
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.reports import blocks
from crm.reports.blocks import Block, Move, Tone
from crm.reports.sections import Question
from partners.models import Cooperation, Partner, StageDefinition, StageTransition
from partners.stages import MoveKind

MOST_STEPS = 60
AHEAD = timedelta(days=30)
TONES: dict[str, Tone] = {
    MoveKind.ADVANCE: "good",
    MoveKind.SKIP: "good",
    MoveKind.COMPLETE: "good",
    MoveKind.CONFIRM: "good",
    MoveKind.REGRESS: "bad",
    MoveKind.TERMINATE: "bad",
}


def portfolio(question: Question) -> list[Block]:
    """Return counts of partners and cooperations, and the stages they were in."""
    partners = question.visible.partner_ids
    if not partners:
        return []
    now = _in_stage(question, question.cut_off)
    earlier = _in_stage(question, question.starts_at)
    made = Partner.objects.filter(pk__in=partners)
    new = made.filter(
        created_at__gte=question.starts_at, created_at__lt=question.cut_off
    ).count()
    moved = Counter(
        _moves(question).values_list("kind", flat=True).order_by("entered_at", "pk")
    )
    against = _("last period")
    figures = [
        blocks.Figure(label=_("Partners"), value=blocks.count(len(partners))),
        blocks.Figure(label=_("New partners"), value=blocks.count(new)),
        blocks.Figure(
            label=_("Open cooperations"),
            value=blocks.count(sum(now.values())),
            change=blocks.change(
                blocks.number_of(sum(now.values()) - sum(earlier.values())),
                against=against,
            ),
        ),
        blocks.Figure(
            label=_("Stage moves forward / back"),
            value=blocks.text(
                f"{sum(moved[kind] for kind, tone in TONES.items() if tone == 'good')}"
                f" / {moved[MoveKind.REGRESS]}"
            ),
        ),
    ]
    return [blocks.figures(figures), *_funnel(now, earlier)]


def changes(question: Question) -> list[Block]:
    """Return the stage moves of the period, each with who made it and why."""
    if not question.visible.partner_ids:
        return []
    rows = _moves(question).select_related(
        "cooperation__partner", "from_stage", "to_stage", "by"
    )
    items = [_move(row) for row in rows.order_by("entered_at", "pk")]
    empty = _("No cooperation changed its stage in this period.")
    return [blocks.moves(items, title="", empty=empty)]


def next_steps(question: Question) -> list[Block]:
    """Return next steps that are overdue at the cut-off or due within 30 days after."""
    today = question.period.after
    rows = (
        Cooperation.objects.filter(
            partner_id__in=question.visible.partner_ids,
            closed_at__isnull=True,
            next_step_due_on__lte=today + AHEAD,
        )
        .select_related("partner", "owner")
        .order_by("next_step_due_on", "pk")
    )
    total = rows.count()
    if not total:
        return []
    shown = [
        [
            blocks.text(row.partner.display_name, url=_address(row)),
            blocks.text(row.next_step),
            blocks.text(str(row.owner or "")),
            blocks.day(row.next_step_due_on),
            blocks.days((today - row.next_step_due_on).days)
            if row.next_step_due_on < today
            else blocks.text(""),
        ]
        for row in rows[:MOST_STEPS]
        if row.next_step_due_on is not None
    ]
    heads = [_("Partner"), _("Next step"), _("Owner")]
    columns: list[tuple[str, blocks.Align]] = [(head, "left") for head in heads]
    columns += [(_("Due"), "right"), (_("Overdue"), "right")]
    return [
        blocks.table(
            columns, shown, title="", total_count=total, empty=_("Nothing is due.")
        )
    ]


def _in_stage(question: Question, at: datetime) -> Counter[str]:
    stays = StageTransition.objects.filter(
        cooperation__partner_id__in=question.visible.partner_ids,
        entered_at__lt=at,
        to_stage__stage_type="open",
    ).exclude(exited_at__lte=at)
    codes = stays.values_list("to_stage_id", flat=True).order_by("pk")
    return Counter(str(code) for code in codes)


def _moves(question: Question) -> QuerySet[StageTransition]:
    return StageTransition.objects.filter(
        cooperation__partner_id__in=question.visible.partner_ids,
        entered_at__gte=question.starts_at,
        entered_at__lt=question.cut_off,
    ).exclude(kind=MoveKind.START)


def _funnel(now: Counter[str], earlier: Counter[str]) -> list[Block]:
    stages = list(StageDefinition.objects.filter(stage_type="open").order_by("order"))
    if not any(now.values()):
        return []
    furthest = max(
        (stage for stage in stages if now[stage.code]), key=lambda s: s.order
    )
    return [
        blocks.chart(
            "bars",
            title=_("Open cooperations by stage"),
            labels=[str(stage) for stage in stages],
            series=[
                (_("End of period"), [now[stage.code] for stage in stages]),
                (_("Start of period"), [earlier[stage.code] for stage in stages]),
            ],
            unit="count",
            sentence=ngettext(
                "%(count)d open cooperation; the furthest stage is %(stage)s.",
                "%(count)d open cooperations; the furthest stage is %(stage)s.",
                sum(now.values()),
            )
            % {"count": sum(now.values()), "stage": furthest},
        )
    ]


def _move(row: StageTransition) -> Move:
    cooperation = row.cooperation
    made = Move(
        title=f"{cooperation.partner.display_name}: {cooperation.title}",
        text=f"{row.from_stage or '–'} → {row.to_stage} ({row.get_kind_display()})",
        tone=TONES.get(row.kind, "plain"),
        evidence=[str(row.by)],
        url=_address(cooperation),
    )
    if row.reason:
        made["evidence"] = [f"{row.by}: {row.reason}"]
    return made


def _address(cooperation: Cooperation) -> str:
    return f"{settings.PUBLIC_URL}/admin/partners/cooperation/{cooperation.pk}/change/"
