"""Imports of partners and contacts: upload, look, map, commit, undo, and the faults."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers
from rest_framework.request import Request

from crm.accounts.models import User
from crm.web import api
from crm.web.api.edits import Writes
from crm.web.api.parsing import bad_parameter
from crm.web.api.schema import AutoSchema
from crm.web.downloads import download_csv
from partners.mapping import Target
from partners.models import ImportBatch, ImportJob, ImportRow
from partners.operations import import_jobs as operations
from partners.queries.imports import refused_as_csv

READ = "partners.view_importbatch"
ACCESS = api.Access("partners", read=READ, add="partners.add_importbatch")


class ImportShape(api.Shape[ImportBatch]):
    """One uploaded sheet, from its preview to its commit or undoing.

    Of a long one a worker takes each step; `job_state` is null where none was needed.
    """

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

    class Meta:
        model = ImportBatch
        fields = (
            "id",
            "key",
            "target",
            "system",
            "file_name",
            "digest",
            "headings",
            "columns",
            "counts",
            "status",
            "created_by_id",
            "created_at",
            "committed_at",
            "undone_at",
            "job_step",
            "job_state",
            "job_phase",
            "job_percent",
            "job_error",
        )


class ImportFilters(api.Filters):
    class Meta:
        model = ImportBatch
        fields = {"status": ["exact"], "target": ["exact"]}


class NoMore(api.Given):
    """Nothing more is needed."""


class ColumnsGiven(api.Given):
    """Which column becomes which field, by position from 0; columns left out are ignored."""

    columns = serializers.DictField(child=serializers.CharField(max_length=60))

    def validate_columns(self, columns: dict[str, str]) -> dict[int, str]:
        """Return the positions as numbers.

        :raises ValidationError: when one is none.
        """
        if not all(key.isascii() and key.isdigit() for key in columns):
            raise serializers.ValidationError("Positions are numbers from 0.")
        return {int(key): name for key, name in columns.items()}


class MaybeLater(Writes[ImportBatch]):
    """Doors whose work a worker does when the sheet is long: 202 instead of 200 or 201."""

    def changed(self, row: Model, *, status: int = 200) -> HttpResponse:
        """Answer with the import, and where to ask how far it is when it is not done."""
        answer = super().changed(row, status=status)
        job = ImportJob.objects.filter(pk=row.pk).first()
        if job is not None and job.is_open:
            answer.status_code = 202
            answer.headers["Location"] = reverse(
                "partner-imports-detail", args=(row.pk,)
            )
        return answer


class LaterSchema(AutoSchema):
    """Says that the answer may be 202."""

    def _successes(self) -> Mapping[Any, Any]:
        answers = super()._successes()
        if getattr(self.view, "action", "") not in {"create", "perform"}:
            return answers
        shown = self.resolve_serializer(ImportShape(), "response").ref
        text = "A worker does it; poll the address in Location."
        return {**answers, "202": OpenApiResponse(shown, text)}


class Imports(MaybeLater, api.Uploads[ImportBatch]):
    """Sheets (CSV or XLSX as the body); POST shows what they would do, and does nothing yet.

    A sheet of more than 500 rows is looked at by a worker (202).
    """

    schema = LaterSchema()

    plural = "partner-imports"
    access = ACCESS
    shape, filters = ImportShape, ImportFilters
    given = NoMore
    told: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "file_name": {"type": "string", "minLength": 1, "maxLength": 250},
        "target": {"type": "string", "enum": list(Target.values)},
        "system": {"type": "string", "minLength": 1, "maxLength": 60},
    }

    def rows(self) -> QuerySet[ImportBatch]:
        return ImportBatch.objects.visible_to(self.user)

    def upload(
        self, content: bytes, told: Mapping[str, str], *, by: User, at: datetime
    ) -> ImportBatch:
        target = told.get("target")
        if target is not None and target not in Target.values:
            raise bad_parameter("target", f"One of: {', '.join(Target.values)}.")
        return operations.start_import(
            file_name=told.get("file_name", "upload"),
            content=content,
            by=by,
            at=at,
            target=Target(target) if target else None,
            system=told.get("system", ""),
        )


class ImportAct(MaybeLater, api.Act[ImportBatch]):
    """What all acts on an import share."""

    schema = LaterSchema()

    access = api.Access("partners", read=READ, add="partners.change_importbatch")
    shape = ImportShape
    given: ClassVar[type[api.Given]] = NoMore

    def rows(self) -> QuerySet[ImportBatch]:
        return ImportBatch.objects.visible_to(self.user)


class MapColumns(ImportAct):
    """Say which column is which, and look again."""

    plural = "partner-import-columns"
    given = ColumnsGiven

    def act(
        self, row: ImportBatch, given: dict[str, Any], *, by: User, at: datetime
    ) -> ImportBatch:
        return operations.map_columns(batch=row, fields=given["columns"], by=by, at=at)


class Refresh(ImportAct):
    """Work out anew what the rows would do."""

    plural = "partner-import-refresh"

    def act(
        self, row: ImportBatch, given: dict[str, Any], *, by: User, at: datetime
    ) -> ImportBatch:
        return operations.look_again(batch=row, by=by, at=at)


class Commit(ImportAct):
    """Do what the preview shows, in one transaction; refused rows are left out."""

    plural = "partner-import-commit"

    def act(
        self, row: ImportBatch, given: dict[str, Any], *, by: User, at: datetime
    ) -> ImportBatch:
        return operations.commit(batch=row, by=by, at=at)


class Undo(ImportAct):
    """Take back what it brought, as long as nothing depends on it."""

    plural = "partner-import-undo"

    def act(
        self, row: ImportBatch, given: dict[str, Any], *, by: User, at: datetime
    ) -> ImportBatch:
        return operations.undo(batch=row, by=by, at=at)


class RowShape(api.Shape[ImportRow]):
    """One row: what it says, what it would do or did, and what is wrong with it."""

    class Meta:
        model = ImportRow
        fields = (
            "id",
            "line",
            "cells",
            "outcome",
            "problems",
            "changes",
            "partner_id",
            "contact_id",
        )


class RowFilters(api.Filters):
    class Meta:
        model = ImportRow
        fields = {"outcome": ["exact", "in"]}


class OfImport:
    """Doors below one import; out of sight looks like absent."""

    def batch(self) -> ImportBatch:
        door: Any = self
        rows = ImportBatch.objects.visible_to(door.user)
        return get_object_or_404(rows, pk=door.kwargs["batch"])


class Rows(OfImport, api.Resource[ImportRow]):
    """The rows of one import, with line, column and reason of every fault."""

    plural = "partner-import-rows"
    access = api.Access("partners", read=READ)
    shape, filters = RowShape, RowFilters

    def rows(self) -> QuerySet[ImportRow]:
        return ImportRow.objects.filter(batch=self.batch())


class Faults(OfImport, api.Door):
    """The refused rows as a sheet, with the reasons in the last column."""

    access = api.Access("partners", read=READ)
    answers: ClassVar[Any] = {
        ("200", "text/csv"): OpenApiResponse(
            {"type": "string", "contentMediaType": "text/csv"}, "The refused rows."
        )
    }

    def get(self, request: Request, batch: int) -> HttpResponse:
        return download_csv(refused_as_csv(self.batch()), name="faults.csv")


urlpatterns = [
    *api.routes("partner-imports", Imports),
    api.act("partner-imports/<int:pk>/columns", MapColumns),
    api.act("partner-imports/<int:pk>/refresh", Refresh),
    api.act("partner-imports/<int:pk>/commit", Commit),
    api.act("partner-imports/<int:pk>/undo", Undo),
    *api.routes("partner-imports/<int:batch>/rows", Rows),
    path(
        "partner-imports/<int:batch>/faults.csv",
        Faults.as_view(),
        name="partner-import-faults",
    ),
]
