"""What the doors of usage share: who may, which period, and tables in every format."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, timedelta
from typing import Any, ClassVar

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiResponse
from rest_framework.request import Request

from crm.web import api
from crm.web.api import formats
from crm.web.api.parsing import bad_parameter, flag
from partners.models import Partner
from partners.usage import queries
from partners.usage.queries import Scope

SCOPE = "usage"
READ = "usage.view_dailyusage"
LONGEST = timedelta(days=800)
USUAL = timedelta(days=91)

DAY = {"type": "string", "format": "date"}
ID = {"type": "integer", "minimum": 1, "maximum": 2**31 - 1}
PARTNER: dict[str, Mapping[str, Any]] = {
    "partner_id": ID,
    "with_subsidiaries": {"type": "boolean", "default": True},
}
PERIOD: dict[str, Mapping[str, Any]] = {
    "since": {**DAY, "description": "First charge day (UTC); 91 days back else."},
    "until": {**DAY, "description": "Day after the last one; tomorrow else."},
}


class NothingGiven(api.Given):
    """Nothing but the act itself."""


class Table(api.Door):
    """Rows that are computed: JSON, or a table in any format."""

    access = api.Access(SCOPE, read=READ)
    plural: ClassVar[str]
    columns: ClassVar[Mapping[str, Mapping[str, Any]]]
    """Name of a member → its JSON schema; the order is that of a table."""
    renderer_classes: Sequence[type[formats.JSONRenderer]] = (
        formats.JSONRenderer,
        formats.CSVRenderer,
        formats.XLSXRenderer,
        formats.ParquetRenderer,
    )

    def known_parameters(self) -> frozenset[str]:
        """Return the parameters, with that of the format."""
        return super().known_parameters() | {"format"}

    @property
    def answers(self) -> dict[Any, Any]:
        """Return what it answers, for the schema."""
        row = {
            "type": "object",
            "required": [*self.columns],
            "properties": {name: dict(kind) for name, kind in self.columns.items()},
        }
        body = {
            "type": "object",
            "required": ["results"],
            "properties": {"results": {"type": "array", "items": row}},
        }
        told: dict[Any, Any] = {
            ("200", "application/json"): OpenApiResponse(body, "The rows.")
        }
        for renderer in self.renderer_classes[1:]:
            table = {"type": "string", "contentMediaType": renderer.media_type}
            told["200", renderer.media_type] = OpenApiResponse(table, "The rows.")
        return told

    def table(self) -> Iterable[Sequence[Any]]:
        """Return the rows, each in the order of `columns`."""
        raise NotImplementedError

    def get(self, request: Request, **kwargs: Any) -> HttpResponseBase:
        """Answer with the rows in the format asked for."""
        rows = self.table()
        renderer: Any = request.accepted_renderer
        answer = formats.TABLES.get(renderer.format)
        if answer is not None:
            return answer(self.plural, list(self.columns), rows)
        names = list(self.columns)
        results = [dict(zip(names, row, strict=True)) for row in rows]
        return HttpResponse(
            api.to_json({"results": results}), content_type="application/json"
        )

    # --- what requests say

    def day(self, name: str) -> date | None:
        """Return a day of the query string.

        :raises ProblemError: 400 when it is none.
        """
        text = self.query.get(name)
        if text is None:
            return None
        try:
            found = date.fromisoformat(text)
        except ValueError:
            raise bad_parameter(name, "A day such as 2026-01-31.") from None
        if not 2000 <= found.year < 2100 or len(text) != len("2026-01-31"):
            raise bad_parameter(name, "A day such as 2026-01-31.")
        return found

    def period(self) -> tuple[date, date]:
        """Return first day and day after the last.

        :raises ProblemError: 400 when it is empty or longer than 800 days.
        """
        until = self.day("until") or self.now.astimezone(UTC).date() + timedelta(days=1)
        since = self.day("since") or until - USUAL
        if not since < until <= since + LONGEST:
            raise bad_parameter("since", "Before `until`, and at most 800 days.")
        return since, until

    def number(self, name: str, *, least: int, most: int) -> int | None:
        """Return a whole number of the query string.

        :raises ProblemError: 400 when it is none, or out of bounds.
        """
        text = self.query.get(name)
        if text is None:
            return None
        if not (text.isascii() and text.isdigit() and least <= int(text[:20]) <= most):
            raise bad_parameter(name, f"A whole number from {least} to {most}.")
        return int(text)

    def scope(self) -> Scope:
        """Return whose usage is asked for.

        :raises ProblemError: 400 without a partner this person may see.
        """
        pk = self.number("partner_id", least=1, most=2**31 - 1)
        seen = Partner.objects.visible_to(self.user)
        partner = None if pk is None else seen.filter(pk=pk).first()
        if partner is None:
            raise bad_parameter("partner_id", "There is none.", "not-found")
        return queries.scope_seen(
            partner,
            by=self.user,
            with_subsidiaries=flag(self.query, "with_subsidiaries", default=True),
        )
