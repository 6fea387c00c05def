"""Locks between processes, tried within one: each open file counts by itself."""

import os
from pathlib import Path

import pytest

from crm.embedded import locks, owner, places


class TestLocks:
    def test_exclude_one_another(self, tmp_path: Path) -> None:
        lock = tmp_path / "lock"

        with locks.held(lock):
            assert locks.is_held(lock)
            with pytest.raises(locks.LockedError):
                locks.take(lock, patience=0.1)

        assert locks.is_free(lock)

    def test_may_be_shared(self, tmp_path: Path) -> None:
        lock = tmp_path / "lock"

        with locks.held(lock, shared=True), locks.held(lock, shared=True):
            assert not locks.is_held(lock)
            assert not locks.is_free(lock)

    def test_are_free_before_their_file_is_there(self, tmp_path: Path) -> None:
        assert locks.is_free(tmp_path / "none")
        assert not locks.is_held(tmp_path / "none")


class TestOwner:
    @pytest.fixture
    def where(self, tmp_path: Path) -> places.Places:
        return places.Places(state=tmp_path, sockets=tmp_path)

    @pytest.fixture(autouse=True)
    def run_folder(self, where: places.Places) -> None:
        where.run.mkdir()

    def test_is_known_while_it_lives(self, where: places.Places) -> None:
        assert owner.current(where) is None
        with owner.owning(where, role="up"):
            assert owner.current(where) == ("up", os.getpid())
        assert owner.current(where) is None

    def test_is_ending_when_only_its_servers_live(self, where: places.Places) -> None:
        with locks.held(owner.lock(where)):
            owner.lock(where).write_text("up 999999999")

            assert owner.current(where) == ("ending", 0)

    def test_is_one_at_a_time(self, where: places.Places) -> None:
        with (
            owner.owning(where, role="keeper"),
            pytest.raises(locks.LockedError),
            owner.owning(where, role="up", patience=0),
        ):
            pytest.fail("two owners")
