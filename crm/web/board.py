"""Boards: cards in columns, moved by drag and drop, by keyboard or by a menu, always through one operation.

    class FeedbackAdmin(BoardAdmin[Feedback]):
        actions_list = ("open_board",)          # the button on the list; the menu links
        board_permission = "ai.move_feedback"   # to "admin:ai_feedback_board"

        def board(self, request):               # one query per shape, cards counted
            return Board(
                title=_("Feedback"),
                columns=(
                    Column(
                        key="open", title=_("Open"), count=1,
                        cards=(
                            Card(
                                key=7, version=3, title="Too slow", url="…/7/change/",
                                lines=("BMW", "12 days"), badge="red", tone="red",
                                moves={"accepted": "", "declined": "decline"},
                            ),
                        ),
                    ),
                ),
            )

        def move_card(self, *, obj, to, version, by, at):   # one operation
            operations.move_feedback(
                feedback=obj, to=to, expected_version=version, by=by, at=at
            )
            return _("It is in “%(column)s” now.") % {…}

`Card.moves` says where a card may go: column → "" (at once) or the name of a dialog of this page
(`dialogs.button` in `actions_detail`) that asks for more first; it is opened with `?from=board&to=COLUMN`,
fields named in the address are filled in, and it comes back to the board. A refusal puts the card back and
says why; after a move the whole board is drawn anew by the server. Without scripts the menu posts a form.
"""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from crm.core.errors import DomainError
from crm.web import dialogs
from crm.web.acting import acting_user
from crm.web.admin import OperationAdmin
from crm.web.refusals import lines_of, tell

if TYPE_CHECKING:
    from crm.accounts.models import User

M = TypeVar("M", bound=models.Model)
Text = str | Promise


@dataclass(frozen=True, kw_only=True)
class Card:
    """One row on the board.

    :ivar tone: colour of the badge: `green`, `amber`, `red` or nothing.
    :ivar moves: column → "" or the dialog that asks for more; other columns refuse it.
    """

    key: int
    version: int
    title: Text
    url: str
    lines: tuple[Text, ...] = ()
    badge: Text = ""
    tone: str = ""
    moves: Mapping[str, str] = field(default_factory=dict)
    steps: tuple["Step", ...] = ()
    """Filled in by the kit: `moves` with titles and addresses."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One way a card can go, as the menu offers it; without a dialog it is posted."""

    to: str
    title: Text
    value: str
    dialog_url: str = ""


@dataclass(frozen=True, kw_only=True)
class Column:
    """One state; `count` is how many rows are in it, more than cards where cut off."""

    key: str
    title: Text
    cards: tuple[Card, ...]
    count: int
    summary: Text = ""
    more_url: str = ""

    @property
    def is_cut(self) -> bool:
        return self.count > len(self.cards)


@dataclass(frozen=True, kw_only=True)
class Chip:
    """A link above the board that narrows it."""

    title: Text
    url: str
    is_current: bool = False


@dataclass(frozen=True, kw_only=True)
class Board:
    """What one page shows."""

    title: Text
    columns: tuple[Column, ...]
    chips: tuple[Chip, ...] = ()


class BoardAdmin(OperationAdmin[M]):
    """Adds a board to the pages of a model."""

    board_permission: ClassVar[str] = "change"
    """What moving needs: "app.codename", or the X of a method `has_X_permission`."""
    board_keeps_refusals: ClassVar[bool] = False
    """For an operation that writes down why it refused and cares for transactions itself."""

    def board(self, request: HttpRequest) -> Board:
        """Return the columns with their cards, of rows this person may see."""
        raise NotImplementedError

    def move_card(
        self, *, obj: M, to: str, version: int, by: "User", at: datetime
    ) -> Text:
        """Call the operation that moves a row; return what to say."""
        raise NotImplementedError

    # --- the page

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_board"
        view = self.admin_site.admin_view(self.board_view)
        return [path("board/", view, name=name), *super().get_urls()]

    def board_url(self) -> str:
        """Return the address of the board."""
        return self.address_of("board")

    @action(description=_("Board"), permissions=["view"], icon="view_kanban")  # type: ignore[untyped-decorator]  # the theme has no types
    def open_board(self, request: HttpRequest) -> HttpResponse:
        """Lead from the list to the board."""
        return HttpResponseRedirect(self.board_url())

    def board_view(self, request: HttpRequest) -> HttpResponse:
        """Show the board; on POST move one card."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            return self._moved(request)
        context = {
            **self.admin_site.each_context(request),
            **self._shown(request),
            "opts": self.opts,
            "is_fullwidth": True,
        }
        return TemplateResponse(request, "web/board_page.html", context)

    def _shown(self, request: HttpRequest) -> dict[str, Any]:
        board = self.board(request)
        titles = {column.key: column.title for column in board.columns}
        may_move = self._may_move(request)
        columns = tuple(
            replace(
                column,
                cards=tuple(
                    self._with_steps(card, titles) if may_move else card
                    for card in column.cards
                ),
            )
            for column in board.columns
        )
        return {
            "board": replace(board, columns=columns),
            "title": board.title,
            "may_move": may_move,
            "list_url": self.address_of("changelist"),
        }

    def _with_steps(self, card: Card, titles: Mapping[str, Text]) -> Card:
        steps = tuple(
            Step(
                to=to,
                title=titles[to],
                value=f"{card.key}:{card.version}:{to}",
                dialog_url=self._dialog_url(card, to, dialog),
            )
            for to, dialog in card.moves.items()
            if to in titles
        )
        return replace(card, steps=steps)

    def _dialog_url(self, card: Card, to: str, dialog: str) -> str:
        if not dialog:
            return ""
        url = self.address_of(dialog, card.key)
        return f"{url}?from={dialogs.FROM_BOARD}&to={to}"

    def _may_move(self, request: HttpRequest) -> bool:
        permission = self.board_permission
        if "." in permission:
            return request.user.has_perm(permission)
        return bool(getattr(self, f"has_{permission}_permission")(request))

    # --- a move

    def _moved(self, request: HttpRequest) -> HttpResponse:
        key, version, to = _asked(request)
        obj: Any = dialogs.row_or_refuse(self, request, key, self.board_permission)
        try:
            with nullcontext() if self.board_keeps_refusals else transaction.atomic():
                said = self.move_card(
                    obj=obj,
                    to=to,
                    version=version,
                    by=acting_user(request),
                    at=timezone.now(),
                )
        except DomainError as refusal:
            return self._refused(request, refusal)
        if not _wants_json(request):
            messages.success(request, str(said))
            return HttpResponseRedirect(request.get_full_path())
        html = render_to_string("web/board.html", self._shown(request), request)
        return JsonResponse({"text": str(said), "board": html})

    def _refused(self, request: HttpRequest, refusal: DomainError) -> HttpResponse:
        if _wants_json(request):
            return JsonResponse({"text": "\n".join(lines_of(refusal))}, status=409)
        tell(request, refusal)
        return HttpResponseRedirect(request.get_full_path())


def _asked(request: HttpRequest) -> tuple[str, int, str]:
    """Return which row, of which version, goes to which column.

    :raises BadRequest: when the form says something else.
    """
    key, _colon, rest = request.POST.get("move", "").partition(":")
    version, _colon, to = rest.partition(":")
    if not (key.isdecimal() and version.isdecimal() and to):
        raise BadRequest("move must be KEY:VERSION:COLUMN")
    return key, int(version), to


def _wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "") == "application/json"
