"""Countries by their ISO 3166 code and by the names that people write; no database."""

from functools import cache

from babel import Locale

from partners.names import normalise

LANGUAGES = ("en", "zh_Hans", "de", "fr", "ja", "es")
SPOKEN = {
    "america": "US",
    "england": "GB",
    "great britain": "GB",
    "holland": "NL",
    "korea": "KR",
    "mainland china": "CN",
    "prc": "CN",
    "south korea": "KR",
    "u k": "GB",
    "u s": "US",
    "u s a": "US",
    "uae": "AE",
    "uk": "GB",
    "usa": "US",
    "中国大陆": "CN",
}


@cache
def _names() -> dict[str, str]:
    found: dict[str, str] = {}
    for language in LANGUAGES:
        for code, name in Locale.parse(language).territories.items():
            if len(code) == 2 and code.isalpha():
                found.setdefault(normalise(name), code)
    return found | SPOKEN


@cache
def _codes() -> frozenset[str]:
    return frozenset(Locale.parse("en").territories)


def code(text: str) -> str | None:
    """Return the two-letter code that a text means, or None when nobody can tell."""
    stripped = text.strip().upper()
    if len(stripped) == 2 and stripped in _codes():
        return stripped
    return _names().get(normalise(text))


def name(country: str, *, language: str) -> str:
    """Return the country's name in a language (`en`, `zh-hans`); the code if unknown."""
    locale = Locale.parse(language.replace("-", "_"))
    return str(locale.territories.get(country, country))
