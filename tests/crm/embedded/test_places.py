"""Where state and sockets lie, and which folders are refused."""

import os
from pathlib import Path

import pytest

from crm.embedded import places


@pytest.fixture(autouse=True)
def no_state_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CRM_STATE_DIR", raising=False)


class TestFind:
    def test_uses_var_below_the_base(self) -> None:
        found = places.find(base=Path("/srv/crm"))

        assert found.state == Path("/srv/crm/var")
        assert found.sockets == Path("/srv/crm/var/run")

    def test_uses_the_named_folder(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CRM_STATE_DIR", "/data/crm")

        assert places.find(base=Path("/srv/crm")).state == Path("/data/crm")

    def test_puts_sockets_into_a_short_folder_when_the_path_is_long(self) -> None:
        longest = places.SOCKET_PATH_LIMIT - len("/var/run/.s.PGSQL.5432.lock")

        fits = places.find(base=Path("/" + "a" * (longest - 1)))
        too_long = places.find(base=Path("/" + "a" * longest))

        assert fits.sockets.is_relative_to(fits.state)
        assert too_long.sockets.parent == places.SHORT_PARENT
        assert str(os.getuid()) in too_long.sockets.name

    def test_quotes_what_an_address_cannot_hold(self) -> None:
        found = places.find(base=Path("/a b/c?d#e"))

        assert (
            found.database_url
            == "postgresql://crm@%2Fa%20b%2Fc%3Fd%23e%2Fvar%2Frun/crm"
        )
        assert found.valkey_url == "unix:///a%20b/c%3Fd%23e/var/run/valkey.sock?db=0"


class TestPrepare:
    def test_makes_private_folders(self, tmp_path: Path) -> None:
        where = places.find(base=tmp_path / "a b")

        places.prepare(where)
        places.prepare(where)

        assert where.run.stat().st_mode & 0o777 == 0o700

    def test_refuses_sockets_that_others_may_reach(self, tmp_path: Path) -> None:
        where = places.find(base=tmp_path)
        where.run.mkdir(parents=True, mode=0o700)
        where.run.chmod(0o755)

        with pytest.raises(places.PlaceRefusedError, match="open to others"):
            places.prepare(where)
        assert where.run.stat().st_mode & 0o777 == 0o755

    def test_refuses_a_link_in_place_of_the_folder(self, tmp_path: Path) -> None:
        where = places.find(base=tmp_path)
        where.state.mkdir()
        where.run.symlink_to(tmp_path)

        with pytest.raises(places.PlaceRefusedError, match="not a folder of yours"):
            places.prepare(where)

    def test_says_which_folder_cannot_be_made(self, tmp_path: Path) -> None:
        (tmp_path / "var").write_text("in the way")

        with pytest.raises(places.PlaceRefusedError, match="CRM_STATE_DIR"):
            places.prepare(places.find(base=tmp_path))
