"""The demo's deals: opened, pushed, moved, won and lost day by day, with each week's end kept.

Amounts are invented. Everything happens through the operations that people use, in the
order of time, so that stays, snapshots and slippage tell one story.
"""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial

from crm.accounts.models import User
from crm.core.periods import Week
from crm.demo.metered import first_days_ago, monthly_of
from crm.demo.papers import Papers
from deals.models import Agreement, Deal
from deals.operations import deals, lines, snapshots, stages
from deals.operations.lines import Line
from deals.operations.stages import Closing
from deals.pipeline import DealStage, LostReason, WonReason
from partners.models import Cooperation, Partner
from partners.stages import Stage

WEEKS = 40
PATH = (
    DealStage.PROSPECT,
    DealStage.QUALIFIED,
    DealStage.TECHNICAL_VALIDATION,
    DealStage.BUSINESS_VALIDATION,
    DealStage.COMMITTED,
    DealStage.LAUNCHED,
)
ENDS = (
    DealStage.PROSPECT,
    DealStage.QUALIFIED,
    DealStage.LAUNCHED,
    DealStage.TECHNICAL_VALIDATION,
    DealStage.CLOSED_LOST,
    DealStage.BUSINESS_VALIDATION,
    DealStage.LAUNCHED,
    DealStage.COMMITTED,
)
"""How far deals get, one after the other."""

OFFERS = (
    ("Inference at scale", "AI and Machine Learning", "million tokens", "1.20"),
    ("Reserved GPU hours", "Compute", "GPU hours", "2.40"),
    ("Fine-tuning workbench", "AI and Machine Learning", "seats", "900"),
    ("Vector search", "Databases", "collections", "1500"),
)
REALISED = ("0.93", "1.08", "0.78", "1.16", "0.98", "0.86")
"""What share of their expected spend won deals really bring."""
WINDOW_MIDDLE = 74
"""Realisation is measured 61 to 88 days after launch."""
PARTICULARS = ("first rollout", "second region", "whole group", "next business unit")
LOST = (LostReason.NO_BUDGET, LostReason.PRICE, LostReason.CANCELLED)
WON = (WonReason.PROOF, WonReason.PRODUCT, WonReason.RELATIONSHIP)
Act = Callable[[datetime], object]


