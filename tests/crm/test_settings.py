"""Settings: what production refuses, that it passes Django's own checks, and the table."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from crm import env, production

ROOT = Path(__file__).resolve().parent.parent.parent
GOOD_KEY = "k9Q-x2V_w8Zr4T1mB7nL0pS3dF6gH5jK-aE_uYcIoXvWqR2zP8tN"
PRODUCTION = {
    "CRM_ENVIRONMENT": "production",
    "SECRET_KEY": GOOD_KEY,
    "DATABASE_URL": "postgresql://crm:secret@db.internal/crm",
    "REDIS_URL": "rediss://:secret@broker.internal:6379/0",
    "ALLOWED_HOSTS": "crm.company.example",
    "PUBLIC_URL": "https://crm.company.example",
    "EMAIL_URL": "smtps://crm:secret@mail.internal:465",
}
READERS = {"text", "flag", "number", "words", "secret"}


def manage(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(  # noqa: S603  # our own command
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


class TestProduction:
    @pytest.mark.timeout(60)
    def test_passes_the_deployment_checks(self, tmp_path: Path) -> None:
        done = manage(
            "check",
            "--deploy",
            "--fail-level",
            "WARNING",
            **PRODUCTION,
            CRM_STATE_DIR=str(tmp_path),
        )

        assert "no issues (0 silenced)" in done.stdout, done.stderr
        assert done.returncode == 0
        assert not (tmp_path / "secret_key").exists()

    @pytest.mark.timeout(60)
    def test_does_not_start_without_a_secret_and_says_which(
        self, tmp_path: Path
    ) -> None:
        given = {**PRODUCTION, "SECRET_KEY": ""}

        done = manage("check", **given, CRM_STATE_DIR=str(tmp_path))

        assert done.returncode == 1
        assert "SECRET_KEY is not set" in done.stderr
        assert "Traceback" not in done.stderr

    @pytest.mark.parametrize("name", production.REQUIRED)
    def test_names_each_missing_variable(self, name: str) -> None:
        given = {**PRODUCTION, name: ""}

        with pytest.raises(env.SettingError, match=f"{name} is not set"):
            production.refuse_unless_ready(given, debug=False)

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("SECRET_KEY", "changeme"),
            ("SECRET_KEY", "django-insecure-" + GOOD_KEY),
            ("SECRET_KEY", GOOD_KEY[:49]),
            ("SECRET_KEY", "ab" * 30),
            ("ALLOWED_HOSTS", "crm.company.example, *"),
            ("PUBLIC_URL", "http://crm.company.example"),
            ("DATABASE_URL", "sqlite:///crm.db"),
        ],
    )
    def test_refuses_what_is_default_or_unsafe(self, name: str, value: str) -> None:
        with pytest.raises(env.SettingError, match=name):
            production.refuse_unless_ready({**PRODUCTION, name: value}, debug=False)

    def test_refuses_debug(self) -> None:
        with pytest.raises(env.SettingError, match="DEBUG"):
            production.refuse_unless_ready(PRODUCTION, debug=True)

    def test_accepts_a_key_of_exactly_the_shortest_length(self) -> None:
        given = {**PRODUCTION, "SECRET_KEY": GOOD_KEY[:50]}

        production.refuse_unless_ready(given, debug=False)


class TestKeptSecret:
    def test_stays_the_same_and_only_its_owner_reads_it(self, tmp_path: Path) -> None:
        path = tmp_path / "new" / "secret_key"

        first = env.kept_secret(path)

        assert env.kept_secret(path) == first
        assert len(first) > 80
        assert path.stat().st_mode & 0o777 == 0o600
        assert [p.name for p in path.parent.iterdir()] == ["secret_key"]


class TestSecretFile:
    def test_is_read_when_the_variable_is_not_set(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file = tmp_path / "key"
        file.write_text(f"{GOOD_KEY}\n")
        monkeypatch.delenv("SECRET_KEY", raising=False)
        monkeypatch.setenv("SECRET_KEY_FILE", str(file))

        assert env.secret("SECRET_KEY") == GOOD_KEY

    def test_that_is_empty_is_refused(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file = tmp_path / "key"
        file.touch()
        monkeypatch.delenv("SECRET_KEY", raising=False)
        monkeypatch.setenv("SECRET_KEY_FILE", str(file))

        with pytest.raises(env.SettingError, match="is empty"):
            env.secret("SECRET_KEY")

    def test_that_cannot_be_read_is_refused(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("SECRET_KEY", raising=False)
        monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "gone"))

        with pytest.raises(env.SettingError, match="SECRET_KEY_FILE: cannot read"):
            env.secret("SECRET_KEY")


class TestReaders:
    @pytest.mark.parametrize(
        ("text", "read"), [(" Yes", True), ("1", True), ("off", False), ("", False)]
    )
    def test_a_flag_is_yes_or_no(
        self, monkeypatch: pytest.MonkeyPatch, text: str, *, read: bool
    ) -> None:
        monkeypatch.setenv("CRM_SOMETHING", text)

        assert env.flag("CRM_SOMETHING", default=not read) is read

    def test_a_number_is_whole(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert env.number("CRM_SOMETHING", 7) == 7
        monkeypatch.setenv("CRM_SOMETHING", "12")
        assert env.number("CRM_SOMETHING", 7) == 12

    @pytest.mark.parametrize("text", ["maybe", "1.5", "2 %"])
    def test_what_is_neither_is_refused_by_name(
        self, monkeypatch: pytest.MonkeyPatch, text: str
    ) -> None:
        monkeypatch.setenv("CRM_SOMETHING", text)

        with pytest.raises(env.SettingError, match="CRM_SOMETHING must be yes or no"):
            env.flag("CRM_SOMETHING", default=False)
        with pytest.raises(env.SettingError, match="CRM_SOMETHING must be a whole"):
            env.number("CRM_SOMETHING", 1)

    def test_what_is_missing_is_named(self) -> None:
        with pytest.raises(env.SettingError, match="CRM_SOMETHING is not set"):
            env.text("CRM_SOMETHING")


class TestTable:
    def test_names_exactly_the_variables_that_the_code_reads(self) -> None:
        assert set(in_table()) == in_code()

    def test_names_each_once(self) -> None:
        assert len(in_table()) == len(set(in_table()))


def in_table() -> list[str]:
    """Return the variables of the table in docs/settings.md."""
    text = (ROOT / "docs" / "settings.md").read_text()
    return re.findall(r"^\| `([A-Z_]+)`", text, flags=re.MULTILINE)


def in_code() -> set[str]:
    """Return the variables that any module reads, by env.* or os.environ."""
    found: set[str] = set()
    for path in (ROOT / "crm").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and node.args:
                found |= read_by(node)
    return found - {"DJANGO_SETTINGS_MODULE"}


def read_by(call: ast.Call) -> set[str]:
    first = call.args[0]
    if not (isinstance(first, ast.Constant) and isinstance(call.func, ast.Attribute)):
        return set()
    is_env = ast.unparse(call.func.value) == "env" and call.func.attr in READERS
    is_os = ast.unparse(call.func) == "os.environ.get"
    return {str(first.value)} if is_env or is_os else set()
