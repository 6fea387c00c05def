"""Begin and change cooperations; their stage moves elsewhere (`operations.stages`)."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.core import versions
from crm.core.errors import DomainError
from crm.journal import operations as journal
from partners.models import Cooperation, Partner, StageTransition
from partners.stages import MoveKind, Stage

EDITABLE = frozenset(
    [
        "title",
        "cooperation_type",
        "owner",
        "team",
        "next_step",
        "next_step_due_on",
        "target_stage_on",
        "announced_on",
        "announcement_url",
        "business_problem",
        "use_case",
        "expected_monthly_spend",
        "currency",
        "fit_score",
        "our_sponsor",
        "scope",
        "working_group",
        "success_measures",
        "agreement_target_on",
        "security_review",
        "steering_committee",
        "steering_rhythm",
        "has_no_commitment",
        "production_plan",
        "production_planned_on",
        "production_cost",
    ]
)


class CooperationRefusedError(DomainError):
    """The cooperation cannot be begun or changed like this."""

    code = "cooperation.refused"


@transaction.atomic
def begin_cooperation(
    *,
    partner: Partner,
    title: str,
    cooperation_type: str,
    next_step: str,
    by: User,
    at: datetime,
    next_step_due_on: date | None = None,
    values: Mapping[str, Any] | None = None,
) -> Cooperation:
    """Begin a cooperation in the first stage, with its code and its first stay.

    :param values: further fields of `EDITABLE`; owner, team and currency come from the
        partner unless given.
    :raises CooperationRefusedError: for an archived partner, or without title or next step.
    """
    parent = _lock_live(partner)
    _check_texts(title=title, next_step=next_step)
    cooperation = _create(
        parent,
        {
            "title": title.strip(),
            "cooperation_type": cooperation_type,
            "next_step": next_step.strip(),
            "next_step_due_on": next_step_due_on,
        }
        | _checked(values or {}),
        by=by,
        at=at,
    )
    journal.record(
        kind="cooperation.begun",
        subject=cooperation,
        by=by,
        at=at,
        partner_id=parent.pk,
        new={"title": cooperation.title, "stage": cooperation.stage_id},
    )
    return cooperation


def _lock_live(partner: Partner) -> Partner:
    locked = Partner.objects.select_for_update(of=("self",)).get(pk=partner.pk)
    if locked.archived_at is not None:
        raise CooperationRefusedError(
            _("%(name)s is archived; restore it first.") % {"name": locked},
            code="partner.archived",
        )
    return locked


def _check_texts(**texts: str) -> None:
    for name, text in texts.items():
        if not text.strip():
            raise CooperationRefusedError(
                _("A cooperation needs a title and a next step."),
                code=f"cooperation.needs-{name.replace('_', '-')}",
            )


def _create(
    partner: Partner, fields: Mapping[str, Any], *, by: User, at: datetime
) -> Cooperation:
    number = Cooperation.objects.filter(code__startswith=f"P{partner.pk}-").count() + 1
    inherited = {
        "owner": partner.owner or by,
        "team": partner.team or by.team,
        "currency": partner.reporting_currency,
    }
    cooperation = Cooperation.objects.create(
        partner=partner,
        code=f"P{partner.pk}-{number}",
        stage_id=Stage.FIRST_CONTACT,
        stage_entered_at=at,
        **(inherited | {**fields}),
    )
    StageTransition.objects.create(
        cooperation=cooperation,
        to_stage_id=Stage.FIRST_CONTACT,
        kind=MoveKind.START,
        entered_at=at,
        by=by,
    )
    return cooperation


@transaction.atomic
def edit_cooperation(
    *,
    cooperation: Cooperation,
    by: User,
    at: datetime,
    values: Mapping[str, Any],
    expected_version: int | None = None,
) -> Cooperation:
    """Change what is given and leave the rest; nothing that differs is a no-op.

    :raises StaleVersionError: when somebody else changed it since `expected_version`.
    :raises CooperationRefusedError: when it is closed, or a value cannot be taken.
    """
    locked = Cooperation.objects.select_for_update(of=("self",)).get(pk=cooperation.pk)
    if locked.closed_at is not None:
        raise CooperationRefusedError(
            _("“%(title)s” is closed; reopen it first.") % {"title": locked},
            code="cooperation.closed",
        )
    fields = _checked(values)
    changes = {k: v for k, v in fields.items() if getattr(locked, k) != v}
    if not changes:
        versions.check(locked, expected=expected_version)
        return locked
    old = {name: getattr(locked, name) for name in changes}
    _advance(locked, changes, expected_version=expected_version)
    journal.record(
        kind="cooperation.edited",
        subject=locked,
        by=by,
        at=at,
        partner_id=locked.partner_id,
        old=_plain(old),
        new=_plain(changes),
    )
    return locked


def _advance(
    locked: Cooperation, changes: Mapping[str, Any], *, expected_version: int | None
) -> None:
    try:
        with transaction.atomic():
            versions.advance(locked, expected=expected_version, **changes)
    except IntegrityError as error:
        raise CooperationRefusedError(
            _("The database refused this change: %(text)s")
            % {"text": str(error).splitlines()[0]}
        ) from error


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    strange = sorted(set(values) - EDITABLE)
    if strange:
        raise CooperationRefusedError(
            _("These fields cannot be set: %(names)s.") % {"names": ", ".join(strange)},
            code="cooperation.unknown-field",
        )
    if "next_step" in values and not str(values["next_step"]).strip():
        raise CooperationRefusedError(
            _("An open cooperation needs a next step."),
            code="cooperation.needs-next-step",
        )
    score = values.get("fit_score")
    if score is not None and not 0 <= score <= 100:
        raise CooperationRefusedError(
            _("The fit score goes from 0 to 100."), code="cooperation.fit-score"
        )
    return dict(values)


def _plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: value.pk if isinstance(value, models.Model) else value
        for key, value in fields.items()
    }