class Happenings:
    """What people do with one deal on one day."""

    def __init__(self, *, cast: dict[str, User], seed: int, at: datetime) -> None:
        self.cast = cast
        self.at = at
        self.chance = random.Random(seed + 5)  # noqa: S311 - a story, not a secret
        self.papers = Papers(cast=cast)
        self.deals: dict[int, Deal] = {}
        self.wins: dict[int, int] = {}

    def _open(self, cooperation: Cooperation, key: int, at: datetime) -> None:
        product, _category, _unit, _price = OFFERS[key % len(OFFERS)]
        monthly = cooperation.expected_monthly_spend or Decimal(20_000)
        share = Decimal(self.chance.randint(15, 90)) / 100
        months = self.chance.choice((12, 24, 36))
        if ENDS[key % len(ENDS)] == DealStage.LAUNCHED:
            monthly, share = self._expected(cooperation, monthly, key), Decimal(1)
        spend = (monthly * share).quantize(Decimal(100))
        is_second = key % 2 == 1
        self.deals[key] = deals.open_deal(
            partner=cooperation.partner,
            title=f"{product}, {PARTICULARS[key % len(PARTICULARS)]}",
            by=cooperation.owner or self.cast["victor"],
            at=at,
            values={
                "cooperation": cooperation,
                "end_customer": cooperation.partner.legal_name,
                "use_case": cooperation.title,
                "deal_type": "expansion" if is_second else "net_new",
                "origin": "partner" if key % 5 == 0 else "ours",
                "monthly_spend": spend,
                "amount": spend * months,
                "contract_months": months,
                "target_close_on": at.date() + timedelta(days=120),
                "next_step": "Walk through the offer with their buyer",
            },
        )

    def _expected(self, cooperation: Cooperation, usual: Decimal, key: int) -> Decimal:
        """Expect what will be metered after launch, a little more or a little less."""
        metered = monthly_of(
            cooperation.partner.display_name,
            cooperation.title,
            days_ago=self.wins.get(key, 0) - WINDOW_MIDDLE,
        )
        return (metered or usual) / Decimal(REALISED[key % len(REALISED)])

    def _move(self, key: int, stage: DealStage, at: datetime) -> None:
        deal = self._fresh(key)
        by = deal.owner or self.cast["victor"]
        if stage == DealStage.BUSINESS_VALIDATION and key % 4 == 0:
            self._sell(deal, key, by=by, at=at)
        if stage == DealStage.COMMITTED:
            deals.edit_deal(
                deal=deal,
                by=by,
                at=at,
                values={"agreement": self._paper(deal, at=at)},
            )
        stages.move_deal(deal=deal, to=stage, by=by, at=at)
        if stage == DealStage.TECHNICAL_VALIDATION and key % 7 == 0:
            self._credit(deal, by=by, at=at)
        if stage == DealStage.BUSINESS_VALIDATION and key % 6 == 5:
            stages.override_forecast(
                deal=deal,
                probability=75,
                category="commit",
                reason="Their board has approved the budget",
                by=by,
                at=at,
            )

    def _sell(self, deal: Deal, key: int, *, by: User, at: datetime) -> None:
        """Put lines on the deal whose sum is about the amount there is."""
        product, category, unit, price = OFFERS[key % len(OFFERS)]
        amount = deal.amount or Decimal(0)
        quantity = (amount * Decimal("0.8") / Decimal(price)).quantize(Decimal(1))
        service = (amount / 5).quantize(Decimal(100))
        lines.set_lines(
            deal=deal,
            lines=[
                Line(
                    product=product,
                    service_category=category,
                    quantity=max(quantity, Decimal(1)),
                    unit=unit,
                    unit_price=Decimal(price),
                ),
                Line(product="Rollout", quantity=Decimal(1), unit_price=service),
            ],
            by=by,
            at=at,
        )

    def _credit(self, deal: Deal, *, by: User, at: datetime) -> None:
        """Credit a software vendor for having brought the deal."""
        vendor = (
            Partner.objects.filter(partner_type="isv").order_by("pk").first()
        ) or deal.partner
        for kind, percent in (("sourced", 60), ("influenced", 30)):
            lines.give_credit(
                deal=deal,
                partner=vendor,
                kind=kind,
                percent=Decimal(percent),
                evidence="Brought us to the first meeting",
                by=by,
                at=at,
            )

    def _push(self, key: int, at: datetime) -> None:
        if key not in self.deals:
            return
        deal = self._fresh(key)
        was = deal.target_close_on or at.date()
        deals.edit_deal(
            deal=deal,
            by=deal.owner or self.cast["victor"],
            at=at,
            values={"target_close_on": max(was, at.date()) + timedelta(days=45)},
        )

    def _win(self, key: int, at: datetime) -> None:
        deal = self._fresh(key)
        stages.win_deal(
            deal=deal,
            closing=Closing(reason=WON[key % len(WON)]),
            by=deal.owner or self.cast["victor"],
            at=at,
        )

    def _lose(self, key: int, at: datetime) -> None:
        deal = self._fresh(key)
        stages.lose_deal(
            deal=deal,
            closing=Closing(
                reason=LOST[key % len(LOST)], note="They may come back next year"
            ),
            by=deal.owner or self.cast["victor"],
            at=at,
        )

    def _fresh(self, key: int) -> Deal:
        return Deal.objects.select_related("owner").get(pk=self.deals[key].pk)

    def _paper(self, deal: Deal, *, at: datetime) -> Agreement:
        """Return a paper in force to win the deal on; an order form when there is none."""
        known = Agreement.objects.in_force().filter(
            partner=deal.partner_id, agreement_type="order_form", cooperations=None
        )
        found = known.filter(expires_on__gte=self.at.date()).order_by("pk").first()
        cooperation = deal.cooperation
        if found is not None or cooperation is None:
            return found or self._frame(deal, at=at)
        return self.papers.sign(cooperation, kind="order_form", at=at)

    def _frame(self, deal: Deal, *, at: datetime) -> Agreement:
        cooperation = Cooperation.objects.filter(partner=deal.partner_id).earliest("pk")
        return self.papers.sign(cooperation, kind="strategic", at=at)


