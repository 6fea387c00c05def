"""`manage.py clean_state`: delete the embedded database and all other state, after asking."""

import argparse
import shutil
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from crm.embedded import owner
from crm.embedded.places import Places


class Command(BaseCommand):
    help = "Deletes the state folder (var/ or CRM_STATE_DIR): database, queue, files, logs."
    requires_system_checks = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: object, **options: object) -> None:
        where: Places = settings.EMBEDDED
        if not where.state.exists():
            self.stdout.write(f"There is no state in {where.state}.")
            return
        _refuse_foreign(where)
        question = f"Delete the database and all other state in {where.state}? [y/N] "
        if not options["yes"] and not _is_wanted(question):
            self.stdout.write("Kept.")
            return
        shutil.rmtree(where.state)
        shutil.rmtree(where.sockets, ignore_errors=True)
        self.stdout.write("Deleted.")


def _is_wanted(question: str) -> bool:
    """Ask; nobody there to answer is a no."""
    try:
        return input(question).strip().lower() in {"y", "yes"}
    except EOFError:
        return False


def _refuse_foreign(where: Places) -> None:
    found = owner.current(where)
    if found:
        raise CommandError(
            f"The servers run ({found[0]}, process {found[1]}). Stop them first."
        )
    holds_more = {
        Path.home().resolve(),
        *settings.BASE_DIR.resolve().parents,
        settings.BASE_DIR.resolve(),
    }
    if where.state.resolve() in holds_more or not where.run.is_dir():
        raise CommandError(f"{where.state} is not a state folder. Nothing is deleted.")
