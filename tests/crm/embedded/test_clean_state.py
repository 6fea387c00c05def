"""`manage.py clean_state`: asks, and deletes nothing but a state folder at rest."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from crm.embedded import owner
from crm.embedded.places import Places


@pytest.fixture
def where(tmp_path: Path, settings: Any) -> Places:
    made = Places(state=tmp_path / "var", sockets=tmp_path / "var" / "run")
    made.run.mkdir(parents=True)
    (made.state / "secret_key").write_text("x")
    settings.EMBEDDED = made
    return made


def clean(**options: bool) -> str:
    out = io.StringIO()
    call_command("clean_state", stdout=out, **options)
    return out.getvalue()


@pytest.mark.parametrize("answer", ["y", "YES "])
def test_deletes_after_a_yes(
    where: Places, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{answer}\n"))

    assert "Deleted." in clean()
    assert not where.state.exists()
    assert "no state" in clean()


@pytest.mark.parametrize("answer", ["n\n", "\n", "what?\n", ""])
def test_keeps_after_anything_else_and_where_nobody_answers(
    where: Places, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))

    assert "Kept." in clean()
    assert (where.state / "secret_key").exists()


def test_asks_nothing_when_told_so(where: Places) -> None:
    assert clean(yes=True) == "Deleted.\n"
    assert not where.state.exists()


def test_refuses_while_servers_run(where: Places) -> None:
    with owner.owning(where, role="up"), pytest.raises(CommandError, match="Stop them"):
        clean(yes=True)

    assert where.state.exists()


@pytest.mark.parametrize("folder", ["home", "elsewhere"])
def test_refuses_what_is_no_state_folder(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    kept = tmp_path / folder
    (kept / ("run" if folder == "home" else "other")).mkdir(parents=True)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    settings.EMBEDDED = Places(state=kept, sockets=kept)

    with pytest.raises(CommandError, match="not a state folder"):
        clean(yes=True)

    assert kept.exists()
