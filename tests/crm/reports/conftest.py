"""Mails of these tests are stored as files, and the clock of the tests is a Monday."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytest_django import Settings

from crm.core.addresses import MailServer

DUE = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
"""Monday 09:00 in Shanghai: 2026-W47 is due."""


@pytest.fixture(autouse=True)
def mails(settings: Settings, tmp_path: Path) -> Path:
    settings.MAIL_SERVER = MailServer(kind="file", folder=tmp_path)
    settings.PUBLIC_URL = "https://crm.example.com"
    return tmp_path
