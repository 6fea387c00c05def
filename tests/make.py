"""Typed makers: one line for a row that a test needs.

Makers of plain rows write them directly; makers of *states* call operations. Each package adds its
own, by the word of its business.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from crm.accounts.models import Team, User
from crm.accounts.roles import Role
from crm.reports.models import ReportDefinition, ReportSubscription
from crm.reports.operations import subscribing
from crm.watch.models import Alert, AlertRule
from crm.watch.rules import Subject
from deals.agreements import AgreementStatus
from deals.models import Agreement, AgreementStatusChange, Deal, DealStageChange
from deals.pipeline import CATEGORY, PROBABILITY, ChangeKind, DealStage
from partners.models import Contact, Cooperation, Partner, StageTransition
from partners.stages import MoveKind, Stage
from partners.usage.models import (
    AccountOwnership,
    BillingSource,
    CloudAccount,
    DailyUsage,
    UsageDelivery,
    UsageLoad,
    UsageMeter,
)
from partners.usage.operations import rollups

NUMBERS = count(1)
EARLY = datetime(2026, 1, 5, 9, tzinfo=UTC)
"""When made things began unless a test says otherwise."""


def team(
    name: str = "", *, parent: Team | None = None, lead: User | None = None
) -> Team:
    """Make a team; its path is read back from the database."""
    made = Team.objects.create(
        name=name or f"Team {next(NUMBERS)}", parent=parent, lead=lead
    )
    made.refresh_from_db()
    return made


def user(
    *roles: str,
    email: str = "",
    name: str = "",
    team: Team | None = None,
    password: str | None = None,
    is_active: bool = True,
    language: str = "en",
) -> User:
    """Make a person with these roles; without `password` nobody can log in as them."""
    number = next(NUMBERS)
    made = User(
        email=email or f"person{number}@example.com",
        name=name or f"Person {number}",
        team=team,
        is_active=is_active,
        language=language,
    )
    made.set_password(password)
    made.save()
    made.groups.set(Group.objects.filter(name__in=roles))
    return made


def administrator(*, email: str = "", password: str | None = None) -> User:
    """Make an administrator."""
    return user(Role.ADMINISTRATOR, email=email, password=password)


def partner(
    name: str = "",
    *,
    owner: User | None = None,
    team: Team | None = None,
    confidentiality: str = "public",
    domain: str = "",
    **fields: Any,
) -> Partner:
    """Make a partner; `fields` are further fields of the model."""
    number = next(NUMBERS)
    label = name or f"Partner {number}"
    made = Partner.objects.create(
        display_name=label,
        legal_name=fields.pop("legal_name", label),
        owner=owner,
        team=team,
        confidentiality=confidentiality,
        **fields,
    )
    if domain:
        made.domains.create(domain=domain, is_primary=True)
    return made


def contact(partner: Partner, name: str = "", **fields: Any) -> Contact:
    """Make a contact of a partner; `roles` is a list of `ContactRole`."""
    return Contact.objects.create(
        partner=partner, name=name or f"Contact {next(NUMBERS)}", **fields
    )


@transaction.atomic
def cooperation(
    partner_: Partner | None = None,
    *,
    stage: str = Stage.FIRST_CONTACT,
    entered_at: datetime = EARLY,
    by: User | None = None,
    **fields: Any,
) -> Cooperation:
    """Make a cooperation that began in `stage` (an open one) at `entered_at`."""
    number = next(NUMBERS)
    owner = fields.pop("owner", None) or by or user(Role.ALLIANCE_MANAGER)
    made = Cooperation.objects.create(
        partner=partner_ or partner(owner=owner),
        code=fields.pop("code", f"C-{number}"),
        title=fields.pop("title", f"Cooperation {number}"),
        cooperation_type=fields.pop("cooperation_type", "ai_application"),
        next_step=fields.pop("next_step", "Call them"),
        stage_id=str(stage),
        stage_entered_at=entered_at,
        owner=owner,
        **fields,
    )
    StageTransition.objects.create(
        cooperation=made,
        to_stage_id=str(stage),
        kind=MoveKind.START,
        entered_at=entered_at,
        by=by or owner,
    )
    return made


PATHS = {
    "draft": ["draft"],
    "in_review": ["draft", "in_review"],
    "signed": ["draft", "in_review", "signed"],
    "active": ["draft", "in_review", "signed", "active"],
}


@transaction.atomic
def agreement(
    partner_: Partner | None = None,
    kind: str = "strategic",
    *,
    status: str = AgreementStatus.ACTIVE,
    by: User | None = None,
    **fields: Any,
) -> Agreement:
    """Make an agreement that went straight to its status, one minute after the other."""
    number = next(NUMBERS)
    path = PATHS[status]
    dates: dict[str, Any] = {}
    if len(path) > 2:
        day = EARLY.date()
        dates = {"signed_by_us_on": day, "signed_by_them_on": day, "effective_on": day}
    values = {"title": f"Agreement {number}", "code": f"A-{number}", **dates, **fields}
    times = [EARLY + timedelta(minutes=step) for step in range(len(path))]
    made = Agreement.objects.create(
        partner=partner_ or partner(),
        agreement_type=kind,
        status=status,
        status_since=times[-1],
        **values,
    )
    for before, to, at, until in zip(
        ["", *path], path, times, [*times[1:], None], strict=False
    ):
        AgreementStatusChange.objects.create(
            agreement=made,
            from_status=before,
            to_status=to,
            entered_at=at,
            exited_at=until,
            by=by,
        )
    made.refresh_from_db()
    return made


@transaction.atomic
def deal(
    partner_: Partner | None = None,
    *,
    stage: DealStage = DealStage.PROSPECT,
    entered_at: datetime = EARLY,
    by: User | None = None,
    **fields: Any,
) -> Deal:
    """Make a deal that began in an open stage at `entered_at`."""
    number = next(NUMBERS)
    owner = fields.pop("owner", None) or by or user(Role.ALLIANCE_MANAGER)
    values: dict[str, Any] = {
        "title": f"Deal {number}",
        "code": f"D-{number}",
        "probability": PROBABILITY[stage],
        "category": CATEGORY[stage],
    }
    made = Deal.objects.create(
        partner=partner_ or partner(owner=owner),
        stage=stage,
        stage_entered_at=entered_at,
        owner=owner,
        **{**values, **fields},
    )
    DealStageChange.objects.create(
        deal=made,
        to_stage=stage,
        kind=ChangeKind.START,
        entered_at=entered_at,
        by=by or owner,
    )
    return made


def report(owner: User | None = None, **fields: Any) -> ReportDefinition:
    """Make a weekly report with the sections about partners."""
    number = next(NUMBERS)
    values: dict[str, Any] = {
        "code": f"report-{number}",
        "name": f"Report {number}",
        "audience": "executive",
        "sections": ["portfolio", "changes", "next-steps"],
    }
    return ReportDefinition.objects.create(
        owner=owner or user(), **{**values, **fields}
    )


def subscription(
    definition: ReportDefinition | None = None,
    *,
    at: datetime = EARLY,
    **fields: Any,
) -> ReportSubscription:
    """Make a subscription that began at `at`; for a new person unless fields say who."""
    if not {"person", "role", "team"} & set(fields):
        fields["person"] = user(Role.EXECUTIVE)
    definition = definition or report()
    return subscribing.subscribe(
        values={"definition": definition, **fields}, by=reports_manager(), at=at
    )


def alert(cooperation_: Cooperation, *, opened_at: datetime, **fields: Any) -> Alert:
    """Make a standing alert that puts a cooperation at risk, for want of progress."""
    return Alert.objects.create(
        rule=AlertRule.objects.get(code="stalled"),
        subject_type=Subject.COOPERATION,
        subject_id=cooperation_.pk,
        subject_name=cooperation_.title,
        partner=cooperation_.partner,
        cooperation=cooperation_,
        code="too_long_in_stage",
        seen={"days": 400, "expected": 60},
        opened_at=opened_at,
        seen_on=opened_at.date(),
        **fields,
    )


def reports_manager() -> User:
    """Make somebody who may manage reports of others."""
    return user(Role.ALLIANCE_DIRECTOR, Role.ADMINISTRATOR)


def cloud_account(partner_: Partner | None = None, **fields: Any) -> CloudAccount:
    """Make a cloud account; with a partner it is that partner's from the beginning."""
    source = (
        fields.pop("source", None)
        or BillingSource.objects.get_or_create(
            name="made", defaults={"provider": "Example Cloud"}
        )[0]
    )
    made = CloudAccount.objects.create(
        source=source,
        billing_account_id=fields.pop("billing_account_id", f"{next(NUMBERS):06d}"),
        discovered_at=EARLY,
        **fields,
    )
    if partner_ is not None:
        AccountOwnership.objects.create(
            account=made, partner=partner_, during=DateRange(None, None)
        )
    return made


