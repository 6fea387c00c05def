"""The published description (OpenAPI 3.1) of the doors, drawn from their declarations."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from drf_spectacular.openapi import AutoSchema as SpectacularSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import OpenApiResponse

from crm.web.api import parameters
from crm.web.api.described import many, object_of, page_of

PROBLEM = {"$ref": "#/components/schemas/Problem"}
OUTCOMES = {"$ref": "#/components/schemas/BulkResult"}
PROBLEM_TYPE = "application/problem+json"
READ_PROBLEMS = {
    400: "A parameter is unknown or not acceptable.",
    401: "No valid token and no session.",
    403: "The person or the token may not do this.",
    404: "There is no such object, or this person may not see it.",
    406: "The format asked for is not offered.",
    414: "The address is too long.",
    429: "The rate limit is used up; see Retry-After.",
    503: "Try again in a moment; see Retry-After.",
}
WRITE_PROBLEMS = READ_PROBLEMS | {
    400: "The input is not valid; each fault has a JSON pointer.",
    409: "The state of things does not allow this; `missing` says what is needed.",
    412: "The object has another version by now.",
    413: "The body is too large.",
    415: "Send application/json.",
    422: "The Idempotency-Key came with another request before.",
    428: "If-Match (or `version` in bulk) is needed.",
}
FILE = {"type": "string", "format": "binary"}
NUMBER = {"type": "integer", "minimum": 0}
ADDRESS: dict[str, Any] = {"id": NUMBER, "version": NUMBER}
EXTERNAL_ID: dict[str, Any] = {
    "external_id": {"type": "string", "minLength": 1, "maxLength": 200}
}
WHOLE_ACTIONS = frozenset({"create", "upsert_one", "perform"})
"""Actions that take one whole object, with all that is required."""


def responses(successes: Mapping[Any, Any], *, is_read: bool = False) -> dict[Any, Any]:
    """Return the answers of an operation by status: these, and every problem there can be."""
    problems = READ_PROBLEMS if is_read else WRITE_PROBLEMS
    answers = dict(successes)
    for status, text in problems.items():
        answers[str(status), PROBLEM_TYPE] = OpenApiResponse(PROBLEM, text)
    return answers


class AutoSchema(SpectacularSchema):
    """Describes one operation of a door."""

    def _is_list_view(self, serializer: Any = None) -> bool:
        """Pages are described as objects here; nothing is left to guess."""
        return False

    def get_operation_id(self) -> str:
        """Return `partners_list`, `partners_create` …: method names of generated clients."""
        door: Any = self.view
        name = getattr(door, "plural", type(door).__name__.lower())
        action = getattr(door, "action", None) or self.method.lower()
        return f"{name.replace('-', '_')}_{action}"

    def get_tags(self) -> list[str]:
        """Group by what the address begins with: what belongs to it and its acts are found there."""
        inside = self.path.removeprefix(
            settings.SPECTACULAR_SETTINGS["SCHEMA_PATH_PREFIX"]
        )
        return [inside.strip("/").partition("/")[0] or "api"]

    def get_serializer_name(self, serializer: Any, direction: Any) -> str:
        """Name components by the thing, not by the class that describes it."""
        name = type(serializer).__name__
        return name.removesuffix("Shape").removesuffix("Given")

    def get_auth(self) -> list[dict[str, Any]]:
        """Leave it to the whole document: every door takes a token or a session."""
        return []

    def get_override_parameters(self) -> list[Any]:
        """Return query parameters and request headers of this operation."""
        return parameters.of(self.view, self.method)

    def get_request_serializer(self) -> Any:
        """Return None: bodies are described by `_get_request_body`."""
        return None

    def _get_request_body(self, direction: str = "request") -> dict[str, Any] | None:
        action = getattr(self.view, "action", "")
        if action == "create" and getattr(self.view, "takes_file", False):
            return {
                "required": True,
                "content": {"application/octet-stream": {"schema": FILE}},
            }
        schema = self._body_schema(action)
        if schema is None:
            return None
        return {"required": True, "content": {"application/json": {"schema": schema}}}

    def _body_schema(self, action: str) -> dict[str, Any] | None:
        door: Any = self.view
        if action == "remove_many":
            return many(object_of(ADDRESS))
        if action == "edit_many":
            return many(self._with(door.input(partial=True), ADDRESS))
        if action == "upsert_list":
            return many(self._with(door.input(partial=False), EXTERNAL_ID))
        if action == "partial_update":
            return self._reference(door.input(partial=True))
        if action not in WHOLE_ACTIONS:
            return None
        one = self._reference(door.input(partial=False))
        is_list_too = action == "create" and getattr(door, "takes_lists", False)
        return {"oneOf": [one, many(one)]} if is_list_too else one

    def _reference(self, serializer: Any) -> dict[str, Any]:
        if not serializer.fields:  # an act that needs nothing more
            return object_of({})
        reference: dict[str, Any] = self.resolve_serializer(serializer, "request").ref
        return reference

    def _with(self, serializer: Any, members: dict[str, Any]) -> dict[str, Any]:
        """Return the input with more members, all required; spelt out, for simple readers."""
        own: dict[str, Any] = (
            self.resolve_serializer(serializer, "request").schema or {}
        )
        merged = object_of(members)
        merged["required"] += own.get("required", [])
        merged["properties"] = {**members, **own.get("properties", {})}
        return merged

    def get_response_serializers(self) -> Any:
        """Return every answer by status: success and problems."""
        is_read = self.method in {"GET", "HEAD"}
        return responses(self._successes(), is_read=is_read)

    def _successes(self) -> Mapping[Any, Any]:
        door: Any = self.view
        action = getattr(door, "action", None)
        declared: Mapping[Any, Any] | None = getattr(door, "answers", None)
        if declared is not None:
            return declared
        if action == "destroy":
            return {"204": OpenApiResponse(None, "Removed.")}
        if action in {"edit_many", "remove_many", "upsert_list"}:
            return {"200": OpenApiResponse(OUTCOMES, "One result for each item.")}
        shown = self.resolve_serializer(door.shape, "response").ref
        if action == "list":
            return self._list_answers(shown)
        if action == "create":
            return self._made(shown)
        answers = {"200": OpenApiResponse(shown, "The object.")}
        if action == "retrieve":
            answers["304"] = OpenApiResponse(None, "You have this already.")
        if action == "upsert_one":
            answers["201"] = OpenApiResponse(shown, "Made.")
        return answers

    def _made(self, shown: dict[str, Any]) -> Mapping[Any, Any]:
        if getattr(self.view, "takes_file", False):
            return {"201": OpenApiResponse(shown, "Made of the file.")}
        answers = {"201": OpenApiResponse(shown, "Made.")}
        if getattr(self.view, "takes_lists", False):
            answers["200"] = OpenApiResponse(OUTCOMES, "A list was sent: its results.")
        return answers

    def _list_answers(self, shown: dict[str, Any]) -> Mapping[Any, Any]:
        answers: dict[Any, Any] = {
            ("200", "application/json"): OpenApiResponse(
                self._page_of(shown), "One page."
            )
        }
        for renderer in self.view.renderer_classes[1:]:
            table = {"type": "string", "contentMediaType": renderer.media_type}
            answers["200", renderer.media_type] = OpenApiResponse(table, "The list.")
        return answers

    def _page_of(self, shown: dict[str, Any]) -> dict[str, Any]:
        door: Any = self.view
        shape = door.shape
        name = f"{self._get_serializer_name(shape(), 'response')}Page"
        page = ResolvedComponent(  # type: ignore[no-untyped-call]  # untyped there
            name=name,
            type=ResolvedComponent.SCHEMA,
            schema=page_of(shown),
            object=f"page of {shape.__qualname__}",
        )
        self.registry.register_on_missing(page)
        reference: dict[str, Any] = page.ref
        return reference
