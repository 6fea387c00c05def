"""`manage.py migrate`: Django's own, unless the database has the history before the first release."""

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder

FORMER = ("partners", "0001_extensions")
"""A migration of the former history, which no database of the present one knows."""


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        recorder = MigrationRecorder(connections[options["database"]])
        if FORMER in recorder.applied_migrations():
            raise CommandError(
                "This database was made before the first release, by migrations that are now "
                "replaced; it cannot be brought forward. Delete it with `make clean-state` (a "
                "database of your own: drop and create it; kept test databases: pytest "
                "--create-db) and start again."
            )
        super().handle(*args, **options)
