"""Load exchange rates from a file: `manage.py load_rates FILE`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from crm.core.errors import DomainError
from crm.rates import files, operations


class Command(BaseCommand):
    """Loads a file of either layout; all of it or nothing."""

    help = (
        "Load exchange rates from a CSV file (date,base,quote,rate,source) or from the "
        "European Central Bank's historical CSV, plain or zipped. Safe to repeat."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--source", default="", help="Who publishes them, if the file does not say."
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="Check and count; store nothing."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            with transaction.atomic():
                loaded = operations.load_rates(
                    lines=files.read(path, source=options["source"]),
                    file_name=path.name,
                    sha256=files.digest(path),
                    by=None,
                    at=timezone.now(),
                )
                transaction.set_rollback(options["dry_run"])
        except (DomainError, OSError) as refusal:
            raise CommandError(str(refusal)) from None
        verb = "Would store" if options["dry_run"] else "Stored"
        self.stdout.write(
            f"{verb} {loaded.new} new and {loaded.changed} corrected rates; "
            f"{loaded.same} were already known."
        )
