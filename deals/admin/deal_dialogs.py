"""What one can do with a deal: move, win, lose, reopen, override, sell, credit."""

from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from crm.web import dialogs
from crm.web.acting import acting_user
from crm.web.admin import OperationAdmin
from crm.web.dialogs import DialogForm
from deals import pipeline
from deals.forms import typed
from deals.models import AttributionCredit, Deal, DealLine
from deals.operations import lines, stages
from deals.operations.lines import Line
from deals.operations.stages import Closing
from deals.pipeline import (
    CreditKind,
    DealStage,
    ForecastCategory,
    LostReason,
    WonReason,
)
from partners.forms import choices_of
from partners.models import Partner

AREA = {"rows": 2}
SEEN = "deals.deal_seen"


class MoveForm(DialogForm):
    """Where to."""

    to = forms.ChoiceField(
        label=_("to"), choices=[(stage.value, stage.label) for stage in pipeline.OPEN]
    )
    reason = forms.CharField(label=_("note"), required=False)


class WinForm(DialogForm):
    """Why it was won, and when."""

    won_reason = forms.ChoiceField(label=_("won because"), choices=WonReason.choices)
    closed_on = forms.DateField(
        label=_("closed on"),
        required=False,
        widget=forms.DateInput,
        help_text=_("Today when empty."),
    )
    note = forms.CharField(
        label=_("note"), required=False, widget=forms.Textarea(attrs=AREA)
    )


class LoseForm(DialogForm):
    """Why it was lost, to whom, and when."""

    lost_reason = forms.ChoiceField(
        label=_("lost because"), choices=choices_of(LostReason.choices)
    )
    competitor = forms.CharField(label=_("competitor"), required=False, max_length=120)
    closed_on = forms.DateField(
        label=_("closed on"),
        required=False,
        widget=forms.DateInput,
        help_text=_("Today when empty."),
    )
    note = forms.CharField(
        label=_("note"), required=False, widget=forms.Textarea(attrs=AREA)
    )


class ReasonForm(DialogForm):
    """Why."""

    reason = forms.CharField(label=_("reason"), widget=forms.Textarea(attrs=AREA))


class OverrideForm(ReasonForm):
    """How surely it comes, against its stage."""

    probability = forms.IntegerField(
        label=_("probability"),
        required=False,
        min_value=0,
        max_value=100,
        help_text=_("Percent; empty leaves it."),
    )
    category = forms.ChoiceField(
        label=_("forecast category"),
        required=False,
        choices=choices_of(
            [c for c in ForecastCategory.choices if c[0] != ForecastCategory.CLOSED]
        ),
    )
    field_order = ("probability", "category", "reason")


class LineForm(DialogForm):
    """One thing that is sold."""

    product = forms.CharField(label=_("product"), max_length=200)
    service_category = forms.CharField(
        label=_("service category"), required=False, max_length=80
    )
    quantity = forms.DecimalField(
        label=_("quantity"), max_digits=20, decimal_places=4, initial=Decimal(1)
    )
    unit = forms.CharField(label=_("unit"), required=False, max_length=40)
    unit_price = forms.DecimalField(
        label=_("unit price"), max_digits=20, decimal_places=6
    )


class RemoveLineForm(DialogForm):
    """Which line goes."""

    line = forms.ModelChoiceField(label=_("line"), queryset=DealLine.objects.none())

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        rows = DealLine.objects.filter(deal=self.obj.pk).order_by("position")
        self.fields["line"].queryset = rows


class CreditForm(DialogForm):
    """Whom it is credited to."""

    partner = forms.ModelChoiceField(
        label=_("partner"), queryset=Partner.objects.none()
    )
    kind = forms.ChoiceField(label=_("kind"), choices=CreditKind.choices)
    percent = forms.DecimalField(
        label=_("percent"), max_digits=5, decimal_places=2, max_value=100
    )
    evidence = forms.CharField(label=_("evidence"), widget=forms.Textarea(attrs=AREA))

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        rows = Partner.objects.live().visible_to(acting_user(request))
        self.fields["partner"].queryset = rows.order_by("display_name", "pk")


class WithdrawForm(ReasonForm):
    """Which credit is taken back."""

    credit = forms.ModelChoiceField(
        label=_("attribution"), queryset=AttributionCredit.objects.none()
    )
    field_order = ("credit", "reason")

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        rows = AttributionCredit.objects.filter(deal=self.obj.pk)
        self.fields["credit"].queryset = rows.select_related("partner").order_by("pk")


class DealStates(OperationAdmin[Deal]):
    """Where each button of a deal's page makes sense, and for whom."""

    def has_open_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is_open(request, obj) and self.may_change(request)

    def has_committed_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        deal = self._seen(request, obj)
        is_due = deal is not None and deal.stage == DealStage.COMMITTED
        return is_due and self.may_change(request)

    def has_reopen_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        deal = self._seen(request, obj)
        is_closed = deal is not None and not deal.is_open
        return is_closed and request.user.has_perm("deals.reopen_deal")

    def has_override_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may_override = request.user.has_perm("deals.override_deal")
        return self._is_open(request, obj) and may_override

    def has_overridden_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        deal = self._seen(request, obj)
        is_overridden = deal is not None and deal.is_overridden
        return is_overridden and request.user.has_perm("deals.override_deal")

    def has_lined_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        deal = self._seen(request, obj)
        has_lines = bool(getattr(deal, "has_lines", False))
        return has_lines and self.has_open_permission(request, obj)

    def has_credited_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        deal = self._seen(request, obj)
        has_credits = bool(getattr(deal, "has_credits", False))
        return has_credits and self.has_open_permission(request, obj)

    def may_change(self, request: HttpRequest) -> bool:
        """Tell whether the person may change deals at all."""
        return request.user.has_perm("deals.change_deal")

    def _is_open(self, request: HttpRequest, obj: Any) -> bool:
        deal = self._seen(request, obj)
        return deal is not None and deal.is_open

    def _seen(self, request: HttpRequest, obj: Any) -> Deal | None:
        """Return the deal the buttons are about, with what they ask; one query a page."""
        key = getattr(obj, "pk", obj)
        if key is None:
            return None
        known: dict[Any, Deal | None] = request.META.setdefault(SEEN, {})
        if str(key) not in known:
            known[str(key)] = (
                Deal.objects.visible_to(acting_user(request))
                .annotate(
                    has_lines=Exists(DealLine.objects.filter(deal=OuterRef("pk"))),
                    has_credits=Exists(
                        AttributionCredit.objects.filter(deal=OuterRef("pk"))
                    ),
                )
                .filter(pk=key)
                .first()
            )
        return known[str(key)]


