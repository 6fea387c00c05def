"""Write down what each role may do, as the database has it."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from crm.accounts import queries

BEGIN = "<!-- begin: written by manage.py roles -->"
END = "<!-- end -->"


class Command(BaseCommand):
    """`manage.py roles` writes the table into docs/roles.md; `--check` only tells, and fails."""

    help = "Write the table of roles and permissions into docs/roles.md."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="Change nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        page = Path(settings.BASE_DIR) / "docs" / "roles.md"
        text = page.read_text("utf-8")
        wanted = with_table(text, queries.role_table())
        if wanted == text:
            self.stdout.write("docs/roles.md is as the database.")
        elif options["check"]:
            raise CommandError("docs/roles.md is stale; run `manage.py roles`.")
        else:
            page.write_text(wanted, "utf-8")
            self.stdout.write("docs/roles.md is written.")


def with_table(text: str, table: str) -> str:
    """Return the page with this table between its marks."""
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    return f"{before}{BEGIN}\n\n{table}\n{END}{after}"
