"""The published description: complete, valid, and the same as the doors."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.drainage import GENERATOR_STATS
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from crm.accounts import tokens
from crm.journal.models import Event
from crm.web.api.doors import Door
from crm.web.api.pages import PUBLISHED
from crm.web.management.commands.api_schema import described
from crm.webhooks.payloads import body_of
from tests.crm.web.api.conftest import Caller

PAGES = {"api-docs", "api-redoc", "api-redoc-script"}


def routes(resolver: URLResolver, prefix: str = "") -> list[tuple[str, URLPattern]]:
    found: list[tuple[str, URLPattern]] = []
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        found += (
            routes(entry, path) if isinstance(entry, URLResolver) else [(path, entry)]
        )
    return found


API_ROUTES = [
    (path, entry)
    for path, entry in routes(get_resolver())
    if path.lstrip("^").startswith("api/") and entry.name not in PAGES
]


class TestRoutes:
    @pytest.mark.parametrize(
        ("path", "entry"), API_ROUTES, ids=[path for path, _ in API_ROUTES]
    )
    def test_every_address_declares_whom_it_lets_in(
        self, path: str, entry: URLPattern
    ) -> None:
        view: Any = entry.callback
        door = getattr(view, "cls", None) or view.view_class

        assert issubclass(door, Door)
        assert door.access is not None, f"{door.__name__} declares no access"
        assert door.access.scope in {*tokens.AREAS, "none", "schema"}, "no such scope"

    def test_there_are_some(self) -> None:
        assert len(API_ROUTES) > 4


class TestDocument:
    def test_is_the_same_as_the_doors(self) -> None:
        assert PUBLISHED.read_bytes() == described(), "run manage.py api_schema"

    def test_leaves_nothing_to_guess(self) -> None:
        GENERATOR_STATS.reset()

        described()

        assert not GENERATOR_STATS, "run manage.py api_schema to see what"

    @pytest.mark.timeout(90)  # the validator walks every path; the document grows
    def test_is_valid_openapi_3_1(self) -> None:
        document = json.loads(PUBLISHED.read_bytes())

        assert document["openapi"] == "3.1.0"
        validate(document)

    def test_has_examples_that_its_own_schemas_allow(self) -> None:
        document = json.loads(PUBLISHED.read_bytes())
        schemas = document["components"]["schemas"]
        with_example = [name for name, each in schemas.items() if "examples" in each]

        faults = [
            f"{name}: {fault.json_path} {fault.message}"
            for name in with_example
            for example in schemas[name]["examples"]
            for fault in Draft202012Validator(
                {
                    "$ref": f"#/components/schemas/{name}",
                    "components": document["components"],
                }
            ).iter_errors(example)
        ]

        assert faults == []
        objects = [
            name for name, each in schemas.items() if each.get("type") == "object"
        ]
        assert len(with_example) >= 0.9 * len(objects)

    def test_tells_what_webhooks_send(self) -> None:
        document = json.loads(PUBLISHED.read_bytes())

        (message,) = document["webhooks"].values()
        assert "requestBody" in message["post"]
        sent = json.loads(
            body_of(Event(pk=7, kind="a.b", subject_type="x", subject_id=1))
        )
        told = document["components"]["schemas"]["WebhookMessage"]
        assert set(sent) == set(told["properties"])
        assert set(sent["data"]) == set(told["properties"]["data"]["properties"])

    def test_is_served_to_whom_it_knows(self, api: Caller) -> None:
        response = api.get("/api/schema/")

        assert response.content == PUBLISHED.read_bytes()

    def test_is_not_served_to_strangers(self, db: None, client: Client) -> None:
        assert client.get("/api/schema/").status_code == 401


class TestPages:
    @pytest.mark.parametrize("path", ["/api/docs/", "/api/redoc/"])
    def test_have_no_inline_script_and_load_nothing_from_outside(
        self, api: Caller, path: str
    ) -> None:
        response = api.get(path)

        html = response.content.decode()
        assert response.status_code == 200
        assert "<script>" not in html
        assert "://" not in html
        assert "'unsafe-eval'" not in response.headers["Content-Security-Policy"]

    def test_ask_strangers_to_log_in(self, db: None, client: Client) -> None:
        assert client.get("/api/docs/").status_code == 302
