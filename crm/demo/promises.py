"""What the demo's partners promised to draw: every amount is invented.

Amounts are set so that each commitment stands where the story wants it: the metered
usage of the demo, divided by the pace it shall have.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from crm.accounts.models import Team, User
from crm.core.periods import Quarter
from deals import commitments as arithmetic
from deals import eligibility
from deals.commitments import MONEY_KINDS, Milestone
from deals.drawdowns import months_later
from deals.models import Agreement, Commitment, ContractCommitment
from deals.operations import (
    commitments,
    contracts,
    following,
    settlements,
    targets,
)
from deals.operations.commitments import Counts
from deals.queries import promises
from deals.queries.promises import Promise
from partners.models import Partner

AI_ONLY = (Counts(dimension="ai", value="ai"),)
NOT_AI = (Counts(dimension="ai", value="ai", is_excluded=True),)


@dataclass(frozen=True, kw_only=True)
class DemoCommitment:
    """One promise, `begun` months ago for `months`; `pace` is where it shall stand."""

    partner: str
    code: str
    title: str
    pace: str
    begun: int
    months: int
    kind: str = "spend"
    currency: str = ""
    counts: tuple[Counts, ...] = ()
    ramp: tuple[str, ...] = ()
    """Shares of the amount at the end of each year."""
    is_continuous: bool = False
    is_prepaid: bool = False
    priority: int = 100
    policy: str = "charge"
    is_settled: bool = False
    """It is over: what lacked was invoiced, the true-up."""


STORY = (
    DemoCommitment(
        partner="BMW Group",
        code="CM-BMW-CLOUD",
        title="Cloud for logistics and plants, three years",
        pace="1.04",
        begun=14,
        months=36,
        currency="EUR",
        counts=NOT_AI,
        ramp=("0.25", "0.60", "1"),
    ),
    DemoCommitment(
        partner="BMW Group",
        code="CM-BMW-AI",
        title="Models for the cockpit",
        pace="0.71",
        begun=9,
        months=24,
        currency="EUR",
        counts=AI_ONLY,
        priority=10,
    ),
    DemoCommitment(
        partner="China Mobile",
        code="CM-CMCC-COMPUTE",
        title="Cloud, computing power and large models",
        pace="0.82",
        begun=14,
        months=36,
        currency="CNY",
        ramp=("0.28", "0.62", "1"),
    ),
    DemoCommitment(
        partner="China Mobile",
        code="CM-CMCC-GPU",
        title="Reserved GPU hours",
        pace="0.9",
        begun=8,
        months=12,
        kind="gpu_reservation",
        is_continuous=True,
        policy="waive",
    ),
    DemoCommitment(
        partner="启程汽车 Qicheng Auto",
        code="CM-QICHENG-POOL",
        title="智能座舱预付资源池",
        pace="1.78",
        begun=7,
        months=12,
        currency="CNY",
        is_prepaid=True,
        policy="roll_over",
    ),
    DemoCommitment(
        partner="远波通信 Yuanbo Telecom",
        code="CM-YUANBO-MIN",
        title="年度最低采购",
        pace="0.6",
        begun=10,
        months=12,
        kind="minimum_purchase",
        currency="CNY",
    ),
    DemoCommitment(
        partner="星河互娱 Xinghe Games",
        code="CM-XINGHE-TOKENS",
        title="游戏对话 token 用量",
        pace="0.86",
        begun=6,
        months=18,
        kind="token_volume",
    ),
    DemoCommitment(
        partner="Hudson Crest Insurance",
        code="CM-HUDSON-1",
        title="Claims triage, first two years",
        pace="1.06",
        begun=20,
        months=24,
        currency="USD",
        priority=10,
    ),
    DemoCommitment(
        partner="橙里零售 Chengli Retail",
        code="CM-CHENGLI-1",
        title="门店云服务，第一年",
        pace="0.91",
        begun=16,
        months=12,
        currency="CNY",
        is_settled=True,
    ),
    DemoCommitment(
        partner="橙里零售 Chengli Retail",
        code="CM-CHENGLI-2",
        title="门店云服务，第二、三年",
        pace="1.02",
        begun=4,
        months=24,
        currency="CNY",
    ),
)
TARGETS = (
    ("", 9_000_000),
    ("Alliances China", 4_000_000),
    ("Alliances Europe", 3_000_000),
)


class Promises:
    """Records the commitments of the story, then lets usage draw them."""

    def __init__(self, *, cast: dict[str, User], at: datetime) -> None:
        self.by = cast["fiona"]
        self.at = at
        self.today = at.astimezone(UTC).date()
        self.partners = {each.display_name: each for each in Partner.objects.all()}

    def bring(self, story: Iterable[DemoCommitment] = STORY) -> None:
        """Record all, post what usage drew, and hold one against a billing export."""
        for told in story:
            if told.partner in self.partners:
                self._record(told)
        following.follow(at=self.at)
        for row in Commitment.objects.filter(
            code__in=[told.code for told in story if told.is_settled]
        ):
            settlements.settle_commitment(commitment=row, by=self.by, at=self.at)
        self._import_what_the_export_says()
        self._set_targets()

    def _record(self, told: DemoCommitment) -> None:
        partner = self.partners[told.partner]
        start = months_later(self.today.replace(day=1), -told.begun)
        end = months_later(start, told.months)
        amount = self._amount(told, partner, start, end)
        values: dict[str, Any] = {
            "code": told.code,
            "title": told.title,
            "kind": told.kind,
            "currency": told.currency,
            "start_on": start,
            "end_on": end,
            "priority": told.priority,
            "is_prepaid": told.is_prepaid,
            "shortfall_policy": told.policy,
            "owner": partner.owner,
            "agreement": self._paper(partner),
        }
        if told.is_continuous:
            values |= {
                "settlement": "continuous",
                "interval": "monthly",
                "interval_amount": nice(amount / told.months),
            }
        else:
            values["amount"] = amount
        commitments.record_commitment(
            partner=partner,
            values=values,
            milestones=_milestones(told, start, amount),
            counts=told.counts,
            by=self.by,
            at=datetime.combine(start, time(9), UTC),
        )

    def _amount(
        self, told: DemoCommitment, partner: Partner, start: date, end: date
    ) -> Decimal:
        """Return the amount of which the metered usage is as much as the pace says."""
        row = Commitment(
            pk=-1,
            partner=partner,
            kind=told.kind,
            currency=told.currency,
            unit=""
            if told.kind in MONEY_KINDS
            else arithmetic.UNITS[arithmetic.CommitmentKind(told.kind)],
            amount=Decimal(1),
            start_on=start,
            end_on=end,
        )
        rule = eligibility.rule_of(
            (one.dimension, one.value, one.is_excluded) for one in told.counts
        )
        promise = Promise(
            row=row, rule=rule, milestones=tuple(_milestones(told, start, Decimal(1)))
        )
        found = promises.usage_of(
            {partner.pk: [promise]},
            [promises.span_of([promise], since=start, until=min(self.today, end))],
        )
        drawn = sum(
            (flow.amounts[-1] for flow in found.flows.get(partner.pk, ())), Decimal(0)
        )
        planned = arithmetic.planned_share(terms=promise.terms, as_of=self.today)
        return max(nice(drawn / planned / Decimal(told.pace)), Decimal(1000))

    def _paper(self, partner: Partner) -> Agreement | None:
        papers = Agreement.objects.filter(partner=partner, status="active")
        return papers.filter(agreement_type="strategic").order_by("pk").first()

    def _import_what_the_export_says(self) -> None:
        """Bring in a small FOCUS file that tells one commitment almost as we do."""
        ours = Commitment.objects.filter(code="CM-BMW-CLOUD").first()
        if ours is None:
            return
        contracts.import_contracts(
            file_name="contract_commitments_1_4.csv",
            content=_file(ours).encode(),
            partner=ours.partner,
            by=self.by,
            at=self.at,
        )
        contracts.link_contract(
            contract=ContractCommitment.objects.get(partner=ours.partner),
            commitment=ours,
            by=self.by,
            at=self.at,
        )

    def _set_targets(self) -> None:
        days = Quarter.of(self.today).days
        teams = {team.name: team for team in Team.objects.all()}
        for name, amount in TARGETS:
            targets.set_target(
                values={
                    "metric": "won",
                    "team": teams.get(name),
                    "start_on": days.start,
                    "end_on": days.end,
                    "amount": Decimal(amount),
                    "currency": "EUR",
                },
                by=self.by,
                at=self.at,
            )


def nice(amount: Decimal) -> Decimal:
    """Return an amount with two significant digits, as contracts have."""
    if amount <= 0:
        return Decimal(0)
    step = Decimal(10) ** (amount.adjusted() - 1)
    return (amount / step).to_integral_value() * step


def _milestones(told: DemoCommitment, start: date, amount: Decimal) -> list[Milestone]:
    return [
        Milestone(
            due_on=months_later(start, 12 * number), target=amount * Decimal(share)
        )
        for number, share in enumerate(told.ramp, start=1)
    ]


def _file(ours: Commitment) -> str:
    """Return a FOCUS 1.4 file whose amount and end differ a little from ours."""
    end = ours.end_on - timedelta(days=1)
    values = {
        "ContractId": "AGR-BMW-2025",
        "ContractPeriodStart": f"{ours.start_on}T00:00:00Z",
        "ContractPeriodEnd": f"{end}T00:00:00Z",
        "ContractCommitmentId": "CMT-BMW-001",
        "ContractCommitmentCategory": "Spend",
        "ContractCommitmentType": "Enterprise Spend Agreement",
        "ContractCommitmentDescription": "BMW cloud spend (invented)",
        "ContractCommitmentPeriodStart": f"{ours.start_on}T00:00:00Z",
        "ContractCommitmentPeriodEnd": f"{end}T00:00:00Z",
        "ContractCommitmentCost": f"{ours.amount * Decimal('1.05'):.2f}",
        "ContractCommitmentQuantity": "",
        "ContractCommitmentUnit": "",
        "BillingCurrency": ours.currency,
        "ContractCommitmentModel": "Discontinuous",
        "ContractCommitmentFulfillmentInterval": "Full Period",
        "ContractCommitmentLifecycleStatus": "Active",
    }
    return ",".join(values) + "\n" + ",".join(values.values()) + "\n"
