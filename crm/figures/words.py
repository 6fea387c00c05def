"""Numbers, days and amounts in the reader's way."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from crm.figures.blocks import Change, Value

LOCALES = {"en": "en_GB", "zh-hans": "zh_Hans_CN"}
DAY = {"en": "d MMM y", "zh-hans": "y年M月d日"}
MOMENT = {"en": "d MMM y HH:mm", "zh-hans": "y年M月d日 HH:mm"}
SMALL_SAMPLE = 5
"""Below so many cases a rate is written as a fraction."""


def locale_of(language: str) -> str:
    """Return the locale for numbers and days of this language."""
    return LOCALES.get(language, LOCALES["en"])


def day(value: date, language: str) -> str:
    """Return a calendar day in words."""
    pattern = DAY.get(language, DAY["en"])
    return format_date(value, pattern, locale=locale_of(language))


def moment(value: datetime, zone: ZoneInfo, language: str) -> str:
    """Return an instant as the clocks of the zone show it, with the zone's name."""
    pattern = MOMENT.get(language, MOMENT["en"])
    local = format_datetime(value.astimezone(zone), pattern, locale=locale_of(language))
    return f"{local} ({zone.key})"


def names(parts: Iterable[str]) -> str:
    """Return names as a list, as the language writes lists."""
    return pgettext("between names of a list", ", ").join(parts)


def remarks(parts: Iterable[str]) -> str:
    """Return short remarks one after the other, without the empty ones."""
    return pgettext("between short remarks", ", ").join(filter(None, parts))


def clauses(parts: Iterable[str]) -> str:
    """Return longer remarks one after the other."""
    return pgettext("between longer remarks", "; ").join(parts)


def shown(value: Value, language: str) -> str:
    """Return one value as people read it."""
    kind = value["kind"]
    raw = value.get("value", "")
    if kind == "unknown":
        return _("n/a")
    if kind == "new":
        return _new(value, language)
    if kind == "text":
        return str(raw)
    if kind == "date":
        return day(date.fromisoformat(str(raw)), language)
    if kind == "days":
        count = int(raw)
        return ngettext("%(count)d day", "%(count)d days", count) % {"count": count}
    return _number(value, Decimal(str(raw)), language)


def note(value: Value, language: str) -> str:
    """Return what belongs beside the number: cases or days behind it, the day of the rate."""
    parts = []
    if "n" in value:
        parts.append(f"n = {value['n']}")
    if "rate_on" in value:
        rate_on = day(date.fromisoformat(value["rate_on"]), language)
        parts.append(_("rate of %(day)s") % {"day": rate_on})
    if "days" in value:
        parts.append(_("%(days)s days") % {"days": value["days"]})
    return remarks(parts)


def signed(value: Value, language: str) -> str:
    """Return a value with a plus when it is above zero."""
    words = shown(value, language)
    if value["kind"] in {"new", "unknown"} or Decimal(str(value["value"])) <= 0:
        return words
    return f"+{words}"


def moved(change: Change, language: str) -> str:
    """Return a change with its sign and what it is compared with."""
    return _("%(change)s vs %(against)s") % {
        "change": signed(change["value"], language),
        "against": change["against"],
    }


def amount(value: Decimal, currency: str, language: str) -> str:
    """Return an amount: whole units from a thousand on, cents below."""
    digits = "#,##0" if abs(value) >= 1000 else "#,##0.00"
    sign = "¤" if language.startswith("zh") else "¤\u00a0"
    return str(
        format_currency(
            value,
            currency,
            f"{sign}{digits}",
            locale_of(language),
            currency_digits=False,
        )
    )


def axis(value: Decimal, unit: str, language: str) -> str:
    """Return a short number for the axis of a chart."""
    if unit == "ratio":
        return _percent(value, language, places=0)
    places = 0 if value == value.to_integral() else 1
    return _shortened(value, language, places=1) or _plain(
        value, language, places=places
    )


def short(value: Decimal, language: str) -> str:
    """Return a number as people say it: 12.8 bn, 128 亿; small ones as they are."""
    return _shortened(value, language, places=2) or _plain(value, language, places=0)


def _shortened(value: Decimal, language: str, *, places: int) -> str:
    is_zh = language.startswith("zh")
    for limit, letters in SHORT[is_zh]:
        if abs(value) >= limit:
            space = "" if is_zh or places == 1 else " "
            said = _plain(value / limit, language, places=places)
            return f"{said}{space}{letters}"
    return ""


SHORT = {
    False: (
        (Decimal(10**12), "tn"),
        (Decimal(10**9), "bn"),
        (Decimal(10**6), "m"),
        (Decimal(10**3), "k"),
    ),
    True: (
        (Decimal(10**12), "万亿"),
        (Decimal(10**8), "亿"),
        (Decimal(10**4), "万"),
    ),
}


def _new(value: Value, language: str) -> str:
    """Return "new" with the absolute change where it is known."""
    if "value" not in value:
        return _("n/a (new)")
    kind = "money" if "currency" in value else "number"
    said = _number({**value, "kind": kind}, Decimal(str(value["value"])), language)
    return _("n/a (new, %(change)s)") % {"change": f"+{said}"}


def _number(value: Value, number: Decimal, language: str) -> str:
    kind = value["kind"]
    if kind == "money":
        return amount(number, value.get("currency", ""), language)
    if kind == "large":
        return short(number, language)
    if kind == "points":
        return _("%(points)s pp") % {"points": _plain(number * 100, language, places=1)}
    if kind == "ratio":
        n = value.get("n")
        if n is not None and 0 < n < SMALL_SAMPLE:
            return _("%(part)s of %(all)s") % {"part": round(number * n), "all": n}
        return _percent(number, language, places=1)
    return _plain(number, language, places=0 if kind == "count" else 1)


def _plain(value: Decimal, language: str, *, places: int) -> str:
    pattern = "#,##0." + "#" * places if places else "#,##0"
    rounded = round(value, places) + 0  # never "-0"
    return str(format_decimal(rounded, pattern, locale=locale_of(language)))


def percent(value: Decimal, language: str) -> str:
    """Return a share in per cent, with one digit."""
    return _percent(value, language, places=1)


def _percent(value: Decimal, language: str, *, places: int) -> str:
    return f"{_plain(value * 100, language, places=places)}%"
