"""Steps of the ladder: moving, approving, waiving, and what each gate still asks for."""

from datetime import datetime
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers
from rest_framework.request import Request

from crm.accounts.models import User
from crm.web import api
from crm.web.api import problems
from crm.web.api.shapes import to_json
from partners import operations
from partners.models import (
    Approval,
    Cooperation,
    GateCheck,
    StageTransition,
    Waiver,
)
from partners.queries import gates_of
from partners.queries.ladder import Gate
from partners.stages import ClosedReason, Role

READ = "partners.view_cooperation"


class MoveGiven(api.Given):
    """Where to, and what the step asks for."""

    to = serializers.CharField(max_length=30)
    reason = serializers.CharField(required=False, allow_blank=True, default="")
    waivers = serializers.DictField(
        child=serializers.CharField(), required=False, default=dict
    )
    expected_version = serializers.IntegerField(min_value=1, required=False)
    closed_reason = serializers.ChoiceField(
        choices=ClosedReason.choices, required=False
    )
    lessons = serializers.CharField(required=False, allow_blank=True, default="")
    competitor = serializers.CharField(required=False, allow_blank=True, default="")
    commitments_settlement = serializers.CharField(
        required=False, allow_blank=True, default=""
    )
    closing_review = serializers.CharField(required=False, allow_blank=True, default="")
    handed_over_on = serializers.DateField(required=False, allow_null=True)


class ApprovalGiven(api.Given):
    """A yes to one step, in one role."""

    to = serializers.CharField(max_length=30)
    role = serializers.ChoiceField(choices=Role.choices)
    comment = serializers.CharField(required=False, allow_blank=True, default="")


class WaiverGiven(api.Given):
    """Which criterion of which step, and why."""

    to = serializers.CharField(max_length=30)
    criterion = serializers.CharField(max_length=60)
    reason = serializers.CharField()


class MoveShape(api.Shape[StageTransition]):
    """One stay in one stage; the open one has no `exited_at`."""

    class Meta:
        model = StageTransition
        fields = (
            "id",
            "cooperation_id",
            "from_stage_id",
            "to_stage_id",
            "kind",
            "entered_at",
            "exited_at",
            "held_seconds",
            "by_id",
            "reason",
        )


class CheckShape(api.Shape[GateCheck]):
    """What one look at one criterion found, with the values seen."""

    class Meta:
        model = GateCheck
        fields = (
            "id",
            "cooperation_id",
            "code",
            "found",
            "verdict",
            "words",
            "seen",
            "attempt",
            "by_id",
            "at",
        )


class ApprovalShape(api.Shape[Approval]):
    """A yes to one step."""

    class Meta:
        model = Approval
        fields = ("id", "cooperation_id", "role", "by_id", "at", "comment")


class WaiverShape(api.Shape[Waiver]):
    """A criterion let off for one stay; the failed check stays."""

    class Meta:
        model = Waiver
        fields = (
            "id",
            "cooperation_id",
            "criterion_id",
            "role",
            "by_id",
            "at",
            "reason",
        )


class OfCooperation:
    """Doors below one cooperation; out of sight looks like absent."""

    def cooperation(self) -> Cooperation:
        door: Any = self
        rows = Cooperation.objects.with_stage().visible_to(door.user)
        return get_object_or_404(rows, pk=door.kwargs["cooperation"])


class StageMoves(OfCooperation, api.Adds[StageTransition]):
    """Stays of a cooperation; POST takes a step, or answers 409 with what is missing."""

    plural = "stage-moves"
    takes_lists = False
    access = api.Access("partners", read=READ, add="partners.add_stagetransition")
    shape, given = MoveShape, MoveGiven
    orderings = ("id", "entered_at")

    def rows(self) -> QuerySet[StageTransition]:
        return StageTransition.objects.filter(cooperation=self.cooperation())

    def create(self, request: Request, **kwargs: Any) -> HttpResponse:
        """Take the step; a refusal keeps the checks it made."""
        values = self.accepted(request.data)

        def work() -> HttpResponse:
            try:
                moved = self.add(values, by=self.user, at=self.now)
            except operations.StageRefusedError as refusal:
                return problems.answer_to(refusal, request)
            return self.changed(moved, status=201)

        return self.write(work)

    def add(self, given: dict[str, Any], *, by: User, at: datetime) -> StageTransition:
        moved = operations.move_stage(
            cooperation=self.cooperation(),
            to=given["to"],
            by=by,
            at=at,
            reason=given["reason"],
            waivers=given["waivers"],
            closing=_closing(given),
            expected_version=given.get("expected_version"),
        )
        return moved.transitions.get(exited_at__isnull=True)


