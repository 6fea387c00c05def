"""FOCUS commitments: list, import of a file, link to ours."""

import base64
import binascii
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import path
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers
from rest_framework.request import Request

from crm.accounts.models import User
from crm.web import api
from crm.web.api import to_json, writes
from deals.api.commitments import row_of
from deals.models import Commitment, ContractCommitment
from deals.operations import contracts as operations
from partners.models import Partner

READ = "deals.view_contractcommitment"


class ContractShape(api.Shape[ContractCommitment]):
    """One commitment as a FOCUS Contract Commitment file tells it."""

    class Meta:
        model = ContractCommitment
        fields = (
            "id", "contract_id", "contract_commitment_id", "issuer", "focus_version",
            "category", "commitment_type", "description", "starts_at", "ends_at", "cost",
            "quantity", "unit", "currency", "model", "interval", "lifecycle", "row",
            "file_name", "sha256", "imported_at", "partner_id", "commitment_id",
            "version",
        )  # fmt: skip


class ContractFilters(api.Filters):
    class Meta:
        model = ContractCommitment
        fields = {
            "contract_id": ["exact"],
            "contract_commitment_id": ["exact"],
            "partner_id": ["exact", "in", "isnull"],
            "commitment_id": ["exact", "in", "isnull"],
        }


class ContractLinks(api.Given):
    """Which of our commitments it is, or at least whose."""

    commitment_id = serializers.IntegerField(min_value=1, allow_null=True)
    partner_id = serializers.IntegerField(min_value=1, allow_null=True)


class Contracts(api.Edits[ContractCommitment]):
    """Commitments as billing exports tell them; PATCH links one to ours."""

    plural = "contract-commitments"
    access = api.Access("deals", read=READ, change="deals.change_contractcommitment")
    shape, filters = ContractShape, ContractFilters
    given = changes = ContractLinks
    orderings = ("id",)

    def rows(self) -> QuerySet[ContractCommitment]:
        return ContractCommitment.objects.visible_to(self.user)

    def edit(
        self,
        row: ContractCommitment,
        given: dict[str, Any],
        *,
        version: int | None,
        by: User,
        at: datetime,
    ) -> ContractCommitment:
        commitment = row.commitment
        if "commitment_id" in given:
            pk = given["commitment_id"]
            commitment = row_of(Commitment, pk, by, pointer="#/commitment_id")
        partner = row.partner
        if "partner_id" in given:
            partner = row_of(Partner, given["partner_id"], by, pointer="#/partner_id")
        return operations.link_contract(
            contract=row,
            commitment=commitment,
            partner=partner,
            by=by,
            at=at,
            expected_version=version,
        )


class ContractFileGiven(api.Given):
    """One FOCUS Contract Commitment file, as base64 of its bytes."""

    file_name = serializers.CharField(max_length=250)
    content = serializers.CharField()
    partner_id = serializers.IntegerField(min_value=1, required=False)

    def validate_content(self, value: str) -> bytes:
        try:
            return base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            raise serializers.ValidationError("Not base64.") from None


class ContractFileAnswer(serializers.Serializer[Any]):
    """What the file brought."""

    file = serializers.CharField()
    version = serializers.CharField()
    rows = serializers.IntegerField()
    new = serializers.IntegerField()
    changed = serializers.IntegerField()
    same = serializers.IntegerField()
    replaced = serializers.IntegerField()
    unknown_columns = serializers.ListField(child=serializers.CharField())


class ContractFiles(api.Door):
    """Import a FOCUS Contract Commitment file (1.3 or 1.4); the same again changes nothing."""

    access = api.Access("deals", read=READ, add="deals.add_contractcommitment")
    answers: ClassVar[Any] = {
        "201": OpenApiResponse(ContractFileAnswer, "What the file brought.")
    }
    given = ContractFileGiven

    def post(self, request: Request) -> HttpResponse:
        values = self.given(context={"request": request}).run_validation(request.data)
        partner = row_of(
            Partner, values.get("partner_id"), self.user, pointer="#/partner_id"
        )

        def work() -> HttpResponse:
            done = operations.import_contracts(
                file_name=values["file_name"],
                content=values["content"],
                partner=partner,
                by=self.user,
                at=self.now,
            )
            body = to_json({**vars(done), "unknown_columns": [*done.unknown_columns]})
            return HttpResponse(body, status=201, content_type="application/json")

        return writes.perform(request, work)


urlpatterns = [
    *api.routes("contract-commitments", Contracts),
    path("contract-commitment-files/", ContractFiles.as_view(), name="contract-files"),
]
