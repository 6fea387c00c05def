"""Forms that people fill in about themselves: passwords, profile, address."""

from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from unfold import widgets

from crm.accounts import profiles
from crm.accounts.models import User
from crm.accounts.profiles import Profile
from crm.web import dialogs


class ThemedForm(forms.Form):
    """A form whose fields look like the rest of the product."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            dialogs.dress(field)


def password_field(label: Any, *, is_new: bool, help_text: Any = "") -> forms.CharField:
    """Return a field for a password; blanks at its ends belong to it."""
    return forms.CharField(
        label=label,
        strip=False,
        max_length=256,
        help_text=help_text,
        widget=widgets.UnfoldAdminPasswordWidget(
            attrs={"autocomplete": "new-password" if is_new else "current-password"}
        ),
    )


class LongSelect(widgets.UnfoldAdminSelectWidget):  # type: ignore[misc]  # the theme has no types
    """A choice among hundreds, made at once instead of by one template each."""

    def render(
        self,
        name: str,
        value: Any,
        attrs: dict[str, Any] | None = None,
        renderer: Any = None,
    ) -> str:
        """Return the whole element."""
        options = format_html_join(
            "\n",
            "<option{}>{}</option>",
            (
                (flatatt({"value": key, "selected": str(key) == str(value)}), label)
                for key, label in self.choices
            ),
        )
        own = flatatt({**self.build_attrs(self.attrs, attrs), "name": name})
        return format_html("<select{}>{}</select>", own, options)


def zone_field() -> forms.ChoiceField:
    """Return a field for a time zone."""
    return forms.ChoiceField(
        label=_("time zone"),
        choices=lambda: [(name, name) for name in sorted(profiles.time_zones())],
        widget=LongSelect,
        help_text=_("Times are shown in it, and mails arrive by it."),
    )


def currency_field() -> forms.ChoiceField:
    """Return a field for a currency."""
    return forms.ChoiceField(
        label=_("currency"),
        choices=lambda: [(code, code) for code in sorted(profiles.currencies())],
        widget=LongSelect,
        help_text=_("Sums of several currencies are shown in it."),
    )


class NewPasswordForm(ThemedForm):
    """A new password, typed twice; whether it is strong enough is the operation's question."""

    password = password_field(
        _("Password"),
        is_new=True,
        help_text=_(
            "At least 12 characters; a sentence is good. Nothing common, and not "
            "your name or address."
        ),
    )
    again = password_field(_("Password again"), is_new=True)

    def clean(self) -> dict[str, Any]:
        """Compare both typings."""
        cleaned = super().clean() or {}
        if cleaned.get("password") != cleaned.get("again"):
            self.add_error("again", _("The two passwords differ."))
        return cleaned


class ResetForm(ThemedForm):
    """Where to send the link."""

    email = forms.EmailField(
        label=_("e-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class ProfileForm(ThemedForm):
    """What people choose about themselves."""

    name = forms.CharField(label=_("name"), max_length=120)
    language = forms.ChoiceField(
        label=_("language"), choices=User._meta.get_field("language").choices or []
    )
    time_zone = zone_field()
    currency = currency_field()

    def profile(self) -> Profile:
        """Return what was filled in."""
        return Profile(**self.cleaned_data)


class AddressForm(ThemedForm):
    """Another address to log in with."""

    email = forms.EmailField(label=_("New e-mail"), max_length=254)
    password = password_field(_("Your password"), is_new=False)