def usage(
    account: CloudAccount,
    on: date,
    cost: Decimal | int | str = 1,
    *,
    model: str = "",
    tokens: int | None = None,
    direction: str = "input",
    **fields: Any,
) -> DailyUsage:
    """Make one daily row as a load would leave it; AI where a model is named."""
    month = on.replace(day=1)
    delivery = _delivery(account.source, on, fields.pop("delivered_at", EARLY))
    amount = Decimal(cost)
    made = DailyUsage.objects.create(
        delivery=delivery,
        account=account,
        meter=_meter(model, direction if tokens is not None else ""),
        billing_month=month,
        charge_day=on,
        environment=fields.pop("environment", ""),
        charge_category=fields.pop("charge_category", "Usage"),
        currency=fields.pop("currency", "USD"),
        quantity=Decimal(1 if tokens is None else tokens),
        list_cost=amount,
        contracted_cost=amount,
        billed_cost=amount,
        effective_cost=amount,
        row_count=1,
        **fields,
    )
    rollups.derive_months(
        source_id=account.source_id, billing_months=[month], account_ids=[account.pk]
    )
    return made


def _delivery(source: BillingSource, on: date, delivered_at: datetime) -> UsageDelivery:
    """Return the current delivery of that month; it covers the day from now on."""
    month = on.replace(day=1)
    delivery = UsageDelivery.objects.filter(
        source=source, billing_month=month, status="current"
    ).first()
    if delivery is None:
        delivery = UsageDelivery(
            load=UsageLoad.objects.create(
                source=source, state="loaded", requested_at=EARLY
            ),
            source=source,
            billing_month=month,
            status="current",
            decided_at=delivered_at,
        )
    delivery.days = sorted({*delivery.days, on})
    delivery.save()
    return delivery


def _meter(model: str, direction: str) -> UsageMeter:
    unit = "Tokens" if direction else "Hours"
    return UsageMeter.objects.get_or_create(
        service="Model Studio" if model else "Elastic Compute",
        model=model,
        direction=direction,
        unit=unit,
        defaults={
            "service_category": "AI and Machine Learning" if model else "Compute",
            "base_unit": unit,
            "factor": 1,
            "is_ai": bool(model),
            "is_monthly": False,
            "is_time_weighted": False,
        },
    )[0]
