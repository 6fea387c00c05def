"""Metering by API: CloudEvents in, provisional usage out."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import path
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers
from rest_framework.request import Request

from crm.accounts.models import User
from crm.web import api
from crm.web.api import bulk, parsing
from partners.usage import operations
from partners.usage.models import MeteredEvent
from partners.usage.operations.events import Reported
from partners.usage.queries.events import provisional_usage

SPEC_VERSION = "1.0"
EVENT_TYPE = "usage.metered"
LARGEST = 10**15
LONGEST_PERIOD = timedelta(days=100)
MEASURES = ("tokens_in", "tokens_out", "requests", "gpu_seconds")


class BatchParser(parsing.JSONParser):
    """Reads CloudEvents in batch form; the bounds are those of every body."""

    media_type = "application/cloudevents-batch+json"


class EventParser(parsing.JSONParser):
    """Reads one CloudEvent in structured form."""

    media_type = "application/cloudevents+json"


class MeteredEventShape(api.Shape[MeteredEvent]):
    """Consumption that a program reported."""

    is_provisional = serializers.BooleanField(
        read_only=True, help_text="False once a billing delivery covers the day."
    )

    class Meta:
        model = MeteredEvent
        fields = (
            "id",
            "account_id",
            "origin",
            "event_id",
            "happened_at",
            "charge_day",
            "model",
            "tokens_in",
            "tokens_out",
            "requests",
            "gpu_seconds",
            "received_at",
            "is_provisional",
        )


class MeteredEventFilters(api.Filters):
    class Meta:
        model = MeteredEvent
        fields = {
            "account_id": ["exact", "in"],
            "origin": ["exact"],
            "event_id": ["exact", "in"],
            "model": ["exact", "in"],
            "charge_day": ["exact", "gte", "lt"],
        }


class MeteredData(api.Given):
    """What was consumed; at least one measure."""

    account_id = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    model = serializers.CharField(max_length=200)
    tokens_in = serializers.IntegerField(min_value=0, max_value=LARGEST, required=False)
    tokens_out = serializers.IntegerField(
        min_value=0, max_value=LARGEST, required=False
    )
    requests = serializers.IntegerField(min_value=0, max_value=LARGEST, required=False)
    gpu_seconds = serializers.DecimalField(
        max_digits=20, decimal_places=6, min_value=Decimal(0), required=False
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for at least one measure."""
        if not any(name in attrs for name in MEASURES):
            raise serializers.ValidationError(
                f"At least one of: {', '.join(MEASURES)}.", code="required"
            )
        return attrs


class MeteredEventGiven(api.Given):
    """One CloudEvent; `source` and `id` name it for 90 days, a repeat changes nothing."""

    specversion = serializers.ChoiceField(choices=[SPEC_VERSION])
    id = serializers.CharField(max_length=200)
    source = serializers.CharField(max_length=200)  # type: ignore[assignment]  # CloudEvents names it so
    type = serializers.ChoiceField(choices=[EVENT_TYPE])
    time = serializers.DateTimeField()
    subject = serializers.CharField(max_length=200, required=False)
    datacontenttype = serializers.ChoiceField(
        choices=["application/json"], required=False
    )
    data = MeteredData()  # type: ignore[assignment]  # CloudEvents names it so

    def to_internal_value(self, data: Any) -> Any:
        """Ask for a time with its offset: days are counted in UTC."""
        values = super().to_internal_value(data)
        text = str(data["time"])
        if not (text.endswith(("Z", "z")) or text[-6:-5] in {"+", "-"}):
            raise serializers.ValidationError(
                {"time": ["Must be a time with offset, as 2026-01-31T08:00:00Z."]}
            )
        return values


