"""How the demo's partners came to where they are: every step by the usual operations."""

import random
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from crm.accounts.models import User
from crm.demo.climb import Climb
from crm.demo.world import DemoCooperation, DemoPartner
from deals.models import Agreement
from partners import operations as moves
from partners.models import Contact, Cooperation, Partner
from partners.operations import contacts, cooperations, partners
from partners.operations.marks import Marks
from partners.queries import ladder

FIRST_NAMES = [
    "Erika",
    "Jonas",
    "Wei",
    "Hana",
    "Lucas",
    "Mina",
    "Sofia",
    "Kenji",
    "Yan",
    "Clara",
    "Omar",
    "Ines",
]
FAMILY_NAMES = [
    "Muster",
    "Wang",
    "Sato",
    "Keller",
    "Dubois",
    "Lindqvist",
    "Costa",
    "Ng",
    "Brandt",
    "Li",
    "Ito",
]
NEXT_STEPS = (
    "Send the draft to their legal team",
    "Agree the metrics of the next test",
    "Show the assistant to their board",
    "Collect the feedback of the pilot users",
    "Prepare the quarterly review",
    "Clarify the budget for next year",
)
TALKS = (
    "Weekly call of the working group",
    "Walked through the open points",
    "Demo for the business side",
    "Reviewed usage and cost together",
    "Workshop on the next scenario",
)
MOST_RECENT = 20


