"""Shapes of what people type about partners; rules live in operations."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold import widgets

from partners.models import Partner, RegistrationId
from partners.operations.marks import Marks

AREA = {"rows": 3}
FIELDS = (
    "display_name",
    "legal_name",
    "local_name",
    "industry",
    "country",
    "segment",
    "partner_type",
    "tier",
    "lifecycle",
    "parent",
    "owner",
    "team",
    "our_sponsor",
    "their_sponsor",
    "confidentiality",
    "named_people",
    "reporting_currency",
    "time_zone",
    "is_test",
)


class PartnerForm(forms.ModelForm[Partner]):
    """A partner with the names and numbers beside its fields, one per line."""

    domain_lines = forms.CharField(
        label=capfirst(_("domains")),
        required=False,
        widget=widgets.UnfoldAdminTextareaWidget(attrs=AREA),
        help_text=_(
            "One per line, the website first. Web addresses are cut to the domain."
        ),
    )
    alias_lines = forms.CharField(
        label=capfirst(_("aliases")),
        required=False,
        widget=widgets.UnfoldAdminTextareaWidget(attrs=AREA),
        help_text=_("One per line: 宝马, Bimmer."),
    )
    number_lines = forms.CharField(
        label=capfirst(_("registration ids")),
        required=False,
        widget=widgets.UnfoldAdminTextareaWidget(attrs=AREA),
        help_text=_("One per line, as scheme: number. Schemes are duns, lei and uscc."),
    )
    external_lines = forms.CharField(
        label=capfirst(_("external ids")),
        required=False,
        widget=widgets.UnfoldAdminTextareaWidget(attrs=AREA),
        help_text=_("One per line, as system: id. Example: salesforce: 0015g00000XyZ."),
    )
    accept_duplicates = forms.BooleanField(
        label=_("It is another partner"),
        required=False,
        widget=widgets.UnfoldBooleanSwitchWidget,
        help_text=_("Tick this after you looked at the partners of nearly this name."),
    )

    class Meta:
        model = Partner
        fields = FIELDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "legal_name" in self.fields:
            self.fields["legal_name"].required = False
        partner = self.instance
        if partner.pk:
            self._show_marks(partner)
            self.fields.pop("accept_duplicates", None)

    def _show_marks(self, partner: Partner) -> None:
        numbers = partner.registration_ids.order_by("pk")
        shown = {
            "domain_lines": partner.domains.order_by("-is_primary", "pk"),
            "alias_lines": partner.aliases.order_by("pk"),
            "number_lines": [f"{n.scheme}: {n.value}" for n in numbers],
            "external_lines": partner.external_ids.order_by("pk"),
        }
        for name, rows in shown.items():
            self.initial[name] = "\n".join(str(row) for row in rows)

    def clean_number_lines(self) -> list[tuple[str, str]]:
        pairs = _pairs(self.cleaned_data["number_lines"])
        for scheme, _number in pairs:
            if scheme not in RegistrationId.Scheme.values:
                raise forms.ValidationError(
                    _("Unknown scheme: %(scheme)s"), params={"scheme": scheme}
                )
        return pairs

    def clean_external_lines(self) -> list[tuple[str, str]]:
        return _pairs(self.cleaned_data["external_lines"])

    def values(self) -> dict[str, Any]:
        """Return the plain fields as operations take them."""
        own = self.cleaned_data
        return {
            name: own[name] for name in FIELDS if name in own and name != "named_people"
        }

    def marks(self) -> Marks:
        """Return names and numbers as operations take them."""
        own = self.cleaned_data
        return Marks(
            aliases=_lines(own["alias_lines"]),
            domains=_lines(own["domain_lines"]),
            registration_ids=own["number_lines"],
            external_ids=own["external_lines"],
            named_people=list(own.get("named_people") or ()),
        )


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _pairs(text: str) -> list[tuple[str, str]]:
    found = []
    for line in _lines(text):
        left, colon, right = line.partition(":")
        if not colon or not left.strip() or not right.strip():
            raise forms.ValidationError(
                _("Not of the form “name: value”: %(line)s"), params={"line": line}
            )
        found.append((left.strip(), right.strip()))
    return found


def choices_of(pairs: Iterable[tuple[str, Any]]) -> list[tuple[str, str]]:
    """Return choices with an empty one first."""
    return [("", "–"), *((value, str(label)) for value, label in pairs)]
