"""Texts: found in sources and templates, kept when they stay, checked before a release."""

from pathlib import Path

import pytest
from babel.messages.mofile import read_mo
from django.core.management import CommandError, call_command

from crm.web import catalogs

SOURCE = """
from django.utils.translation import gettext_lazy as _, ngettext, pgettext

HELLO = _("Hello, %(name)s")
ROWS = ngettext("%(n)d row", "%(n)d rows", 2)
MAY = pgettext("month", "May")
"""
TEMPLATE = """{% load i18n %}
<p>{% translate "In a template" %}</p>
    {% blocktranslate count n=n %}{{ n }} page{% plural %}{{ n }} pages{% endblocktranslate %}
<p title="{{ _('As a filter') }}">{# not _("a comment") #}</p>
"""


@pytest.fixture
def package(tmp_path: Path) -> catalogs.Package:
    folder = tmp_path / "crm"
    (tmp_path / "templates").mkdir()
    folder.mkdir()
    (folder / "apps.py").touch()
    (folder / "words.py").write_text(SOURCE)
    (tmp_path / "templates" / "page.html").write_text(TEMPLATE)
    return catalogs.Package(folder=folder, base=tmp_path)


def write(package: catalogs.Package) -> int:
    return catalogs.write(package, catalogs.texts_of(package, [package]))


def faults(package: catalogs.Package) -> list[str]:
    found = catalogs.faults(package, catalogs.texts_of(package, [package]))
    return [
        fault.removeprefix(f"{package.po.relative_to(package.base)}: ")
        for fault in found
    ]


def translate(package: catalogs.Package, **texts: str) -> None:
    """Fill in translations by the first word of the source text."""
    catalog = catalogs.stored(package)
    for message in catalog:
        source = catalogs.first_of(message.id)
        word = source.split(",")[0].split(" ")[-1] if source else ""
        if word in texts:
            text = texts[word]
            message.string = (text,) if not isinstance(message.id, str) else text
    po = catalogs.as_po(catalog)
    package.po.write_bytes(po)
    package.mo.write_bytes(catalogs.as_mo(po))


ALL = {
    "Hello": "你好，%(name)s",
    "row": "%(n)d 行",
    "May": "五月",
    "template": "在模板中",
    "page": "%(n)s 页",
    "filter": "作为过滤器",
}


class TestFinding:
    def test_reads_python_and_templates(self, package: catalogs.Package) -> None:
        found = {one.text: one for one in catalogs.texts_of(package, [package])}

        assert set(found) == {
            "Hello, %(name)s",
            ("%(n)d row", "%(n)d rows"),
            "May",
            "In a template",
            ("%(n)s page", "%(n)s pages"),
            "As a filter",
        }
        assert found["May"].context == "month"
        assert found["In a template"].place == "templates/page.html"

    def test_reads_what_is_translated_at_once(self) -> None:
        source = b"from x import gettext as now\nnow('Sent.')\ntimezone.now()\n"

        found = catalogs.texts_in(source, place="a.py")

        assert [one.text for one in found] == ["Sent."]

    def test_leaves_inner_packages_to_themselves(
        self, package: catalogs.Package
    ) -> None:
        folder = package.folder / "web"
        folder.mkdir()
        (folder / "apps.py").write_text('_("Inner")')
        inner = catalogs.Package(folder=folder, base=package.base)

        outer = {one.text for one in catalogs.texts_of(package, [package, inner])}

        assert "Inner" not in outer
        assert [one.text for one in catalogs.texts_of(inner, [package, inner])] == [
            "Inner"
        ]


class TestWriting:
    def test_keeps_translations_and_drops_what_is_gone(
        self, package: catalogs.Package
    ) -> None:
        write(package)
        translate(package, **ALL)
        (package.folder / "words.py").write_text('_("Hello, %(name)s")')

        write(package)

        kept = {m.id: m.string for m in catalogs.stored(package) if m.id}
        assert kept["Hello, %(name)s"] == "你好，%(name)s"
        assert "May" not in kept

    def test_tells_how_many_are_missing(self, package: catalogs.Package) -> None:
        assert write(package) == 6

    def test_twice_gives_the_same_bytes(self, package: catalogs.Package) -> None:
        write(package)
        first = package.po.read_bytes(), package.mo.read_bytes()

        write(package)

        assert (package.po.read_bytes(), package.mo.read_bytes()) == first

    def test_compiles_what_gettext_reads(self, package: catalogs.Package) -> None:
        write(package)
        translate(package, **ALL)

        with package.mo.open("rb") as file:
            compiled = {str(m.id): m.string for m in read_mo(file)}

        assert compiled["Hello, %(name)s"] == "你好，%(name)s"


class TestChecking:
    def test_accepts_what_is_complete(self, package: catalogs.Package) -> None:
        write(package)
        translate(package, **ALL)

        assert faults(package) == []

    def test_names_what_is_not_translated(self, package: catalogs.Package) -> None:
        write(package)
        translate(package, **{**ALL, "May": ""})

        assert faults(package) == ["not translated: 'May'"]

    def test_names_other_placeholders(self, package: catalogs.Package) -> None:
        write(package)
        translate(package, **{**ALL, "Hello": "你好，%(nom)s"})

        assert faults(package) == ["other placeholders: 'Hello, %(name)s'"]

    def test_names_doubtful_ones(self, package: catalogs.Package) -> None:
        write(package)
        translate(package, **ALL)
        text = package.po.read_text().replace('msgid "May"', '#, fuzzy\nmsgid "May"')
        package.po.write_text(
            text.replace('msgctxt "month"\n#, fuzzy', '#, fuzzy\nmsgctxt "month"')
        )

        assert "doubtful: 'May'" in faults(package)

    def test_names_a_stale_file(self, package: catalogs.Package) -> None:
        write(package)
        translate(package, **ALL)
        (package.folder / "words.py").write_text(SOURCE.replace("MAY", "# MAY"))

        assert faults(package) == ["is stale"]

    def test_names_what_is_not_compiled(self, package: catalogs.Package) -> None:
        write(package)
        translate(package, **ALL)
        package.po.write_text(package.po.read_text().replace("五月", "5 月"))

        assert faults(package) == ["is not compiled"]


class TestCommand:
    def test_knows_only_packages(self) -> None:
        with pytest.raises(CommandError, match="No such package: nowhere"):
            call_command("texts", "nowhere")

    def test_our_own_texts_are_complete(self) -> None:
        call_command("texts", "crm/web", "crm/home", check=True)
