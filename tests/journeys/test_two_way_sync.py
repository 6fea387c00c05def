"""Two-way sync as docs/sync.md tells it, killed at every step: nothing lost, nothing twice."""

import sqlite3
from collections.abc import Callable
from typing import Any

import pytest

from crm.accounts.roles import Role
from crm.journal.models import Event
from partners.models import ExternalId, Partner
from tests import make
from tests.crm.web.api.conftest import TokenCaller, program

TABLES = """
CREATE TABLE company (key TEXT PRIMARY KEY, name TEXT, tier TEXT, number INTEGER, dirty INTEGER);
CREATE TABLE mirror (id INTEGER PRIMARY KEY, name TEXT, tier TEXT);
CREATE TABLE place (only INTEGER PRIMARY KEY, cursor TEXT);
"""


class KilledError(Exception):
    """The process dies here."""


class Sync:
    """The other system: a database of its own, and the steps of the page."""

    def __init__(self, api: TokenCaller, step: Callable[[], None]) -> None:
        self.api, self.step = api, step
        self.base = sqlite3.connect(":memory:", isolation_level=None)
        self.base.executescript(TABLES)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Send one request; the process may die before it and after its answer."""
        self.step()
        answer = self.api.send(method, path, body, **headers)
        self.step()
        assert answer.status_code in {200, 201}, answer.content
        return answer.json()

    def read_all(self, path: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        following: str | None = path
        while following:
            page = self.ask("GET", following)
            rows += page["results"]
            following = page["next"]
        return rows

    def save(self, rows: list[dict[str, Any]], gone: set[int], cursor: str) -> None:
        """Write rows and cursor in one transaction; a kill inside rolls it back."""
        self.base.execute("BEGIN")
        try:
            for row in rows:
                values = (row["id"], row["display_name"], row["tier"])
                self.base.execute("REPLACE INTO mirror VALUES (?, ?, ?)", values)
                self.step()
            for number in gone:
                self.base.execute("DELETE FROM mirror WHERE id = ?", (number,))
            self.base.execute("REPLACE INTO place VALUES (1, ?)", (cursor,))
            self.step()
        except KilledError:
            self.base.execute("ROLLBACK")
            raise
        self.base.execute("COMMIT")

    def pull(self) -> None:
        found = self.base.execute("SELECT cursor FROM place").fetchone()
        if found is None:
            cursor = self.ask("GET", "/api/v1/changes/?start=now")["cursor"]
            self.save(self.read_all("/api/v1/partners/?limit=2"), set(), cursor)
            found = (cursor,)
        more = True
        while more:
            page = self.ask("GET", f"/api/v1/changes/?cursor={found[0]}&limit=2")
            ids = {
                each["subject_id"]
                for each in page["results"]
                if each["subject_type"] == "partners.partner"
            }
            asked = ",".join(map(str, sorted(ids)))
            rows = self.read_all(f"/api/v1/partners/?id__in={asked}") if ids else []
            self.save(rows, ids - {row["id"] for row in rows}, page["cursor"])
            found, more = (page["cursor"],), page["has_more"]

    def push(self) -> None:
        dirty = self.base.execute("SELECT * FROM company WHERE dirty = 1").fetchall()
        for key, name, tier, number, _dirty in dirty:
            self.ask(
                "PUT",
                f"/api/v1/partners/by-external-id/erp/{key}/",
                {"display_name": name, "tier": tier},
                Idempotency_Key=f"erp-{key}-{number}",
            )
            clean = "UPDATE company SET dirty = 0 WHERE key = ? AND number = ?"
            self.base.execute(clean, (key, number))
            self.step()

    def change(self, key: str, name: str, tier: str, number: int) -> None:
        self.base.execute(
            "REPLACE INTO company VALUES (?, ?, ?, ?, 1)", (key, name, tier, number)
        )

    def run(self) -> None:
        self.push()
        self.pull()


@pytest.mark.timeout(120)  # every step once
@pytest.mark.django_db(transaction=True)
def test_killed_at_every_step_both_sides_end_alike() -> None:
    api = program(make.user(Role.ALLIANCE_DIRECTOR, Role.INTEGRATION))
    doomed = make.partner("Doomed")
    make.partner("Theirs")
    countdown = {"left": 0}

    def step() -> None:
        countdown["left"] -= 1
        if countdown["left"] == 0:
            raise KilledError

    sync = Sync(api, step)
    sync.change("A", "Ours A", "growth", 1)
    sync.change("B", "Ours B", "key", 1)
    kills = kill_everywhere(sync, api, doomed, countdown)

    countdown["left"] = -1
    sync.run()

    assert kills >= 6
    assert_alike(sync)


def assert_alike(sync: Sync) -> None:
    here = set(Partner.objects.values_list("pk", "display_name", "tier"))
    assert set(sync.base.execute("SELECT * FROM mirror")) == here
    assert ExternalId.objects.filter(system="erp").count() == 2
    made = Event.objects.filter(kind="partner.registered").count()
    edited = Event.objects.filter(kind="partner.edited").count()
    assert (made, edited) == (2, 1)
    assert Partner.objects.get(display_name="Ours A").tier == "strategic"
    assert not sync.base.execute("SELECT 1 FROM company WHERE dirty = 1").fetchall()


def kill_everywhere(
    sync: Sync, api: TokenCaller, doomed: Partner, countdown: dict[str, int]
) -> int:
    """Run again and again, killed one step later each time; return how often it died."""
    kills = 0
    for number in range(1, 200):
        countdown["left"] = number
        if number == 10:
            sync.change("A", "Ours A", "strategic", 2)
            answer = api.send("DELETE", f"/api/v1/partners/{doomed.pk}/", If_Match="*")
            assert answer.status_code == 204, answer.content
        try:
            sync.run()
        except KilledError:
            kills += 1
        else:
            if number > 10:
                break
    return kills
