"""Write deals as AWS Partner Central opportunities into a file, or take such a file in."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from crm.accounts.models import User
from deals.models import Deal
from deals.operations import exchange
from deals.queries.exchange import opportunities_of


class Command(BaseCommand):
    """JSON in and out, in the name of one person; nothing goes over a network."""

    help = "Exchange deals with AWS Partner Central by JSON files."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("direction", choices=["out", "in"])
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--as", dest="email", required=True, help="e-mail address of the person"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would happen, keep nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        person = User.objects.filter(email=options["email"], is_active=True).first()
        if person is None:
            raise CommandError("There is no active person with that address.")
        if options["direction"] == "out":
            self._write(options["file"], person)
        else:
            self._read(options["file"], person, is_trial=options["dry_run"])

    def _write(self, file: Path, person: User) -> None:
        found = opportunities_of(Deal.objects.visible_to(person))
        body = {"Opportunities": found}
        file.write_text(json.dumps(body, ensure_ascii=False, indent=2) + "\n", "utf-8")
        self.stdout.write(f"{len(found)} opportunities written.")

    def _read(self, file: Path, person: User, *, is_trial: bool) -> None:
        try:
            body = json.loads(file.read_text("utf-8"))
            bodies = body["Opportunities"] if isinstance(body, dict) else body
        except (OSError, ValueError, KeyError) as error:
            raise CommandError(f"{file} holds no opportunities: {error}") from error
        results = exchange.receive_opportunities(
            bodies=bodies, by=person, at=timezone.now(), is_trial=is_trial
        )
        for result in results:
            lines = [*result.notes, result.problem, *result.missing]
            words = "; ".join(line for line in lines if line)
            self.stdout.write(f"{result.external_id} {result.outcome} {words}".rstrip())