class DealParts(DealStates):
    """Buttons for what a deal sells and to whose credit."""

    @dialogs.button(
        title=_("Add line"), permission="open", form=LineForm, icon="playlist_add"
    )
    def add_line(self, request: HttpRequest, deal: Deal, form: Any) -> str:
        lines.add_line(
            deal=deal,
            line=Line(**typed(form)),
            by=acting_user(request),
            at=timezone.now(),
        )
        return gettext("The amount is the sum of the lines.")

    @dialogs.button(
        title=_("Remove line"),
        permission="lined",
        form=RemoveLineForm,
        icon="playlist_remove",
    )
    def remove_line(self, request: HttpRequest, deal: Deal, form: Any) -> str:
        lines.remove_line(
            line=form.cleaned_data["line"],
            by=acting_user(request),
            at=timezone.now(),
        )
        return gettext("Removed.")

    @dialogs.button(
        title=_("Credit"), permission="open", form=CreditForm, icon="person_add"
    )
    def credit(self, request: HttpRequest, deal: Deal, form: Any) -> str:
        lines.give_credit(
            deal=deal,
            by=acting_user(request),
            at=timezone.now(),
            **typed(form),
        )
        return gettext("Credited.")

    @dialogs.button(
        title=_("Withdraw credit"),
        permission="credited",
        form=WithdrawForm,
        icon="person_remove",
    )
    def withdraw_credit(self, request: HttpRequest, deal: Deal, form: Any) -> str:
        lines.withdraw_credit(
            credit=form.cleaned_data["credit"],
            reason=form.cleaned_data["reason"],
            by=acting_user(request),
            at=timezone.now(),
        )
        return gettext("Withdrawn.")


class DealDialogs(DealParts):
    """Buttons that move a deal, end it, or say how surely it comes."""

    @dialogs.button(
        title=_("Move"),
        permission="open",
        form=MoveForm,
        description=_("The stage brings its probability; an override ends."),
        icon="stairs",
        variant=ActionVariant.PRIMARY,
    )
    def move(self, request: HttpRequest, deal: Deal, form: Any) -> str:
        moved = stages.move_deal(
            deal=deal,
            to=form.cleaned_data["to"],
            by=acting_user(request),
            at=timezone.now(),
            reason=form.cleaned_data["reason"],
        )
        return gettext("It is in “%(stage)s” now.") % {
            "stage": moved.get_stage_display()
        }

    @dialogs.button(
        title=_("Win"),
        permission="committed",
        form=WinForm,
        description=_("Needs an amount and an agreement signed by both sides."),
        icon="trophy",
    )
    def win(self, request: HttpRequest, deal: Deal, form: Any) -> str:
        said = form.cleaned_data
        stages.win_deal(
            deal=deal,
            closing=Closing(
                reason=said["won_reason"],
                closed_on=said["closed_on"],
                note=said["note"],
            ),
            by=acting_user(request),
            at=timezone.now(),
        )
        return gettext("Won.")

    @dialogs.button(title=_("Lose"), permission="open", form=LoseForm, icon="block")
    def lose(self, request: HttpRequest, deal: Deal, form: Any) -> str:
        said = form.cleaned_data
        stages.lose_deal(
            deal=deal,
            closing=Closing(
                reason=said["lost_reason"],
                closed_on=said["closed_on"],
                competitor=said["competitor"],
                note=said["note"],
            ),
            by=acting_user(request),
            at=timezone.now(),
        )
        return gettext("Lost; the reason is kept.")

    @dialogs.button(
        title=_("Reopen"), permission="reopen", form=ReasonForm, icon="undo"
    )
    def reopen(self, request: HttpRequest, deal: Deal, form: Any) -> str:
        again = stages.reopen_deal(
            deal=deal,
            by=acting_user(request),
            at=timezone.now(),
            reason=form.cleaned_data["reason"],
        )
        return gettext("It is in “%(stage)s” again.") % {
            "stage": again.get_stage_display()
        }

    @dialogs.button(
        title=_("Override forecast"),
        permission="override",
        form=OverrideForm,
        description=_("Carries your name and ends with the next move."),
        icon="tune",
    )
    def override(self, request: HttpRequest, deal: Deal, form: Any) -> str:
        stages.override_forecast(
            deal=deal,
            probability=form.cleaned_data["probability"],
            category=form.cleaned_data["category"],
            reason=form.cleaned_data["reason"],
            by=acting_user(request),
            at=timezone.now(),
        )
        return gettext("Overridden until its next move.")

    @dialogs.button(
        title=_("End override"), permission="overridden", icon="restart_alt"
    )
    def end_override(self, request: HttpRequest, deal: Deal, form: Any) -> str:
        stages.end_override(deal=deal, by=acting_user(request), at=timezone.now())
        return gettext("Its stage counts again.")
