"""Tells which models work where in the demo, what came of it, and what partners ask for."""

import csv
import random
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from crm.accounts.models import User
from crm.demo.grounds import (
    DERIVED,
    FEEDBACK,
    SCENARIOS,
    STRANGERS,
    DemoDerived,
    DemoFeedback,
    DemoScenario,
)
from partners.ai import operations
from partners.ai.models import BaseModel, DerivedModel, Scenario, ScenarioKind
from partners.ai.models.pointing import AnyModel
from partners.ai.operations import Answer, Measured
from partners.models import Contact, Cooperation, Partner
from partners.usage import operations as usage
from partners.usage.models import CloudAccount

SOURCE = "Example Cloud Model Endpoints"
DAYS = 70
PRICE = {"Input": Decimal("0.6"), "Output": Decimal("2.4")}
"""Invented, per million tokens."""
ZERO = Decimal(0)


class Training:
    """Brings scenarios, derived models with their usage, and the feedback between them."""

    def __init__(self, *, cast: dict[str, User], seed: int, at: datetime) -> None:
        self.cast = cast
        self.at = at
        self.today = at.astimezone(UTC).date()
        self.chance = random.Random(seed)  # noqa: S311 - a story, not a secret
        self.partners = {each.display_name: each for each in Partner.objects.all()}
        self.kinds = {each.code: each for each in ScenarioKind.objects.all()}
        self.models: dict[str, AnyModel] = {
            each.name: each for each in BaseModel.objects.all()
        }
        self.scenarios: dict[str, Scenario] = {}

    def tell(self) -> None:
        """Bring it all, oldest first."""
        for derived in DERIVED:
            self._derive(derived)
        for scenario in SCENARIOS:
            self._plan(scenario)
        for feedback in FEEDBACK:
            self._ask(feedback)
        Endpoints(self).consume()

    def _derive(self, told: DemoDerived) -> None:
        cooperation = self._cooperation(told.partner, told.cooperation)
        began = told.steps[0][1]
        model = operations.register_derived(
            partner=self.partners[told.partner],
            values={
                "cooperation": cooperation,
                "name": told.name,
                "model_id": told.model_id,
                "kind": told.kind,
                "owner": self.cast["mei"],
            },
            parents=[self.models[name] for name in told.parents],
            by=self.cast["mei"],
            at=self._ago(began),
        )
        for state, days in told.steps[1:]:
            model = operations.move_derived(
                model=model,
                to=state,
                endpoint=f"ep-{told.model_id.replace('/', '-')}",
                reason="Superseded by a smaller one" if state == "retired" else "",
                by=self.cast["mei"],
                at=self._ago(days),
            )
        self.models[told.model_id] = model
        operations.map_text(
            kind="model", text=told.model_id, model=model, by=self.cast["mei"],
            at=self._ago(began),
        )  # fmt: skip

    def _plan(self, told: DemoScenario) -> None:
        cooperation = self._cooperation(told.partner, told.cooperation)
        by = cooperation.owner or self.cast["victor"]
        scenario = operations.plan_scenario(
            cooperation=cooperation,
            values={
                "title": told.title,
                "kind": self.kinds[told.kind],
                "does": told.does,
            },
            by=by,
            at=self._ago(told.live + 30),
        )
        for name in told.models:
            operations.use_model(
                scenario=scenario, model=self.models[name], by=by,
                at=self._ago(told.live + 30),
            )  # fmt: skip
        if told.live:
            operations.start_scenario(scenario=scenario, by=by, at=self._ago(told.live))
        for measure in told.measures:
            self._measure(scenario, measure, by=by)
        if told.ended:
            operations.end_scenario(
                scenario=scenario, reason=told.ended, by=by, at=self._ago(4)
            )
        self.scenarios[told.title] = scenario

    def _measure(
        self, scenario: Scenario, told: tuple[str, str, str, str, bool], *, by: User
    ) -> None:
        name, unit, before, after, is_lower_better = told
        measured = Measured(
            name=name,
            unit=unit,
            before=Decimal(before),
            after=Decimal(after) if after else None,
            is_lower_better=is_lower_better,
        )
        operations.measure_scenario(
            scenario=scenario, measured=measured, by=by, at=self._ago(2)
        )

    def _ask(self, told: DemoFeedback) -> None:
        scenario = self.scenarios[told.scenario]
        by = scenario.owner or self.cast["victor"]
        feedback = operations.raise_feedback(
            scenario=scenario,
            model=self.models[told.model],
            values={
                "title": told.title,
                "topic": told.topic,
                "priority": told.priority,
            },
            by=by,
            at=self._ago(told.steps[0][1]),
        )
        for state, days in told.steps[1:]:
            is_ours = state in {"accepted", "shipped", "declined"}
            feedback = operations.move_feedback(
                feedback=feedback,
                to=state,
                answer=self._answer(told, scenario),
                by=self.cast["mei"] if is_ours else by,
                at=self._ago(days),
            )

    def _answer(self, told: DemoFeedback, scenario: Scenario) -> Answer:
        contacts = Contact.objects.filter(partner=scenario.cooperation.partner)
        return Answer(
            owner=self.cast["mei"],
            reason=told.reason,
            model=self.models.get(told.version),
            contact=contacts.order_by("pk").first(),
        )

    def _cooperation(self, partner: str, words: str) -> Cooperation:
        return Cooperation.objects.select_related("owner").get(
            partner=self.partners[partner], title__contains=words
        )

    def _ago(self, days: int) -> datetime:
        return self.at - timedelta(days=days, hours=1)


