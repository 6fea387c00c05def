"""Choosing a model of either sort in a form."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.accounts.models import User
from crm.web.acting import acting_user
from crm.web.dialogs import DialogForm
from partners.ai.models import BaseModel, DerivedModel, ModelAlias
from partners.ai.models.pointing import AnyModel


def valid_between(since: date | None, until: date | None) -> str:
    """Return in words from and until when an alias holds; the last day is told as held."""
    if until is None:
        if since is None:
            return gettext("always")
        return gettext("since %(day)s") % {"day": since}
    last = until - timedelta(days=1)
    if since is None:
        return gettext("until %(day)s") % {"day": last}
    return f"{since} – {last}"


class TellsValid:
    """Shows of an alias when it holds."""

    @admin.display(description=_("valid"), ordering="during")
    def valid(self, alias: ModelAlias) -> str:
        return valid_between(alias.during.lower, alias.during.upper)


def one_of_both(base: BaseModel | None, derived: DerivedModel | None) -> AnyModel:
    """Return the one that was chosen.

    :raises ValidationError: for none or both.
    """
    if (base is None) == (derived is None):
        raise ValidationError(_("Choose one: a base model or a derived model."))
    return base or derived  # type: ignore[return-value]  # exactly one is there


class PointingForm(DialogForm):
    """Asks for one model: of the catalogue, or derived and of the partner at hand."""

    base = forms.ModelChoiceField(
        label=_("base model"), queryset=BaseModel.objects.none(), required=False
    )
    derived = forms.ModelChoiceField(
        label=_("derived model"), queryset=DerivedModel.objects.none(), required=False
    )

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        self.choose("base", BaseModel.objects.order_by("name", "pk"))
        self.choose("derived", self.derived_of(acting_user(request)))

    def choose(self, name: str, rows: Any) -> None:
        """Offer these rows in a field."""
        field: Any = self.fields[name]
        field.queryset = rows
        field.widget.choices = field.choices

    def derived_of(self, user: User) -> Any:
        """Return the derived models to choose from: those of the row's partner."""
        rows = DerivedModel.objects.visible_to(user).order_by("name", "pk")
        partner_id = self.partner_id()
        return rows if partner_id is None else rows.filter(partner=partner_id)

    def partner_id(self) -> int | None:
        """Return whose derived models fit; None means all that are visible."""
        return None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            cleaned["model"] = one_of_both(cleaned["base"], cleaned["derived"])
        return dict(cleaned)
