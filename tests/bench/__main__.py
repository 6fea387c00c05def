"""`python -m tests.bench`: run the cases, print a table, write var/bench/results.json.

ONLY=word runs the cases whose name contains the word; SCALE=0.01 makes data smaller.
"""

import importlib
import json
import os
import pkgutil
import platform
import sys
from pathlib import Path

import django
from django.db import connection

from crm.embedded import companions
from tests import bench
from tests.bench.harness import CASES, Figure

COLUMNS = "{name:<52} {ours:>12} {baseline:>12} {unit:<10} {ratio:>9} {goal:>10}  {met}"
RESULTS = Path("var/bench/results.json")


def show(figure: Figure) -> None:
    line = COLUMNS.format(
        name=figure.name,
        ours=f"{figure.ours:.4g}",
        baseline=f"{figure.baseline:.4g}",
        unit=figure.unit,
        ratio=f"{figure.ratio:.3g}",
        goal=str(figure.goal),
        met="met" if figure.is_met else "MISSED",
    )
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def find_cases() -> None:
    for module in pkgutil.iter_modules(bench.__path__):
        if module.name.startswith("bench_"):
            importlib.import_module(f"tests.bench.{module.name}")


def run(only: str, scale: float) -> list[Figure]:
    figures = []
    for name in sorted(CASES):
        if only in name:
            for figure in CASES[name](scale):
                show(figure)
                figures.append(figure)
    return figures


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    with companions.of_command(["tests.bench", "measure"]):
        return measure()


def measure() -> int:
    find_cases()
    only, scale = os.environ.get("ONLY", ""), float(os.environ.get("SCALE", "1"))
    sys.stdout.write(
        f"{os.cpu_count()} cores, {platform.machine()}, Python "
        f"{platform.python_version()}, scale {scale:g}\n"
    )
    header = dict.fromkeys(
        ("name", "ours", "baseline", "unit", "ratio", "goal", "met"), ""
    )
    sys.stdout.write(COLUMNS.format(**{key: key for key in header}) + "\n")
    # the stubs take the call for the deprecated one with `serialize`
    database = connection.creation.create_test_db(verbosity=0, autoclobber=True)  # type: ignore[deprecated]
    try:
        figures = run(only, scale)
    finally:
        connection.creation.destroy_test_db(database, verbosity=0)
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps([f.as_result() for f in figures], indent=2) + "\n")
    sys.stdout.write(f"written: {RESULTS}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
