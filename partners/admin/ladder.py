"""The ladder: days of stages, steps and their gates; each change of a step is a new version."""

import json
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.enums import ActionVariant

from crm.accounts.models import User
from crm.web import dialogs
from crm.web.acting import acting_user
from crm.web.admin import OperationAdmin
from crm.web.dialogs import DialogForm
from crm.web.scoping import ReadOnlyInline
from partners import gates, operations
from partners.forms import choices_of
from partners.models import GateCriterion, StageDefinition, StageTransitionRule
from partners.operations import Criterion
from partners.stages import Role

STAGE_FIELDS = (
    "name",
    "meaning",
    "expected_days",
    "warning_days",
    "confirm_within_days",
    "co_sell_stage",
)


class StageForm(forms.ModelForm[StageDefinition]):
    """A stage; code and place stay."""

    class Meta:
        model = StageDefinition
        fields = STAGE_FIELDS


@admin.register(StageDefinition)
class StageDefinitionAdmin(OperationAdmin[StageDefinition]):
    """The stages in their order, with the days they are expected to take."""

    visible_to_all = True
    form = StageForm
    list_display = (
        "order",
        "name",
        "stage_type",
        "expected_days",
        "warning_days",
        "confirm_within_days",
        "co_sell_stage",
    )
    list_display_links = ("name",)
    search_fields = ("name", "code")
    ordering = ("order",)
    readonly_fields = ("code", "order", "stage_type")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("name", "code"),
                    ("order", "stage_type"),
                    "meaning",
                    ("expected_days", "warning_days"),
                    ("confirm_within_days", "co_sell_stage"),
                )
            },
        ),
    )

    def edit(
        self, *, obj: StageDefinition, form: Any, by: User, at: datetime
    ) -> StageDefinition:
        return operations.edit_stage(stage=obj, values=form.cleaned_data, by=by, at=at)


class RuleForm(DialogForm):
    """What the next version of a step says."""

    approver_roles = forms.MultipleChoiceField(
        label=_("approvers"),
        choices=Role.choices,
        required=False,
        help_text=_("Each of these roles has to approve."),
    )
    needs_reason = forms.BooleanField(label=_("needs a reason"), required=False)
    within_days = forms.IntegerField(
        label=_("within days"), required=False, min_value=1
    )

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        for name in ("approver_roles", "needs_reason", "within_days"):
            self.fields[name].initial = getattr(self.obj, name)


class CriterionForm(DialogForm):
    """One thing a gate is to ask for; a known code replaces what it asks now."""

    code = forms.SlugField(
        label=_("code"),
        max_length=60,
        help_text=_("The code of a criterion that is there changes it."),
    )
    label = forms.CharField(label=_("label"), max_length=200)
    kind = forms.ChoiceField(label=_("kind of evidence"))
    parameters = forms.JSONField(
        label=_("parameters"),
        required=False,
        initial=dict,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_('As JSON: {"fields": ["business_problem"], "min_length": 20}'),
    )
    waiver_role = forms.ChoiceField(
        label=_("waived by"), required=False, choices=choices_of(Role.choices)
    )

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        kinds = [(kind.code, str(kind.name)) for kind in gates.kinds()]
        field: Any = self.fields["kind"]
        field.choices = field.widget.choices = kinds

    def criterion(self) -> Criterion:
        """Return what was asked, as operations take it."""
        said = self.said
        return Criterion(**{**said, "parameters": said["parameters"] or {}})


class LetGoForm(DialogForm):
    """Which criterion is asked no more."""

    criterion = forms.ModelChoiceField(
        label=_("criterion"), queryset=GateCriterion.objects.none()
    )

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        field: Any = self.fields["criterion"]
        field.queryset = GateCriterion.objects.filter(rule_id=self.obj.pk).order_by(
            "order"
        )


class CriterionInline(ReadOnlyInline[GateCriterion, StageTransitionRule]):
    """What the gate asks for."""

    model = GateCriterion
    fields = ("code", "label", "kind", "said", "is_waivable", "waiver_role")
    readonly_fields = fields
    ordering = ("order",)
    show_change_link = False

    @admin.display(description=_("parameters"))
    def said(self, criterion: GateCriterion) -> str:
        return json.dumps(criterion.parameters, ensure_ascii=False)


