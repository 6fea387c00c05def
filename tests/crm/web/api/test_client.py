"""A client generated from the published description by a tool of others works against the server."""

import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest
from pytest_django.live_server_helper import LiveServer

from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.web.api.pages import PUBLISHED
from partners.models import Partner
from tests import make
from tests.crm.web.api.conftest import program

GENERATOR = Path(sys.executable).with_name("openapi-python-client")
NAME = "generated_client"
"""What the tool calls the package, by the configuration below."""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Generate the client once, and import it from there."""
    folder = tmp_path_factory.mktemp("client")
    config = folder / "config.yml"
    config.write_text(f"package_name_override: {NAME}\npost_hooks: []\n")
    done = subprocess.run(  # noqa: S603 - our own arguments
        [str(GENERATOR), "generate", "--path", str(PUBLISHED), "--meta", "none",
         "--output-path", str(folder / NAME), "--config", str(config)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    sys.path.insert(0, str(folder))
    yield folder / NAME
    sys.path.remove(str(folder))
    for name in [each for each in sys.modules if each.split(".")[0] == NAME]:
        del sys.modules[name]


@pytest.fixture
def anna(transactional_db: None) -> User:  # noqa: ARG001 - opens the database
    return make.user(Role.ALLIANCE_MANAGER, name="Anna")


@pytest.fixture
def client(
    package: Path,  # noqa: ARG001 - made once
    anna: User,
    live_server: LiveServer,
    socket_enabled: None,  # noqa: ARG001 - the client may go out
) -> Iterator[Any]:
    secret = program(anna).defaults["HTTP_AUTHORIZATION"].split()[1]
    made = importlib.import_module(f"{NAME}.client").AuthenticatedClient(
        base_url=live_server.url, token=secret, raise_on_unexpected_status=True
    )
    with made as ready:
        yield ready


def call(client: Any, module: str, *place: Any, **how: Any) -> SimpleNamespace:
    """Call one function of the client; return status, headers and the parsed answer."""
    function = importlib.import_module(f"{NAME}.api.{module}").sync_detailed
    answer = function(*place, client=client, **how)
    return SimpleNamespace(
        status=int(answer.status_code), headers=answer.headers, parsed=answer.parsed
    )


def model(name: str, **members: Any) -> Any:
    return getattr(importlib.import_module(f"{NAME}.models"), name)(**members)


class TestClient:
    def test_has_a_function_for_every_operation(self, package: Path) -> None:
        made = {
            path.stem for path in package.glob("api/*/*.py") if path.stem != "__init__"
        }
        document = orjson.loads(PUBLISHED.read_bytes())
        told = {
            operation["operationId"]
            for operations in document["paths"].values()
            for operation in operations.values()
        }

        assert made == told

    def test_reads_lists_page_by_page(self, client: Any, anna: User) -> None:
        for number in range(3):
            make.partner(f"Partner {number}", owner=anna)

        first = call(client, "partners.partners_list", limit=2).parsed
        cursor = parse_qs(urlsplit(first.next_).query)["cursor"][0]
        second = call(client, "partners.partners_list", limit=2, cursor=cursor).parsed

        names = [row.display_name for row in (*first.results, *second.results)]
        assert names == ["Partner 0", "Partner 1", "Partner 2"]
        assert second.next_ is None

    def test_creates_once_with_a_key(self, client: Any) -> None:
        body = model(
            "PartnerRequest", display_name="Acme", legal_name="Acme Ltd", country="DE"
        )

        answers = [
            call(client, "partners.partners_create", body=body, idempotency_key="once")
            for _time in range(2)
        ]

        assert [answer.status for answer in answers] == [201, 201]
        assert answers[0].parsed.id == answers[1].parsed.id
        assert answers[1].headers["Idempotency-Replayed"] == "true"
        assert Partner.objects.count() == 1

    def test_changes_what_it_has_seen_and_nothing_else(
        self, client: Any, anna: User
    ) -> None:
        partner = make.partner(owner=anna)
        seen = call(client, "partners.partners_retrieve", partner.pk)
        body = model("PatchedPartnerRequest", local_name="本地")

        changed = call(
            client, "partners.partners_partial_update", partner.pk, body=body,
            if_match=seen.headers["ETag"],
        )  # fmt: skip
        late = call(
            client, "partners.partners_partial_update", partner.pk, body=body,
            if_match=seen.headers["ETag"],
        )  # fmt: skip

        assert changed.status == 200, changed.parsed.errors
        assert changed.parsed.local_name == "本地"
        assert (late.status, late.parsed.code) == (412, "version.stale")
        assert late.parsed.current_version == changed.parsed.version

    def test_is_told_what_a_stage_still_needs(self, client: Any, anna: User) -> None:
        cooperation = make.cooperation(make.partner(owner=anna), owner=anna)
        body = model("MoveRequest", to="qualified")

        refused = call(
            client, "cooperations.stage_moves_create", cooperation.pk, body=body
        )

        assert refused.status == 409
        assert refused.parsed.missing
