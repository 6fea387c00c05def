"""The living twin of the report: the same figures, for the person who looks, now.

Every number comes from `crm.figures`, as in the mails; with the same week chosen, mail and
page say the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Subquery
from django.utils.translation import get_language

from crm.accounts.models import Team, User
from crm.core import periods
from crm.core.periods import PeriodRefusedError, Week
from crm.figures import headline, scopes, sections, shown, words
from crm.figures.facts import Facts
from crm.figures.frame import Frame
from partners.models import Cooperation

ALL, OWN, TEAM = "all", "own", "team"
TOP = "headline"
CHARTS = ("spend",)
WIDE = ("changes", "commitments", "renewals", "forecast", "movers")
NARROW = ("at-risk", "decisions")
PLACES = ("pk", "display_name", "owner_id", "team__path", "my_path")
MOST_ROWS = 7
MOST_BLOCKS = 2
"""Of each section; the mails have all of them."""
SPARK_WIDTH, SPARK_HEIGHT = 100, 24
STEPS_SHOWN = 8


@dataclass(frozen=True, kw_only=True)
class Look:
    """What somebody wants to see: which week, and which of the partners they may see.

    :ivar is_running: the week has not ended; then figures go as far as the data.
    :ivar is_past: another week has ended since.
    :ivar names: the partners looked at, by number.
    """

    week: Week
    scope: str
    is_running: bool
    is_past: bool
    names: Mapping[int, str]


def look_of(*, person: User, at: datetime, week: str = "", scope: str = "") -> Look:
    """Return what is asked for, as far as it makes sense: the last full week by default.

    Those who own partners see these first, all others all that they may see.
    """
    current = Week.at(at, zone=ZoneInfo(person.time_zone))
    try:
        chosen = periods.read_week(week) if week else current.shifted(-1)
    except PeriodRefusedError:
        chosen = current.shifted(-1)
    chosen = min(chosen, current)
    my_path = Team.objects.filter(members=person).values("path")
    told = scopes.told_to(person).annotate(my_path=Subquery(my_path))
    seen = list(told.order_by("pk").values(*PLACES))
    if scope not in {ALL, OWN, TEAM}:
        owns = any(each["owner_id"] == person.pk for each in seen)
        scope = OWN if owns else ALL
    return Look(
        week=chosen,
        scope=scope,
        is_running=chosen == current,
        is_past=chosen < current.shifted(-1),
        names={
            each["pk"]: each["display_name"]
            for each in seen
            if _is_within(each, scope, person)
        },
    )


def _is_within(place: Any, scope: str, person: User) -> bool:
    """Tell whether a partner that may be seen is of those that are asked for."""
    if scope == OWN:
        return bool(place["owner_id"] == person.pk)
    if scope == TEAM and place["my_path"]:
        return str(place["team__path"] or "").startswith(place["my_path"])
    return True


def facts_for(*, person: User, look: Look, at: datetime) -> Facts:
    """Return the facts of what the person looks at."""
    facts = Facts(
        Frame(
            partner_ids=tuple(look.names),
            first=look.week.days.start,
            after=look.week.days.end,
            zone=ZoneInfo(person.time_zone),
            currency=person.currency,
            language=get_language() or settings.LANGUAGE_CODE,
            rights=scopes.rights_of(person, sections.rights()),
            now=at if look.is_running else None,
            is_past=look.is_past,
        )
    )
    facts.names = dict(look.names)
    if facts.frame.may(headline.DEALS) and look.names:
        _ = facts.pipeline  # first: deals name the most currencies of the book of rates
    return facts


def portrait(facts: Facts) -> dict[str, Any]:
    """Return the sections of the page in words; those with nothing to say are left out."""
    charts = [
        block
        for part in told(facts, CHARTS)
        for block in part["blocks"]
        if block.get("svg")
    ]
    return {
        "figures": _tiles(facts),
        "funnel": _funnel(facts),
        "charts": charts,
        "wide": told(facts, WIDE),
        "narrow": told(facts, NARROW),
        "coverage": facts.coverage if facts.frame.may(headline.USAGE) else None,
    }


def told(facts: Facts, names: Iterable[str]) -> list[dict[str, Any]]:
    """Return some sections in words, as far as they exist and may be seen."""
    found = [sections.by_name(name) for name in names]
    return [
        part
        for section in found
        if section is not None and (not section.right or facts.frame.may(section.right))
        if (part := _part(section, facts))["blocks"]
    ]


def _part(section: sections.Section, facts: Facts) -> dict[str, Any]:
    language = facts.frame.language
    return {
        "name": section.name,
        "title": section.title,
        "blocks": [
            _here(
                shown.block_in_words(
                    block, language, code=f"{section.name}-{number}", most=MOST_ROWS
                )
            )
            for number, block in enumerate(section.build(facts)[:MOST_BLOCKS], 1)
        ],
    }


def _tiles(facts: Facts) -> list[dict[str, str]]:
    parts = told(facts, [TOP])
    lines = _sparks(facts)
    return [
        {**figure, "spark": lines.get(figure["code"], "")}
        for part in parts
        for block in part["blocks"]
        for figure in block["figures"]
    ]


def _sparks(facts: Facts) -> dict[str, str]:
    """Return the course of the last twelve weeks by code of the number, as points."""
    if not facts.frame.may(headline.USAGE) or facts.usage.is_empty:
        return {}
    usage = facts.usage
    weeks = [week for week in usage.weeks() if usage.is_known(week)]
    courses = {
        "spend": [usage.total("spend", week).value for week in weeks],
        "tokens": [usage.total("tokens", week).value for week in weeks],
        "ai-share": [usage.ai_share(week) for week in weeks],
    }
    return {
        code: spark([v for v in values if v is not None])
        for code, values in courses.items()
    }


def spark(values: Sequence[Decimal]) -> str:
    """Return the points of a small line from the lowest to the highest value."""
    if len(values) < 2:
        return ""
    low, high = min(values), max(values)
    step = Decimal(SPARK_WIDTH) / (len(values) - 1)
    inner, span = SPARK_HEIGHT - 4, high - low
    depths = [(high - value) / span if span else Decimal("0.5") for value in values]
    return " ".join(
        f"{number * step:.1f},{2 + inner * depth:.1f}"
        for number, depth in enumerate(depths)
    )


@dataclass(frozen=True, kw_only=True)
class Rung:
    """One stage of the funnel with the length of its bar, 0 to 100."""

    name: str
    code: str
    count: int
    change: str
    percent: int


def _funnel(facts: Facts) -> list[Rung]:
    funnel = facts.funnel
    most = max(funnel.now.values(), default=0)
    return [
        Rung(
            name=str(stage),
            code=stage.code,
            count=funnel.now[stage.code],
            change=_difference(funnel.now[stage.code] - funnel.earlier[stage.code]),
            percent=round(100 * funnel.now[stage.code] / most) if most else 0,
        )
        for stage in funnel.stages
        if funnel.open
    ]


def _difference(count: int) -> str:
    return f"{count:+d}" if count else ""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One next step, in words."""

    cooperation: Cooperation
    due: str
    is_overdue: bool


