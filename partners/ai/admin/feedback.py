"""Feedback: the list with ages and owners, and the board on which it goes round."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import display

from crm.accounts.models import User
from crm.web import dialogs
from crm.web.acting import acting_user
from crm.web.board import Board, BoardAdmin, Card, Chip, Column
from crm.web.dialogs import DialogForm
from crm.web.labels import Tones
from partners.ai import operations
from partners.ai.admin.pointing import PointingForm
from partners.ai.lifecycles import FEEDBACK_RIGHTS, FEEDBACK_STEPS, FeedbackState
from partners.ai.models import Feedback, Priority
from partners.ai.operations import Answer
from partners.models import Contact

ASKS = {
    FeedbackState.OPEN: "reopen",
    FeedbackState.ACCEPTED: "",
    FeedbackState.SHIPPED: "ship",
    FeedbackState.VERIFIED: "verify",
    FeedbackState.DECLINED: "decline",
}
"""State → the dialog that asks what the step needs; accepting needs nothing."""
TONES = {Priority.BLOCKING: "red", Priority.HIGH: "amber"}
CARDS = 30
EDITABLE = ("title", "text", "topic", "priority", "owner", "raised_on")


class AcceptForm(DialogForm):
    """Who takes it; the one who accepts unless told."""

    owner = forms.ModelChoiceField(
        label=_("owner"), queryset=User.objects.none(), required=False
    )

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        field: Any = self.fields["owner"]
        people = User.objects.visible_to(acting_user(request)).filter(is_active=True)
        field.queryset = people.order_by("name", "pk")
        field.widget.choices = field.choices


class ReasonForm(DialogForm):
    """Why."""

    reason = forms.CharField(
        label=_("reason"), widget=forms.Textarea(attrs={"rows": 3})
    )


class ShipForm(PointingForm):
    """In which version."""

    obj: Feedback
    on = forms.DateField(
        label=_("on"),
        required=False,
        widget=forms.DateInput,
        help_text=_("Empty means today."),
    )

    def partner_id(self) -> int | None:
        return self.obj.scenario.cooperation.partner_id


class VerifyForm(DialogForm):
    """Who over there found that it is solved."""

    obj: Feedback
    contact = forms.ModelChoiceField(
        label=_("verified by"), queryset=Contact.objects.none(), required=False
    )
    on = forms.DateField(
        label=_("on"),
        required=False,
        widget=forms.DateInput,
        help_text=_("Empty means today."),
    )

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        field: Any = self.fields["contact"]
        rows = Contact.objects.visible_to(acting_user(request))
        partner_id = self.obj.scenario.cooperation.partner_id
        field.queryset = rows.filter(partner=partner_id).order_by("name", "pk")
        field.widget.choices = field.choices


def age_of(feedback: Feedback) -> str:
    """Return how long it waits, or how long it took, in words."""
    today = timezone.now().date()
    is_over = feedback.state in {FeedbackState.VERIFIED, FeedbackState.DECLINED}
    end = (feedback.verified_on or feedback.state_at.date()) if is_over else today
    days = (end - feedback.raised_on).days
    return ngettext("%(days)d day", "%(days)d days", days) % {"days": days}


class FeedbackSteps(BoardAdmin[Feedback]):
    """The steps of feedback as buttons, each offered to whom it belongs."""

    def _may(self, request: HttpRequest, obj: Any, to: FeedbackState) -> bool:
        if obj is None or not request.user.has_perm(FEEDBACK_RIGHTS[to]):
            return False
        sources = [state for state, steps in FEEDBACK_STEPS.items() if to in steps]
        key = getattr(obj, "pk", obj)
        return Feedback.objects.filter(pk=key, state__in=sources).exists()

    def has_accepting_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, obj, FeedbackState.ACCEPTED)

    def has_declining_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, obj, FeedbackState.DECLINED)

    def has_shipping_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, obj, FeedbackState.SHIPPED)

    def has_verifying_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, obj, FeedbackState.VERIFIED)

    def has_reopening_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, obj, FeedbackState.OPEN)

    @dialogs.button(
        title=_("Accept"), permission="accepting", form=AcceptForm, icon="thumb_up"
    )
    def accept(self, request: HttpRequest, feedback: Feedback, form: Any) -> str:
        answer = Answer(owner=form.cleaned_data["owner"])
        return _moved(request, feedback, FeedbackState.ACCEPTED, answer)

    @dialogs.button(
        title=_("Decline"), permission="declining", form=ReasonForm, icon="thumb_down"
    )
    def decline(self, request: HttpRequest, feedback: Feedback, form: Any) -> str:
        answer = Answer(reason=form.cleaned_data["reason"])
        return _moved(request, feedback, FeedbackState.DECLINED, answer)

    @dialogs.button(
        title=_("Ship"),
        permission="shipping",
        form=ShipForm,
        description=_("The version that brings what was asked for."),
        icon="rocket_launch",
    )
    def ship(self, request: HttpRequest, feedback: Feedback, form: Any) -> str:
        said = form.cleaned_data
        answer = Answer(model=said["model"], on=said["on"])
        return _moved(request, feedback, FeedbackState.SHIPPED, answer)

    @dialogs.button(
        title=_("Verify"),
        permission="verifying",
        form=VerifyForm,
        description=_("The partner has seen that it is solved."),
        icon="verified",
    )
    def verify(self, request: HttpRequest, feedback: Feedback, form: Any) -> str:
        said = form.cleaned_data
        answer = Answer(contact=said["contact"], on=said["on"])
        return _moved(request, feedback, FeedbackState.VERIFIED, answer)

    @dialogs.button(
        title=_("Reopen"), permission="reopening", form=ReasonForm, icon="undo"
    )
    def reopen(self, request: HttpRequest, feedback: Feedback, form: Any) -> str:
        answer = Answer(reason=form.cleaned_data["reason"])
        return _moved(request, feedback, FeedbackState.OPEN, answer)


@admin.register(Feedback)
class FeedbackAdmin(FeedbackSteps):
    """Feedback of visible partners; its state moves by buttons and on the board."""

    board_permission = "moving"
    list_display = (
        "title", "partner_name", "model_name", "priority_label", "state_label", "age",
        "owner", "raised_on",
    )  # fmt: skip
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ("priority", ChoicesDropdownFilter),
        ("topic", ChoicesDropdownFilter),
        ("owner", RelatedDropdownFilter),
    )
    search_fields = ("title", "scenario__title")
    ordering = ("-priority", "raised_on", "pk")
    autocomplete_fields = ("owner",)
    readonly_fields = ("scenario", "base", "derived", "state", "reason")
    actions_list = ("open_board",)
    actions_detail = ("accept", "ship", "verify", "decline", "reopen")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("title", "scenario"),
                    ("base", "derived"),
                    ("topic", "priority"),
                    ("owner", "raised_on"),
                    "text",
                    ("state", "reason"),
                )
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Feedback]:
        rows: Any = super().get_queryset(request)
        return rows.with_names()  # type: ignore[no-any-return]  # its own kind of rows

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @display(description=_("partner"))  # type: ignore[untyped-decorator]  # the theme has no types
    def partner_name(self, feedback: Feedback) -> str:
        return str(feedback.scenario.cooperation.partner)

    @display(description=_("model"))  # type: ignore[untyped-decorator]  # the theme has no types
    def model_name(self, feedback: Feedback) -> str:
        return str(feedback.base or feedback.derived)

    @display(  # type: ignore[untyped-decorator]  # the theme has no types
        description=_("priority"),
        ordering="priority",
        label=Tones({"4": "danger", "3": "warning", "2": "info"}),
    )
    def priority_label(self, feedback: Feedback) -> tuple[str, str]:
        return str(feedback.priority), feedback.get_priority_display()

    @display(  # type: ignore[untyped-decorator]  # the theme has no types
        description=_("state"),
        ordering="state",
        label=Tones({"verified": "success", "shipped": "info", "declined": "danger"}),
    )
    def state_label(self, feedback: Feedback) -> tuple[str, str]:
        return feedback.state, feedback.get_state_display()

    @display(description=_("age"), ordering="raised_on")  # type: ignore[untyped-decorator]  # the theme has no types
    def age(self, feedback: Feedback) -> str:
        return age_of(feedback)

    def edit(self, *, obj: Feedback, form: Any, by: User, at: datetime) -> Feedback:
        values = {name: form.cleaned_data[name] for name in EDITABLE}
        return operations.edit_feedback(feedback=obj, values=values, by=by, at=at)

    # --- the board

    def has_moving_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return any(request.user.has_perm(right) for right in FEEDBACK_RIGHTS.values())

    def board(self, request: HttpRequest) -> Board:
        whose = request.GET.get("of", "")
        rows = self.get_queryset(request)
        if whose == "me":
            rows = rows.filter(owner=acting_user(request))
        counts = dict(rows.order_by().values_list("state").annotate(count=Count("pk")))
        url = self.board_url()
        return Board(
            title=gettext("Feedback"),
            columns=tuple(
                self._column(request, state, rows, counts.get(state, 0))
                for state in FeedbackState
            ),
            chips=(
                Chip(title=gettext("All"), url=url, is_current=not whose),
                Chip(
                    title=gettext("Mine"), url=f"{url}?of=me", is_current=whose == "me"
                ),
            ),
        )

    def _column(
        self,
        request: HttpRequest,
        state: FeedbackState,
        rows: QuerySet[Feedback],
        count: int,
    ) -> Column:
        found = rows.filter(state=state).order_by("-priority", "raised_on", "pk")
        more = f"{self.address_of('changelist')}?state__exact={state.value}"
        return Column(
            key=state.value,
            title=state.label,
            count=count,
            cards=tuple(
                self._card(request, each) for each in (found[:CARDS] if count else ())
            ),
            more_url=more,
        )

    def _card(self, request: HttpRequest, feedback: Feedback) -> Card:
        steps = FEEDBACK_STEPS[feedback.state]
        owner = feedback.owner or gettext("nobody yet")
        shipped = feedback.shipped_base or feedback.shipped_derived
        about = feedback.base or feedback.derived
        lines = [
            str(feedback.scenario.cooperation.partner),
            f"{about} → {shipped}" if shipped else str(about),
            f"{age_of(feedback)} · {owner}",
        ]
        return Card(
            key=feedback.pk,
            version=feedback.version,
            title=feedback.title,
            url=self.address_of("change", feedback.pk),
            lines=tuple(lines),
            badge=feedback.get_priority_display(),
            tone=TONES.get(Priority(feedback.priority), ""),
            moves={
                step.value: ASKS[step]
                for step in steps
                if request.user.has_perm(FEEDBACK_RIGHTS[step])
            },
        )

    def move_card(
        self, *, obj: Feedback, to: str, version: int, by: User, at: datetime
    ) -> str:
        moved = operations.move_feedback(
            feedback=obj, to=to, expected_version=version, by=by, at=at
        )
        return gettext("It is in “%(state)s” now.") % {
            "state": moved.get_state_display()
        }


def _moved(
    request: HttpRequest, feedback: Feedback, to: FeedbackState, answer: Answer
) -> str:
    moved = operations.move_feedback(
        feedback=feedback,
        to=to,
        answer=answer,
        by=acting_user(request),
        at=timezone.now(),
    )
    return gettext("It is in “%(state)s” now.") % {"state": moved.get_state_display()}
