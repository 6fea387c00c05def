"""The catalogue's pages: families with public counts, base models with who uses them, kinds."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter

from crm.accounts.models import User
from crm.web import dialogs
from crm.web.acting import acting_user
from crm.web.admin import OperationAdmin
from crm.web.dialogs import DialogForm
from crm.web.scoping import ReadOnlyInline, is_key, rows_seen
from partners.ai import operations, queries
from partners.ai.admin.heads import head_of
from partners.ai.models import (
    BaseModel,
    CountMethod,
    CountRelation,
    DerivativeCount,
    ModelFamily,
    ScenarioKind,
)
from partners.ai.operations.catalogue import BASE, COUNT, FAMILY, KIND


class CountForm(DialogForm):
    """What a source counted on a day."""

    counted_on = forms.DateField(label=_("counted on"), widget=forms.DateInput)
    is_approximate_day = forms.BooleanField(
        label=_("the day is approximate"), required=False
    )
    count = forms.IntegerField(label=_("derivatives"), min_value=0)
    is_at_least = forms.BooleanField(label=_("at least"), required=False)
    method = forms.ChoiceField(label=_("method"), choices=CountMethod.choices)
    relation = forms.ChoiceField(label=_("kind counted"), choices=CountRelation.choices)
    source = forms.CharField(label=_("source"), max_length=200)
    source_url = forms.URLField(
        label=_("link"), required=False, assume_scheme="https", max_length=500
    )


class BaseModelInline(ReadOnlyInline[BaseModel, ModelFamily]):
    """The family's models."""

    model = BaseModel
    fields = ("name", "generation", "variant", "snapshot", "modality", "is_open")
    readonly_fields = fields
    ordering = ("generation", "name", "pk")
    tab = True


class CountInline(ReadOnlyInline[DerivativeCount, ModelFamily]):
    """What was counted in public, latest first."""

    model = DerivativeCount
    fields = ("counted_on", "count", "is_at_least", "method", "relation", "source")
    readonly_fields = fields
    ordering = ("-counted_on", "pk")
    show_change_link = False


@admin.register(ModelFamily)
class ModelFamilyAdmin(OperationAdmin[ModelFamily]):
    """Families of models; everybody sees them, the model team keeps them."""

    visible_to_all = True
    list_display = ("name", "developer")
    search_fields = ("name", "developer")
    ordering = ("name", "pk")
    fields = FAMILY
    inlines = (CountInline, BaseModelInline)
    actions_detail = ("record_count",)

    def register(self, *, form: Any, by: User, at: datetime) -> ModelFamily:
        return operations.register_family(values=_said(form, FAMILY), by=by, at=at)

    def edit(
        self, *, obj: ModelFamily, form: Any, by: User, at: datetime
    ) -> ModelFamily:
        return operations.edit_family(
            family=obj, values=_said(form, FAMILY), by=by, at=at
        )

    @dialogs.button(
        title=_("Record a public count"),
        permission="ai.add_derivativecount",
        form=CountForm,
        description=_("A snapshot with its source; earlier ones stay."),
        icon="family_history",
    )
    def record_count(self, request: HttpRequest, family: ModelFamily, form: Any) -> str:
        operations.record_count(
            family=family,
            values=_said(form, COUNT),
            by=acting_user(request),
            at=timezone.now(),
        )
        return gettext("Recorded.")


@admin.register(DerivativeCount)
class DerivativeCountAdmin(OperationAdmin[DerivativeCount]):
    """Public counts by date, family and source."""

    visible_to_all = True
    list_display = (
        "family", "counted_on", "count", "is_at_least", "method", "relation", "source",
    )  # fmt: skip
    list_select_related = ("family",)
    list_filter = (("family", RelatedDropdownFilter),)
    ordering = ("-counted_on", "-pk")

    def remove(self, *, obj: DerivativeCount, by: User, at: datetime) -> None:
        operations.withdraw_count(count=obj, by=by, at=at)


READ = "partners.ai.model_read"


class ModelHead(OperationAdmin[Any]):
    """Puts figures, charts, names in usage, lineage and waiting feedback on top of a model's page."""

    change_form_before_template = "ai/model_head.html"

    class Media:
        css = {"all": ("web/chart.css", "ai/ai.css")}

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        """Return the model with what its page lists; read once where nothing is changed."""
        if not is_key(self.model, object_id):
            return None
        is_read = request.method == "GET"
        if is_read and READ in request.META:
            return request.META[READ]
        rows = queries.with_lines(self.get_queryset(request), user=acting_user(request))
        model = rows.filter(pk=object_id).first()
        if model is not None:
            rows_seen(request).add((self.model, model.pk))
            if is_read:
                request.META[READ] = model
        return model

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context = dict(extra_context or {})
        model = self.get_object(request, object_id)
        if model is not None and self.has_view_permission(request, model):
            context["head"] = head_of(model, request)
        return super().change_view(request, object_id, form_url, context)


@admin.register(BaseModel)
class BaseModelAdmin(ModelHead):
    """Models of the catalogue; a page says who uses one and what waits for it."""

    visible_to_all = True
    list_display = (
        "name", "family", "generation", "variant", "modality", "is_open", "released_on",
    )  # fmt: skip
    list_select_related = ("family",)
    list_filter = (
        ("family", RelatedDropdownFilter),
        ("modality", ChoicesDropdownFilter),
        "is_open",
    )
    search_fields = ("name", "aliases__text")
    ordering = ("name", "pk")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("family", "name"),
                    ("generation", "variant", "snapshot"),
                    ("modality", "is_open"),
                    ("released_on", "retired_on"),
                    "notes",
                )
            },
        ),
    )

    def register(self, *, form: Any, by: User, at: datetime) -> BaseModel:
        return operations.register_base_model(values=_said(form, BASE), by=by, at=at)

    def edit(self, *, obj: BaseModel, form: Any, by: User, at: datetime) -> BaseModel:
        return operations.edit_base_model(
            model=obj, values=_said(form, BASE), by=by, at=at
        )


@admin.register(ScenarioKind)
class ScenarioKindAdmin(OperationAdmin[ScenarioKind]):
    """Kinds of scenarios: the columns of the coverage map."""

    visible_to_all = True
    list_display = ("name", "local_name", "code", "order", "is_active")
    search_fields = ("name", "local_name", "code")
    ordering = ("order", "pk")
    fields = (("name", "local_name"), ("code", "order"), "is_active")

    def register(self, *, form: Any, by: User, at: datetime) -> ScenarioKind:
        return operations.register_kind(values=_said(form, KIND), by=by, at=at)

    def edit(
        self, *, obj: ScenarioKind, form: Any, by: User, at: datetime
    ) -> ScenarioKind:
        return operations.edit_kind(kind=obj, values=_said(form, KIND), by=by, at=at)


def _said(form: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in names}