@dataclass(frozen=True, kw_only=True)
class Steps:
    """The person's own next steps: what is overdue stands apart, on top of the page."""

    overdue: list[Step]
    rows: list[Step]
    overdue_count: int
    count: int


def own_steps(*, person: User, at: datetime, language: str) -> Steps:
    """Return the next steps of the cooperations this person owns; one query."""
    today = at.astimezone(ZoneInfo(person.time_zone)).date()
    rows = (
        Cooperation.objects.running()
        .filter(owner=person, partner__in=scopes.told_to(person))
        .exclude(next_step_due_on=None)
        .select_related("partner", "stage")
        .order_by("next_step_due_on", "pk")
    )
    steps = [
        Step(
            cooperation=row,
            due=words.day(row.next_step_due_on, language),
            is_overdue=row.next_step_due_on < today,
        )
        for row in rows
        if row.next_step_due_on is not None
    ]
    late = [step for step in steps if step.is_overdue]
    coming = [step for step in steps if not step.is_overdue]
    return Steps(
        overdue=late[:STEPS_SHOWN],
        rows=coming[:STEPS_SHOWN],
        overdue_count=len(late),
        count=len(steps),
    )


def _here(value: Any) -> Any:
    """Return the words with addresses of this host: links in mails name the public one."""
    if isinstance(value, str):
        return (
            value.removeprefix(settings.PUBLIC_URL)
            if value.startswith("http")
            else value
        )
    if isinstance(value, dict):
        return {key: _here(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_here(each) for each in value]
    return value
