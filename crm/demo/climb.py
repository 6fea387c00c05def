"""Take a cooperation up the ladder as a team would: fill in, approve, waive, move."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from crm.accounts.models import User
from crm.demo.papers import Papers
from partners import operations as moves
from partners.gates import Case
from partners.models import Activity, Contact, Cooperation, Poc, PocDecision
from partners.operations import cooperations
from partners.operations.stages import Closing
from partners.queries import ladder
from partners.queries.ladder import Look
from partners.stages import ClosedReason, Role, Stage

OPEN = (
    Stage.FIRST_CONTACT,
    Stage.QUALIFIED,
    Stage.MOU,
    Stage.STRATEGIC_AGREEMENT,
    Stage.JOINT_POC,
    Stage.PRODUCTION,
    Stage.EXPANSION,
)
BEFORE_ENDING = {Stage.TERMINATED: Stage.QUALIFIED, Stage.COMPLETED: Stage.PRODUCTION}
PEOPLE = {
    Role.ALLIANCE_DIRECTOR: "diana",
    Role.EXECUTIVE: "victor",
    Role.LEGAL: "leo",
    Role.TECHNICAL_LEAD: "tao",
}
WAIVED = "Brought over from earlier records; the signed papers lie in the archive"
PREPARED: dict[str, dict[str, Any]] = {
    Stage.QUALIFIED: {},
    Stage.MOU: {
        "business_problem": "Their people lose hours searching what a model could answer.",
        "use_case": "An assistant that knows their documents and answers in seconds",
        "fit_score": 78,
    },
    Stage.STRATEGIC_AGREEMENT: {
        "scope": "One product line, two countries",
        "working_group": "Two engineers and a product owner of each side",
        "success_measures": "Eight of ten questions answered without a call",
    },
    Stage.JOINT_POC: {
        "security_review": "passed",
        "steering_committee": "The executive sponsors of both sides",
        "steering_rhythm": "monthly",
        "has_no_commitment": True,
    },
    Stage.PRODUCTION: {
        "production_plan": "Roll out by country, a tenth of the users a week",
        "production_cost": Decimal(250_000),
    },
}


class Climb:
    """Knows who signs what, and prepares each step before it is taken."""

    def __init__(self, *, cast: dict[str, User]) -> None:
        self.cast = cast
        self.papers = Papers(cast=cast)

    def steps_to(self, stage: str) -> list[str]:
        """Return the stages on the way, without the first one."""
        if stage in OPEN:
            return [str(s) for s in OPEN[1 : OPEN.index(Stage(stage)) + 1]]
        return [*self.steps_to(BEFORE_ENDING[Stage(stage)]), stage]

    def step(self, cooperation: Cooperation, *, to: str, at: datetime) -> Cooperation:
        """Take one step on that day, with what its gate asks for."""
        owner = cooperation.owner or self.cast["victor"]
        self._prepare(cooperation, to=to, by=owner, at=at)
        self.papers.prepare(cooperation, to=to, at=at)
        fresh = Cooperation.objects.with_stage().get(pk=cooperation.pk)
        self._settle(fresh, to=to, by=owner, at=at)
        return moves.move_stage(
            cooperation=fresh,
            to=to,
            by=owner,
            at=at,
            reason="They chose to build it themselves" if to in BEFORE_ENDING else "",
            closing=self._closing(to, at.date()),
        )

    def _closing(self, to: str, day: date) -> Closing | None:
        if to == Stage.TERMINATED:
            return _ended_early(day)
        return _ended_as_planned(day) if to == Stage.COMPLETED else None

    def _prepare(
        self, cooperation: Cooperation, *, to: str, by: User, at: datetime
    ) -> None:
        values = dict(PREPARED.get(to, {}))
        if to == Stage.STRATEGIC_AGREEMENT:
            values["agreement_target_on"] = at.date() + timedelta(days=60)
        if to == Stage.PRODUCTION:
            values["production_planned_on"] = at.date() + timedelta(days=30)
            self._prove(cooperation, by=by, at=at)
        if values:
            cooperations.edit_cooperation(
                cooperation=cooperation,
                by=by,
                at=at - timedelta(hours=2),
                values=values,
            )

    def _settle(
        self, cooperation: Cooperation, *, to: str, by: User, at: datetime
    ) -> None:
        """Get the approvals, and waivers for what lies in older records."""
        for look in self._looks(cooperation, to=to, by=by, at=at):
            if look.is_through:
                continue
            if look.role:
                moves.approve_step(
                    cooperation=cooperation,
                    to=to,
                    role=look.role,
                    by=self._who(look.role, cooperation),
                    at=at,
                )
            elif look.may_be_waived:
                self._waive(cooperation, look, to=to, at=at)

    def _looks(
        self, cooperation: Cooperation, *, to: str, by: User, at: datetime
    ) -> tuple[Look, ...]:
        rule = ladder.rule_in_force(source=cooperation.stage_id, target=to)
        if rule is None:
            raise LookupError(to)
        stay = ladder.open_stay(cooperation)
        case = Case(cooperation=cooperation, at=at)
        return ladder.examine(case=case, rule=rule, stay=stay, by=by)

    def _waive(
        self, cooperation: Cooperation, look: Look, *, to: str, at: datetime
    ) -> None:
        role = look.criterion.waiver_role if look.criterion else ""
        moves.waive_criterion(
            cooperation=cooperation,
            to=to,
            criterion=look.code,
            by=self._who(role, cooperation),
            at=at,
            reason=WAIVED,
        )

    def _who(self, role: str, cooperation: Cooperation) -> User:
        if role == Role.OWNER and cooperation.owner is not None:
            return cooperation.owner
        if role == Role.TEAM_LEAD and cooperation.team and cooperation.team.lead:
            return cooperation.team.lead
        return self.cast[PEOPLE.get(Role(role), "victor")]

    def _prove(self, cooperation: Cooperation, *, by: User, at: datetime) -> None:
        """Run a PoC that ends with a go, measured and passed."""
        start = at.date() - timedelta(days=40)
        poc = Poc.objects.create(
            cooperation=cooperation,
            title="Proof with real users",
            hypothesis="Eight of ten questions are answered without a call",
            status=Poc.Status.GO,
            planned_start_on=start,
            planned_end_on=at.date(),
            started_on=start,
            ended_on=at.date(),
            credits_granted=Decimal(20_000),
            currency=cooperation.currency,
            base_models=["Qwen2.5-Max"],
            decided_at=at,
            decided_by=by,
        )
        poc.metrics.create(
            name="Answered without a call",
            unit="%",
            baseline=Decimal(35),
            target=Decimal(80),
            measured=Decimal(84),
            measured_on=at.date(),
        )
        PocDecision.objects.create(
            poc=poc, kind=PocDecision.Kind.GO, reason="Target passed", by=by, at=at
        )

    def log_meeting(
        self,
        cooperation: Cooperation,
        *,
        summary: str,
        contact: Contact,
        by: User,
        at: datetime,
    ) -> Activity:
        """Log a meeting of the owner with one contact."""
        meeting = Activity.objects.create(
            partner_id=cooperation.partner_id,
            cooperation=cooperation,
            kind="meeting",
            happened_at=at,
            summary=summary,
            minutes=45,
            logged_by=by,
        )
        meeting.people.add(by)
        meeting.contacts.add(contact)
        return meeting


def _ended_early(_day: date) -> Closing:
    return Closing(
        reason=ClosedReason.CANCELLED,
        lessons="Ask for the budget owner in the first month.",
        commitments_settlement="Nothing was committed.",
    )


def _ended_as_planned(day: date) -> Closing:
    return Closing(
        reason=ClosedReason.EXITED,
        closing_review="The studio runs the model on its own account now.",
        handed_over_on=day,
    )
