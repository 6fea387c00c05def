"""Bring deals in from an export: `manage.py import_deals FILE --by EMAIL`.

Exit status: 0 done or nothing to do, 1 refused or rows were refused, 2 wrong usage.
"""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.core.errors import DomainError
from deals.models import DealImport, DealImportRow
from deals.operations import imports as operations
from deals.queries.imports import refused_as_csv

MOST_SHOWN = 20


class Command(BaseCommand):
    help = (
        "Import deals from an export of Salesforce or HubSpot, or take an import back."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, metavar="FILE")
        parser.add_argument("--by", required=True, metavar="EMAIL", help="who imports")
        parser.add_argument("--system", default="", help="guessed when left out")
        parser.add_argument(
            "--column",
            action="append",
            default=[],
            dest="columns",
            metavar="HEADING=FIELD",
            help="map a column by hand; FIELD empty ignores it",
        )
        parser.add_argument("--dry-run", action="store_true", help="show, do nothing")
        parser.add_argument("--faults", type=Path, help="write refused rows here")
        parser.add_argument("--undo", type=int, metavar="NUMBER", help="an import")

    def handle(self, *_arguments: Any, **options: Any) -> None:
        by = _person(options["by"])
        if (options["file"] is None) == (options["undo"] is None):
            raise CommandError(_("Give a file, or --undo NUMBER."), returncode=2)
        try:
            if options["undo"] is not None:
                self._undo(options["undo"], by=by)
                return
            batch = self._import(options, by=by)
        except DomainError as refusal:
            lines = [str(refusal), *(f"  {each}" for each in refusal.missing)]
            raise CommandError("\n".join(lines), returncode=1) from refusal
        if batch.counts[DealImportRow.Outcome.REFUSED]:
            sys.exit(1)

    def _import(self, options: dict[str, Any], *, by: User) -> DealImport:
        with transaction.atomic():
            batch = _preview(options, by=by)
            self._show(batch)
            if options["faults"]:
                options["faults"].write_text(
                    refused_as_csv(batch), encoding="utf-8-sig"
                )
            if options["dry_run"]:
                transaction.set_rollback(True)
                self.stdout.write(_("Dry run: nothing was changed."))
                return batch
            operations.commit_import(batch=batch, by=by, at=timezone.now())
        self.stdout.write(_("Imported as number %(number)d.") % {"number": batch.pk})
        return batch

    def _show(self, batch: DealImport) -> None:
        for position, heading in enumerate(batch.headings):
            field = batch.columns.get(str(position), "–")
            self.stdout.write(f"  {heading} → {field}")
        named = dict(DealImportRow.Outcome.choices)
        self.stdout.write(
            ", ".join(f"{named[name]}: {n}" for name, n in batch.counts.items())
        )
        refused = batch.rows.filter(outcome=DealImportRow.Outcome.REFUSED)
        for row in refused.order_by("line")[:MOST_SHOWN]:
            for problem in row.problems:
                place = _("line %(line)d") % {"line": row.line}
                self.stdout.write(f"  {place}, {problem['heading']}: {problem['text']}")

    def _undo(self, number: int, *, by: User) -> None:
        batch = DealImport.objects.visible_to(by).filter(pk=number).first()
        if batch is None:
            raise CommandError(_("There is no such import."), returncode=2)
        operations.undo_import(batch=batch, by=by, at=timezone.now())
        self.stdout.write(_("Undone."))


def _preview(options: dict[str, Any], *, by: User) -> DealImport:
    path: Path = options["file"]
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}", returncode=2) from error
    at = timezone.now()
    batch = operations.preview_import(
        file_name=path.name, content=content, by=by, at=at, system=options["system"]
    )
    if not options["columns"]:
        return batch
    fields = _mapped(batch, options["columns"])
    return operations.map_columns(batch=batch, fields=fields, by=by, at=at)


def _person(email: str) -> User:
    person = User.objects.filter(email__iexact=email, is_active=True).first()
    if person is None or not person.has_perm("deals.add_dealimport"):
        raise CommandError(
            _("%(email)s may not import.") % {"email": email}, returncode=2
        )
    return person


def _mapped(batch: DealImport, pairs: list[str]) -> dict[int, str]:
    fields = {int(position): name for position, name in batch.columns.items()}
    for pair in pairs:
        heading, _sign, field = pair.rpartition("=")
        if heading not in batch.headings:
            raise CommandError(
                _("There is no heading “%(heading)s”.") % {"heading": heading},
                returncode=2,
            )
        position = batch.headings.index(heading)
        fields.pop(position, None)
        if field:
            fields[position] = field
    return fields
