"""What went wrong in other products, tried here; docs/security.md lists all 26 with their tests."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from crm.accounts import tokens
from crm.accounts.models import BrowserSession, User
from crm.accounts.roles import Role
from crm.web.api.doors import Door
from crm.web.api.pages import PUBLISHED
from crm.web.scoping import ReadOnlyInline
from partners.models import Partner
from tests import make
from tests.crm.web.api.conftest import caller, program

ROOT = Path(__file__).resolve().parents[2]
PARTNERS = "/api/v1/partners/"
OPEN_TO_STRANGERS = (
    "admin/login/",
    "admin/logout/",
    "admin/jsi18n/",
    "admin/password_reset/",
    "people/invitation/",  # links of invitations, each good once
    "people/password/",  # links to a new password, each good once
    "reports/",  # signed links in mails
)
"""Addresses that nobody has to log in for."""


def addresses(resolver: Any, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from addresses(entry, path)
        else:
            yield path, entry


def filled(path: str) -> str:
    for kind, value in (
        ("<int:", "1"), ("<slug:", "erp"), ("<str:", "x"), ("<path:", "1"), ("<uuid:", "0"),
    ):  # fmt: skip
        while kind in path:
            start = path.index(kind)
            end = path.index(">", start)
            path = path[:start] + value + path[end + 1 :]
    return "/" + path.lstrip("^")


def api_doors() -> Iterator[tuple[str, Any]]:
    for path, entry in addresses(get_resolver()):
        view: Any = entry.callback
        door = getattr(view, "cls", None) or getattr(view, "view_class", None)
        if door is not None and issubclass(door, Door) and path.startswith("api/v1/"):
            yield path, view


def stored() -> dict[str, int]:
    """Count the rows of every table of ours, but for what a token's use is noted in."""
    return {
        model._meta.label: model._default_manager.count()
        for model in apps.get_models()
        if model.__module__.split(".")[0] in {"crm", "partners", "deals"}
        and model is not BrowserSession
    }


def sources() -> Iterator[tuple[str, ast.Module]]:
    for package in ("crm", "partners", "deals"):
        for path in (ROOT / package).rglob("*.py"):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text())


@pytest.fixture
def anna(db: None) -> User:  # noqa: ARG001 - opens the database
    return make.user(Role.ALLIANCE_MANAGER)


class TestCase1WriteFirstAuthoriseLater:
    @pytest.mark.timeout(120)  # every address, every method
    def test_forbidden_writes_leave_every_table_as_it_was(self, db: None) -> None:
        make.partner()
        reader = program(make.user(Role.ALLIANCE_DIRECTOR), is_read_only=True)
        before, let_in = stored(), []
        for path, _view in api_doors():
            for method in ("POST", "PATCH", "PUT", "DELETE"):
                answer = reader.send(method, filled(path), {}, If_Match="*")
                if answer.status_code not in {403, 404, 405}:
                    let_in.append(f"{method} {path}: {answer.status_code}")

        assert let_in == []
        assert stored() == before


class TestCases3To5Formsets:
    def test_no_page_edits_in_lists_or_inlines(self) -> None:
        for page in admin.site._registry.values():
            assert not page.list_editable
            assert all(issubclass(inline, ReadOnlyInline) for inline in page.inlines)

    def test_a_forged_formset_makes_and_deletes_nothing(self, anna: User) -> None:
        partner, other = make.partner(owner=anna), make.partner()
        forged = {
            "form-TOTAL_FORMS": "2",
            "form-INITIAL_FORMS": "1",
            "form-0-id": str(other.pk),
            "form-0-DELETE": "on",
            "form-1-display_name": "Forged",
            "_save": "Save",
        }
        before = stored()

        caller(anna).post("/admin/partners/partner/", forged)
        caller(anna).post(f"/admin/partners/partner/{partner.pk}/change/", forged)

        assert stored() == before


class TestCase6HostileAddresses:
    @pytest.mark.parametrize(
        "url", ["javascript:alert(1)", "data:text/html,x", "//x.example"]
    )
    def test_no_address_field_takes_a_script(self, db: None, url: str) -> None:
        api = program(make.user(Role.INTEGRATION))

        answer = api.send("POST", "/api/v1/webhooks/", {"description": "x", "url": url})

        assert answer.status_code == 400


