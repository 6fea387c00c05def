"""Shapes of what people type about deals and agreements; rules live in operations."""

from typing import Any

from django import forms

from deals.models import Agreement, Deal

DEAL_FIELDS = (
    "title",
    "cooperation",
    "end_customer",
    "use_case",
    "deal_type",
    "origin",
    "involvement",
    "amount",
    "monthly_spend",
    "currency",
    "contract_months",
    "target_close_on",
    "next_step",
    "competitor",
    "agreement",
    "renews",
    "owner",
    "team",
)
AGREEMENT_FIELDS = (
    "title",
    "reference",
    "agreement_type",
    "is_binding",
    "parent",
    "effective_on",
    "expires_on",
    "auto_renews",
    "renewal_months",
    "notice_days",
    "value",
    "currency",
    "owner",
    "team",
)


def given(form: forms.ModelForm[Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Return the fields that the form has, as operations take them.

    What a person may only read is not among them; an empty owner or team means the
    usual one when the row is new.
    """
    values = {n: form.cleaned_data[n] for n in names if n in form.cleaned_data}
    if form.instance.pk is None:
        empty = [n for n in ("owner", "team") if values.get(n) is None]
        values = {name: value for name, value in values.items() if name not in empty}
    return values


def typed(form: forms.Form) -> dict[str, Any]:
    """Return what was typed into a dialog, without the theme's own field."""
    return {n: v for n, v in form.cleaned_data.items() if not n.startswith("_")}


class DealForm(forms.ModelForm[Deal]):
    """One deal; the partner is chosen once, the stage moves elsewhere."""

    class Meta:
        model = Deal
        fields = ("partner", *DEAL_FIELDS)

    def values(self) -> dict[str, Any]:
        """Return the fields as operations take them."""
        return given(self, DEAL_FIELDS)


class AgreementForm(forms.ModelForm[Agreement]):
    """One paper; the partner is chosen once, the status moves elsewhere."""

    class Meta:
        model = Agreement
        fields = ("partner", "cooperations", *AGREEMENT_FIELDS)

    def values(self) -> dict[str, Any]:
        """Return the fields as operations take them."""
        return given(self, AGREEMENT_FIELDS)
