"""Loads into a store of the test's own."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from partners.usage import operations
from partners.usage.models import BillingSource, UsageLoad

AT = datetime(2025, 1, 25, 9, tzinfo=UTC)

Loader = Callable[..., UsageLoad]


@pytest.fixture
def usage_store(tmp_path: Path, settings: Settings) -> Path:
    settings.USAGE_STORE = tmp_path / "store"
    settings.USAGE_STORE.mkdir()
    return Path(settings.USAGE_STORE)


@pytest.fixture
def load(usage_store: Path) -> Loader:
    """Load files as the command does; source `acme` unless another is named."""
    assert usage_store.is_dir()

    def load_files(
        *paths: Path, source: str = "acme", at: datetime = AT, **fields: Any
    ) -> UsageLoad:
        found, _is_new = operations.find_or_create_source(name=source, by=None, at=at)
        if fields:
            BillingSource.objects.filter(pk=found.pk).update(**fields)
            found.refresh_from_db()
        asked = operations.request_load(source=found, paths=paths, by=None, at=at)
        return operations.run_load(load=asked, owner="test", at=at)

    return load_files
