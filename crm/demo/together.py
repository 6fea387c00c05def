"""How both sides work together in the demo: promises, reviews, risks, proofs, proposals.

What is late and what is lacking differs from cooperation to cooperation, so that plans and
scores of governance have something to tell.
"""

import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from crm.accounts.models import User
from partners import operations, queries
from partners.models import Contact, Cooperation, Side
from partners.operations import Metric, Suggestion
from partners.stages import Stage

OURS = (
    "Send the revised data processing terms",
    "Name the engineer for the pilot",
    "Deliver the cost estimate of the roll-out",
    "Prepare the figures for the steering committee",
)
THEIRS = (
    "Open the test system to our engineers",
    "Confirm the budget of next year",
    "Name the users of the pilot",
    "Return the security questionnaire",
)
OUTCOMES = (
    "Both sides keep the plan; the second country starts a quarter earlier.",
    "Answers are good enough, latency is not: a smaller model is tried first.",
    "The sponsor asks for a forecast of cost per month until the next review.",
)
RISKS = (
    ("Their champion may leave the project", "high", "medium"),
    ("Security approval takes longer than planned", "medium", "high"),
    ("A second supplier runs a proof at the same time", "medium", "medium"),
)
PROPOSED = 5
"""So many gates are looked at for a proposal."""


class Together:
    """Goes through the running cooperations; the same seed and day tell the same."""

    def __init__(self, *, cast: Mapping[str, User], seed: int, at: datetime) -> None:
        self.cast = cast
        self.at = at
        self.chance = random.Random(seed)  # noqa: S311 - a story, not a secret

    def tell(self) -> None:
        """Bring in what both sides promised, reviewed, fear, prove and might do next."""
        rows = Cooperation.objects.running().with_stage().order_by("pk")
        for number, cooperation in enumerate(rows):
            self._promise(cooperation)
            if number % 3 != 1:
                self._review(cooperation, days_ago=(20, 70, 130)[number % 3])
            if number % 4 == 0:
                self._fear(cooperation)
            if cooperation.stage_id == Stage.JOINT_POC:
                self._prove(cooperation)
        self._propose()

    def _owner(self, cooperation: Cooperation) -> User:
        return cooperation.owner or self.cast["victor"]

    def _promise(self, cooperation: Cooperation) -> None:
        for side, titles in ((Side.OURS, OURS), (Side.THEIRS, THEIRS)):
            for title in self.chance.sample(titles, self.chance.choice((1, 2, 3))):
                due_on = self.at.date() + timedelta(
                    days=self.chance.choice((-9, -2, 4, 11, 18, 30, 45))
                )
                operations.add_action_item(
                    partner=cooperation.partner,
                    cooperation=cooperation,
                    values={"title": title, "side": side, "due_on": due_on},
                    by=self._owner(cooperation),
                    at=self.at - timedelta(days=14),
                )

    def _review(self, cooperation: Cooperation, *, days_ago: int) -> None:
        held_at = self.at - timedelta(days=days_ago)
        began = cooperation.transitions.order_by("entered_at")[0].entered_at
        if held_at < began:
            return
        sponsors = Contact.objects.filter(
            partner=cooperation.partner_id, roles__contains=["executive_sponsor"]
        )
        operations.record_review(
            partner=cooperation.partner,
            cooperation=cooperation,
            values={
                "held_on": held_at.date(),
                "outcomes": self.chance.choice(OUTCOMES),
            },
            participants=operations.Participants(
                people=[self.cast["victor"], self._owner(cooperation)],
                contacts=list(sponsors.order_by("pk")[:1]),
            ),
            by=self._owner(cooperation),
            at=held_at + timedelta(hours=6),
        )

    def _fear(self, cooperation: Cooperation) -> None:
        title, severity, likelihood = self.chance.choice(RISKS)
        operations.raise_risk(
            partner=cooperation.partner,
            cooperation=cooperation,
            values={
                "title": title,
                "severity": severity,
                "likelihood": likelihood,
                "mitigation": "Talk to their sponsor every two weeks.",
            },
            by=self._owner(cooperation),
            at=self.at - timedelta(days=self.chance.choice((3, 12, 30))),
        )

    def _prove(self, cooperation: Cooperation) -> None:
        """Run a proof that is half measured."""
        by = self._owner(cooperation)
        began = max(cooperation.stage_entered_at, self.at - timedelta(days=40))
        poc = operations.plan_poc(
            cooperation=cooperation,
            values={
                "title": "Assistant with two hundred users",
                "hypothesis": "Eight of ten questions are answered without a call.",
                "decision_rule": "Go when both mandatory metrics meet their target.",
                "planned_start_on": began.date(),
                "planned_end_on": (began + timedelta(days=50)).date(),
                "credits_granted": Decimal(30_000),
                "base_models": ["Qwen2.5-Max"],
            },
            metrics=[
                Metric("Answered without a call", Decimal(80), "%"),
                Metric("Answer within", Decimal(2), "s", "at_most"),
                Metric("Come back", Decimal(50), "%", is_mandatory=False),
            ],
            by=by,
            at=began,
        )
        operations.start_poc(poc=poc, by=by, at=began)
        measured_at = min(self.at, began + timedelta(days=20))
        operations.measure_metric(
            metric=poc.metrics.order_by("pk")[0],
            measured=Decimal(self.chance.choice((74, 83, 88))),
            on=measured_at.date(),
            by=by,
            at=measured_at,
        )

    def _propose(self) -> None:
        """Propose to move where the gate of the first stages is met by now."""
        rows = Cooperation.objects.running().with_stage().filter(on_hold_since=None)
        early = rows.filter(stage__code=Stage.FIRST_CONTACT).order_by("pk")
        for cooperation in early[:PROPOSED]:
            found = queries.gates_of(
                cooperation=cooperation, by=self._owner(cooperation), at=self.at
            )
            gate = queries.next_gate(found)
            if gate is not None and gate.is_open:
                operations.propose_move(
                    cooperation=cooperation,
                    suggestion=Suggestion(
                        kind="gate_met",
                        to=gate.rule.target_id,
                        words="Every criterion of the gate is met by now.",
                        evidence={look.code: look.verdict for look in gate.looks},
                    ),
                    at=self.at,
                )
