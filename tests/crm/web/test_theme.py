"""The theme: what we override is what it was, what we vendor is what we say."""

import hashlib
import json
import re
from pathlib import Path

import django.contrib.admin
import pytest
import unfold
from django.test import Client, RequestFactory
from django.utils import translation
from django.utils.translation import trans_real
from django.utils.translation.template import templatize
from pytest_django import Settings

from crm.web import catalogs, theme
from tests import make

ROOT = Path(__file__).resolve().parent.parent.parent.parent
TEMPLATES = ROOT / "templates"
ORIGINALS = (
    Path(str(unfold.__file__)).parent / "templates",
    Path(str(django.contrib.admin.__file__)).parent / "templates",
)
UNUSED = frozenset(
    {
        "constance",
        "forms",
        "guardian",
        "import_export",
        "location_field",
        "simple_history",
        "unfold_crispy",
    }
)
VENDORED = ROOT / "crm" / "web" / "static" / "vendor"
INLINE = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>|\son[a-z]+\s*=\s*[\"']|javascript:")


def original(name: str) -> Path | None:
    found = (folder / name for folder in ORIGINALS)
    return next((path for path in found if path.exists()), None)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


class TestOverrides:
    def test_are_listed_with_the_originals_they_were_made_from(self) -> None:
        listed = json.loads((TEMPLATES / "overrides.json").read_text())

        found = {
            name: digest(path)
            for template in TEMPLATES.rglob("*.html")
            if (path := original(name := template.relative_to(TEMPLATES).as_posix()))
        }

        assert found == listed, (
            "The theme changed below an override: compare, then renew the hash."
        )


class TestTexts:
    def test_every_text_of_the_theme_speaks_chinese(self) -> None:
        known = trans_real.DjangoTranslation("zh-hans")
        found = {
            catalogs.first_of(one.text)
            for path in texts_of_the_theme()
            for one in catalogs.texts_in(source_of(path), place=path.name)
        }

        assert len(found) > 100
        same = {text for text in found if known.gettext(text) == text}
        assert same == {"%(class_name)s %(instance)s"}  # Chinese says it so, too


def texts_of_the_theme() -> list[Path]:
    """Return the theme's files, without integrations that the product does not use."""
    return [
        path
        for path in ORIGINALS[0].parent.rglob("*")
        if path.suffix in {".py", ".html"} and not UNUSED & set(path.parts)
    ]


def source_of(path: Path) -> bytes:
    if path.suffix == ".py":
        return path.read_bytes()
    return f"(\n{templatize(path.read_text(), origin=path.name)}\n)".encode()


class TestVendored:
    @pytest.mark.parametrize("folder", list(VENDORED.iterdir()), ids=lambda f: f.name)
    def test_has_licence_version_and_hash(self, folder: Path) -> None:
        readme = (folder / "README.md").read_text()
        scripts = list(folder.glob("*.js"))

        assert (folder / "LICENSE").exists()
        assert scripts != []
        assert re.search(r"\d+\.\d+\.\d+", readme)
        assert [s.name for s in scripts if digest(s) not in readme] == []


class TestPolicy:
    def test_forbids_inline_script_and_eval(self, client: Client, db: None) -> None:
        policy = client.get("/admin/login/").headers["Content-Security-Policy"]
        directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))

        assert directives["script-src"] == "'self'"
        assert directives["default-src"] == "'none'"
        assert directives["object-src"] == "'none'"
        assert directives["base-uri"] == "'none'"
        assert directives["frame-ancestors"] == "'none'"
        assert directives["form-action"] == "'self'"

    def test_our_templates_hold_no_inline_script(self) -> None:
        inline = [
            f"{path.relative_to(TEMPLATES)}: {found.group()}"
            for path in TEMPLATES.rglob("*.html")
            for found in INLINE.finditer(path.read_text())
        ]

        assert inline == []


@pytest.mark.parametrize(
    ("environment", "badge"),
    [("production", None), ("demo", "Demo"), ("staging", "Staging")],
)
def test_badge_tells_the_installation(
    settings: Settings, rf: RequestFactory, environment: str, badge: str | None
) -> None:
    settings.ENVIRONMENT = environment

    with translation.override("en"):
        shown = theme.environment(rf.get("/"))

    assert (shown and shown[0]) == badge


@pytest.mark.django_db
class TestPages:
    def test_first_page_tells_what_to_do_without_any_role(self, client: Client) -> None:
        client.force_login(make.user(name="Newcomer"))

        page = client.get("/", follow=True).content.decode()

        assert "Welcome, Newcomer" in page
        assert "Nothing is open to you yet" in page
        assert "Administration" not in page

    def test_speaks_the_language_of_the_person(self, client: Client) -> None:
        client.force_login(make.user(name="小王", language="zh-hans"))

        answer = client.get("/admin/")

        assert "欢迎，小王" in answer.content.decode()
        assert answer.headers["Content-Language"] == "zh-hans"

    def test_language_switch_is_kept_with_the_person(self, client: Client) -> None:
        person = make.user()
        client.force_login(person)

        client.post("/language/", {"language": "zh-hans"})

        person.refresh_from_db()
        assert person.language == "zh-hans"

    @pytest.mark.parametrize("language", ["", "xx", "zh-hans'"])
    def test_unknown_language_changes_nothing(
        self, client: Client, language: str
    ) -> None:
        person = make.user()
        client.force_login(person)

        client.post("/language/", {"language": language})

        person.refresh_from_db()
        assert person.language == "en"

    @pytest.mark.parametrize(
        "target", ["//evil.example", "https://evil.example", "/\\evil.example"]
    )
    def test_language_switch_leads_nowhere_else(
        self, client: Client, target: str
    ) -> None:
        answer = client.post("/language/", {"language": "en", "next": target})

        assert answer.headers.get("Location", "/") == "/"
