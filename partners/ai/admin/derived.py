"""Derived models: the list, and a page with use, lineage and lifecycle."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.enums import ActionVariant

from crm.accounts.models import User
from crm.web import dialogs
from crm.web.acting import acting_user
from crm.web.dialogs import DialogForm
from crm.web.labels import Tones
from crm.web.selects import KnownSelect
from partners.ai import operations
from partners.ai.admin.catalogue import READ, ModelHead
from partners.ai.admin.pointing import PointingForm
from partners.ai.lifecycles import LIFECYCLE_STEPS
from partners.ai.models import AliasKind, DerivedModel
from partners.ai.operations.derived import EDITABLE


class StepForm(DialogForm):
    """One step of the lifecycle, with what it asks for."""

    to = forms.ChoiceField(label=_("to"))
    on = forms.DateField(
        label=_("on"),
        required=False,
        widget=forms.DateInput,
        help_text=_("Empty means today."),
    )
    endpoint = forms.CharField(
        label=_("endpoint"),
        required=False,
        help_text=_("Needed for production, where it has none yet."),
    )
    reason = forms.CharField(
        label=_("reason"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Needed for a step back and for retiring it."),
    )

    obj: DerivedModel

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        field: Any = self.fields["to"]
        steps = LIFECYCLE_STEPS[self.obj.lifecycle]
        field.choices = [(step.value, step.label) for step in steps]
        field.widget.choices = field.choices


class ParentForm(PointingForm):
    """One model it comes from."""


class DerivedAliasForm(DialogForm):
    """What usage calls it."""

    kind = forms.ChoiceField(label=_("what it is"), choices=AliasKind.choices)
    text = forms.CharField(label=_("text in usage"), max_length=300)
    since = forms.DateField(
        label=_("from the charge day"),
        required=False,
        widget=forms.DateInput,
        help_text=_("Empty means always."),
    )


MOVED = ("lifecycle", "lifecycle_since", "production_on", "retired_on")
"""What only the steps of the lifecycle write."""


@admin.register(DerivedModel)
class DerivedModelAdmin(ModelHead):
    """Derived models of visible partners; the lifecycle moves by its button only."""

    list_display = (
        "name", "partner", "kind", "lifecycle_label", "lifecycle_since", "endpoint",
        "owner",
    )  # fmt: skip
    list_select_related = ("partner", "owner")
    list_filter = (
        ("lifecycle", ChoicesDropdownFilter),
        ("kind", ChoicesDropdownFilter),
        "is_public",
    )
    search_fields = ("name", "model_id", "partner__display_name")
    ordering = ("name", "pk")
    autocomplete_fields = ("partner", "cooperation", "owner")
    actions_detail = ("step", "parent", "map_usage")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "partner",
                    "cooperation",
                    ("name", "model_id"),
                    ("kind", "owner"),
                    ("registered_on", "endpoint"),
                    "is_public",
                    "purpose",
                    ("lifecycle", "lifecycle_since"),
                    ("production_on", "retired_on"),
                )
            },
        ),
    )

    @display(  # type: ignore[untyped-decorator]  # the theme has no types
        description=_("lifecycle"),
        ordering="lifecycle",
        label=Tones({"production": "success", "staging": "info", "retired": "danger"}),
    )
    def lifecycle_label(self, model: DerivedModel) -> tuple[str, str]:
        return model.lifecycle, model.get_lifecycle_display()

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return MOVED if obj is None else ("partner", *MOVED)

    def formfield_for_foreignkey(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> Any:
        known = self.known(request, db_field.name)
        if known is not None:
            kwargs["widget"] = KnownSelect(db_field, self.admin_site, known=known)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def known(self, request: HttpRequest, name: str) -> Model | None:
        """Return what is chosen now and came with the model, if this person may choose it."""
        model: DerivedModel | None = request.META.get(READ)
        if model is None:
            return None
        if name == "cooperation":  # of the model's partner, and seen with it
            return model.cooperation
        if name == "owner" and model.owner is not None and model.owner.is_active:
            return model.owner
        return None

    def register(self, *, form: Any, by: User, at: datetime) -> DerivedModel:
        return operations.register_derived(
            partner=form.cleaned_data["partner"], values=_said(form), by=by, at=at
        )

    def edit(
        self, *, obj: DerivedModel, form: Any, by: User, at: datetime
    ) -> DerivedModel:
        return operations.edit_derived(model=obj, values=_said(form), by=by, at=at)

    @dialogs.button(
        title=_("Lifecycle"),
        permission="change",
        form=StepForm,
        icon="conversion_path",
        variant=ActionVariant.PRIMARY,
    )
    def step(self, request: HttpRequest, model: DerivedModel, form: Any) -> str:
        moved = operations.move_derived(
            model=model,
            by=acting_user(request),
            at=timezone.now(),
            **{
                name: form.cleaned_data[name]
                for name in ("to", "on", "reason", "endpoint")
            },
        )
        return gettext("It is in “%(state)s” now.") % {
            "state": moved.get_lifecycle_display()
        }

    @dialogs.button(
        title=_("Add a parent"),
        permission="change",
        form=ParentForm,
        icon="account_tree",
    )
    def parent(self, request: HttpRequest, model: DerivedModel, form: Any) -> str:
        operations.add_parent(
            model=model,
            parent=form.cleaned_data["model"],
            by=acting_user(request),
            at=timezone.now(),
        )
        return gettext("Added.")

    @dialogs.button(
        title=_("Map usage"),
        permission="ai.add_modelalias",
        form=DerivedAliasForm,
        description=_("Usage with this text counts for the model, earlier usage, too."),
        icon="link",
    )
    def map_usage(self, request: HttpRequest, model: DerivedModel, form: Any) -> str:
        operations.map_text(
            model=model,
            by=acting_user(request),
            at=timezone.now(),
            **{name: form.cleaned_data[name] for name in ("kind", "text", "since")},
        )
        return gettext("Mapped.")


def _said(form: Any) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in EDITABLE}
