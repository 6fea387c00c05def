"""Deals: list, detail, open, edit; win, lose, reopen, override."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from crm.accounts.models import Team, User
from crm.web import api
from deals.models import Agreement, Deal
from deals.operations import deals as operations
from deals.operations import stages
from deals.operations.stages import Closing
from deals.pipeline import (
    DealType,
    ForecastCategory,
    Involvement,
    LostReason,
    Origin,
    WonReason,
)
from partners.models import Cooperation, Partner

ACCESS = api.Access(
    "deals", read="deals.view_deal", add="deals.add_deal", change="deals.change_deal"
)
RELATIONS = {
    "cooperation_id": Cooperation,
    "agreement_id": Agreement,
    "renews_id": Agreement,
    "owner_id": User,
    "team_id": Team,
}


class DealShape(api.Shape[Deal]):
    """One opportunity, and where it stands."""

    partner_name = serializers.CharField(source="partner.display_name", read_only=True)

    class Meta:
        model = Deal
        fields = (
            "id",
            "key",
            "code",
            "partner_id",
            "partner_name",
            "cooperation_id",
            "title",
            "end_customer",
            "use_case",
            "deal_type",
            "origin",
            "involvement",
            "stage",
            "stage_entered_at",
            "category",
            "probability",
            "overridden_at",
            "overridden_by_id",
            "override_reason",
            "amount",
            "monthly_spend",
            "currency",
            "contract_months",
            "target_close_on",
            "closed_on",
            "won_reason",
            "lost_reason",
            "closing_note",
            "competitor",
            "next_step",
            "agreement_id",
            "renews_id",
            "owner_id",
            "team_id",
            "version",
            "updated_at",
        )


class DealFilters(api.Filters):
    updated_since = api.UpdatedSince()

    class Meta:
        model = Deal
        fields = {
            "id": ["in"],
            "partner_id": ["exact", "in"],
            "cooperation_id": ["exact", "in", "isnull"],
            "agreement_id": ["exact", "in", "isnull"],
            "renews_id": ["exact", "in", "isnull"],
            "stage": ["exact", "in"],
            "category": ["exact", "in"],
            "deal_type": ["exact", "in"],
            "owner_id": ["exact", "in", "isnull"],
            "team_id": ["exact", "in", "isnull"],
            "target_close_on": ["lte", "gte"],
            "closed_on": ["lte", "gte", "isnull"],
        }


def text(**options: Any) -> serializers.CharField:
    """Return a text that may be left out or empty."""
    return serializers.CharField(required=False, allow_blank=True, **options)


def money() -> serializers.DecimalField:
    """Return an amount that may be left out or unknown."""
    return serializers.DecimalField(
        max_digits=20, decimal_places=2, min_value=0, required=False, allow_null=True
    )


def day() -> serializers.DateField:
    """Return a date that may be left out or unknown."""
    return serializers.DateField(required=False, allow_null=True)


def number(most: int | None = None) -> serializers.IntegerField:
    """Return an id or a count that may be left out or unknown."""
    return serializers.IntegerField(
        min_value=1, max_value=most, required=False, allow_null=True
    )


class DealChanges(api.Given):
    """What can be changed; the stage moves by `stage-moves`."""

    title = serializers.CharField(max_length=200)
    cooperation_id = number()
    end_customer = text(max_length=250)
    use_case = text()
    deal_type = serializers.ChoiceField(choices=DealType.choices, required=False)
    origin = serializers.ChoiceField(choices=Origin.choices, required=False)
    involvement = serializers.ChoiceField(choices=Involvement.choices, required=False)
    amount = money()
    monthly_spend = money()
    currency = serializers.RegexField("^[A-Z]{3}$", required=False)
    contract_months = number(144)
    target_close_on = day()
    competitor = text(max_length=120)
    next_step = text(max_length=250)
    agreement_id = number()
    renews_id = number()
    owner_id = number()
    team_id = number()


class DealGiven(DealChanges):
    """A new deal, with its partner."""

    partner_id = serializers.IntegerField(min_value=1)


def one_of(model: Any, pk: int | None, user: User, *, pointer: str) -> Any:
    """Return the visible row of this id, or None for none.

    :raises ProblemError: 400 with the pointer; absent and out of sight look the same.
    """
    if pk is None:
        return None
    row = model.objects.all().visible_to(user).filter(pk=pk).first()
    if row is None:
        fault = {"pointer": pointer, "code": "not-found", "detail": "There is none."}
        raise api.ProblemError(400, "invalid", errors=[fault])
    return row


def values_of(
    given: dict[str, Any], user: User, relations: dict[str, Any]
) -> dict[str, Any]:
    """Return the fields, ids turned into rows that this person may see."""
    values = {name: value for name, value in given.items() if name not in relations}
    for name, model in relations.items():
        if name in given:
            row = one_of(model, given[name], user, pointer=f"#/{name}")
            values[name.removesuffix("_id")] = row
    return values


class Deals(api.Adds[Deal], api.Edits[Deal]):
    """Opportunities; their stage is moved by `stage-moves` only."""

    plural = "deals"
    access = ACCESS
    shape, filters = DealShape, DealFilters
    given, changes = DealGiven, DealChanges
    orderings = ("id", "title")

    def rows(self) -> QuerySet[Deal]:
        return Deal.objects.visible_to(self.user)

    def add(self, given: dict[str, Any], *, by: User, at: datetime) -> Deal:
        partner = one_of(Partner, given.pop("partner_id"), by, pointer="#/partner_id")
        values = values_of(given, by, RELATIONS)
        return operations.open_deal(
            partner=partner, title=values.pop("title"), by=by, at=at, values=values
        )

    def edit(
        self,
        row: Deal,
        given: dict[str, Any],
        *,
        version: int | None,
        by: User,
        at: datetime,
    ) -> Deal:
        return operations.edit_deal(
            deal=row,
            by=by,
            at=at,
            values=values_of(given, by, RELATIONS),
            expected_version=version,
        )


class WinGiven(api.Given):
    """Why it was won."""

    won_reason = serializers.ChoiceField(choices=WonReason.choices)
    closed_on = day()
    note = text(default="")
    expected_version = number()


class LoseGiven(api.Given):
    """Why it was lost."""

    lost_reason = serializers.ChoiceField(choices=LostReason.choices)
    competitor = text(max_length=120, default="")
    closed_on = day()
    note = text(default="")
    expected_version = number()


class ReopenGiven(api.Given):
    """Why it is open again."""

    reason = serializers.CharField()
    expected_version = number()


class ForecastOverrideGiven(api.Given):
    """How surely it comes, against its stage."""

    probability = serializers.IntegerField(min_value=0, max_value=100, required=False)
    category = serializers.ChoiceField(
        choices=[c for c in ForecastCategory.choices if c[0] != "closed"],
        required=False,
    )
    reason = serializers.CharField()
    expected_version = number()


class NothingGiven(api.Given):
    """Nothing more is needed."""


class DealAct(api.Act[Deal]):
    """What all acts on a deal share."""

    access = api.Access("deals", read="deals.view_deal", add="deals.change_deal")
    shape = DealShape

    def rows(self) -> QuerySet[Deal]:
        return Deal.objects.visible_to(self.user)


class Win(DealAct):
    """Win a committed deal on its signed agreement; 409 says what is missing."""

    plural = "deal-win"
    given = WinGiven

    def act(self, row: Deal, given: dict[str, Any], *, by: User, at: datetime) -> Deal:
        return stages.win_deal(
            deal=row,
            closing=Closing(
                reason=given["won_reason"],
                closed_on=given.get("closed_on"),
                note=given["note"],
            ),
            by=by,
            at=at,
            expected_version=given.get("expected_version"),
        )


class Lose(DealAct):
    """Lose a deal, from any open stage."""

    plural = "deal-lose"
    given = LoseGiven

    def act(self, row: Deal, given: dict[str, Any], *, by: User, at: datetime) -> Deal:
        return stages.lose_deal(
            deal=row,
            closing=Closing(
                reason=given["lost_reason"],
                closed_on=given.get("closed_on"),
                competitor=given["competitor"],
                note=given["note"],
            ),
            by=by,
            at=at,
            expected_version=given.get("expected_version"),
        )


class Reopen(DealAct):
    """Take a closed deal back to the open stage it came from."""

    plural = "deal-reopen"
    access = api.Access("deals", read="deals.view_deal", add="deals.reopen_deal")
    given = ReopenGiven

    def act(self, row: Deal, given: dict[str, Any], *, by: User, at: datetime) -> Deal:
        return stages.reopen_deal(deal=row, by=by, at=at, **given)


class Override(DealAct):
    """Say how surely it comes; ends with the next move."""

    plural = "deal-override"
    access = api.Access("deals", read="deals.view_deal", add="deals.override_deal")
    given = ForecastOverrideGiven

    def act(self, row: Deal, given: dict[str, Any], *, by: User, at: datetime) -> Deal:
        return stages.override_forecast(deal=row, by=by, at=at, **given)


class EndOverride(DealAct):
    """Let the stage count again."""

    plural = "deal-end-override"
    access = api.Access("deals", read="deals.view_deal", add="deals.override_deal")
    given = NothingGiven

    def act(self, row: Deal, given: dict[str, Any], *, by: User, at: datetime) -> Deal:
        return stages.end_override(deal=row, by=by, at=at)


urlpatterns = [
    *api.routes("deals", Deals),
    api.act("deals/<int:pk>/win", Win),
    api.act("deals/<int:pk>/lose", Lose),
    api.act("deals/<int:pk>/reopen", Reopen),
    api.act("deals/<int:pk>/override", Override),
    api.act("deals/<int:pk>/end-override", EndOverride),
]
