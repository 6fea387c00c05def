"""What one can do with a cooperation: move, approve, waive, hold, confirm, reopen."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from crm.web import dialogs
from crm.web.acting import acting_user
from crm.web.admin import OperationAdmin
from crm.web.dialogs import DialogForm
from partners import operations, stages
from partners.forms import choices_of
from partners.models import Cooperation
from partners.queries import gates_of
from partners.queries.ladder import Gate
from partners.stages import ClosedReason, MoveKind, Role, Stage


class GateForm(DialogForm):
    """The steps that are open, and what each still needs."""

    to = forms.ChoiceField(label=_("to"))
    kinds: tuple[str, ...] = tuple(kind for kind in MoveKind if kind != "confirm")

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        cooperation = Cooperation.objects.with_stage().get(pk=self.obj.pk)
        gates = gates_of(
            cooperation=cooperation, by=acting_user(request), at=timezone.now()
        )
        self.gates = [gate for gate in gates if gate.rule.kind in self.kinds]
        field = self.fields["to"]
        field.choices = [(g.rule.target_id, _label(g)) for g in self.gates]
        field.widget.choices = field.choices
        self.fill()

    def fill(self) -> None:
        """Let a subclass put its own choices in."""


class MoveForm(GateForm):
    """A step of the ladder; the closing fields are for the steps that end it."""

    reason = forms.CharField(
        label=_("reason"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Needed for stepping back, ending early and reopening."),
    )
    closed_reason = forms.ChoiceField(
        label=_("it ends because"),
        required=False,
        choices=choices_of(ClosedReason.choices),
    )
    competitor = forms.CharField(label=_("competitor"), required=False)
    lessons = forms.CharField(
        label=_("lessons, or closing review"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    settlement = forms.CharField(
        label=_("what became of open commitments"), required=False
    )
    handed_over_on = forms.DateField(
        label=_("assets and models handed over on"),
        required=False,
        widget=forms.DateInput,
    )

    def closing(self) -> operations.Closing | None:
        """Return what is said at the end; None for a step that goes on."""
        said = self.cleaned_data
        if not said["closed_reason"]:
            return None
        return operations.Closing(
            reason=said["closed_reason"],
            lessons=said["lessons"],
            closing_review=said["lessons"],
            competitor=said["competitor"],
            commitments_settlement=said["settlement"],
            handed_over_on=said["handed_over_on"],
        )


class ApproveForm(GateForm):
    """A yes to one step, in one role."""

    role = forms.ChoiceField(label=_("as"), choices=Role.choices)
    comment = forms.CharField(label=_("comment"), required=False)


class WaiveForm(GateForm):
    """Which criterion of a step is let off, and why."""

    criterion = forms.ChoiceField(label=_("criterion"))
    reason = forms.CharField(label=_("reason"), widget=forms.Textarea)

    def fill(self) -> None:
        looks = {
            look.code: look.in_words
            for gate in self.gates
            for look in gate.looks
            if look.may_be_waived and not look.is_through
        }
        field = self.fields["criterion"]
        field.choices = list(looks.items())
        field.widget.choices = field.choices


class ReasonForm(DialogForm):
    """Why."""

    reason = forms.CharField(label=_("reason"), widget=forms.Textarea)


def _label(gate: Gate) -> str:
    stage = str(gate.rule.target)
    kind = stages.MoveKind(gate.rule.kind).label
    if gate.is_open:
        return now("%(stage)s (%(kind)s): nothing is missing") % {
            "stage": stage,
            "kind": kind,
        }
    return now("%(stage)s (%(kind)s): %(count)d missing") % {
        "stage": stage,
        "kind": kind,
        "count": len(gate.missing),
    }


class CooperationDialogs(OperationAdmin[Cooperation]):
    """The buttons of a cooperation's page, each offered where it makes sense."""

    def has_held_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is(request, obj, lambda row: row.on_hold_since is not None)

    def has_running_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is(
            request,
            obj,
            lambda row: row.on_hold_since is None and row.closed_at is None,
        )

    def has_unconfirmed_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is(
            request,
            obj,
            lambda row: row.stage_id == Stage.PRODUCTION and row.confirmed_at is None,
        )

    def _is(
        self, request: HttpRequest, obj: Any, state: Callable[[Cooperation], bool]
    ) -> bool:
        row = self.row_of(request, obj)
        return (
            row is not None and self.has_change_permission(request, row) and state(row)
        )

    @dialogs.button(
        title=_("Move"),
        permission="partners.add_stagetransition",
        form=MoveForm,
        description=_("Every criterion of the gate is looked at now and written down."),
        icon="stairs",
        variant=ActionVariant.PRIMARY,
        keeps_refusals=True,
    )
    def move(self, request: HttpRequest, cooperation: Cooperation, form: Any) -> str:
        moved = operations.move_stage(
            cooperation=cooperation,
            to=form.cleaned_data["to"],
            by=acting_user(request),
            at=timezone.now(),
            reason=form.cleaned_data["reason"],
            closing=form.closing(),
        )
        return now("It is in “%(stage)s” now.") % {"stage": moved.stage}

    @dialogs.button(
        title=_("Approve"),
        permission="view",
        form=ApproveForm,
        description=_("Your yes counts for this stay in the stage only."),
        icon="approval",
    )
    def approve(self, request: HttpRequest, cooperation: Cooperation, form: Any) -> str:
        operations.approve_step(
            cooperation=cooperation,
            to=form.cleaned_data["to"],
            role=form.cleaned_data["role"],
            by=acting_user(request),
            at=timezone.now(),
            comment=form.cleaned_data["comment"],
        )
        return now("Approved.")

    @dialogs.button(
        title=_("Waive"),
        permission="view",
        form=WaiveForm,
        description=_("The failed check stays on record beside the waiver."),
        icon="gavel",
    )
    def waive(self, request: HttpRequest, cooperation: Cooperation, form: Any) -> str:
        operations.waive_criterion(
            cooperation=cooperation,
            to=form.cleaned_data["to"],
            criterion=form.cleaned_data["criterion"],
            by=acting_user(request),
            at=timezone.now(),
            reason=form.cleaned_data["reason"],
        )
        return now("Waived.")

    @dialogs.button(
        title=_("Put on hold"), permission="running", form=ReasonForm, icon="pause"
    )
    def hold(self, request: HttpRequest, cooperation: Cooperation, form: Any) -> str:
        operations.put_on_hold(
            cooperation=cooperation,
            by=acting_user(request),
            at=timezone.now(),
            reason=form.cleaned_data["reason"],
        )
        return now("On hold; its clock rests.")

    @dialogs.button(title=_("Resume"), permission="held", icon="play_arrow")
    def resume(self, request: HttpRequest, cooperation: Cooperation, form: Any) -> str:
        operations.resume(
            cooperation=cooperation, by=acting_user(request), at=timezone.now()
        )
        return now("It goes on.")

    @dialogs.button(
        title=_("Confirm stage"),
        permission="unconfirmed",
        description=_("Production is confirmed by steady usage."),
        icon="verified",
        keeps_refusals=True,
    )
    def confirm(self, request: HttpRequest, cooperation: Cooperation, form: Any) -> str:
        operations.confirm_stage(
            cooperation=cooperation, by=acting_user(request), at=timezone.now()
        )
        return now("Confirmed.")
