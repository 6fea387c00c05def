"""The portfolio by stage, how fast it climbs, and where each cooperation stands."""

from collections import Counter

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.figures import blocks, links
from crm.figures.blocks import Align, Block, Figure, Value
from crm.figures.facts import Facts
from crm.figures.headline import USAGE, against_before
from crm.figures.tempo import Tempo
from partners.models import Cooperation
from partners.queries import StageStatistics, TimeInStage
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
        *_stalled(facts),
        _tempo_figure(
            _("First contact to production"),
            facts.climbing.to_production,
            note=_("median of twelve months"),
        ),
        _paper_figure(facts),
        *_first_token(facts),
    ]
    told = [blocks.figures(figures), *funnel_chart(facts), *_stages(facts)]
    return [*told, *_waiting(facts)]


def _stalled(facts: Facts) -> list[Figure]:
    """Return how many running cooperations are late, and how many of them far."""
    if not facts.stays:
        return []
    paces = Counter(row.pace for row in facts.stays)
    return [
        Figure(
            label=_("Stalled: amber / red"),
            value=blocks.text(f"{paces[Pace.AMBER]} / {paces[Pace.RED]}"),
            note=_("n = %(count)d") % {"count": len(facts.stays)},
        )
    ]


def _first_token(facts: Facts) -> list[Figure]:
    if not facts.frame.may(USAGE):
        return []
    found = facts.lags
    if not found.reached and not found.waiting:
        return []
    tempo = Tempo(found.median_days, len(found.reached))
    note = _("median; %(count)d wait for more than 90 days") % {
        "count": len(found.waiting)
    }
    return [_tempo_figure(_("Announcement to first token"), tempo, note=note)]


def _waiting(facts: Facts) -> list[Block]:
    """Return what was announced or signed more than 90 days ago and uses no AI yet."""
    if not facts.frame.may(USAGE) or not facts.lags.waiting:
        return []
    waiting = facts.lags.waiting
    columns: list[tuple[str, Align]] = [
        (_("Partner"), "left"),
        (_("Cooperation"), "left"),
        (_("Signed or announced"), "right"),
        (_("Days since"), "right"),
        (_("Owner"), "left"),
    ]
    rows = [
        [
            blocks.text(lag.cooperation.partner.display_name),
            blocks.text(
                lag.cooperation.title, url=links.cooperation(lag.cooperation.pk)
            ),
            blocks.day(lag.began_on),
            blocks.count(lag.days),
            blocks.text(str(lag.cooperation.owner or "")),
        ]
        for lag in waiting[:MOST_ROWS]
    ]
    return [
        blocks.table(
            columns,
            rows,
            title=_("On paper only: no AI usage after 90 days"),
            total_count=len(waiting),
            empty="",
        )
    ]


def _tempo_figure(label: str, tempo: Tempo, *, note: str) -> Figure:
    value = blocks.unknown() if tempo.days is None else blocks.days(round(tempo.days))
    value["n"] = tempo.n
    return Figure(label=label, value=value, note=note)


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
        (_("Days to the next"), "right"),
    ]
    steps = {one.code: tempo for one, _other, tempo in facts.climbing.steps}
    codes = {stage.code for stage in facts.funnel.stages}
    rows = [
        _stage_row(facts, each, steps.get(each.stage.code, Tempo(None, 0)))
        for each in facts.statistics
        if each.stage.code in codes
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


def _stage_row(facts: Facts, each: StageStatistics, step: Tempo) -> list[Value]:
    median, late = each.median_days, each.percentile_85_days
    return [
        blocks.text(str(each.stage)),
        blocks.count(facts.funnel.now[each.stage.code]),
        _days(median, n=each.completed),
        _days(late),
        _days(each.stage.expected_days),
        share(each.reached or 0, each.entered or 0),
        _days(step.days, n=step.n),
    ]


def _days(value: float | None, *, n: int | None = None) -> Value:
    made = blocks.unknown() if value is None else blocks.count(round(value))
    if n is not None and value is not None:
        made["n"] = n
    return made


# --- each cooperation


def standing(facts: Facts) -> list[Block]:
    """Return each running cooperation with its stage, its pace and its next step."""
    rows = facts.stays
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
