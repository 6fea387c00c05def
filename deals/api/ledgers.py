"""What the ledger of a commitment says: of its milestones, and beside a billing export."""

from typing import Any, ClassVar

from django.http import Http404, HttpResponse
from django.urls import path
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers
from rest_framework.request import Request

from crm.web import api
from crm.web.api import to_json
from deals.api.commitments import OfCommitment
from deals.commitments import MilestoneState
from deals.queries.commitments import standings
from deals.queries.contracts import Reconciliation, TermDifference, reconciliation_of
from deals.queries.milestones import MilestoneLine, milestone_lines

READ = "deals.view_drawdownentry"


class MilestoneAnswer(serializers.Serializer[Any]):
    """One milestone: `gap` is what lacked on its day, or will at today's run rate."""

    due_on = serializers.DateField()
    target = serializers.CharField()
    state = serializers.ChoiceField(choices=MilestoneState.choices)
    drawn = serializers.CharField()
    gap = serializers.CharField()
    shortfall = serializers.CharField()


class MilestonesAnswer(serializers.Serializer[Any]):
    """The milestones of one commitment in their order."""

    measure = serializers.CharField()
    milestones = MilestoneAnswer(many=True)


class CommitmentMilestones(OfCommitment, api.Door):
    """What became of each milestone, and what is to be expected of the rest."""

    access = api.Access("deals", read=READ)
    answers: ClassVar[Any] = {
        "200": OpenApiResponse(MilestonesAnswer, "The milestones.")
    }

    def get(self, request: Request, commitment: int) -> HttpResponse:
        row = self.commitment()
        found = standings(at=self.now, commitment_ids=[row.pk]).get(row.pk)
        lines = milestone_lines(found, list(row.entries.all())) if found else []
        body = {
            "measure": row.measure,
            "milestones": [_step(line) for line in lines],
        }
        return HttpResponse(to_json(body), content_type="application/json")


def _step(line: MilestoneLine) -> dict[str, Any]:
    return {
        "due_on": line.due_on,
        "target": f"{line.target:f}",
        "state": str(line.state.value),
        "drawn": f"{line.drawn:f}",
        "gap": f"{line.gap:.18f}",
        "shortfall": f"{line.shortfall:f}",
    }


class TermAnswer(serializers.Serializer[Any]):
    """One term that both say differently."""

    name = serializers.CharField()
    ours = serializers.CharField()
    theirs = serializers.CharField()


class MonthAnswer(serializers.Serializer[Any]):
    """One month: what our ledger drew, and what the export applied."""

    month = serializers.DateField()
    ours = serializers.CharField()
    theirs = serializers.CharField()
    difference = serializers.CharField()


class ReconciliationAnswer(serializers.Serializer[Any]):
    """Our ledger beside the linked FOCUS commitment; differences are theirs less ours."""

    contract_commitment_id = serializers.IntegerField()
    unit = serializers.CharField()
    ours = serializers.CharField()
    theirs = serializers.CharField()
    difference = serializers.CharField()
    other_units = serializers.ListField(child=serializers.CharField())
    terms = TermAnswer(many=True)
    months = MonthAnswer(many=True)


class CommitmentReconciliation(OfCommitment, api.Door):
    """Our ledger against `ContractApplied` of the usage rows; 404 without a linked one."""

    access = api.Access("deals", read=READ)
    answers: ClassVar[Any] = {
        "200": OpenApiResponse(ReconciliationAnswer, "Both, and the difference.")
    }

    def get(self, request: Request, commitment: int) -> HttpResponse:
        row = self.commitment()
        found = reconciliation_of(row, row.entries.all())
        if found is None:
            raise Http404
        return HttpResponse(
            to_json(_reconciled(found)), content_type="application/json"
        )


def _reconciled(found: Reconciliation) -> dict[str, Any]:
    return {
        "contract_commitment_id": found.contract.pk,
        "unit": found.unit,
        "ours": f"{found.ours:f}",
        "theirs": f"{found.theirs:f}",
        "difference": f"{found.difference:f}",
        "other_units": list(found.other_units),
        "terms": [_term(term) for term in found.terms],
        "months": [
            {
                "month": one.month,
                "ours": f"{one.ours:f}",
                "theirs": f"{one.theirs:f}",
                "difference": f"{one.difference:f}",
            }
            for one in found.months
        ],
    }


def _term(term: TermDifference) -> dict[str, str]:
    return {"name": str(term.name), "ours": str(term.ours), "theirs": str(term.theirs)}


BELOW = "commitments/<int:commitment>"

urlpatterns = [
    path(
        f"{BELOW}/milestones/",
        CommitmentMilestones.as_view(),
        name="commitment-milestones",
    ),
    path(
        f"{BELOW}/reconciliation/",
        CommitmentReconciliation.as_view(),
        name="commitment-reconciliation",
    ),
]
