"""Proposals to move: shown with their evidence, accepted or dismissed with a reason."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from crm.accounts.models import User
from crm.web import api
from crm.web.api import problems
from partners import operations
from partners.models import Proposal

READ = "partners.view_proposal"


class ProposalShape(api.Shape[Proposal]):
    """One suggestion to move, drawn from evidence."""

    class Meta:
        model = Proposal
        fields = (
            "id",
            "cooperation_id",
            "kind",
            "to_stage_id",
            "words",
            "evidence",
            "state",
            "proposed_at",
            "decided_at",
            "decided_by_id",
            "reason",
        )


class ProposalFilters(api.Filters):
    class Meta:
        model = Proposal
        fields = {
            "cooperation_id": ["exact", "in"],
            "kind": ["exact", "in"],
            "state": ["exact", "in"],
        }


class VerdictGiven(api.Given):
    """Why it is decided so."""

    reason = serializers.CharField()


class AcceptanceGiven(VerdictGiven):
    """Why, and what is waived by the way."""

    waivers = serializers.DictField(
        child=serializers.CharField(), required=False, default=dict
    )


class Proposals(api.Resource[Proposal]):
    """Proposals for visible cooperations."""

    plural = "proposals"
    access = api.Access("partners", read=READ)
    shape, filters = ProposalShape, ProposalFilters

    def rows(self) -> QuerySet[Proposal]:
        return Proposal.objects.visible_to(self.user)


class ProposalAct(api.Act[Proposal]):
    """What both decisions share."""

    access = api.Access("partners", read=READ, add="partners.change_proposal")
    shape = ProposalShape

    def rows(self) -> QuerySet[Proposal]:
        return Proposal.objects.visible_to(self.user).select_related("cooperation")


class Accept(ProposalAct):
    """Move as proposed, through the gate; 409 with what is missing leaves it open."""

    plural = "proposal-accept"
    given = AcceptanceGiven

    def perform(self, request: Request, pk: int, **kwargs: Any) -> HttpResponse:
        """Take the step; a refusal keeps the checks it made."""
        row = self.find(pk)
        values = self.accepted(request.data)

        def work() -> HttpResponse:
            try:
                self.act(row, values, by=self.user, at=self.now)
            except operations.StageRefusedError as refusal:
                return problems.answer_to(refusal, request)
            return self.changed(row)

        return self.write(work)

    def act(
        self, row: Proposal, given: dict[str, Any], *, by: User, at: datetime
    ) -> Proposal:
        operations.accept_proposal(proposal=row, **given, by=by, at=at)
        return row


class Dismiss(ProposalAct):
    """Turn a proposal down; the like is not made again for a while."""

    plural = "proposal-dismiss"
    given = VerdictGiven

    def act(
        self, row: Proposal, given: dict[str, Any], *, by: User, at: datetime
    ) -> Proposal:
        return operations.dismiss_proposal(proposal=row, **given, by=by, at=at)


urlpatterns = [
    *api.routes("proposals", Proposals),
    api.act("proposals/<int:pk>/accept", Accept),
    api.act("proposals/<int:pk>/dismiss", Dismiss),
]
