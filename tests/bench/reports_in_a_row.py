"""Draws report after report in one process and prints how much memory it takes.

`python -m tests.bench.reports_in_a_row 1000` prints MiB after a tenth, at the end, and
at most.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

import django

django.setup()

from django.utils import translation  # noqa: E402  # after the settings

from crm.reports.rendering import document, fonts, page, plain, sheets  # noqa: E402
from tests.crm.reports.samples import payload  # noqa: E402

AT = datetime(2026, 11, 22, 16, tzinfo=UTC)


def resident(name: str = "VmRSS") -> float:
    """Return the memory of this process in MiB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) / 1024
    raise RuntimeError("The kernel does not say.")


def draw(number: int) -> int:
    """Draw one report, different from all others; return how many bytes it has."""
    made = payload("en" if number % 2 else "zh-hans")
    made["name"] = f"{made['name']} {number}"
    with translation.override(made["language"]):
        said = document.of(made)
        pictures = {code: fonts.png(svg) for code, svg in page.drawings(said).items()}
        parts = (
            page.html_of(said, pictures=dict.fromkeys(pictures, "cid:x")).encode(),
            plain.text_of(said).encode(),
            fonts.pdf(said, at=AT),
            sheets.xlsx_of(made, at=AT),
            *pictures.values(),
        )
    return sum(len(part) for part in parts)


def main() -> None:
    count = int(sys.argv[1])
    early = 0.0
    for number in range(1, count + 1):
        draw(number)
        if number == max(10, count // 10):
            early = resident()
    sys.stdout.write(f"{early} {resident()} {resident('VmHWM')}\n")


if __name__ == "__main__":
    main()
