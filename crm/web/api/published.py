"""The description as one document: which addresses are in it, and the shapes of problems."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from crm.web.api.doors import Door
from crm.web.api.examples import add_examples
from crm.web.api.schema import PROBLEM_TYPE

TEXT = {"type": "string"}
DECIMAL = r"^-?[0-9]+(\.[0-9]+)?$"
FAULT = {
    "type": "object",
    "description": "One fault; it names what it is about by pointer, parameter or header.",
    "required": ["code", "detail"],
    "properties": {
        "pointer": {
            **TEXT,
            "description": "JSON pointer into the body, as a URI fragment.",
        },
        "parameter": {**TEXT, "description": "Name of a query parameter."},
        "header": {**TEXT, "description": "Name of a request header."},
        "code": TEXT,
        "detail": TEXT,
    },
}
PROBLEM = {
    "type": "object",
    "description": "Every answer other than success (RFC 9457). `code` is stable.",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {**TEXT, "format": "uri-reference"},
        "title": TEXT,
        "status": {"type": "integer"},
        "code": TEXT,
        "detail": TEXT,
        "instance": {**TEXT, "format": "uri-reference"},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/Fault"}},
        "missing": {
            "type": "array",
            "items": TEXT,
            "description": "What would have to be true.",
        },
        "current_version": {"type": "integer"},
    },
    "examples": [
        {
            "type": "urn:problem:invalid",
            "title": "The request is malformed or invalid",
            "status": 400,
            "code": "invalid",
            "detail": "Some values are not valid.",
            "instance": "/api/v1/teams/",
            "errors": [
                {
                    "parameter": "limit",
                    "code": "invalid",
                    "detail": "A whole number from 1 to 1000.",
                }
            ],
        }
    ],
}
BULK_RESULT = {
    "type": "object",
    "required": ["counts", "results"],
    "properties": {
        "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
        "results": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["index", "result"],
                "properties": {
                    "index": {"type": "integer"},
                    "result": {
                        "type": "string",
                        "enum": [
                            "created",
                            "updated",
                            "unchanged",
                            "deleted",
                            "refused",
                        ],
                    },
                    "id": {"type": "integer"},
                    "version": {"type": "integer"},
                    "problem": {"$ref": "#/components/schemas/Problem"},
                },
            },
        },
    },
}
SECURITY = {
    "oauth2": {
        "type": "oauth2",
        "description": "Scopes as those of API tokens: `partners:read`, `usage:write` …",
        "flows": {"clientCredentials": {"tokenUrl": "/api/oauth/token/", "scopes": {}}},
    },
    "token": {"type": "http", "scheme": "bearer"},
    "session": {"type": "apiKey", "in": "cookie", "name": "session"},
}


def only_our_doors(endpoints: Sequence[Any], **_: Any) -> list[Any]:
    """Keep the addresses of doors; help pages and the catch-all are not the API."""
    return [
        endpoint
        for endpoint in endpoints
        if issubclass(getattr(endpoint[3], "cls", object), Door)
        and endpoint[3].cls.schema is not None
    ]


def complete(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add what every operation refers to: problems, bulk results, ways to authenticate."""
    components = result.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas |= {"Fault": FAULT, "Problem": PROBLEM, "BulkResult": BULK_RESULT}
    add_examples(schemas)
    for name, schema in schemas.items():
        if not name.endswith("Request"):
            free_decimals(schema)
    leave_out_marks(result)
    components["schemas"] = dict(sorted(schemas.items()))
    components["securitySchemes"] = SECURITY
    components["responses"] = share_problems(result) | share_answers(result)
    components["parameters"] = share_parameters(result)
    result["security"] = [{"token": []}, {"oauth2": []}, {"session": []}]
    return result


def free_decimals(part: Any) -> None:
    """Describe decimals in answers by their form alone: sums have more digits than columns."""
    if isinstance(part, dict):
        if part.get("format") == "decimal":
            part["pattern"] = DECIMAL
        for inner in part.values():
            free_decimals(inner)
    elif isinstance(part, list):
        for inner in part:
            free_decimals(inner)


def leave_out_marks(part: Any) -> None:
    """Leave out the generator's own marks of enumerations, which mean nothing to readers."""
    if isinstance(part, dict):
        part.pop("x-spec-enum-id", None)
        for inner in part.values():
            leave_out_marks(inner)
    elif isinstance(part, list):
        for inner in part:
            leave_out_marks(inner)


def share_problems(result: dict[str, Any]) -> dict[str, Any]:
    """Say each kind of problem once, and let operations refer to it; return them by name."""
    found = [
        (answers, status)
        for operation in _operations(result)
        for answers in (operation.get("responses", {}),)
        for status, answer in answers.items()
        if list(answer.get("content", {})) == [PROBLEM_TYPE]
    ]
    times = Counter(
        _name_of(f"Problem{status}", all_[status]) for all_, status in found
    )
    usual = {name.partition("-")[0]: name for name, _ in reversed(times.most_common())}
    shared: dict[str, Any] = {}
    for answers, status in found:
        name = _name_of(f"Problem{status}", answers[status])
        short = name.partition("-")[0]
        name = short if usual[short] == name else name
        shared[name] = answers[status]
        answers[status] = {"$ref": f"#/components/responses/{name}"}
    return dict(sorted(shared.items()))


def share_answers(result: dict[str, Any]) -> dict[str, Any]:
    """Say once each answer that several operations give; return them by name."""
    found = [
        (answers, status, _name_of("Answer", answer))
        for operation in _operations(result)
        for answers in (operation.get("responses", {}),)
        for status, answer in answers.items()
        if "content" in answer
    ]
    times = Counter(name for _answers, _status, name in found)
    shared: dict[str, Any] = {}
    for answers, status, name in found:
        if times[name] > 1:
            shared[name] = answers[status]
            answers[status] = {"$ref": f"#/components/responses/{name}"}
    return dict(sorted(shared.items()))


def share_parameters(result: dict[str, Any]) -> dict[str, Any]:
    """Say once each parameter that several operations take; return them by name."""
    given = [
        parameter
        for operation in _operations(result)
        for parameter in operation.get("parameters", [])
    ]
    times = Counter(_name_of(each["name"], each) for each in given)
    shared: dict[str, Any] = {}
    for operation in _operations(result):
        taken = operation.get("parameters", [])
        for place, parameter in enumerate(taken):
            name = _name_of(parameter["name"], parameter)
            if times[name] > 1:
                shared[name] = parameter
                taken[place] = {"$ref": f"#/components/parameters/{name}"}
    return dict(sorted(shared.items()))


def _operations(result: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for operations in result["paths"].values():
        yield from operations.values()


def _name_of(word: str, content: Any) -> str:
    """Return a name that is the same as long as the content is."""
    text = json.dumps(content, sort_keys=True, default=str)
    return f"{word}-{hashlib.sha256(text.encode()).hexdigest()[:6]}"