class TestCase7And23HostileParameters:
    @pytest.mark.parametrize(
        "query",
        [
            "_connector=OR", "_negated=true", "id__in__in=1", "ordering=owner__password",
            "ordering=?", "ordering=id;--", "fields=owner__password", "expand=owner__groups",
            "owner__password__startswith=a", "pk=1", "display_name__regex=(a+)+$",
            "id__in=1e1000000", "owner_id=1e1000000", "owner_id=99999999999999999999",
            "limit=1e3", "limit=-1", "limit=٣", "cursor=x", "archived_at__isnull=maybe",
            "owner_id__in=" + ",".join(["1"] * 201), "display_name=" + "x" * 4_097,
        ],
    )  # fmt: skip
    def test_are_refused_and_never_reach_the_database(
        self, anna: User, query: str
    ) -> None:
        answer = program(anna).get(f"{PARTNERS}?{query}")

        assert answer.status_code == 400
        assert answer.headers["Content-Type"] == "application/problem+json"


class TestCase8Caches:
    def test_answers_are_for_one_person_and_kept_by_nobody(self, anna: User) -> None:
        for answer in (program(anna).get(PARTNERS), Client().get(PARTNERS)):
            assert "no-store" in answer.headers["Cache-Control"]
            assert {"Authorization", "Cookie"} <= set(
                answer.headers["Vary"].split(", ")
            )


class TestCase9NestedSecrets:
    def test_no_shape_shows_a_secret(self) -> None:
        schemas = json.loads(PUBLISHED.read_bytes())["components"]["schemas"]
        shown = {
            name: member
            for name, schema in schemas.items()
            if not name.endswith("Request")
            for member in schema.get("properties", {})
            if any(word in member for word in ("password", "secret", "salt"))
        }

        assert shown == {}
        assert "digest" not in schemas["Token"]["properties"]


