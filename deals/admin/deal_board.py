"""The board of deals by stage: cards moved by the one operation."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.accounts.models import User
from crm.web.acting import acting_user
from crm.web.board import Board, BoardAdmin, Card, Chip, Column
from deals import figures, pipeline
from deals.models import Deal
from deals.operations import stages
from deals.pipeline import DealStage
from deals.queries.board import StageColumn, board_of

SCOPES = {"": _("All"), "mine": _("Mine"), "team": _("My team")}


class DealBoard(BoardAdmin[Deal]):
    """Shows visible deals in columns; a closed one leaves by its own buttons only."""

    board_permission = "deals.change_deal"

    def board(self, request: HttpRequest) -> Board:
        scope = request.GET.get("whose", "")
        rows = self._of(request, scope)
        found = board_of(rows, on=timezone.now().date())
        return Board(
            title=gettext("Deals by stage"),
            columns=tuple(self._column(each) for each in found),
            chips=tuple(
                Chip(
                    title=title,
                    url=f"{self.board_url()}?whose={key}" if key else self.board_url(),
                    is_current=key == scope,
                )
                for key, title in SCOPES.items()
            ),
        )

    def _of(self, request: HttpRequest, scope: str) -> QuerySet[Deal]:
        person = acting_user(request)
        rows = Deal.objects.visible_to(person)
        if scope == "mine":
            return rows.filter(owner=person)
        if scope == "team" and person.team is not None:
            return rows.filter(team__path__startswith=person.team.path)
        return rows

    def _column(self, found: StageColumn) -> Column:
        return Column(
            key=found.stage.value,
            title=found.stage.label,
            count=found.count,
            cards=tuple(self._card(deal) for deal in found.deals),
            summary=_joined(found.sums),
            more_url=f"{self.address_of('changelist')}?stage__exact={found.stage.value}",
        )

    def _card(self, deal: Deal) -> Card:
        today = timezone.now().date()
        is_late = deal.is_open and deal.target_close_on and deal.target_close_on < today
        day = deal.target_close_on if deal.is_open else deal.closed_on
        return Card(
            key=deal.pk,
            version=deal.version,
            title=deal.title,
            url=self.address_of("change", deal.pk),
            lines=(
                str(deal.partner),
                f"{figures.money(deal.amount, deal.currency)} · {deal.probability}\u00a0%",
                " · ".join(
                    part
                    for part in (
                        date_format(day) if day else "",
                        str(deal.owner) if deal.owner else "",
                    )
                    if part
                ),
            ),
            badge=gettext("overdue") if is_late else "",
            tone="red" if is_late else "",
            moves=_moves(deal),
        )

    def move_card(
        self, *, obj: Deal, to: str, version: int, by: User, at: datetime
    ) -> str:
        moved = stages.move_deal(
            deal=obj, to=to, by=by, at=at, expected_version=version
        )
        return gettext("“%(title)s” is in “%(stage)s” now.") % {
            "title": moved,
            "stage": moved.get_stage_display(),
        }


def _moves(deal: Deal) -> dict[str, str]:
    """Return where a card may go, and which dialog asks for more."""
    asks = {DealStage.LAUNCHED: "win", DealStage.CLOSED_LOST: "lose"}
    return {
        to.value: asks.get(to, "")
        for to in DealStage
        if pipeline.may_move(current=DealStage(deal.stage), to=to)
    }


def _joined(sums: Iterable[tuple[str, Decimal]]) -> str:
    return " + ".join(figures.money(total, currency) for currency, total in sums)
