"""Imports of deals and stage names: upload, look, map, commit, undo, and the faults."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import path
from rest_framework import serializers

from crm.accounts.models import User
from crm.web import api
from crm.web.api import imports
from deals.models import DealImport, DealImportRow, DealStageName
from deals.operations import import_jobs, stage_names
from deals.pipeline import DealStage
from deals.queries.imports import refused_as_csv
from deals.sheet_columns import FIELDS

READ = "deals.view_dealimport"
DETAIL = "deal-imports-detail"


class DealImportShape(imports.ImportShape[DealImport]):
    """One uploaded export of opportunities, from its preview to its commit or undoing.

    Of a long one a worker takes each step; `job_state` is null where none was needed.
    """

    class Meta:
        model = DealImport
        fields = (
            "id", "key", "system", "file_name", "digest", "headings", "columns",
            "counts", "status", "created_by_id", "created_at", "committed_at",
            "undone_at", *imports.JOB_FIELDS,
        )  # fmt: skip


class DealImportFilters(api.Filters):
    class Meta:
        model = DealImport
        fields = {"status": ["exact"], "system": ["exact"]}


class DealColumnsGiven(imports.ColumnsGiven):
    """Which column becomes which field, by position from 0; columns left out are ignored."""

    columns = serializers.DictField(child=serializers.ChoiceField(choices=list(FIELDS)))


class DealImports(imports.MaybeLater[DealImport], api.Uploads[DealImport]):
    """Exports (CSV or XLSX as the body); POST shows what they would do, and does nothing yet.

    A sheet of more than 500 rows is looked at by a worker (202).
    """

    plural = "deal-imports"
    jobs, told_at = import_jobs.JOBS, DETAIL
    access = api.Access("deals", read=READ, add="deals.add_dealimport")
    shape, filters = DealImportShape, DealImportFilters
    given = imports.NoMore
    told: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "file_name": {"type": "string", "minLength": 1, "maxLength": 250},
        "system": {"type": "string", "minLength": 1, "maxLength": 60},
    }

    def rows(self) -> QuerySet[DealImport]:
        return DealImport.objects.visible_to(self.user)

    def upload(
        self, content: bytes, told: Mapping[str, str], *, by: User, at: datetime
    ) -> DealImport:
        return import_jobs.start_import(
            file_name=told.get("file_name", "upload"),
            content=content,
            by=by,
            at=at,
            system=told.get("system", ""),
        )


class DealImportAct(imports.ImportAct[DealImport]):
    """What all acts on an import of deals share."""

    access = api.Access("deals", read=READ, add="deals.change_dealimport")
    shape = DealImportShape
    jobs, told_at = import_jobs.JOBS, DETAIL

    def rows(self) -> QuerySet[DealImport]:
        return DealImport.objects.visible_to(self.user)


class MapDealColumns(DealImportAct):
    """Say which column is which, and look again."""

    plural, step = "deal-import-columns", "map_columns"
    given = DealColumnsGiven


class RefreshDealImport(DealImportAct):
    """Work out anew what the rows would do."""

    plural, step = "deal-import-refresh", "look_again"


class CommitDealImport(DealImportAct):
    """Do what the preview shows, in one transaction; refused rows are left out."""

    plural, step = "deal-import-commit", "commit"


class UndoDealImport(DealImportAct):
    """Take back what it brought, as long as nothing depends on it."""

    plural, step = "deal-import-undo", "undo"


class DealImportRowShape(api.Shape[DealImportRow]):
    """One row: what it says, what it would do or did, and what is wrong with it."""

    class Meta:
        model = DealImportRow
        fields = ("id", "line", "cells", "outcome", "problems", "changes", "deal_id")


class DealImportRowFilters(api.Filters):
    class Meta:
        model = DealImportRow
        fields = {"outcome": ["exact", "in"]}


class OfDealImport(imports.OfImport):
    """Doors below one import of deals."""

    imports = DealImport


class DealImportRows(OfDealImport, api.Resource[DealImportRow]):
    """The rows of one import, with line, column and reason of every fault."""

    plural = "deal-import-rows"
    access = api.Access("deals", read=READ)
    shape, filters = DealImportRowShape, DealImportRowFilters

    def rows(self) -> QuerySet[DealImportRow]:
        return DealImportRow.objects.filter(batch=self.batch())


class DealImportFaults(OfDealImport, imports.Faults):
    """The refused rows as a sheet, with the reasons in the last column."""

    access = api.Access("deals", read=READ)

    def refused(self, batch: DealImport) -> str:
        return refused_as_csv(batch)


class StageNameShape(api.Shape[DealStageName]):
    """What one other system calls one of the seven stages."""

    class Meta:
        model = DealStageName
        fields = ("id", "system", "name", "stage", "version")


class StageNameFilters(api.Filters):
    class Meta:
        model = DealStageName
        fields = {"system": ["exact"], "stage": ["exact"]}


class StageNameGiven(api.Given):
    """A name of another system, and the stage it means; the system stays."""

    system = serializers.CharField(max_length=60, required=False)
    name = serializers.CharField(max_length=120)
    stage = serializers.ChoiceField(choices=DealStage.choices)


class StageNames(
    api.Adds[DealStageName], api.Edits[DealStageName], api.Removes[DealStageName]
):
    """Names of stages in other systems; imports read stages by them."""

    plural = "deal-stage-names"
    access = api.Access(
        "deals",
        read="deals.view_dealstagename",
        add="deals.add_dealstagename",
        change="deals.change_dealstagename",
        delete="deals.delete_dealstagename",
    )
    shape, filters, given = StageNameShape, StageNameFilters, StageNameGiven
    orderings = ("id",)

    def rows(self) -> QuerySet[DealStageName]:
        return DealStageName.objects.all()

    def add(self, given: dict[str, Any], *, by: User, at: datetime) -> DealStageName:
        return stage_names.name_stage(
            system=given.get("system", ""),
            name=given["name"],
            stage=given["stage"],
            by=by,
            at=at,
        )

    def edit(
        self,
        row: DealStageName,
        given: dict[str, Any],
        *,
        version: int | None,
        by: User,
        at: datetime,
    ) -> DealStageName:
        return stage_names.rename_stage(
            stage_name=row,
            name=given.get("name", row.name),
            stage=given.get("stage", row.stage),
            by=by,
            at=at,
            expected_version=version,
        )

    def remove(
        self, row: DealStageName, *, version: int | None, by: User, at: datetime
    ) -> None:
        stage_names.forget_stage_name(
            stage_name=row, by=by, at=at, expected_version=version
        )


urlpatterns = [
    *api.routes("deal-imports", DealImports),
    api.act("deal-imports/<int:pk>/columns", MapDealColumns),
    api.act("deal-imports/<int:pk>/refresh", RefreshDealImport),
    api.act("deal-imports/<int:pk>/commit", CommitDealImport),
    api.act("deal-imports/<int:pk>/undo", UndoDealImport),
    *api.routes("deal-imports/<int:batch>/rows", DealImportRows),
    path(
        "deal-imports/<int:batch>/faults.csv",
        DealImportFaults.as_view(),
        name="deal-import-faults",
    ),
    *api.routes("deal-stage-names", StageNames),
]
