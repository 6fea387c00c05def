"""`manage.py seed_demo`: fill an empty database with the demo; harmless when repeated."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from crm.core.errors import DomainError
from crm.demo import operations


class Command(BaseCommand):
    """Parses, calls, prints."""

    help = "Fill an empty database with demo people, partners and cooperations."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", type=int, default=2026, help="Another story.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            is_new = operations.seed_demo(
                seed=options["seed"], at=timezone.now(), say=self._say
            )
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        self._say("The demo is in place." if is_new else "The demo was there already.")

    def _say(self, text: str) -> None:
        self.stdout.write(f"  {text}")
