"""Texts for people: found in the sources, kept as .po, compiled to .mo; all by Babel.

Each package keeps the texts of its own Python files below `locale/`; those of
`templates/` and of `crm/*.py` lie in `crm/locale`. English stands in the sources.
"""

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

LANGUAGE = "zh_Hans"
NO_DATE = datetime(2000, 1, 1, tzinfo=UTC)
"""Instead of the day of compiling, so that the same texts make the same file."""
ROOTS = ("crm", "partners", "deals")
SKIPPED = frozenset({"migrations", "locale", "static", "tests", "__pycache__"})
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
AT_ONCE = b"gettext as now"
NAMED_NOW = re.compile(rb"(?<![.\w])now\(")
"""Where `_` is the lazy one, texts that are translated at once go by this name."""
PLACEHOLDER = re.compile(r"%\(\w+\)[sdif]|%[sdif]|\{\w*\}")


@dataclass(frozen=True, kw_only=True)
class Package:
    """A folder with its own catalogue."""

    folder: Path
    base: Path

    @property
    def name(self) -> str:
        """The folder as one types it, for example `crm/web`."""
        return self.folder.relative_to(self.base).as_posix()

    @property
    def po(self) -> Path:
        return self.folder / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po"

    @property
    def mo(self) -> Path:
        return self.po.with_suffix(".mo")


@dataclass(frozen=True, kw_only=True)
class Found:
    """One text in one source."""

    text: str | tuple[str, ...]
    context: str | None
    place: str


def packages(base: Path) -> list[Package]:
    """Return every application's folder, and `crm` for what lies above them."""
    folders = {path.parent for root in ROOTS for path in (base / root).rglob("apps.py")}
    return [
        Package(folder=folder, base=base) for folder in sorted({base / "crm", *folders})
    ]


def texts_of(package: Package, others: Iterable[Package]) -> Iterator[Found]:
    """Find the texts of one package, without those of packages inside it."""
    inner = [
        other.folder
        for other in others
        if other.folder != package.folder and package.folder in other.folder.parents
    ]
    for path in sorted(package.folder.rglob("*.py")):
        is_inner = any(folder in path.parents for folder in inner)
        if not is_inner and not SKIPPED & set(path.relative_to(package.base).parts):
            yield from texts_in(path.read_bytes(), place=_place(package, path))
    folders = [package.folder / "templates"]
    if package.folder == package.base / "crm":
        folders.append(package.base / "templates")
    for folder in folders:
        for path in sorted(
            p for p in folder.rglob("*") if p.suffix in {".html", ".txt"}
        ):
            source = templatize(path.read_text(encoding="utf-8"), origin=str(path))
            bracketed = f"(\n{source}\n)"  # so that indentation means nothing
            yield from texts_in(bracketed.encode(), place=_place(package, path))


def texts_in(source: bytes, *, place: str) -> Iterator[Found]:
    """Find the texts in Python source."""
    if AT_ONCE in source:
        source = NAMED_NOW.sub(b"gettext(", source)
    found = extract("python", io.BytesIO(source), keywords=KEYWORDS)
    for _line, text, _comments, context in found:
        yield Found(text=text, context=context, place=place)


def updated(package: Package, found: Iterable[Found]) -> Catalog:
    """Return the catalogue with exactly these texts, keeping what is translated."""
    template = Catalog()
    for one in found:
        template.add(one.text, locations=[(one.place, 0)], context=one.context)
    catalog = stored(package)
    catalog.update(template, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    return catalog


def stored(package: Package) -> Catalog:
    """Return the catalogue as it lies on disk, or an empty one."""
    if package.po.exists():
        with package.po.open("rb") as file:
            return read_po(file, locale=LANGUAGE)
    return Catalog(locale=LANGUAGE)


def as_po(catalog: Catalog) -> bytes:
    """Return the catalogue as text in which nothing depends on the day or machine."""
    catalog.fuzzy = False
    catalog.header_comment = "# Simplified Chinese. Kept by `manage.py texts`."
    out = io.BytesIO()
    write_po(
        out,
        catalog,
        width=88,
        sort_output=True,
        omit_header=True,
        include_lineno=False,
    )
    return HEADER + out.getvalue()


HEADER = b"""# Simplified Chinese; kept by `manage.py texts`.
msgid ""
msgstr ""
"Language: zh_Hans\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

"""


def as_mo(po: bytes) -> bytes:
    """Return the compiled form of a catalogue."""
    catalog = read_po(io.BytesIO(po), locale=LANGUAGE)
    catalog.creation_date = catalog.revision_date = NO_DATE
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def faults(package: Package, found: Iterable[Found]) -> list[str]:
    """Return what is wrong with a package's catalogue, one line each."""
    catalog = updated(package, found)
    name = package.po.relative_to(package.base)
    expected = as_po(catalog)
    lines = [fault for message in catalog if message.id for fault in faults_of(message)]
    if len(catalog) and not package.po.exists():
        lines.append("is missing")
    elif package.po.exists() and package.po.read_bytes() != expected:
        lines.append("is stale")
    if package.po.exists() and not is_compiled(package):
        lines.append("is not compiled")
    return [f"{name}: {line}" for line in lines]


def faults_of(message: Message) -> Iterator[str]:
    """Tell whether a text is missing, doubtful or has other placeholders."""
    sources = message.id if isinstance(message.id, (tuple, list)) else [message.id]
    targets = (
        message.string
        if isinstance(message.string, (tuple, list))
        else [message.string]
    )
    if not all(targets):
        yield f"not translated: {sources[0]!r}"
        return
    if message.fuzzy:
        yield f"doubtful: {sources[0]!r}"
    allowed = sorted(PLACEHOLDER.findall(sources[-1]))
    for target in targets:
        if sorted(PLACEHOLDER.findall(str(target))) != allowed:
            yield f"other placeholders: {sources[0]!r}"


def is_compiled(package: Package) -> bool:
    """Tell whether the .mo says the same as the .po."""
    if not package.mo.exists():
        return False
    return spoken(package.mo.read_bytes()) == spoken(as_mo(package.po.read_bytes()))


def spoken(mo: bytes) -> set[tuple[str, str, str]]:
    """Return all texts of a compiled catalogue with their translations."""
    catalog = read_mo(io.BytesIO(mo))
    return {
        (str(message.context), str(message.id), str(message.string))
        for message in catalog
        if message.id
    }


def write(package: Package, found: Iterable[Found]) -> int:
    """Write .po and .mo of a package; return how many texts lack a translation."""
    catalog = updated(package, found)
    if not len(catalog):
        return 0
    package.po.parent.mkdir(parents=True, exist_ok=True)
    po = as_po(catalog)
    package.po.write_bytes(po)
    package.mo.write_bytes(as_mo(po))
    return sum(1 for message in catalog if message.id and any(faults_of(message)))


def _place(package: Package, path: Path) -> str:
    return path.relative_to(package.base).as_posix()


def first_of(text: str | Sequence[str]) -> str:
    """Return the singular of a text that may have a plural."""
    return text if isinstance(text, str) else text[0]
