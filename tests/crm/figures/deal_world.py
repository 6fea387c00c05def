"""The world of deals whose every number is computed by hand, and how to read a payload.

Amounts are in euro; one euro buys 1.25 USD at all times. T is Monday 23 November 2026.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from crm.accounts.roles import Role
from crm.figures import sections as figures
from crm.figures.blocks import Block, Figure, Value
from crm.figures.facts import Facts
from crm.reports.operations import runs
from crm.reports.payloads import Payload, VisibleSet
from crm.reports.wanted import Wanted
from deals.models import Deal, DealSnapshot, Target
from deals.pipeline import DealStage
from tests import make
from tests.deals import making

D = Decimal
MONDAY = date(2026, 11, 16)
T = date(2026, 11, 23)
AT = datetime(2026, 11, 22, 16, tzinfo=UTC)
DELIVERED = datetime(2026, 11, 24, tzinfo=UTC)
IN_Q4 = date(2026, 12, 1)
EVERYTHING = [each.name for each in figures.ALL]


class World:
    """One team with one partner of Anna's, and a partner of nobody in it."""

    def __init__(self) -> None:
        self.team = make.team("North")
        self.anna = make.user(Role.ALLIANCE_MANAGER, name="Anna")
        self.big = make.partner("Big", owner=self.anna, team=self.team)
        self.other = make.partner("Other", owner=make.user(), team=make.team("South"))
        for on in weekly(date(2025, 9, 1), T):
            making.rate("EUR", "USD", on, "1.25")

    def wanted(self, *ids: int, period: str = "2026-W47") -> Wanted:
        return Wanted(
            definition=make.report(sections=EVERYTHING),
            period=period,
            time_zone="Asia/Shanghai",
            currency="EUR",
            language="en",
            visible=VisibleSet(ids or (self.big.pk,), tuple(sorted(figures.rights()))),
        )

    def payload(self, *ids: int) -> Payload:
        return runs.computed_payload(wanted=self.wanted(*ids))

    def facts(self) -> Facts:
        return self.wanted().question().facts

    def deal(self, stage: str, amount: int, **fields: Any) -> Deal:
        values: dict[str, Any] = {
            "partner": self.big,
            "currency": "EUR",
            "target_close_on": IN_Q4,
            "opened_at": datetime(2026, 10, 1, 9, tzinfo=UTC),
        }
        if stage == DealStage.LAUNCHED:
            values["closed_on"] = date(2026, 10, 11)
        if stage == DealStage.CLOSED_LOST:
            values |= {
                "closed_on": date(2026, 10, 11),
                "lost_reason": "price",
                "reached": DealStage.QUALIFIED,
            }
        return making.deal(stage, amount, **{**values, **fields})


def weekly(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range(0, (last - first).days + 1, 7)]


def kept(deal: Deal, week_on: date, **fields: Any) -> None:
    """Keep how a deal stood at the end of a week."""
    values: dict[str, Any] = {
        "stage": DealStage.COMMITTED,
        "category": "commit",
        "probability": 80,
        "amount": deal.amount,
        "currency": deal.currency,
        "target_close_on": deal.target_close_on,
    }
    DealSnapshot.objects.create(
        deal=deal, week_on=week_on, taken_at=AT, **{**values, **fields}
    )


def target(amount: int, **fields: Any) -> Target:
    values = {
        "metric": "won",
        "start_on": date(2026, 10, 1),
        "end_on": date(2027, 1, 1),
        "currency": "EUR",
    }
    return Target.objects.create(amount=amount, **{**values, **fields})


def told(payload: Payload, name: str) -> list[Block]:
    return next(p["blocks"] for p in payload["sections"] if p["name"] == name)


def labelled(payload: Payload, name: str) -> dict[str, Figure]:
    return {
        figure["label"]: figure
        for block in told(payload, name)
        for figure in block.get("figures", [])
    }


def rows(payload: Payload, name: str, title: str) -> list[list[Value]]:
    return next(
        block["rows"]
        for block in told(payload, name)
        if block["block"] == "table" and title in block.get("title", "")
    )


def raw(cells: list[Value]) -> list[str]:
    return [str(cell.get("value", "")) for cell in cells]
