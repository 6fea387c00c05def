"""How commitments stand: every figure of the KPI dictionary, with its as-of date."""

from typing import Any, ClassVar

from django.http import HttpResponse
from django.urls import path
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers
from rest_framework.request import Request

from crm.web import api
from crm.web.api import to_json
from deals.queries.commitments import CommitmentStanding, standings

MOST = 1000
IDS = {"type": "string", "pattern": r"^\d+(,\d+)*$"}


class StandingAnswer(serializers.Serializer[Any]):
    """Where one commitment stands; ratios are exact quotients, amounts decimals."""

    commitment_id = serializers.IntegerField()
    partner_id = serializers.IntegerField()
    measure = serializers.CharField()
    as_of = serializers.DateField()
    complete_until = serializers.DateField(allow_null=True)
    final_until = serializers.DateField(allow_null=True)
    amount = serializers.CharField()
    drawn = serializers.CharField()
    final = serializers.CharField()
    provisional = serializers.CharField()
    remaining = serializers.CharField()
    overage = serializers.CharField()
    expired = serializers.CharField()
    attainment = serializers.CharField()
    time_elapsed = serializers.CharField()
    planned_share = serializers.CharField()
    pace_index = serializers.CharField(allow_null=True)
    pace = serializers.CharField()
    run_rate = serializers.CharField()
    run_rate_days = serializers.IntegerField()
    days_left = serializers.IntegerField()
    projected_total = serializers.CharField()
    projected_shortfall = serializers.CharField()
    exhaustion_on = serializers.DateField(allow_null=True)
    next_milestone_on = serializers.DateField(allow_null=True)
    next_milestone_gap = serializers.CharField(allow_null=True)
    problem = serializers.CharField(allow_blank=True)


class StandingsAnswer(serializers.Serializer[Any]):
    """All that were asked for and may be seen."""

    standings = StandingAnswer(many=True)


class CommitmentStandings(api.Door):
    """How commitments stand now; ask for up to 1,000 by commitment or by partner."""

    access = api.Access("deals", read="deals.view_commitment")
    parameters: ClassVar[Any] = {"commitment_id__in": IDS, "partner_id__in": IDS}
    answers: ClassVar[Any] = {
        "200": OpenApiResponse(StandingsAnswer, "How they stand.")
    }

    def get(self, request: Request) -> HttpResponse:
        commitment_ids = self._ids("commitment_id__in")
        partner_ids = self._ids("partner_id__in")
        if commitment_ids is None and partner_ids is None:
            fault = {
                "parameter": "commitment_id__in",
                "code": "required",
                "detail": "Name commitments or partners.",
            }
            raise api.ProblemError(400, "invalid", errors=[fault])
        found = standings(
            at=self.now,
            commitment_ids=commitment_ids,
            partner_ids=partner_ids,
            visible_to=self.user,
        )
        body = to_json({"standings": [as_json(one) for one in found.values()]})
        return HttpResponse(body, content_type="application/json")

    def _ids(self, name: str) -> list[int] | None:
        text = self.query.get(name)
        if text is None:
            return None
        ids = text.split(",")
        if len(ids) > MOST or not all(
            one.isascii() and one.isdigit() and len(one) < 19 for one in ids
        ):
            fault = {
                "parameter": name,
                "code": "invalid",
                "detail": "Up to 1,000 ids, with commas between.",
            }
            raise api.ProblemError(400, "invalid", errors=[fault])
        return [int(one) for one in ids]


def as_json(found: CommitmentStanding) -> dict[str, Any]:
    """Return a standing as plain values; amounts and ratios as exact texts."""
    one, row = found.arithmetic, found.commitment
    index = one.pace_index
    gap = one.next_milestone_gap
    return {
        "commitment_id": row.pk,
        "partner_id": row.partner_id,
        "measure": row.measure,
        "as_of": one.as_of,
        "complete_until": found.complete_until,
        "final_until": found.final_until,
        "amount": f"{row.amount:f}",
        "drawn": f"{one.drawn:f}",
        "final": f"{found.final:f}",
        "provisional": f"{found.provisional:f}",
        "remaining": f"{one.remaining:f}",
        "overage": f"{one.overage:f}",
        "expired": f"{found.expired:f}",
        "attainment": f"{one.attainment:.12f}",
        "time_elapsed": f"{one.time_elapsed:.12f}",
        "planned_share": f"{one.planned_share:.12f}",
        "pace_index": None if index is None else f"{index:.12f}",
        "pace": str(one.pace.value),
        "run_rate": f"{one.run_rate:.18f}",
        "run_rate_days": found.window.days,
        "days_left": one.days_left,
        "projected_total": f"{one.projected_total:.18f}",
        "projected_shortfall": f"{one.projected_shortfall:.18f}",
        "exhaustion_on": one.exhaustion_on,
        "next_milestone_on": one.next_milestone.due_on if one.next_milestone else None,
        "next_milestone_gap": None if gap is None else f"{gap:.18f}",
        "problem": found.problem,
    }


urlpatterns = [
    path(
        "commitment-standings/",
        CommitmentStandings.as_view(),
        name="commitment-standings",
    ),
]
