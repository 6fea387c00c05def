"""A real Chromium that reports everything a page should not do."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from crm.accounts.models import User
from tests import make

PASSWORD = "correct horse battery staple"
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
]
WATCH = """
window.__violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.__violations.push(
    `${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`
  )
);
"""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@dataclass
class Watched:
    """A page and what it did wrong so far."""

    page: Page
    address: str
    faults: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        """Go to a path and wait until its scripts are done."""
        self.judge()
        self.page.goto(f"{self.address}{path}")
        self.settle()

    def settle(self) -> None:
        self.page.wait_for_load_state("networkidle")
        self.page.wait_for_function("!document.documentElement.hasAttribute('x-cloak')")

    def judge(self) -> None:
        """Fail when any page so far violated the policy, logged an error or went out."""
        if self.page.url.startswith("http"):
            self.faults += self.page.evaluate("window.__violations || []")
            self.page.evaluate("window.__violations = []")
        assert self.faults == []

    def violations(self) -> list[str]:
        """Return what axe finds wrong by WCAG 2.2 AA: rule and place."""
        found = Axe().run(
            self.page, options={"runOnly": {"type": "tag", "values": RULES}}
        )
        return [
            f"{rule['id']}: {node['target']} {node['failureSummary']}"
            for rule in found.response["violations"]
            for node in rule["nodes"]
        ]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if path is None:
        message = "Chromium is missing; install the package `chromium`."
        pytest.fail(message) if os.environ.get("CI") == "true" else pytest.skip(message)
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright keeps a loop running
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def shape() -> dict[str, Any]:
    """Return what the browser looks like; tests override it by parameters."""
    return {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"}


@pytest.fixture
def watched(
    socket_enabled: None,
    chromium: Browser,
    live_server: LiveServer,
    shape: dict[str, Any],
) -> Iterator[Watched]:
    context = chromium.new_context(locale="en-GB", **shape)
    context.add_init_script(WATCH)
    page = context.new_page()
    page.set_default_timeout(8_000)
    watched = Watched(page=page, address=live_server.url)
    host = urlsplit(live_server.url).netloc

    def on_console(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            watched.faults.append(f"console: {message.text} {message.location}")

    def on_request(request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in {"data", "blob"} and parts.netloc != host:
            watched.faults.append(f"went outside: {request.url}")

    page.on("console", on_console)
    page.on(
        "pageerror",
        lambda error: watched.faults.append(f"script: {error.message} {error.stack}"),
    )
    page.on("request", on_request)
    yield watched
    watched.judge()
    context.close()


@pytest.fixture
def root(transactional_db: None) -> User:
    """Return somebody who may do everything."""
    person = make.user(email="root@example.com", name="Root", password=PASSWORD)
    person.is_superuser = True
    person.save()
    return person


@pytest.fixture
def inside(watched: Watched, root: User, settings: Settings) -> Watched:
    """Return the browser on the first page, logged in by a session made here."""
    client = Client()
    client.force_login(root)
    name = settings.SESSION_COOKIE_NAME
    watched.page.context.add_cookies(
        [{"name": name, "value": client.cookies[name].value, "url": watched.address}]
    )
    watched.open("/")
    return watched