def _closing(given: dict[str, Any]) -> operations.Closing | None:
    if "closed_reason" not in given:
        return None
    return operations.Closing(
        reason=given["closed_reason"],
        lessons=given["lessons"],
        competitor=given["competitor"],
        commitments_settlement=given["commitments_settlement"],
        closing_review=given["closing_review"],
        handed_over_on=given.get("handed_over_on"),
    )


class Checks(OfCooperation, api.Resource[GateCheck]):
    """Every look at every criterion, refused attempts included."""

    plural = "gate-checks"
    access = api.Access("partners", read=READ)
    shape = CheckShape

    def rows(self) -> QuerySet[GateCheck]:
        return GateCheck.objects.filter(cooperation=self.cooperation())


class Approvals(OfCooperation, api.Adds[Approval]):
    """Yeses to steps of one cooperation."""

    plural = "approvals"
    access = api.Access("partners", read=READ, add=READ)
    shape, given = ApprovalShape, ApprovalGiven

    def rows(self) -> QuerySet[Approval]:
        return Approval.objects.filter(cooperation=self.cooperation())

    def add(self, given: dict[str, Any], *, by: User, at: datetime) -> Approval:
        return operations.approve_step(
            cooperation=self.cooperation(),
            to=given["to"],
            role=given["role"],
            by=by,
            at=at,
            comment=given["comment"],
        )


class Waivers(OfCooperation, api.Adds[Waiver]):
    """Criteria let off in one cooperation."""

    plural = "waivers"
    access = api.Access("partners", read=READ, add=READ)
    shape, given = WaiverShape, WaiverGiven

    def rows(self) -> QuerySet[Waiver]:
        return Waiver.objects.filter(cooperation=self.cooperation())

    def add(self, given: dict[str, Any], *, by: User, at: datetime) -> Waiver:
        return operations.waive_criterion(
            cooperation=self.cooperation(),
            to=given["to"],
            criterion=given["criterion"],
            by=by,
            at=at,
            reason=given["reason"],
        )


class LookAnswer(serializers.Serializer[Any]):
    """What one criterion says now."""

    code = serializers.CharField()
    criterion = serializers.CharField()
    verdict = serializers.CharField()
    words = serializers.CharField()
    may_be_waived = serializers.BooleanField()


class GateAnswer(serializers.Serializer[Any]):
    """One step, and what its gate says now."""

    to = serializers.CharField()
    kind = serializers.CharField()
    is_open = serializers.BooleanField()
    looks = LookAnswer(many=True)


class GatesAnswer(serializers.Serializer[Any]):
    """Every step that is open to a cooperation."""

    gates = GateAnswer(many=True)


class Gates(OfCooperation, api.Door):
    """What every possible step of a cooperation still needs; nothing is stored."""

    access = api.Access("partners", read=READ)
    answers: ClassVar[Any] = {
        "200": OpenApiResponse(GatesAnswer, "Every possible step.")
    }

    def get(self, request: Request, cooperation: int) -> HttpResponse:
        found = gates_of(
            cooperation=self.cooperation(), by=self.user, at=timezone.now()
        )
        body = to_json({"gates": [_gate(gate) for gate in found]})
        return HttpResponse(body, content_type="application/json")


def _gate(gate: Gate) -> dict[str, Any]:
    return {
        "to": gate.rule.target_id,
        "kind": gate.rule.kind,
        "is_open": gate.is_open,
        "looks": [
            {
                "code": look.code,
                "criterion": str(look.label),
                "verdict": str(look.verdict.value),
                "words": str(look.finding.words),
                "may_be_waived": look.may_be_waived,
            }
            for look in gate.looks
        ],
    }


BELOW = "cooperations/<int:cooperation>"

urlpatterns = [
    *api.routes(f"{BELOW}/stage-moves", StageMoves),
    *api.routes(f"{BELOW}/gate-checks", Checks),
    *api.routes(f"{BELOW}/approvals", Approvals),
    *api.routes(f"{BELOW}/waivers", Waivers),
    path(f"{BELOW}/gates/", Gates.as_view(), name="cooperation-gates"),
]