class TestCase10UserTemplates:
    def test_no_template_is_made_from_text(self) -> None:
        makers = {"Template", "from_string", "eval", "exec"}
        found = [
            f"{name}:{node.lineno}"
            for name, tree in sources()
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
            and getattr(node.func, "attr", getattr(node.func, "id", "")) in makers
            and "migrations" not in name
        ]
        found += [
            f"{name}:{node.lineno}"
            for name, tree in sources()
            for node in ast.walk(tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
            and "jinja2" in ast.dump(node)
        ]

        assert found == []


class TestCase11MarkupInNames:
    def test_is_text_on_pages_and_in_refusals(self, anna: User) -> None:
        name = "<script>alert(1)</script>"
        partner = make.partner(name, owner=anna)
        make.cooperation(partner, owner=anna)
        boss = make.user(Role.ALLIANCE_DIRECTOR)

        pages = [
            caller(anna).get("/admin/partners/partner/").text,
            caller(anna).get(f"/admin/partners/partner/{partner.pk}/change/").text,
        ]
        refused = program(boss).send("DELETE", f"{PARTNERS}{partner.pk}/", If_Match="*")

        assert not any(name in page for page in pages)
        assert refused.headers["Content-Type"] == "application/problem+json"
        assert refused.headers["X-Content-Type-Options"] == "nosniff"


class TestCase12And18AbsentAndForbidden:
    def test_a_hidden_row_answers_like_an_absent_one(self, anna: User) -> None:
        hidden = make.partner(confidentiality="restricted")
        mine, api = make.partner(owner=anna), program(anna)

        def answers(number: int) -> list[str]:
            patch = {"parent_id": number}
            found = [
                api.get(f"{PARTNERS}{number}/"),
                api.send(
                    "PATCH", f"{PARTNERS}{number}/", {"tier": "core"}, If_Match="*"
                ),
                api.send("PATCH", f"{PARTNERS}{mine.pk}/", patch, If_Match="*"),
                api.send(
                    "PATCH", PARTNERS, [{"id": number, "version": 1, "tier": "core"}]
                ),
                api.get(f"{PARTNERS}?parent_id={number}"),
            ]
            return [each.content.decode().replace(str(number), "N") for each in found]

        assert answers(hidden.pk) == answers(10**9 + 7)


class TestCase13Tokens:
    def test_are_random_and_compared_in_constant_time(self) -> None:
        source = ast.parse((ROOT / "crm/accounts/tokens.py").read_text())
        called = {
            ast.unparse(node.func)
            for node in ast.walk(source)
            if isinstance(node, ast.Call)
        }

        assert {"hmac.compare_digest", "secrets.choice", "hmac.new"} <= called
        assert not any(name.startswith("random.") for name in called)
        assert len({tokens.generate(pepper="p").text for _number in range(100)}) == 100


class TestCase15EveryAddressAsksWhoItIs:
    def test_strangers_are_let_in_nowhere_else(self, db: None) -> None:
        stranger, let_in = Client(raise_request_exception=False), []
        for path, _entry in addresses(get_resolver()):
            if not path or path.startswith(OPEN_TO_STRANGERS) or "(?P" in path:
                continue
            answer = stranger.get(filled(path))
            is_login = (
                answer.status_code == 302 and "login" in answer.headers["Location"]
            )
            if not is_login and answer.status_code not in {401, 403, 404, 405}:
                let_in.append(f"{path}: {answer.status_code}")

        assert let_in == []


class TestCase16ContactsAreNoLogins:
    def test_the_address_of_a_contact_changes_no_login(self, anna: User) -> None:
        boss = make.user(Role.EXECUTIVE, email="boss@example.com")
        contact = make.contact(make.partner(owner=anna), email="boss@example.com")
        before = list(User.objects.order_by("pk").values("email", "password"))

        answer = program(anna).send(
            "PATCH",
            f"/api/v1/contacts/{contact.pk}/",
            {"email": "evil@example.com"},
            If_Match="*",
        )

        assert answer.status_code in {200, 400}
        assert list(User.objects.order_by("pk").values("email", "password")) == before
        assert boss.email == "boss@example.com"


class TestCase21Redirects:
    @pytest.mark.parametrize(
        "target",
        ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:x"],
    )
    def test_next_leads_nowhere_else(self, db: None, target: str) -> None:
        boss = make.user(Role.EXECUTIVE, password="a fine long sentence")
        asked = {
            "username": boss.email,
            "password": "a fine long sentence",
            "next": target,
        }

        login = Client().post(f"/admin/login/?next={target}", asked)
        language = Client().post("/language/", {"language": "en", "next": target})

        for answer in (login, language):
            assert "evil" not in answer.headers.get("Location", "")
            assert "javascript" not in answer.headers.get("Location", "")


class TestCase22WhatSessionsHold:
    def test_no_password_and_a_new_key_after_login(self, db: None) -> None:
        password = "a fine long sentence"
        boss = make.user(Role.EXECUTIVE, password=password)
        browser = Client()
        browser.get("/admin/login/")

        browser.post("/admin/login/", {"username": boss.email, "password": password})

        held = json.dumps(dict(browser.session), default=str)
        assert password not in held
        assert str(boss.pk) in held


class TestCase25Mail:
    def test_nothing_fails_silently(self) -> None:
        found = [
            name
            for name, tree in sources()
            for node in ast.walk(tree)
            if isinstance(node, ast.keyword)
            and node.arg == "fail_silently"
            and isinstance(node.value, ast.Constant)
            and node.value.value is not False
        ]

        assert found == []


class TestCase24Tasks:
    def test_only_json_is_taken_from_the_broker(self) -> None:
        assert settings.CELERY_ACCEPT_CONTENT == ["json"]
        assert settings.CELERY_TASK_SERIALIZER == "json"
        assert settings.CELERY_TASK_IGNORE_RESULT


class TestCase26Logs:
    def test_a_path_with_line_breaks_is_one_line(
        self, db: None, capfd: pytest.CaptureFixture[str]
    ) -> None:
        Client().get("/api/v1/x%0d%0a2026-01-01 [info] forged")

        written = capfd.readouterr()
        lines = (written.out + written.err).splitlines()
        assert not any(line.startswith("2026-01-01 [info] forged") for line in lines)


class TestCase2IsTheMatrix:
    def test_partners_have_one_policy(self, anna: User) -> None:
        hidden = make.partner(confidentiality="restricted")

        assert not Partner.objects.visible_to(anna).filter(pk=hidden.pk).exists()
