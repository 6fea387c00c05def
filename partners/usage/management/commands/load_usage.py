"""Load billing exports: `manage.py load_usage PATH… --source NAME`.

Exit status: 0 loaded or nothing to do, 1 refused or held for a person, 2 wrong usage.
"""

import json
import os
import socket
import sys
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from partners.usage import operations
from partners.usage.focus.errors import FileRefusedError
from partners.usage.models import BillingSource, LoadState, UsageLoad

POLL_SECONDS = 0.2
GOOD = frozenset({LoadState.LOADED, LoadState.NO_OP})


class Command(BaseCommand):
    help = "Load FOCUS billing exports (CSV, CSV.gz, Parquet; files, folder, manifest)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
        parser.add_argument("--source", required=True, metavar="NAME")
        parser.add_argument("--dry-run", action="store_true")
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *_arguments: Any, **options: Any) -> None:
        name = str(options["source"]).strip()
        if not name:
            raise CommandError(_("--source needs a name."), returncode=2)
        now = timezone.now()
        for left in operations.clean_up_loads(at=now):
            with suppress(operations.LoadRefusedError):
                operations.run_load(load=left, owner=_owner(), at=now)
        if options["dry_run"] and not operations.is_source(name):
            self._rehearse(name, options["paths"], as_json=options["as_json"])
            return
        source, is_new = operations.find_or_create_source(name=name, by=None, at=now)
        try:
            load = operations.request_load(
                source=source,
                paths=options["paths"],
                by=None,
                at=now,
                is_dry_run=options["dry_run"],
            )
        except FileRefusedError as refusal:
            self._refused(source, refusal, as_json=options["as_json"])
        load = self._run(load)
        outcome = described(load)
        if is_new:
            outcome["notices"].insert(
                0,
                _("Source “%(name)s” is new; each delivery replaces its month.")
                % {"name": name},
            )
        self._show(outcome, as_json=options["as_json"])
        if load.state not in GOOD:
            sys.exit(1)

    def _run(self, load: UsageLoad) -> UsageLoad:
        """Load here; where a worker was quicker, wait for what it comes to."""
        try:
            return operations.run_load(load=load, owner=_owner(), at=timezone.now())
        except operations.LoadRefusedError:
            while load.state not in operations.OVER:
                time.sleep(POLL_SECONDS)
                load.refresh_from_db()
            return load

    def _rehearse(self, name: str, paths: Sequence[Path], *, as_json: bool) -> None:
        """Try files out for a source that is not there, and do not make it."""
        source = BillingSource(name=name)
        try:
            load = operations.rehearse_load(
                source=source, paths=paths, at=timezone.now()
            )
        except FileRefusedError as refusal:
            self._refused(source, refusal, as_json=as_json)
        outcome = described(load)
        outcome["notices"].insert(
            0,
            _("Source “%(name)s” is not there yet; a load would make it.")
            % {"name": name},
        )
        self._show(outcome, as_json=as_json)
        if load.state not in GOOD:
            sys.exit(1)

    def _refused(
        self, source: BillingSource, refusal: FileRefusedError, *, as_json: bool
    ) -> NoReturn:
        """Say that nothing could be handed in, in the shape of every other outcome."""
        if as_json:
            nothing = UsageLoad(
                source=source, state=LoadState.REFUSED, error=refusal.as_json()
            )
            outcome = described(nothing)
            self.stdout.write(json.dumps(outcome, ensure_ascii=False))
        else:
            self.stderr.write(str(refusal))
        sys.exit(1)

    def _show(self, outcome: dict[str, Any], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(outcome, ensure_ascii=False))
            return
        self.stdout.write(
            _(
                "%(status)s: %(loaded)d of %(read)d rows, %(rejected)d rejected, %(s).1f s"
            )
            % {
                "status": outcome["status"],
                "loaded": outcome["rows_loaded"],
                "read": outcome["rows_read"],
                "rejected": outcome["rows_rejected"],
                "s": outcome["seconds"],
            }
        )
        for currency, costs in outcome["totals"].items():
            listed = ", ".join(f"{word} {amount}" for word, amount in costs.items())
            self.stdout.write(f"  {currency}: {listed}")
        for notice in outcome["notices"]:
            self.stdout.write(f"  {notice}")
        if outcome["error"]:
            self.stderr.write(_place(outcome["error"]))


def _place(error: dict[str, Any]) -> str:
    parts = [str(error.get("file") or "")]
    if error.get("line"):
        parts.append(_("line %(line)d") % {"line": error["line"]})
    if error.get("column"):
        parts.append(_("column %(column)s") % {"column": error["column"]})
    if error.get("value"):
        parts.append(repr(error["value"]))
    return f"{', '.join(part for part in parts if part)}: {error['reason']}"


def _owner() -> str:
    return f"{socket.gethostname()[:40]}:{os.getpid()}"


def described(load: UsageLoad) -> dict[str, Any]:
    """Return a finished load as the one object that `--json` prints."""
    told = load.same_as or load
    settled = []
    if told.pk is not None:
        settled = list(told.deliveries.order_by("-rows", "billing_month"))
    return {
        "delivery_id": settled[0].pk if settled else None,
        "load_id": load.pk,
        "status": load.state,
        "dry_run": load.is_dry_run,
        "source": load.source.name,
        "scope": load.scope,
        "files": load.files,
        "focus_version": load.focus_version,
        "billing_periods": sorted(f"{one.billing_month:%Y-%m}" for one in settled),
        "deliveries": [
            {
                "id": one.pk,
                "billing_period": f"{one.billing_month:%Y-%m}",
                "status": one.status,
                "rows": one.rows,
                "totals": one.totals,
                "reasons": one.reasons,
            }
            for one in settled
        ],
        "rows_read": load.rows_read,
        "rows_loaded": load.rows_loaded,
        "rows_rejected": load.rows_rejected,
        "totals": load.totals,
        "rejected_totals": load.rejected_totals,
        "rejects": load.rejects,
        "notices": load.notices,
        "error": load.error,
        "seconds": load.seconds,
    }
