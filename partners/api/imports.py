"""Imports of partners and contacts: upload, look, map, commit, undo, and the faults."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import path

from crm.accounts.models import User
from crm.web import api
from crm.web.api import imports
from crm.web.api.parsing import bad_parameter
from partners.mapping import Target
from partners.models import ImportBatch, ImportRow
from partners.operations import import_jobs as operations
from partners.queries.imports import refused_as_csv

READ = "partners.view_importbatch"
DETAIL = "partner-imports-detail"
ACCESS = api.Access("partners", read=READ, add="partners.add_importbatch")


class ImportShape(imports.ImportShape[ImportBatch]):
    """One uploaded sheet, from its preview to its commit or undoing.

    Of a long one a worker takes each step; `job_state` is null where none was needed.
    """

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
            *imports.JOB_FIELDS,
        )


class ImportFilters(api.Filters):
    class Meta:
        model = ImportBatch
        fields = {"status": ["exact"], "target": ["exact"]}


class Imports(imports.MaybeLater[ImportBatch], api.Uploads[ImportBatch]):
    """Sheets (CSV or XLSX as the body); POST shows what they would do, and does nothing yet.

    A sheet of more than 500 rows is looked at by a worker (202).
    """

    plural = "partner-imports"
    jobs, told_at = operations.JOBS, DETAIL
    access = ACCESS
    shape, filters = ImportShape, ImportFilters
    given = imports.NoMore
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


class PartnerImportAct(imports.ImportAct[ImportBatch]):
    """What all acts on an import share."""

    access = api.Access("partners", read=READ, add="partners.change_importbatch")
    shape = ImportShape
    jobs, told_at = operations.JOBS, DETAIL

    def rows(self) -> QuerySet[ImportBatch]:
        return ImportBatch.objects.visible_to(self.user)


class MapColumns(PartnerImportAct):
    """Say which column is which, and look again."""

    plural, step = "partner-import-columns", "map_columns"
    given = imports.ColumnsGiven


class Refresh(PartnerImportAct):
    """Work out anew what the rows would do."""

    plural, step = "partner-import-refresh", "look_again"


class Commit(PartnerImportAct):
    """Do what the preview shows, in one transaction; refused rows are left out."""

    plural, step = "partner-import-commit", "commit"


class Undo(PartnerImportAct):
    """Take back what it brought, as long as nothing depends on it."""

    plural, step = "partner-import-undo", "undo"


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


class OfImport(imports.OfImport):
    """Doors below one import of partners."""

    imports = ImportBatch


class Rows(OfImport, api.Resource[ImportRow]):
    """The rows of one import, with line, column and reason of every fault."""

    plural = "partner-import-rows"
    access = api.Access("partners", read=READ)
    shape, filters = RowShape, RowFilters

    def rows(self) -> QuerySet[ImportRow]:
        return ImportRow.objects.filter(batch=self.batch())


class Faults(OfImport, imports.Faults):
    """The refused rows as a sheet, with the reasons in the last column."""

    access = api.Access("partners", read=READ)

    def refused(self, batch: ImportBatch) -> str:
        return refused_as_csv(batch)


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
