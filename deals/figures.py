"""How amounts of deals and agreements are written on pages; no database.

Thousands are parted in every language: Django's formats for Chinese part none.
"""

from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext_lazy as _

from crm.core.money import minor_digits


def money(amount: Decimal | None, currency: str) -> str:
    """Return an amount with its currency as people of this language read it; a dash for none.

    Whole amounts are written without digits after the point.
    """
    if amount is None:
        return "–"
    digits = 0 if amount == amount.to_integral_value() else minor_digits(currency)
    return f"{amount:,.{digits}f} {currency}"


def shown(amount: Decimal, measure: str) -> str:
    """Return an amount as people read it: grouped, in the minor unit of its currency.

    Grouped by thousands in every language: Chinese contracts are written so, too.
    """
    digits = minor_digits(measure) if len(measure) == 3 else 2
    if measure == "Tokens":
        digits = 0
    rounded = amount.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    return f"{rounded:,f}"


def rounded(amount: Decimal, currency: str) -> str:
    """Return a sum with its currency: from five digits on without those after the point."""
    if abs(amount) >= 10_000:
        return f"{amount:,.0f} {currency}"
    return f"{shown(amount, currency)} {currency}"


def plain(number: Decimal) -> str:
    """Return a number without zeros at its end, as people of this language read it."""
    digits = max(-int(number.normalize().as_tuple().exponent), 0)
    return f"{number:,.{digits}f}"


TERMS = {
    "expires_on": _("expires on"),
    "auto_renews": _("renews by itself"),
    "renewal_months": _("months of a renewal"),
    "notice_days": _("days of notice"),
    "value": _("value"),
    "currency": _("currency"),
    "cooperations": _("cooperations covered"),
    "partner.legal_name": _("legal name of the partner"),
    "partner.country": _("country of the partner"),
}
"""What the terms that an amendment changes are called."""