class Trades(Happenings):
    """Plans what happens with every deal, then lets it happen in the order of time."""

    def __init__(self, *, cast: dict[str, User], seed: int, at: datetime) -> None:
        super().__init__(cast=cast, seed=seed, at=at)
        self.plan: list[tuple[datetime, Act]] = []

    def bring(self) -> None:
        """Tell the deals of every partner, the renewals, and each week's end."""
        cooperations = Cooperation.objects.select_related("partner", "owner").order_by(
            "pk"
        )
        for number, cooperation in enumerate(cooperations):
            for turn in range(2):
                self._plan_deal(cooperation, key=2 * number + turn)
        monday = Week.of(self.at.date()).days.start
        for week in range(WEEKS):
            day = monday - timedelta(weeks=week)
            self._on(_morning(day), lambda at: snapshots.take_snapshots(at=at))
        for when, act in sorted(self.plan, key=lambda each: each[0]):
            act(when)
        self._renew()

    def _plan_deal(self, cooperation: Cooperation, *, key: int) -> None:
        end = ENDS[key % len(ENDS)]
        is_lost = end == DealStage.CLOSED_LOST
        steps = PATH[1 : PATH.index(end) + 1] if not is_lost else PATH[1:3]
        when = self.at - timedelta(
            days=self.chance.randint(3, 25), hours=self.chance.randint(1, 8)
        )
        if end in {DealStage.LAUNCHED, DealStage.CLOSED_LOST}:
            back = self.chance.choice((2, 20, 45, 80, 130, 210))
            first = first_days_ago(cooperation.partner.display_name)
            when -= timedelta(days=min(back, first) if first else back)
            ending = self._win if end == DealStage.LAUNCHED else self._lose
            self.wins[key] = (self.at - when).days
            self._on(when, partial(ending, key))
            steps = steps[:-1] if end == DealStage.LAUNCHED else steps
        for stage in reversed(steps):
            when -= timedelta(days=self.chance.randint(9, 40))
            self._on(when, partial(self._move, key, stage))
        when -= timedelta(days=self.chance.randint(5, 30))
        self._on(when, partial(self._open, cooperation, key))
        if key % 3 == 0 and not is_lost and end != DealStage.LAUNCHED:
            self._on(
                self.at - timedelta(days=self.chance.randint(1, 9)),
                partial(self._push, key),
            )

    def _on(self, when: datetime, act: Act) -> None:
        self.plan.append((min(when, self.at), act))

    def _renew(self) -> None:
        """Let two orders run out: one with its renewal deal open, one forgotten."""
        running = Cooperation.objects.filter(stage__code=Stage.PRODUCTION).order_by(
            "pk"
        )
        for place, cooperation in enumerate(running.select_related("partner")[1:3]):
            began = self.at - timedelta(days=330)
            ends = self.at.date() + timedelta(days=95 - 10 * place)
            paper = self.papers.sign(
                cooperation,
                kind="order_form",
                at=began,
                title=f"Yearly order: {cooperation.title}",
                expires_on=ends,
                auto_renews=place == 1,
                renewal_months=12 if place == 1 else None,
            )
            if place == 0:
                self._renewal(paper, cooperation)

    def _renewal(self, paper: Agreement, cooperation: Cooperation) -> None:
        by = cooperation.owner or self.cast["victor"]
        monthly = cooperation.expected_monthly_spend or Decimal(20_000)
        deal = deals.open_deal(
            partner=cooperation.partner,
            title=f"Renewal: {cooperation.title}",
            by=by,
            at=self.at - timedelta(days=12),
            values={
                "cooperation": cooperation,
                "deal_type": "flat_renewal",
                "renews": paper,
                "end_customer": cooperation.partner.legal_name,
                "monthly_spend": monthly,
                "amount": monthly * 12,
                "contract_months": 12,
                "target_close_on": paper.expires_on,
            },
        )
        stages.move_deal(
            deal=deal,
            to=DealStage.QUALIFIED,
            by=by,
            at=self.at - timedelta(days=5),
        )


def _morning(day: date) -> datetime:
    """Return the first minutes of that Monday in Shanghai."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(
        hours=7, minutes=50
    )
