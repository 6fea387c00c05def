"""The portfolio by stage, how fast it climbs, and where each cooperation stands."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.figures import blocks, links
from crm.figures.blocks import Align, Block, Figure, Value
from crm.figures.facts import Facts
from crm.figures.headline import against_before
from crm.figures.tempo import Tempo
from partners.models import Cooperation
from partners.queries import StageStatistics, TimeInStage, times_in_stage
from partners.stages import Pace

SMALL_SAMPLE = 5
MOST_ROWS = 200


def portfolio(facts: Facts) -> list[Block]:
    """Return counts, the stages as a chart, and days in stage with conversion."""
    if not facts.frame.partner_ids:
        return []
    funnel = facts.funnel
    figures = [
        Figure(label=_("Partners"), value=blocks.count(len(facts.frame.partner_ids))),
        Figure(
            label=_("Open cooperations"),
            value=blocks.count(funnel.open),
            change=blocks.change(
                blocks.number_of(funnel.open - funnel.open_earlier),
                against=against_before(facts),
            ),
        ),
        _tempo_figure(_("First contact to production"), facts.climbing.to_production),
        _paper_figure(facts),
    ]
    return [blocks.figures(figures), *funnel_chart(facts), *_stages(facts)]


def _tempo_figure(label: str, tempo: Tempo) -> Figure:
    value = blocks.unknown() if tempo.days is None else blocks.days(round(tempo.days))
    value["n"] = tempo.n
    return Figure(label=label, value=value, note=_("median of twelve months"))


def _paper_figure(facts: Facts) -> Figure:
    paper = facts.climbing.paper
    return Figure(
        label=_("Signed, and in production"),
        value=share(paper.some, paper.all),
        note=_("signed 6 to 18 months ago"),
    )


def share(some: int, every: int) -> Value:
    """Return some of all: as a fraction for few cases, else as a ratio with its n."""
    if not every:
        return blocks.ratio(None, n=0)
    if every < SMALL_SAMPLE:
        said = _("%(part)s of %(all)s") % {"part": some, "all": every}
        return blocks.text(said)
    return blocks.ratio(blocks.exact_ratio(some, every), n=every)


def funnel_chart(facts: Facts) -> list[Block]:
    """Return open cooperations per stage, now and at the beginning."""
    funnel = facts.funnel
    if not funnel.open:
        return []
    stages = funnel.stages
    furthest = max((s for s in stages if funnel.now[s.code]), key=lambda s: s.order)
    return [
        blocks.chart(
            "bars",
            title=_("Open cooperations by stage"),
            labels=[str(stage) for stage in stages],
            series=[
                (_("End of period"), [funnel.now[s.code] for s in stages]),
                (_("Start of period"), [funnel.earlier[s.code] for s in stages]),
            ],
            unit="count",
            sentence=ngettext(
                "%(count)d open cooperation; the furthest stage is %(stage)s.",
                "%(count)d open cooperations; the furthest stage is %(stage)s.",
                funnel.open,
            )
            % {"count": funnel.open, "stage": furthest},
        )
    ]


def _stages(facts: Facts) -> list[Block]:
    columns: list[tuple[str, Align]] = [
        (_("Stage"), "left"),
        (_("Open"), "right"),
        (_("Median days"), "right"),
        (_("85th percentile"), "right"),
        (_("Expected"), "right"),
        (_("Went on"), "right"),
    ]
    codes = {stage.code for stage in facts.funnel.stages}
    rows = [
        _stage_row(facts, each) for each in facts.statistics if each.stage.code in codes
    ]
    return [
        blocks.table(
            columns,
            rows,
            title=_("Days in stage (stays completed in twelve months) and conversion"),
            total_count=len(rows),
            empty=_("There are no stages."),
        )
    ]


def _stage_row(facts: Facts, each: StageStatistics) -> list[Value]:
    median, late = each.median_days, each.percentile_85_days
    return [
        blocks.text(str(each.stage)),
        blocks.count(facts.funnel.now[each.stage.code]),
        _days(median, n=each.completed),
        _days(late),
        _days(each.stage.expected_days),
        share(each.reached or 0, each.entered or 0),
    ]


def _days(value: float | None, *, n: int | None = None) -> Value:
    made = blocks.unknown() if value is None else blocks.count(round(value))
    if n is not None and value is not None:
        made["n"] = n
    return made


# --- each cooperation


def standing(facts: Facts) -> list[Block]:
    """Return each running cooperation with its stage, its pace and its next step."""
    frame = facts.frame
    seen = Cooperation.objects.filter(partner_id__in=frame.partner_ids)
    rows = times_in_stage(seen, at=frame.cut_off)
    if not rows:
        return []
    columns: list[tuple[str, Align]] = [
        (_("Partner"), "left"),
        (_("Cooperation"), "left"),
        (_("Stage"), "left"),
        (_("Days in stage"), "right"),
        (_("Pace"), "left"),
        (_("Next step"), "left"),
        (_("Due"), "right"),
    ]
    late = [row for row in rows if row.pace != Pace.GREEN]
    ordered = [*late, *(row for row in rows if row.pace == Pace.GREEN)]
    return [
        blocks.table(
            columns,
            [_standing_row(row) for row in ordered[:MOST_ROWS]],
            title="",
            total_count=len(rows),
            empty="",
        )
    ]


def _standing_row(row: TimeInStage) -> list[Value]:
    cooperation = row.cooperation
    return [
        blocks.text(cooperation.partner.display_name),
        blocks.text(cooperation.title, url=links.cooperation(cooperation.pk)),
        blocks.text(str(cooperation.stage)),
        blocks.count(round(row.days)),
        blocks.text(_("on hold") if row.is_on_hold else str(row.pace.label)),
        blocks.text(cooperation.next_step),
        ladder_day(cooperation),
    ]


def ladder_day(cooperation: Cooperation) -> Value:
    """Return when the next step is due; nothing when nobody said."""
    due = cooperation.next_step_due_on
    return blocks.text("") if due is None else blocks.day(due)
