"""Targets, and the forecast of a quarter with its track record."""

from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import path
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers
from rest_framework.request import Request

from crm.accounts.models import Team, User
from crm.core.periods import Quarter, read_quarter
from crm.web import api
from crm.web.api import to_json
from deals.api.commitments import row_of
from deals.models import Metric, Target
from deals.operations import targets as operations
from deals.queries import track_record
from deals.queries.forecast import (
    DIMENSIONS,
    ForecastLine,
    Slice,
    forecast,
    needed_coverage,
)
from deals.queries.sums import Total


class TargetShape(api.Shape[Target]):
    """What one team, owner or region, or everybody, shall reach in a period."""

    class Meta:
        model = Target
        fields = (
            "id", "metric", "team_id", "owner_id", "region", "start_on", "end_on",
            "amount", "currency", "version", "updated_at",
        )  # fmt: skip


class TargetFilters(api.Filters):
    updated_since = api.UpdatedSince()

    class Meta:
        model = Target
        fields = {
            "metric": ["exact"],
            "team_id": ["exact", "in", "isnull"],
            "owner_id": ["exact", "in", "isnull"],
            "region": ["exact"],
            "start_on": ["exact", "gte", "lte"],
        }


class TargetGiven(api.Given):
    """A target; of one team, one owner or one region, or of none of them."""

    metric = serializers.ChoiceField(choices=Metric.choices)
    team_id = serializers.IntegerField(min_value=1, required=False, allow_null=True)
    owner_id = serializers.IntegerField(min_value=1, required=False, allow_null=True)
    region = serializers.RegexField("^([A-Z]{2})?$", required=False, allow_blank=True)
    start_on = serializers.DateField()
    end_on = serializers.DateField()
    amount = serializers.DecimalField(max_digits=20, decimal_places=2)
    currency = serializers.RegexField("^[A-Z]{3}$")


def _values(given: dict[str, Any], user: User) -> dict[str, Any]:
    values = dict(given)
    for name, model in (("team_id", Team), ("owner_id", User)):
        if name in values:
            pk = values.pop(name)
            row = row_of(model, pk, user, pointer=f"#/{name}")
            values[name.removesuffix("_id")] = row
    return values


class Targets(api.Adds[Target], api.Edits[Target], api.Removes[Target]):
    """Targets by metric, period and scope."""

    plural = "targets"
    access = api.Access(
        "deals",
        read="deals.view_target",
        add="deals.add_target",
        change="deals.change_target",
        delete="deals.delete_target",
    )
    shape, filters, given = TargetShape, TargetFilters, TargetGiven
    orderings = ("id",)

    def rows(self) -> QuerySet[Target]:
        return Target.objects.all().visible_to(self.user)

    def add(self, given: dict[str, Any], *, by: User, at: datetime) -> Target:
        return operations.set_target(values=_values(given, by), by=by, at=at)

    def edit(
        self,
        row: Target,
        given: dict[str, Any],
        *,
        version: int | None,
        by: User,
        at: datetime,
    ) -> Target:
        return operations.change_target(
            target=row,
            values=_values(given, by),
            by=by,
            at=at,
            expected_version=version,
        )

    def remove(
        self, row: Target, *, version: int | None, by: User, at: datetime
    ) -> None:
        operations.remove_target(target=row, by=by, at=at, expected_version=version)


class TotalAnswer(serializers.Serializer[Any]):
    """A sum, or why there is none."""

    amount = serializers.CharField(allow_null=True)
    currency = serializers.CharField()
    rate_on = serializers.DateField(allow_null=True)
    refusal = serializers.CharField(allow_blank=True)
    by_currency = serializers.DictField(child=serializers.CharField())


SUMS = (
    "pipeline", "annualised", "weighted", "won", "commit", "best_case", "in_period",
    "qualified",
)  # fmt: skip


class ForecastLineAnswer(serializers.Serializer[Any]):
    """One line; commit, best_case and in_period are cumulative."""

    key = serializers.CharField(allow_blank=True)
    name = serializers.CharField(allow_blank=True)
    open_count = serializers.IntegerField()
    open_in_period = serializers.IntegerField()
    won_count = serializers.IntegerField()
    pipeline = TotalAnswer()
    annualised = TotalAnswer()
    weighted = TotalAnswer()
    won = TotalAnswer()
    commit = TotalAnswer()
    best_case = TotalAnswer()
    in_period = TotalAnswer()
    qualified = TotalAnswer()
    target = TotalAnswer(allow_null=True)
    coverage = serializers.CharField(allow_null=True)
    is_target_met = serializers.BooleanField()


