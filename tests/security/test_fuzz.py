"""schemathesis with all its checks against a running server on the demo's data: no failure, no 5xx.

The short form asks as somebody with every role. `make fuzz` is the long one: more phases, as each role.
"""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from crm.accounts import operations as accounts
from crm.accounts import tokens
from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.demo import operations
from crm.web.api.pages import PUBLISHED
from tests import make

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SEED = "20261123"
EXPERT = [
    Path(sys.executable).with_name("schemathesis"),
    "--config-file",
    HERE / "schemathesis.toml",
]
ALL_PHASES = (
    "examples,coverage,fuzzing"  # the fourth, stateful, ends in an assertion of its own
)


def token_of(person: User) -> str:
    at = timezone.now()
    _token, text = accounts.issue_token(
        owner=person,
        name="fuzz",
        scopes=tokens.SCOPES,
        expires_at=at + timedelta(days=1),
        by=person,
        at=at,
    )
    return text


def run(url: str, person: User, folder: Path, *how: str) -> None:
    """Ask as this person; fail with what schemathesis says when it finds anything."""
    done = subprocess.run(  # noqa: S603 - our own arguments
        [
            *map(str, EXPERT), "run", str(PUBLISHED), "--url", url,
            "--header", f"Authorization: Bearer {token_of(person)}",
            "--checks", "all", "--seed", SEED, "--no-color", "--continue-on-failure",
            "--generation-database", "none", "--suppress-health-check", "all",
            "--warnings", "off", "--report-dir", str(folder), *how,
        ],
        cwd=ROOT,
        env={**os.environ, "SCHEMATHESIS_HOOKS": "tests.security.schemathesis_checks"},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]


@pytest.fixture
def demo(
    tmp_path: Path,
    settings: Any,
    socket_enabled: None,  # noqa: ARG001 - the server listens
) -> None:
    settings.USAGE_STORE = tmp_path / "usage"
    settings.ALLOWED_HOSTS = ["*"]
    at = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0)
    assert operations.seed_demo(seed=2026, at=at, say=lambda _text: None)


@pytest.mark.usefixtures("demo")
@pytest.mark.timeout(240)  # the demo, then a thousand requests
@pytest.mark.django_db(transaction=True)
def test_nothing_breaks(live_server: LiveServer, tmp_path: Path) -> None:
    person = make.user(*Role.values)

    run(live_server.url, person, tmp_path, "--phases", "fuzzing", "-n", "1")


@pytest.mark.long
@pytest.mark.usefixtures("demo")
@pytest.mark.timeout(3_600)
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("role", Role.values)
def test_nothing_breaks_as(live_server: LiveServer, tmp_path: Path, role: str) -> None:
    person = User.objects.filter(groups=Group.objects.get(name=role)).earliest("pk")

    run(
        live_server.url, person, tmp_path, "--phases", ALL_PHASES, "-n",
        os.environ.get("FUZZ_EXAMPLES", "4"),
    )  # fmt: skip
