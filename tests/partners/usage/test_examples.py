"""Every official and real example file loads, or is refused for the reason in the docs."""

import re
from pathlib import Path

import pytest

from partners.usage.models import LoadState
from tests.partners.usage import exports
from tests.partners.usage.conftest import Loader

DOCS = Path(__file__).resolve().parents[3] / "docs" / "usage.md"
LINE = re.compile(
    r"^\| `(?P<file>[\w./]+)` \| (?P<outcome>\S+) \| (?P<rows>\d*) \| (?P<billed>\S*) \|",
    re.MULTILINE,
)
TABLE = {match["file"]: match for match in LINE.finditer(DOCS.read_text())}

pytestmark = pytest.mark.django_db


class TestTheTable:
    def test_names_every_file(self) -> None:
        exports.shared("SOURCES.md")
        files = {
            str(path.relative_to(exports.FOCUS))
            for path in exports.FOCUS.rglob("*")
            if path.is_file() and path.name != "SOURCES.md"
        }

        assert set(TABLE) == files

    @pytest.mark.parametrize("file", sorted(TABLE))
    def test_tells_what_happens(self, load: Loader, file: str) -> None:
        expected = TABLE[file]

        done = load(exports.shared(file))

        outcome = done.error["code"] if done.error else done.state
        assert outcome == expected["outcome"]
        if done.state == LoadState.LOADED:
            billed = "+".join(c["billed"] for _, c in sorted(done.totals.items()))
            assert str(done.rows_loaded) == expected["rows"]
            assert billed == expected["billed"]