class ForecastAnswer(serializers.Serializer[Any]):
    """The forecast of a quarter, and what came of earlier ones."""

    quarter = serializers.CharField()
    at = serializers.DateTimeField()
    total = ForecastLineAnswer()
    lines = ForecastLineAnswer(many=True)
    win_rate = serializers.CharField(allow_null=True)
    win_rate_by_value = serializers.CharField(allow_null=True)
    decided = serializers.IntegerField()
    needed_coverage = serializers.CharField(allow_null=True)
    velocity_per_day = serializers.CharField(allow_null=True)
    slipped_count = serializers.IntegerField()
    slipped = TotalAnswer()
    accuracy = serializers.CharField(allow_null=True)


class ForecastDoor(api.Door):
    """What is likely to be won in a quarter, by team, owner, industry or region."""

    access = api.Access("deals", read="deals.view_deal")
    parameters: ClassVar[Any] = {
        "quarter": {"type": "string", "pattern": r"^\d{4}-Q[1-4]$"},
        "by": {"type": "string", "enum": [name for name in DIMENSIONS if name]},
        "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
    }
    answers: ClassVar[Any] = {"200": OpenApiResponse(ForecastAnswer, "The forecast.")}

    def get(self, request: Request) -> HttpResponse:
        quarter = Quarter.of(self.now.date())
        if "quarter" in self.query:
            quarter = read_quarter(self.query["quarter"])
        by = self.query.get("by", "")
        if by not in DIMENSIONS:
            fault = {
                "parameter": "by",
                "code": "invalid",
                "detail": "No such division.",
            }
            raise api.ProblemError(400, "invalid", errors=[fault])
        currency = self.query.get("currency", self.user.currency)
        body = to_json(
            answer(self.user, quarter, by=by, currency=currency, at=self.now)
        )
        return HttpResponse(body, content_type="application/json")


def answer(
    user: User, quarter: Quarter, *, by: str, currency: str, at: datetime
) -> dict[str, Any]:
    """Return all that the door says."""
    of = Slice(user=user)
    found = forecast(period=quarter.days, at=at, currency=currency, of=of, by=by)
    wins = track_record.win_rate(at=at, currency=currency, of=of)
    speed = track_record.velocity(at=at, currency=currency, rate=wins, of=of)
    slipped = track_record.slippage(
        period=quarter.days, at=at, currency=currency, of=of
    )
    before = track_record.accuracy(
        quarter=quarter.shifted(-1), currency=currency, of=of
    )
    return {
        "quarter": str(quarter),
        "at": at,
        "total": _line(found.total),
        "lines": [_line(line) for line in found.lines],
        "win_rate": _ratio(wins.by_count),
        "win_rate_by_value": _ratio(wins.by_value),
        "decided": wins.decided,
        "needed_coverage": _ratio(needed_coverage(wins.by_count)),
        "velocity_per_day": _ratio(speed.per_day),
        "slipped_count": slipped.count,
        "slipped": _total(slipped.amount),
        "accuracy": _ratio(before.share),
    }


def _line(line: ForecastLine) -> dict[str, Any]:
    return {
        "key": line.key,
        "name": line.name,
        "open_count": line.open_count,
        "open_in_period": line.open_in_period,
        "won_count": line.won_count,
        **{name: _total(getattr(line, name)) for name in SUMS},
        "target": None if line.target is None else _total(line.target),
        "coverage": _ratio(line.coverage),
        "is_target_met": line.is_target_met,
    }


def _total(total: Total) -> dict[str, Any]:
    return {
        "amount": None if total.amount is None else f"{total.amount:.2f}",
        "currency": total.currency,
        "rate_on": total.rate_on,
        "refusal": total.refusal,
        "by_currency": {code: f"{part:f}" for code, part in total.by_currency.items()},
    }


def _ratio(number: Decimal | None) -> str | None:
    return None if number is None else f"{number:.6f}"


urlpatterns = [
    *api.routes("targets", Targets),
    path("forecast/", ForecastDoor.as_view(), name="forecast"),
]