class Endpoints:
    """Hands the usage of derived models in, as a billing export of its own."""

    def __init__(self, told: Training) -> None:
        self.fiona = told.cast["fiona"]
        self.at = told.at
        self.today = told.today
        self.chance = told.chance
        self.partners = told.partners
        self.models = told.models

    def consume(self) -> None:
        """Load every month and say whose the accounts are."""
        source, _is_new = usage.find_or_create_source(
            name=SOURCE, by=self.fiona, at=self.at
        )
        served = [
            (told.partner, told.model_id, told.daily) for told in DERIVED if told.daily
        ]
        lines = [*served, *STRANGERS]
        with tempfile.TemporaryDirectory() as folder:
            for month in self._months():
                file = Path(folder) / f"endpoints-{month:%Y-%m}.csv"
                write(file, list(self._rows(lines, month)))
                asked = usage.request_load(
                    source=source, paths=[file], by=self.fiona, at=self.at
                )
                usage.run_load(load=asked, owner="demo", at=self.at)
        accounts = {
            each.billing_account_id: each
            for each in CloudAccount.objects.filter(source=source)
        }
        for partner, model, _daily in lines:
            usage.assign_account(
                account=accounts[account_of(model)],
                partner=self.partners[partner],
                since=None,
                by=self.fiona,
                at=self.at,
            )

    def _months(self) -> list[date]:
        first = (self.today - timedelta(days=DAYS)).replace(day=1)
        months = [first]
        while (later := next_month(months[-1])) < self.today:
            months.append(later)
        return months

    def _rows(
        self, lines: list[tuple[str, str, int]], month: date
    ) -> Iterator[dict[str, Any]]:
        for partner, model, daily in lines:
            began = self._began(model)
            for back in range(DAYS, 0, -1):
                day = self.today - timedelta(days=back)
                if day < began or day.replace(day=1) != month:
                    continue
                growth = 1 - back / (2 * DAYS)
                swing = self.chance.uniform(0.9, 1.1) * (
                    0.7 if day.weekday() > 4 else 1
                )
                tokens = int(daily * 1_000_000 * growth * swing)
                currency = self.partners[partner].reporting_currency
                for direction, share in (("Input", 4), ("Output", 1)):
                    yield row(
                        model, direction, day, tokens * share // 5, currency=currency
                    )

    def _began(self, model: str) -> date:
        """Return the first day with usage: production, or before all days."""
        known = self.models.get(model)
        began = known.production_on if isinstance(known, DerivedModel) else None
        return began or date.min


def row(
    model: str, direction: str, day: date, tokens: int, *, currency: str
) -> dict[str, Any]:
    """Return one line of the export: a model's tokens of one day in one direction."""
    cost = (PRICE[direction] * tokens / 1_000_000).quantize(Decimal("0.000001"))
    month = day.replace(day=1)
    fixed = {name: str(cost) for name in COSTS}
    return fixed | {
        "BillingAccountId": account_of(model),
        "BillingAccountName": f"Endpoint {model}",
        "BillingCurrency": currency,
        "BillingPeriodStart": stamp(month),
        "BillingPeriodEnd": stamp(next_month(month)),
        "ChargeCategory": "Usage",
        "ChargeClass": "",
        "ChargeDescription": f"{model} {direction.lower()} tokens",
        "ChargePeriodStart": stamp(day),
        "ChargePeriodEnd": stamp(day + timedelta(days=1)),
        "ConsumedQuantity": tokens,
        "ConsumedUnit": "Tokens",
        "InvoiceIssuerName": "Example Cloud",
        "PricingQuantity": str(Decimal(tokens) / 1_000_000),
        "PricingUnit": "1000000 Tokens",
        "ProviderName": "Example Cloud",
        "PublisherName": "Example Cloud",
        "ServiceCategory": "AI and Machine Learning",
        "ServiceName": "Model Endpoints",
        "SkuId": f"endpoint-{direction.lower()}",
        "SkuMeter": f"{direction} Tokens",
        "SkuPriceDetails": f'{{"ModelId": "{model}", "TokenDirection": "{direction}"}}',
    }


COSTS = ("BilledCost", "ContractedCost", "EffectiveCost", "ListCost")


def write(file: Path, rows: list[dict[str, Any]]) -> None:
    """Write one month as CSV."""
    with file.open("w", newline="") as out:
        writer = csv.DictWriter(out, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def account_of(model: str) -> str:
    """Return the billing account of a model's endpoint, the same on every machine."""
    return f"0099{sum(ord(sign) * place for place, sign in enumerate(model, 1)):08d}"


def stamp(day: date) -> str:
    """Return the beginning of a day as exports write it."""
    return f"{day.isoformat()}T00:00:00Z"


def next_month(month: date) -> date:
    """Return the first day of the month after."""
    return (month + timedelta(days=32)).replace(day=1)