class Story:
    """Tells partners one after another; the same seed and day tell the same."""

    def __init__(self, *, cast: dict[str, User], seed: int, at: datetime) -> None:
        self.cast = cast
        self.at = at
        self.chance = random.Random(seed)  # noqa: S311 - a story, not a secret
        self.climb = Climb(cast=cast)

    def tell(
        self, *, real: Iterable[DemoPartner], invented: Iterable[DemoPartner]
    ) -> None:
        """Bring in every partner with its contacts and cooperations."""
        for partner in (*real, *invented):
            self._tell_one(partner)

    def _tell_one(self, told: DemoPartner) -> None:
        began = [self._days(told, each) for each in told.cooperations]
        start = self.at - timedelta(days=max(sum(days) for days in began) + 7)
        partner = self._register(told, at=start)
        sponsor = self._meet(partner, told, at=start)
        for number, cooperation in enumerate(told.cooperations):
            self._cooperate(partner, told, cooperation, began[number], sponsor)

    def _register(self, told: DemoPartner, *, at: datetime) -> Partner:
        owner = self.cast[told.owner]
        return partners.register_partner(
            by=owner,
            at=at,
            values={
                "display_name": told.display,
                "legal_name": told.legal,
                "local_name": told.local,
                "industry": told.industry,
                "country": told.country,
                "partner_type": told.kind,
                "tier": told.tier,
                "lifecycle": "active",
                "confidentiality": told.confidentiality,
                "reporting_currency": told.currency,
                "time_zone": owner.time_zone,
                "our_sponsor": self.cast["victor"],
            },
            marks=Marks(domains=[told.domain], aliases=told.aliases),
            accept_duplicates=True,
        )

    def _meet(self, partner: Partner, told: DemoPartner, *, at: datetime) -> Contact:
        """Register two or three contacts; return the one who sponsors it over there."""
        made = []
        roles = ("executive_sponsor", "technical_lead", "champion")
        for role in roles[: self.chance.choice((2, 3))]:
            name = (
                f"{self.chance.choice(FIRST_NAMES)} {self.chance.choice(FAMILY_NAMES)}"
            )
            made.append(
                contacts.register_contact(
                    partner=partner,
                    by=self.cast[told.owner],
                    at=at,
                    values={
                        "name": name,
                        "title": role.replace("_", " ").title(),
                        "email": f"{role.replace('_', '.')}@{told.domain}",
                        "roles": [role],
                    },
                )
            )
        return made[0]

    def _days(self, told: DemoPartner, cooperation: DemoCooperation) -> list[int]:
        """Return how long each stay on the way took; the last one goes on."""
        steps = self.climb.steps_to(cooperation.stage)
        past = [self.chance.randint(20, 75) for _stage in steps]
        latest = cooperation.days_ago
        return [*past, latest or self.chance.choice((1, 2, 4, 9, 16, 33, 58, 120))]

    def _cooperate(
        self,
        partner: Partner,
        told: DemoPartner,
        told_cooperation: DemoCooperation,
        days: list[int],
        sponsor: Contact,
    ) -> None:
        owner = self.cast[told.owner]
        when = self.at - timedelta(days=sum(days))
        cooperation = cooperations.begin_cooperation(
            partner=partner,
            title=told_cooperation.title,
            cooperation_type=told_cooperation.kind,
            next_step=self.chance.choice(NEXT_STEPS),
            next_step_due_on=self._due(),
            by=owner,
            at=when,
            values={
                "announced_on": told_cooperation.announced_on,
                "expected_monthly_spend": told_cooperation.monthly,
            },
        )
        self._sign_in_public(cooperation, told)
        self._talk(cooperation, owner, sponsor, at=when + timedelta(hours=5))
        for stay, stage in zip(
            days, self.climb.steps_to(told_cooperation.stage), strict=False
        ):
            when += timedelta(days=stay)
            cooperation = self.climb.step(cooperation, to=stage, at=when)
        self._live_on(cooperation, owner, sponsor, since=when)

    def _sign_in_public(self, cooperation: Cooperation, told: DemoPartner) -> None:
        """Sign what was announced on the day on which it was, and the intent before it."""
        on = next(
            (each.announced_on for each in told.cooperations if each.announced_on), None
        )
        known = Agreement.objects.filter(partner=cooperation.partner_id)
        if on is None or known.filter(agreement_type="strategic").exists():
            return
        noon = datetime.combine(on, time(12), tzinfo=UTC)
        for kind, before in (("mou", 120), ("strategic", 0)):
            self.climb.papers.sign(
                cooperation, kind=kind, at=noon - timedelta(days=before)
            )

    def _live_on(
        self,
        cooperation: Cooperation,
        owner: User,
        sponsor: Contact,
        *,
        since: datetime,
    ) -> None:
        """Let recent weeks have talks, a rest now and then, and steps refused."""
        if cooperation.closed_at is not None:
            return
        latest = self.at - timedelta(days=self.chance.choice((0, 1, 3, 6, 12, 26)))
        for week in range(4):
            happened = latest - timedelta(weeks=week)
            if happened > since:
                self._talk(cooperation, owner, sponsor, at=happened)
        lot = self.chance.random()
        if lot < 0.08 and since < self.at - timedelta(days=10):
            moves.put_on_hold(
                cooperation=cooperation,
                by=owner,
                at=self.at - timedelta(days=5),
                reason="Their budget round comes first",
            )
        elif lot < 0.2:
            self._try_in_vain(cooperation, owner)

    def _try_in_vain(self, cooperation: Cooperation, owner: User) -> None:
        """Leave the checks of a refused step, as eager people do."""
        fresh = Cooperation.objects.with_stage().get(pk=cooperation.pk)
        gate = ladder.next_gate(
            ladder.gates_of(cooperation=fresh, by=owner, at=self.at)
        )
        if gate is None or gate.is_open:
            return
        try:
            moves.move_stage(
                cooperation=fresh, to=gate.rule.target_id, by=owner, at=self.at
            )
        except moves.StageRefusedError:
            return

    def _talk(
        self, cooperation: Cooperation, owner: User, sponsor: Contact, *, at: datetime
    ) -> None:
        self.climb.log_meeting(
            cooperation,
            summary=self.chance.choice(TALKS),
            contact=sponsor,
            by=owner,
            at=min(at, self.at),
        )

    def _due(self) -> date:
        return self.at.date() + timedelta(days=self.chance.randint(-6, 30))
