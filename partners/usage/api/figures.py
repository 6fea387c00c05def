"""Usage by day and by month, line items, what belongs to nobody, and how fresh it is."""

from collections.abc import Iterable, Sequence
from datetime import UTC, timedelta
from typing import Any

from django.urls import path

from crm.accounts import policy
from crm.web import api
from crm.web.api.parsing import bad_parameter
from partners.models import Partner
from partners.usage import queries
from partners.usage.api.shared import DAY, ID, PARTNER, PERIOD, SCOPE, Table
from partners.usage.models.account import SEES_UNASSIGNED
from partners.usage.queries import Dimension

TEXT = {"type": "string"}
EXACT = {"type": "string", "format": "decimal"}
COUNT = {"type": "integer"}
DIMENSIONS = {
    "service": Dimension.SERVICE,
    "category": Dimension.CATEGORY,
    "model": Dimension.MODEL,
    "account": Dimension.ACCOUNT,
    "region": Dimension.REGION,
    "environment": Dimension.ENVIRONMENT,
    "ai": Dimension.AI,
    "charge_category": Dimension.CHARGE_CATEGORY,
}
MOST_ITEMS = 1_000


class Daily(Table):
    """Usage of a partner by charge day (UTC), whole or divided; costs per currency."""

    plural = "usage-daily"
    parameters = {
        **PARTNER,
        **PERIOD,
        "by": {"type": "string", "enum": [*DIMENSIONS]},
    }
    columns = {
        "day": DAY,
        "key": {**TEXT, "description": "Value of `by`; empty without."},
        "currency": TEXT,
        "effective_cost": EXACT,
        "billed_cost": EXACT,
        "list_cost": EXACT,
        "contracted_cost": EXACT,
        "ai_effective_cost": EXACT,
        "tokens_in": EXACT,
        "tokens_out": EXACT,
        "gpu_hours": EXACT,
        "line_items": COUNT,
    }

    def table(self) -> Iterable[Sequence[Any]]:
        since, until = self.period()
        by = api.one_of(self.query, "by", tuple(DIMENSIONS))
        points = queries.daily_usage(
            self.scope(),
            since=since,
            until=until,
            by=DIMENSIONS[by] if by else Dimension.NOTHING,
        )
        return [
            (one.day, one.key, one.currency, one.effective, one.billed, one.listed,
             one.contracted, one.ai, one.tokens_in, one.tokens_out, one.gpu_hours,
             one.rows)
            for one in points
        ]  # fmt: skip


class Monthly(Table):
    """Spend of all visible partners, or of one, by charge month and currency."""

    plural = "usage-monthly"
    parameters = {**PARTNER, **PERIOD}
    columns = {
        "month": DAY,
        "partner_id": ID,
        "currency": TEXT,
        "effective_cost": EXACT,
        "billed_cost": EXACT,
        "ai_effective_cost": EXACT,
        "tokens": EXACT,
    }

    def table(self) -> Iterable[Sequence[Any]]:
        since, until = self.period()
        spent = queries.monthly_spend(
            since=since.replace(day=1), until=until, partner_ids=self._partner_ids()
        )
        return [
            (one.month, one.partner_id, one.currency, one.effective, one.billed,
             one.ai, one.tokens)
            for one in spent
        ]  # fmt: skip

    def _partner_ids(self) -> list[int]:
        if "partner_id" in self.query:
            return list(self.scope().partner_ids)
        seen = Partner.objects.visible_to(self.user)
        return list(seen.values_list("pk", flat=True))


class LineItems(Table):
    """Line items of a partner on one charge day, dearest first, from the store."""

    plural = "usage-line-items"
    parameters = {
        **PARTNER,
        "day": DAY,
        "service": {"type": "string", "minLength": 1, "maxLength": 300},
        "limit": {"type": "integer", "minimum": 1, "maximum": MOST_ITEMS},
        "offset": {"type": "integer", "minimum": 0, "maximum": 1_000_000},
    }
    columns = {name: {"type": ["string", "null"]} for name in queries.LINE_ITEM_COLUMNS}

    def table(self) -> Iterable[Sequence[Any]]:
        day = self.day("day")
        if day is None:
            raise bad_parameter("day", "Which charge day (UTC)?", "required")
        service = self.query.get("service")
        found = queries.line_items(
            queries.owned_accounts(self.scope().partner_ids, day=day),
            day=day,
            services=(service,) if service else (),
            limit=self.number("limit", least=1, most=MOST_ITEMS) or 200,
            offset=self.number("offset", least=0, most=1_000_000) or 0,
        )
        return found.rows


class Unassigned(Table):
    """Spend that belongs to no partner yet, most money first."""

    plural = "usage-unassigned"
    access = api.Access(
        SCOPE,
        read=lambda user: policy.reach_of(user).has_any(SEES_UNASSIGNED),
    )
    parameters = {"since": PERIOD["since"]}
    columns = {
        "account_id": ID,
        "source": TEXT,
        "provider": TEXT,
        "billing_account_id": TEXT,
        "sub_account_id": TEXT,
        "name": TEXT,
        "currency": TEXT,
        "effective_cost": EXACT,
        "billed_cost": EXACT,
        "first_month": DAY,
        "latest_month": DAY,
        "suggested_partner_ids": {"type": "array", "items": ID},
    }

    def table(self) -> Iterable[Sequence[Any]]:
        today = self.now.astimezone(UTC).date()
        since = self.day("since") or today - timedelta(days=91)
        found = queries.unassigned_spend(
            since=since.replace(day=1),
            count=1_000,
            partners=list(Partner.objects.visible_to(self.user)),
        )
        return [
            (one.account_id, one.source, one.provider, one.billing_account_id,
             one.sub_account_id, one.name, one.currency, one.effective, one.billed,
             one.first_month, one.latest_month, list(one.suggestions))
            for one in found
        ]  # fmt: skip


class Fresh(Table):
    """How far each active source reaches, and what of it waits for a person."""

    plural = "usage-freshness"
    access = api.Access(SCOPE, read="usage.view_billingsource")
    columns = {
        "source_id": ID,
        "source": TEXT,
        "latest_day": {"type": ["string", "null"], "format": "date"},
        "delivered_at": {"type": ["string", "null"], "format": "date-time"},
        "lateness_days": COUNT,
        "is_late": {"type": "boolean"},
        "held": COUNT,
    }

    def table(self) -> Iterable[Sequence[Any]]:
        today = self.now.astimezone(UTC).date()
        return [
            (one.source_id, one.source, one.latest_day, one.delivered_at,
             one.lateness_days, one.is_late, one.held)
            for one in queries.freshness(today=today)
        ]  # fmt: skip


urlpatterns = [
    path(f"usage/{address}/", door.as_view(), name=door.plural)
    for address, door in (
        ("daily", Daily),
        ("monthly", Monthly),
        ("line-items", LineItems),
        ("unassigned", Unassigned),
        ("freshness", Fresh),
    )
]
