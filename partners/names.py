"""Names and domains: one normal form for search and for finding duplicates; no database.

The normal form is that of Unicode NFKC with case folded, accents dropped and
punctuation turned into single blanks. The core of a company name leaves its legal form
out, so that "BMW AG" and "BMW Aktiengesellschaft" meet.
"""

import re
import unicodedata

LEGAL_FORMS = frozenset(
    [
        "ab",
        "ag",
        "aktiengesellschaft",
        "as",
        "asa",
        "bhd",
        "bv",
        "co",
        "company",
        "corp",
        "corporation",
        "gmbh",
        "group",
        "holding",
        "holdings",
        "inc",
        "incorporated",
        "international",
        "intl",
        "kg",
        "kgaa",
        "kk",
        "limited",
        "llc",
        "llp",
        "ltd",
        "nv",
        "oy",
        "oyj",
        "plc",
        "pte",
        "pty",
        "sa",
        "sarl",
        "sas",
        "sdn",
        "se",
        "spa",
        "srl",
    ]
)
CHINESE_LEGAL_FORMS = (
    "有限责任公司",
    "股份有限公司",
    "集团有限公司",
    "有限公司",
    "株式会社",
    "集团",
    "公司",
)
MAIL_PROVIDERS = frozenset(
    [
        "126.com",
        "139.com",
        "163.com",
        "aol.com",
        "gmail.com",
        "gmx.de",
        "gmx.net",
        "googlemail.com",
        "hotmail.com",
        "icloud.com",
        "live.com",
        "mail.ru",
        "outlook.com",
        "proton.me",
        "protonmail.com",
        "qq.com",
        "sina.com",
        "web.de",
        "yahoo.com",
        "yandex.ru",
        "yeah.net",
    ]
)
DOMAIN = re.compile(
    r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}"
)
FIRST_IDEOGRAPH = "\u2e80"
NOT_WORD = re.compile(r"[\W_]+")


class DomainNameError(ValueError):
    """The text is no domain name that could belong to one company."""


def normalise(text: str) -> str:
    """Return the normal form of any text, words parted by single blanks."""
    if text.isascii():
        return NOT_WORD.sub(" ", text.lower()).strip()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(c for c in decomposed if not "\u0300" <= c <= "\u036f")
    return NOT_WORD.sub(" ", unicodedata.normalize("NFKC", plain)).strip()


def core(name: str) -> str:
    """Return the normal form of a company name without its legal forms.

    A name that consists of legal forms alone is returned whole.
    """
    normal = normalise(name)
    form = next(filter(normal.endswith, CHINESE_LEGAL_FORMS), "")
    normal = normal.removesuffix(form).strip() or normal
    words = [word for word in normal.split() if word not in LEGAL_FORMS]
    return " ".join(words) or normal


def grams(text: str) -> list[str]:
    """Return the sorted pairs of neighbouring characters in the words of a normal form.

    A word of one character is its own pair.
    """
    pairs = {
        word[i : i + 2] for word in text.split() for i in range(max(1, len(word) - 1))
    }
    return sorted(pairs)


def index_grams(text: str) -> list[str]:
    """Return what an index keeps of a normal form: pairs, initials, single ideographs.

    Pairs answer queries of two and more characters, for which trigrams of two characters
    could use no index; initials (`^b`) and ideographs answer those of one.
    """
    initials = {f"^{word[0]}" for word in text.split()}
    ideographs = {char for char in text if char >= FIRST_IDEOGRAPH}
    return sorted({*grams(text), *initials, *ideographs})


def query_grams(text: str) -> list[str]:
    """Return what the index must hold for a normal form to match.

    A single Latin letter matches the beginning of a word only.
    """
    return sorted(
        f"^{gram}" if len(gram) == 1 and gram < FIRST_IDEOGRAPH else gram
        for gram in grams(text)
    )


def domain(text: str) -> str:
    """Return the bare domain of a web address, a host or an e-mail address.

    :raises DomainNameError: when nothing of that kind is in the text, or when it belongs
        to a public mail provider and so to no single company.
    """
    host = text.strip().lower()
    host = re.sub(r"^[a-z][a-z0-9+.-]*://", "", host).rpartition("@")[2]
    host = re.split(r"[/?#:\s]", host, maxsplit=1)[0].strip(".").removeprefix("www.")
    try:
        ascii_host = host.encode("idna").decode("ascii") if host else ""
    except UnicodeError:
        ascii_host = ""
    if not DOMAIN.fullmatch(ascii_host):
        raise DomainNameError(text)
    if ascii_host in MAIL_PROVIDERS:
        raise DomainNameError(text)
    return ascii_host
