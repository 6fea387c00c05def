"""Proofs of concept: their plan, metrics and decisions, and what one can do with one."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.enums import ActionVariant

from crm.accounts.models import User
from crm.web import dialogs
from crm.web.acting import acting_user
from crm.web.admin import OperationAdmin
from crm.web.dialogs import DialogForm
from crm.web.labels import Tones
from crm.web.scoping import ReadOnlyInline
from partners import operations
from partners.models import Poc, PocDecision, PocMetric

FIELDS = (
    "title",
    "hypothesis",
    "decision_rule",
    "planned_start_on",
    "planned_end_on",
    "credits_granted",
    "currency",
    "base_models",
)


class PocForm(forms.ModelForm[Poc]):
    """The plan of a proof."""

    class Meta:
        model = Poc
        fields = FIELDS


class MetricForm(DialogForm):
    """One success metric, agreed before the start."""

    name = forms.CharField(label=_("name"), max_length=120)
    direction = forms.ChoiceField(
        label=_("success is"), choices=PocMetric.Direction.choices
    )
    target = forms.DecimalField(label=_("target"), max_digits=24, decimal_places=6)
    unit = forms.CharField(label=_("unit"), max_length=40, required=False)
    baseline = forms.DecimalField(
        label=_("baseline"), max_digits=24, decimal_places=6, required=False
    )
    is_mandatory = forms.BooleanField(
        label=_("mandatory"), required=False, initial=True
    )


class MeasureForm(DialogForm):
    """What was measured of which metric."""

    metric = forms.ModelChoiceField(
        label=_("metric"), queryset=PocMetric.objects.none()
    )
    measured = forms.DecimalField(label=_("measured"), max_digits=24, decimal_places=6)
    on = forms.DateField(label=_("measured on"), widget=forms.DateInput)

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        metrics: Any = self.fields["metric"]
        metrics.queryset = PocMetric.objects.filter(poc_id=self.obj.pk).order_by("pk")
        self.fields["on"].initial = timezone.localdate()


class DecideForm(DialogForm):
    """Go or no-go, and why."""

    decision = forms.ChoiceField(
        label=_("decision"),
        choices=[
            (PocDecision.Kind.GO, PocDecision.Kind.GO.label),
            (PocDecision.Kind.NO_GO, PocDecision.Kind.NO_GO.label),
        ],
    )
    reason = forms.CharField(label=_("reason"), widget=forms.Textarea)


class ExtendForm(DialogForm):
    """Until when, and why."""

    new_end_on = forms.DateField(label=_("new end"), widget=forms.DateInput)
    reason = forms.CharField(label=_("reason"), widget=forms.Textarea)
    waiver = forms.CharField(
        label=_("executive's reason for a third time"), required=False
    )


class GiveUpForm(DialogForm):
    """Why it is given up."""

    reason = forms.CharField(label=_("reason"), widget=forms.Textarea)


class MetricInline(ReadOnlyInline[PocMetric, Poc]):
    """What success means, and what was measured."""

    model = PocMetric
    fields = (
        "name",
        "direction",
        "target",
        "unit",
        "baseline",
        "measured",
        "measured_on",
        "is_mandatory",
    )
    readonly_fields = fields
    show_change_link = False


class DecisionInline(ReadOnlyInline[PocDecision, Poc]):
    """What was decided, extensions included."""

    model = PocDecision
    fields = ("kind", "reason", "new_end_on", "by", "at")
    readonly_fields = fields
    show_change_link = False


@admin.register(Poc)
class PocAdmin(OperationAdmin[Poc]):
    """Proofs of visible cooperations; planned on the page of a cooperation."""

    form = PocForm
    list_display = (
        "title",
        "cooperation",
        "state",
        "planned_start_on",
        "planned_end_on",
        "credits_granted",
        "currency",
    )
    list_select_related = ("cooperation",)
    list_filter = (("status", ChoicesDropdownFilter),)
    search_fields = ("title", "cooperation__title")
    ordering = ("-planned_end_on", "-pk")
    inlines = (MetricInline, DecisionInline)
    actions_detail = ("agree", "begin", "measure", "decide", "extend", "give_up")
    readonly_fields = ("cooperation", "status", "started_on", "ended_on")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("title", "cooperation"),
                    ("status", "base_models"),
                    "hypothesis",
                    "decision_rule",
                    ("planned_start_on", "planned_end_on"),
                    ("started_on", "ended_on"),
                    ("credits_granted", "currency"),
                )
            },
        ),
    )

    @display(  # type: ignore[untyped-decorator]  # the theme has no types
        description=_("status"),
        label=Tones(
            {
                "running": "info",
                "go": "success",
                "no_go": "danger",
                "cancelled": "warning",
            }
        ),
    )
    def state(self, poc: Poc) -> tuple[str, str]:
        return poc.status, poc.get_status_display()

    def edit(self, *, obj: Poc, form: Any, by: User, at: datetime) -> Poc:
        values = {name: form.cleaned_data[name] for name in form.changed_data}
        return operations.edit_poc(poc=obj, values=values, by=by, at=at)

    def has_planned_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is(request, obj, Poc.Status.PLANNED)

    def has_running_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is(request, obj, Poc.Status.RUNNING)

    def has_undecided_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is(request, obj, Poc.Status.PLANNED, Poc.Status.RUNNING)

    def _is(self, request: HttpRequest, obj: Any, *states: str) -> bool:
        poc = self.row_of(request, obj)
        return (
            poc is not None
            and poc.status in states
            and self.has_change_permission(request, poc)
        )

    @dialogs.button(
        title=_("Agree a metric"), permission="planned", form=MetricForm, icon="add"
    )
    def agree(self, request: HttpRequest, poc: Poc, form: Any) -> str:
        said = form.cleaned_data
        metric = operations.Metric(
            name=said["name"],
            target=Decimal(said["target"]),
            unit=said["unit"],
            direction=said["direction"],
            baseline=said["baseline"],
            is_mandatory=said["is_mandatory"],
        )
        operations.add_metric(
            poc=poc, metric=metric, by=acting_user(request), at=timezone.now()
        )
        return now("Agreed.")

    @dialogs.button(title=_("Start"), permission="planned", icon="play_arrow")
    def begin(self, request: HttpRequest, poc: Poc, form: Any) -> str:
        operations.start_poc(poc=poc, by=acting_user(request), at=timezone.now())
        return now("It runs.")

    @dialogs.button(
        title=_("Measure"), permission="running", form=MeasureForm, icon="straighten"
    )
    def measure(self, request: HttpRequest, poc: Poc, form: Any) -> str:
        operations.measure_metric(
            metric=form.cleaned_data["metric"],
            measured=form.cleaned_data["measured"],
            on=form.cleaned_data["on"],
            by=acting_user(request),
            at=timezone.now(),
        )
        return now("Written down.")

    @dialogs.button(
        title=_("Decide"),
        permission="running",
        form=DecideForm,
        description=_("“Go” needs every mandatory metric measured."),
        icon="gavel",
        variant=ActionVariant.PRIMARY,
    )
    def decide(self, request: HttpRequest, poc: Poc, form: Any) -> str:
        operations.decide_poc(
            poc=poc, **form.said, by=acting_user(request), at=timezone.now()
        )
        return now("Decided.")

    @dialogs.button(
        title=_("Extend"), permission="running", form=ExtendForm, icon="update"
    )
    def extend(self, request: HttpRequest, poc: Poc, form: Any) -> str:
        operations.extend_poc(
            poc=poc, **form.said, by=acting_user(request), at=timezone.now()
        )
        return now("Extended.")

    @dialogs.button(
        title=_("Give up"), permission="undecided", form=GiveUpForm, icon="block"
    )
    def give_up(self, request: HttpRequest, poc: Poc, form: Any) -> str:
        operations.cancel_poc(
            poc=poc, **form.said, by=acting_user(request), at=timezone.now()
        )
        return now("Cancelled.")
