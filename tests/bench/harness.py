"""The harness: cases register here, each yields figures beside a baseline.

A case is a generator function that takes the scale (1.0 is full size) and yields
`Figure`s. Ratios count; the milliseconds are those of the machine at that moment.
"""

import gc
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Goal:
    """What the ratio ours ÷ baseline has to be."""

    at_most: float | None = None
    at_least: float | None = None

    def is_met(self, ratio: float) -> bool:
        if self.at_most is not None and ratio > self.at_most:
            return False
        return self.at_least is None or ratio >= self.at_least

    def __str__(self) -> str:
        parts = []
        if self.at_most is not None:
            parts.append(f"<= {self.at_most:g}")
        if self.at_least is not None:
            parts.append(f">= {self.at_least:g}")
        return " and ".join(parts)


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One measured figure: ours, the baseline's, both in the same unit."""

    name: str
    ours: float
    baseline: float
    unit: str
    goal: Goal

    @property
    def ratio(self) -> float:
        return self.ours / self.baseline

    @property
    def is_met(self) -> bool:
        return self.goal.is_met(self.ratio)

    def as_result(self) -> dict[str, Any]:
        """Return the figure as an object of results.json."""
        values = asdict(self)
        values.update(ratio=self.ratio, goal=str(self.goal), met=self.is_met)
        return values


Case = Callable[[float], Iterator[Figure]]
CASES: dict[str, Case] = {}


def case(function: Case) -> Case:
    """Register a case under the function's name."""
    CASES[function.__name__] = function
    return function


def seconds(work: Callable[[], object], *, times: int = 5) -> float:
    """Return the median seconds of several runs, after one that is not counted."""
    work()
    taken = []
    for _ in range(times):
        gc.collect()
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def interleaved(
    ours: Callable[[], object], baseline: Callable[[], object], *, times: int = 5
) -> tuple[float, float]:
    """Return median seconds of both, run in turn so that noise hits both alike."""
    ours()
    baseline()
    ours_taken: list[float] = []
    baseline_taken: list[float] = []
    for _ in range(times):
        for work, taken in ((ours, ours_taken), (baseline, baseline_taken)):
            gc.collect()
            start = time.perf_counter()
            work()
            taken.append(time.perf_counter() - start)
    return statistics.median(ours_taken), statistics.median(baseline_taken)