@admin.register(StageTransitionRule)
class StageTransitionRuleAdmin(OperationAdmin[StageTransitionRule]):
    """Steps in force; a change puts the next version in force."""

    visible_to_all = True
    list_display = (
        "source",
        "target",
        "kind",
        "approvers",
        "needs_reason",
        "version",
    )
    list_display_links = ("source", "target")
    list_select_related = ("source", "target")
    list_filter = (
        ("source", RelatedDropdownFilter),
        ("kind", ChoicesDropdownFilter),
        ("retired_at", admin.EmptyFieldListFilter),
    )
    ordering = ("source__order", "target__order", "-version")
    inlines = (CriterionInline,)
    actions_detail = ("revise", "ask", "let_go", "retire")
    fields = (
        ("source", "target"),
        ("kind", "version"),
        ("approvers", "needs_reason"),
        ("within_days", "retired_at"),
    )
    readonly_fields = (
        "source",
        "target",
        "kind",
        "version",
        "approvers",
        "needs_reason",
        "within_days",
        "retired_at",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[StageTransitionRule]:
        return super().get_queryset(request).select_related("source", "target")

    @admin.display(description=_("approvers"))
    def approvers(self, rule: StageTransitionRule) -> str:
        return ", ".join(str(Role(role).label) for role in rule.approver_roles) or "–"

    def has_in_force_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        rows = StageTransitionRule.objects.current()
        return (
            request.user.has_perm("partners.change_stagetransitionrule")
            and rows.filter(pk=getattr(obj, "pk", obj)).exists()
        )

    @dialogs.button(
        title=_("Revise"), permission="in_force", form=RuleForm, icon="edit"
    )
    def revise(
        self, request: HttpRequest, rule: StageTransitionRule, form: Any
    ) -> HttpResponse:
        return self._revised(request, rule, values=form.said)

    @dialogs.button(
        title=_("Set a criterion"),
        permission="in_force",
        form=CriterionForm,
        icon="add_task",
    )
    def ask(
        self, request: HttpRequest, rule: StageTransitionRule, form: Any
    ) -> HttpResponse:
        wanted = form.criterion()
        kept = [wanted if c.code == wanted.code else c for c in _criteria(rule)]
        is_new = wanted not in kept
        return self._revised(
            request, rule, criteria=[*kept, wanted] if is_new else kept
        )

    @dialogs.button(
        title=_("Drop a criterion"),
        permission="in_force",
        form=LetGoForm,
        icon="remove_done",
    )
    def let_go(
        self, request: HttpRequest, rule: StageTransitionRule, form: Any
    ) -> HttpResponse:
        code = form.cleaned_data["criterion"].code
        kept = [each for each in _criteria(rule) if each.code != code]
        return self._revised(request, rule, criteria=kept)

    @dialogs.button(
        title=_("Forbid"),
        permission="in_force",
        description=_("Nobody can take this step from now on."),
        icon="block",
        variant=ActionVariant.DANGER,
    )
    def retire(self, request: HttpRequest, rule: StageTransitionRule, form: Any) -> str:
        operations.retire_rule(rule=rule, by=acting_user(request), at=timezone.now())
        return now("Forbidden.")

    def _revised(
        self, request: HttpRequest, rule: StageTransitionRule, **changes: Any
    ) -> HttpResponse:
        revised = operations.revise_rule(
            rule=rule, by=acting_user(request), at=timezone.now(), **changes
        )
        said = now("Version %(number)d is in force.") % {"number": revised.version}
        return dialogs.lead_to(request, self.address_of("change", revised.pk), said)


def _criteria(rule: StageTransitionRule) -> list[Criterion]:
    """Return the gate of a step as operations take it."""
    return [
        Criterion(
            code=row.code,
            label=row.label,
            kind=row.kind,
            parameters=row.parameters,
            waiver_role=row.waiver_role if row.is_waivable else "",
        )
        for row in rule.criteria.order_by("order", "pk")
    ]
