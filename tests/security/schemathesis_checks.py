"""A check of ours beside those of schemathesis: why input that fits the description is refused.

Loaded by schemathesis itself (SCHEMATHESIS_HOOKS), in a process without Django.
"""

from typing import Any

import schemathesis
from schemathesis.core.failures import Failure

LOOKS = frozenset(
    {"malformed", "unknown", "unknown-parameter", "not-of-type", "not_a_list", "blank"}
)
"""Codes of faults that the description could have excluded."""


@schemathesis.check
def reason_of_refusal(_ctx: Any, response: Any, case: Any) -> None:
    """Fail when a request that fits the description is refused for how it looks."""
    if response.status_code != 400 or case.meta is None:
        return
    if not case.meta.generation.mode.is_positive:
        return
    problem = response.json()
    codes = {problem["code"], *(fault["code"] for fault in problem.get("errors", ()))}
    if codes & LOOKS:
        raise Failure(
            operation=case.operation.label,
            title="Refused for how it looks",
            message=str(problem.get("errors") or problem),
        )
