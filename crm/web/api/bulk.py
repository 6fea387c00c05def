"""Up to 1,000 objects in one request: each has its result, in the order they were sent."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import connection, transaction
from django.db.models import Model, QuerySet
from django.http import HttpResponse
from rest_framework import serializers

from crm.web.api import problems
from crm.web.api.problems import ProblemError
from crm.web.api.shapes import to_json

Item = TypeVar("Item")
Read = Callable[[Any], Any]
LARGEST_ID = 2**63 - 1
LONGEST_EXTERNAL_ID = 200


@dataclass(slots=True)
class Outcome:
    """What became of one item: created, updated, unchanged, deleted or refused."""

    result: str
    id: int | None = None
    version: int | None = None
    problem: ProblemError | None = None

    @classmethod
    def of(cls, row: Model, result: str) -> "Outcome":
        """Return the outcome for a stored row."""
        return cls(result, id=row.pk, version=getattr(row, "version", None))

    def shown(self, index: int) -> dict[str, Any]:
        """Return the outcome as JSON."""
        shown: dict[str, Any] = {"index": index, "result": self.result}
        if self.id is not None:
            shown["id"] = self.id
        if self.version is not None:
            shown["version"] = self.version
        if self.problem is not None:
            shown["problem"] = self.problem.body()
        return shown


def a_list(data: Any) -> list[Any]:
    """Return the body when it is a list.

    :raises ProblemError: 400 for anything else; longer lists were refused by the parser.
    """
    if not isinstance(data, list):
        fault = {"pointer": "#", "code": "not-a-list", "detail": "A list is expected."}
        raise problems.invalid([fault])
    return data


def each(
    items: Sequence[Any],
    read: Read,
    write: Callable[[Any], Outcome],
    *,
    atomic: bool,
    at_once: Callable[[Sequence[Any]], list[Outcome] | None] | None = None,
) -> list[Outcome]:
    """Read all items, then write each; run it inside a transaction.

    :param read: returns the validated item, or raises. :param write: calls the operation.
    :param atomic: True refuses all when one is refused; False writes the others.
    :param at_once: writes all valid items together; None or a None result: one by one.
    :raises ProblemError: when atomic, with a pointer to every fault.
    """
    outcomes: list[Outcome | None] = [None] * len(items)
    valid: list[tuple[int, Any]] = []
    for index, item in enumerate(items):
        try:
            valid.append((index, read(item)))
        except (serializers.ValidationError, ProblemError) as refusal:
            outcomes[index] = _refused(refusal)
    _stop_if(atomic, outcomes)
    together = at_once([item for _, item in valid]) if at_once and valid else None
    for place, (index, item) in enumerate(valid):
        outcomes[index] = together[place] if together else _one(write, item, atomic)
        if atomic and outcomes[index].problem:  # type: ignore[union-attr]  # just set
            break
    _stop_if(atomic, outcomes)
    return [outcome for outcome in outcomes if outcome is not None]


def _one(write: Callable[[Any], Outcome], item: Any, atomic: bool) -> Outcome:  # noqa: FBT001 - says what it is at the call
    if atomic:
        return _tried(write, item)
    with transaction.atomic():
        outcome = _tried(write, item)
        if outcome.problem is None:
            connection.check_constraints()
        else:
            transaction.set_rollback(True)
    return outcome


def _tried(write: Callable[[Any], Outcome], item: Any) -> Outcome:
    try:
        return write(item)
    except Exception as refusal:
        problem = problems.problem_of(refusal)
        if problem is None:
            raise
        return Outcome("refused", problem=problem)


def _refused(refusal: Exception) -> Outcome:
    return Outcome("refused", problem=problems.problem_of(refusal))


def _stop_if(atomic: bool, outcomes: Sequence[Outcome | None]) -> None:  # noqa: FBT001 - as above
    refused = [
        (index, outcome.problem)
        for index, outcome in enumerate(outcomes)
        if outcome is not None and outcome.problem is not None
    ]
    if not (atomic and refused):
        return
    faults = [fault for index, problem in refused for fault in _faults(index, problem)]
    raise ProblemError(
        refused[0][1].status,
        "bulk-refused",
        "Nothing was written, because some items were refused.",
        errors=faults,
    )


def _faults(index: int, problem: ProblemError) -> list[problems.Item]:
    if not problem.errors:
        fault = {"code": problem.code, "detail": problem.detail or problem.code}
        return [{"pointer": f"#/{index}", **fault, **problem.extra}]
    return [
        {**fault, "pointer": f"#/{index}{fault.get('pointer', '#')[1:]}"}
        for fault in problem.errors
    ]


def answer(outcomes: Sequence[Outcome]) -> HttpResponse:
    """Return the outcomes, with how many there are of each."""
    counts: dict[str, int] = {}
    for outcome in outcomes:
        counts[outcome.result] = counts.get(outcome.result, 0) + 1
    body = {
        "counts": counts,
        "results": [outcome.shown(index) for index, outcome in enumerate(outcomes)],
    }
    return HttpResponse(to_json(body), content_type="application/json")


@dataclass(frozen=True, slots=True)
class Target(Generic[Item]):
    """One existing row, the version the caller saw, and what to change."""

    row: Any
    id: int
    version: int
    values: Any


class Addressed:
    """Items that name existing rows by `id` and `version`; all are fetched at once."""

    def __init__(self, items: Sequence[Any], rows: QuerySet[Any]) -> None:
        ids = {item["id"] for item in items if _has_id(item)}
        self._rows = {row.pk: row for row in rows.filter(pk__in=ids)} if ids else {}
        self._seen: set[int] = set()

    def reader(self, read: Read) -> Read:
        """Return a reader of items; what is left without `id` and `version` goes to `read`."""

        def target(item: Any) -> Target[Any]:
            if not _has_id(item):
                raise _fault("id", "required", "A whole number is needed.")
            if not _is_whole(item.get("version")):
                raise ProblemError(428, detail="Send the version you last saw.")
            row = self._rows.get(item["id"])
            if row is None:
                raise ProblemError(404)
            if row.pk in self._seen:
                raise _fault("id", "repeated", "Each only once.")
            self._seen.add(row.pk)
            rest = {k: v for k, v in item.items() if k not in {"id", "version"}}
            return Target(row, row.pk, item["version"], read(rest))

        return target


def nothing_more(rest: Mapping[str, Any]) -> None:
    """Refuse members beside `id` and `version`."""
    for name in rest:
        raise _fault(str(name), "unknown", "This member is not known here.")


def external(read: Read) -> Callable[[Any], tuple[str, Any]]:
    """Return a reader of items that carry `external_id` beside the values."""
    seen: set[str] = set()

    def item_of(item: Any) -> tuple[str, Any]:
        key = item.get("external_id") if isinstance(item, dict) else None
        if not isinstance(key, str) or not 1 <= len(key) <= LONGEST_EXTERNAL_ID:
            raise _fault(
                "external_id", "required", f"1 to {LONGEST_EXTERNAL_ID} characters."
            )
        if key in seen:
            raise _fault("external_id", "repeated", "Each only once.")
        seen.add(key)
        return key, read({k: v for k, v in item.items() if k != "external_id"})

    return item_of


def _has_id(item: Any) -> bool:
    return isinstance(item, dict) and _is_whole(item.get("id"))


def _is_whole(value: Any) -> bool:
    return type(value) is int and 0 <= value <= LARGEST_ID


def _fault(name: str, code: str, detail: str) -> ProblemError:
    return problems.invalid([{"pointer": f"#/{name}", "code": code, "detail": detail}])