class MeteredEvents(api.Adds[MeteredEvent]):
    """Consumption reported by programs (CloudEvents); kept for 90 days.

    One event or a batch of up to 1,000. Those that are known already answer `unchanged`.
    """

    plural = "usage-events"
    access = api.Access(
        "usage", read="usage.view_meteredevent", add="usage.add_meteredevent"
    )
    shape, filters, given = MeteredEventShape, MeteredEventFilters, MeteredEventGiven
    orderings = ("id",)
    parser_classes = (parsing.JSONParser, BatchParser, EventParser)

    def rows(self) -> QuerySet[MeteredEvent]:
        return MeteredEvent.objects.visible_to(self.user).told()

    def add(self, given: dict[str, Any], *, by: User, at: datetime) -> MeteredEvent:
        rows, _new = operations.take_events(reported=[_reported(given)], by=by, at=at)
        return rows[0]

    def _create_each(self, items: list[Any]) -> HttpResponse:
        by, at = self.user, self.now
        reader = self.input()
        asked = [_account_of(item) for item in items]
        accounts = operations.reportable_accounts(
            [number for number in asked if number is not None], by=by
        )

        def read(item: Any) -> Reported:
            reported = _reported(reader.run_validation(item))
            fault = operations.fault_of(reported, accounts=accounts, at=at)
            if fault is not None:
                raise api.ProblemError(400, fault.code, str(fault))
            return reported

        def take(accepted: Any) -> list[bulk.Outcome]:
            rows, new = operations.take_events(reported=accepted, by=by, at=at)
            outcomes = []
            for row in rows:
                name = (row.origin, row.event_id)
                outcomes.append(
                    bulk.Outcome.of(row, "created" if name in new else "unchanged")
                )
                new.discard(name)
            return outcomes

        return bulk.answer(
            bulk.each(
                items,
                read,
                lambda item: take([item])[0],
                atomic=self.is_atomic,
                at_once=take,
            )
        )


def _account_of(item: Any) -> int | None:
    data = item.get("data") if isinstance(item, dict) else None
    number = data.get("account_id") if isinstance(data, dict) else None
    return number if type(number) is int and 0 < number < 2**63 else None


def _reported(given: dict[str, Any]) -> Reported:
    return Reported(
        origin=given["source"],
        event_id=given["id"],
        happened_at=given["time"],
        **given["data"],
    )


ROW = {
    "type": "object",
    "required": ["day", "account_id", "model", *MEASURES, "events"],
    "properties": {
        "day": {"type": "string", "format": "date"},
        "account_id": {"type": "integer"},
        "model": {"type": "string"},
        **{name: {"type": "string", "format": "decimal"} for name in MEASURES},
        "events": {"type": "integer"},
    },
}
PROVISIONAL = {
    "type": "object",
    "required": ["results"],
    "properties": {"results": {"type": "array", "items": ROW}},
}
DAY = {"type": "string", "format": "date"}


class ProvisionalUsageDoor(api.Door):
    """Reported usage per day, account and model that no billing delivery covers yet.

    Add it to the billed usage of the same days: a day is in one of them, never in both.
    """

    plural = "provisional-usage"
    access = api.Access("usage", read="usage.view_meteredevent")
    parameters = {
        "since": DAY,
        "until": {**DAY, "description": "Day after the last one."},
        "account_id": {"type": "integer", "minimum": 1, "maximum": 2**63 - 1},
    }
    answers = {"200": OpenApiResponse(PROVISIONAL, "By day, account and model.")}

    def get(self, request: Request) -> HttpResponse:
        """Answer for the days asked for; the latest 30 when nothing is said."""
        until = self._day("until") or self.now.date() + timedelta(days=1)
        since = self._day("since") or until - timedelta(days=30)
        if not since < until <= since + LONGEST_PERIOD:
            raise parsing.bad_parameter("until", "After `since`, by 100 days at most.")
        found = provisional_usage(
            user=self.user, since=since, until=until, account_id=self._account()
        )
        return HttpResponse(
            api.to_json({"results": found}), content_type="application/json"
        )

    def _day(self, name: str) -> date | None:
        text = self.query.get(name)
        try:
            return None if text is None else date.fromisoformat(text)
        except ValueError:
            raise parsing.bad_parameter(name, "A day, as 2026-01-31.") from None

    def _account(self) -> int | None:
        text = self.query.get("account_id")
        if text is None:
            return None
        if not (text.isascii() and text.isdigit() and 0 < int(text) < 2**63):
            raise parsing.bad_parameter("account_id", "The number of an account.")
        return int(text)


urlpatterns = [
    *api.routes("usage/events", MeteredEvents),
    path(
        "usage/provisional/", ProvisionalUsageDoor.as_view(), name="provisional-usage"
    ),
]
