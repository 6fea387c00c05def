"""What the doors of all imports share: 202 while a worker is at it, acts, rows, faults."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, TypeVar

from django.db.models import Model
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers
from rest_framework.request import Request

from crm.web.api.doors import Door
from crm.web.api.edits import Act, Writes
from crm.web.api.given import Given
from crm.web.api.schema import AutoSchema
from crm.web.api.shapes import Shape
from crm.web.downloads import download_csv

B = TypeVar("B", bound=Model)

JOB_FIELDS = ("job_step", "job_state", "job_phase", "job_percent", "job_error")


class ImportShape(Shape[B]):
    """The step of a long import; a heir adds the import and names `JOB_FIELDS`."""

    job_step = serializers.CharField(source="job.step", read_only=True, allow_null=True)
    job_state = serializers.CharField(
        source="job.state",
        read_only=True,
        allow_null=True,
        help_text="waiting, running, done, or refused.",
    )
    job_phase = serializers.CharField(
        source="job.phase", read_only=True, allow_null=True
    )
    job_percent = serializers.IntegerField(
        source="job.percent", read_only=True, allow_null=True
    )
    job_error = serializers.JSONField(
        source="job.error",
        read_only=True,
        allow_null=True,
        help_text="Of a refused step: code, text, missing.",
    )


class NoMore(Given):
    """Nothing more is needed."""


class ColumnsGiven(Given):
    """Which column becomes which field, by position from 0; columns left out are ignored."""

    columns = serializers.DictField(child=serializers.CharField(max_length=60))

    def validate_columns(self, columns: dict[str, str]) -> dict[int, str]:
        """Return the positions as numbers.

        :raises ValidationError: when one is none.
        """
        if not all(key.isascii() and key.isdigit() for key in columns):
            raise serializers.ValidationError("Positions are numbers from 0.")
        return {int(key): name for key, name in columns.items()}


class LaterSchema(AutoSchema):
    """Says that the answer may be 202."""

    def _successes(self) -> Mapping[Any, Any]:
        answers = super()._successes()
        if getattr(self.view, "action", "") not in {"create", "perform"}:
            return answers
        view: Any = self.view
        shown = self.resolve_serializer(view.shape(), "response").ref
        text = "A worker does it; poll the address in Location."
        return {**answers, "202": OpenApiResponse(shown, text)}


class MaybeLater(Writes[B]):
    """Doors whose work a worker does when the sheet is long: 202 instead of 200 or 201.

    :cvar jobs: the kind of imports, as the operations know it.
    :cvar told_at: the name of the address that shows one import.
    """

    schema = LaterSchema()
    jobs: ClassVar[Any]
    told_at: ClassVar[str]

    def changed(self, row: Model, *, status: int = 200) -> HttpResponse:
        """Answer with the import, and where to ask how far it is when it is not done."""
        answer = super().changed(row, status=status)
        if self.jobs.is_waiting(row):
            answer.status_code = 202
            answer.headers["Location"] = reverse(self.told_at, args=(row.pk,))
        return answer


class ImportAct(MaybeLater[B], Act[B]):
    """One step of an import: `step` is what the jobs call it."""

    given: ClassVar[type[Given]] = NoMore
    step: ClassVar[str]

    def act(self, row: B, given: dict[str, Any], *, by: Any, at: datetime) -> Any:
        told = {"fields": given["columns"]} if "columns" in given else {}
        return getattr(self.jobs, self.step)(batch=row, by=by, at=at, **told)


class OfImport:
    """Doors below one import; out of sight looks like absent."""

    imports: ClassVar[type[Model]]

    def batch(self) -> Any:
        door: Any = self
        rows: Any = self.imports._default_manager.all()
        return get_object_or_404(rows.visible_to(door.user), pk=door.kwargs["batch"])


class Faults(OfImport, Door):
    """The refused rows as a sheet, with the reasons in the last column."""

    answers: ClassVar[Any] = {
        ("200", "text/csv"): OpenApiResponse(
            {"type": "string", "contentMediaType": "text/csv"}, "The refused rows."
        )
    }

    def refused(self, batch: Any) -> str:
        """Return the refused rows as CSV."""
        raise NotImplementedError

    def get(self, request: Request, batch: int) -> HttpResponse:
        return download_csv(self.refused(self.batch()), name="faults.csv")
