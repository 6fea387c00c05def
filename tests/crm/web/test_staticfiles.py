"""Static files: what pages ask for is packed, and nothing else."""

from pathlib import Path

import pytest
from django.core.files.base import ContentFile

from crm.web.staticfiles import Storage

TEXT = b"const words = 'again and again';\n" * 60
NAMES = ("shop.js", "shop.css.map")


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    storage = Storage(location=tmp_path, base_url="/static/")
    for name in NAMES:
        storage.save(name, ContentFile(TEXT))
    list(storage.post_process({name: (storage, name) for name in NAMES}))
    return storage


class TestPacking:
    def test_files_are_packed_under_the_names_of_pages(
        self, storage: Storage, tmp_path: Path
    ) -> None:
        packed = tmp_path / (storage.stored_name("shop.js") + ".gz")
        assert packed.stat().st_size < len(TEXT) / 2

    def test_plain_twins_and_source_maps_are_not_packed(
        self, storage: Storage, tmp_path: Path
    ) -> None:
        found = {path.name for path in tmp_path.glob("*.gz")}
        assert found == {storage.stored_name("shop.js") + ".gz"}

    def test_plain_names_stay_readable(self, storage: Storage, tmp_path: Path) -> None:
        assert (tmp_path / "shop.js").read_bytes() == TEXT
