"""Make up FOCUS 1.2 exports: `manage.py generate_usage FOLDER --rows 1000000 --seed 7`."""

import json
import time
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from partners.usage.focus import generator


class Command(BaseCommand):
    help = "Write made-up FOCUS 1.2 exports; deterministic by seed, with exact totals."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--rows", type=int, default=100_000)
        parser.add_argument("--partners", type=int, default=40)
        parser.add_argument("--months", type=int, default=1)
        parser.add_argument("--start", default="2025-01", metavar="YYYY-MM")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument(
            "--format", default="csv", choices=["csv", "csv.gz", "parquet"]
        )
        parser.add_argument("--no-corrections", action="store_true")
        parser.add_argument(
            "--repeats",
            action="store_true",
            help="Also write a shorter and a doubled export of each month.",
        )
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *_arguments: Any, **options: Any) -> None:
        if min(options["rows"], options["partners"], options["months"]) < 1:
            raise CommandError(_("Rows, partners and months are at least 1."))
        try:
            start = date.fromisoformat(f"{options['start']}-01")
        except ValueError:
            raise CommandError(_("--start is a month as 2025-01.")) from None
        began = time.monotonic()
        made = generator.generate(
            generator.Wish(
                customers=generator.pareto(options["partners"], seed=options["seed"]),
                first_month=start,
                months=options["months"],
                rows=options["rows"],
                seed=options["seed"],
                kind=options["format"],
                has_corrections=not options["no_corrections"],
                has_repeats=options["repeats"],
            ),
            into=options["folder"],
        )
        self._show(made, seconds=time.monotonic() - began, as_json=options["as_json"])

    def _show(self, made: generator.Made, *, seconds: float, as_json: bool) -> None:
        outcome = {
            path.name: {
                "rows": made.rows[path.name],
                "totals": {
                    currency: {word: f"{value:f}" for word, value in costs.items()}
                    for currency, costs in made.totals[path.name].items()
                },
            }
            for path in made.files
        }
        if as_json:
            told = {"files": outcome, "seconds": round(seconds, 3)}
            self.stdout.write(json.dumps(told, ensure_ascii=False))
            return
        for name, facts in outcome.items():
            self.stdout.write(_("%(name)s: %(rows)d rows") % {"name": name, **facts})
        self.stdout.write(_("%(seconds).1f s") % {"seconds": seconds})
