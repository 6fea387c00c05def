"""The board of cooperations: a column for each stage, every move through its gate."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Count
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as now
from django.utils.translation import ngettext

from crm.accounts.models import User
from crm.web.acting import acting_user
from crm.web.board import Board, BoardAdmin, Card, Chip, Column, Text
from partners import operations
from partners.models import Cooperation, StageDefinition, StageTransitionRule
from partners.queries.pace import TimeInStage, first_of_each_stage
from partners.stages import MoveKind, Pace, StageType

if TYPE_CHECKING:
    from partners.models.cooperation import CooperationQuerySet

CARDS_PER_STAGE = 25
MINE = "mine"
AT_ONCE = frozenset({MoveKind.ADVANCE, MoveKind.SKIP})
"""Steps that need no reason; the others ask in the dialog of the page."""

Moves = Mapping[str, Mapping[str, str]]
"""Stage → where it may go from there, and the dialog that asks for more."""


class CooperationBoard(BoardAdmin[Cooperation]):
    """Shows running cooperations by stage; a refused move puts the card back and says why."""

    board_permission = "partners.add_stagetransition"
    board_keeps_refusals = True

    def board(self, request: HttpRequest) -> Board:
        by, at = acting_user(request), timezone.now()
        rows = Cooperation.objects.visible_to(by)
        if MINE in request.GET:
            rows = rows.filter(owner=by)
        cards, moves = _cards(rows, at=at), _moves()
        counts = dict(
            rows.running().order_by().values_list("stage_id").annotate(Count("pk"))
        )
        return Board(
            title=now("Cooperations by stage"),
            columns=tuple(
                self._column(stage, cards[stage.code], counts, moves)
                for stage in StageDefinition.objects.order_by("order")
            ),
            chips=self._chips(request),
        )

    def move_card(
        self, *, obj: Cooperation, to: str, version: int, by: User, at: datetime
    ) -> Text:
        moved = operations.move_stage(
            cooperation=obj, to=to, by=by, at=at, expected_version=version
        )
        return now("It is in “%(stage)s” now.") % {"stage": moved.stage}

    def _column(
        self,
        stage: StageDefinition,
        found: list[TimeInStage],
        counts: Mapping[str, int],
        moves: Moves,
    ) -> Column:
        is_open = stage.stage_type == StageType.OPEN
        rows = self.address_of("changelist")
        return Column(
            key=stage.code,
            title=str(stage),
            cards=tuple(self._card(each, moves.get(stage.code, {})) for each in found),
            count=counts.get(stage.code, 0),
            summary=_expected(stage) if is_open else now("Ends the cooperation"),
            more_url=f"{rows}?stage__id__exact={stage.pk}",
        )

    def _card(self, found: TimeInStage, moves: Mapping[str, str]) -> Card:
        row, days = found.cooperation, int(found.days)
        lines = [str(row.partner), str(row.owner or now("Nobody"))]
        if row.next_step_due_on is not None:
            lines.append(f"{row.next_step} ({row.next_step_due_on:%Y-%m-%d})")
        if found.is_on_hold:
            lines.append(now("On hold"))
        return Card(
            key=row.pk,
            version=row.version,
            title=row.title,
            url=self.address_of("change", row.pk),
            lines=tuple(lines),
            badge=ngettext("%(days)d day", "%(days)d days", days) % {"days": days},
            tone="" if found.is_on_hold else Pace(found.pace).value,
            moves=moves,
        )

    def _chips(self, request: HttpRequest) -> tuple[Chip, ...]:
        url = reverse("admin:partners_cooperation_board")
        is_mine = MINE in request.GET
        return (
            Chip(title=now("All"), url=url, is_current=not is_mine),
            Chip(title=now("Mine"), url=f"{url}?{MINE}=1", is_current=is_mine),
        )


def _cards(
    rows: "CooperationQuerySet", *, at: datetime
) -> Mapping[str, list[TimeInStage]]:
    cards: dict[str, list[TimeInStage]] = defaultdict(list)
    for found in first_of_each_stage(rows, at=at, limit=CARDS_PER_STAGE):
        cards[found.cooperation.stage_id].append(found)
    return cards


def _moves() -> Moves:
    moves: dict[str, dict[str, str]] = defaultdict(dict)
    rules = StageTransitionRule.objects.current().exclude(kind=MoveKind.CONFIRM)
    for rule in rules.select_related("source", "target").order_by("target__order"):
        is_simple = rule.kind in AT_ONCE and not rule.needs_reason
        moves[rule.source.code][rule.target.code] = "" if is_simple else "move"
    return moves


def _expected(stage: StageDefinition) -> str:
    days = stage.expected_days
    if days is None:
        return ""
    return ngettext("expected: %(days)d day", "expected: %(days)d days", days) % {
        "days": days
    }
