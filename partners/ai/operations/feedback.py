"""The feedback loop: raised by a scenario, decided and shipped by the model team, verified."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.core.errors import DomainError
from partners.ai import lifecycles
from partners.ai.lifecycles import FEEDBACK_RIGHTS, FEEDBACK_STEPS, FeedbackState
from partners.ai.models import DerivedModel, Feedback, Scenario
from partners.ai.models.pointing import AnyModel, columns_for
from partners.ai.operations.scenarios import check_partner
from partners.models import Contact
from partners.operations.changes import Act, change, check_fields
from partners.operations.locks import lock

EDITABLE = ("title", "text", "topic", "priority", "owner", "raised_on")
KINDS = {
    FeedbackState.OPEN: "feedback.reopened",
    FeedbackState.ACCEPTED: "feedback.accepted",
    FeedbackState.SHIPPED: "feedback.shipped",
    FeedbackState.VERIFIED: "feedback.verified",
    FeedbackState.DECLINED: "feedback.declined",
}


class FeedbackRefusedError(DomainError):
    """The feedback cannot be raised, changed or moved like this."""

    code = "feedback.refused"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a step of feedback may have to say; each step reads only its own part.

    :ivar owner: who takes it (accepting). :ivar reason: why (declining, reopening).
    :ivar model: the version it is shipped in. :ivar contact: who over there verified it.
    :ivar on: the day; that of the act unless told.
    """

    owner: User | None = None
    reason: str = ""
    model: AnyModel | None = None
    contact: Contact | None = None
    on: date | None = None


NOTHING = Answer()


@dataclass(frozen=True)
class Step:
    """One step that is being taken with locked feedback."""

    feedback: Feedback
    answer: Answer
    by: User
    at: datetime


@transaction.atomic
def raise_feedback(
    *,
    scenario: Scenario,
    model: AnyModel,
    values: Mapping[str, Any],
    by: User,
    at: datetime,
) -> Feedback:
    """Raise what a scenario needs of a model version; it is open.

    :param values: fields of `EDITABLE`; raised on the day of `at` unless told.
    :raises FeedbackRefusedError: without a title, or for a day ahead.
    :raises ScenarioRefusedError: for a model of another partner.
    """
    check_fields(values, EDITABLE)
    parent = lock(scenario)
    if isinstance(model, DerivedModel):
        check_partner(parent, model)
    fields = {**values, "raised_on": values.get("raised_on") or at.date()}
    _check(fields, at)
    feedback = Feedback.objects.create(
        scenario=parent, state_at=at, raised_by=by, **columns_for(model), **fields
    )
    _act(feedback, by, at).record(
        "feedback.raised", feedback, new={**fields, **columns_for(model)}
    )
    return feedback


@transaction.atomic
def edit_feedback(
    *,
    feedback: Feedback,
    values: Mapping[str, Any],
    by: User,
    at: datetime,
    expected_version: int | None = None,
) -> Feedback:
    """Change the words, priority or owner; the state moves by `move_feedback`.

    :raises FeedbackRefusedError: without a title, for a day ahead, or when accepted
        feedback would lose its owner.
    """
    check_fields(values, EDITABLE)
    fresh = lock(feedback, expected_version=expected_version)
    _check({"title": fresh.title, "raised_on": fresh.raised_on, **values}, at)
    has_owner = values.get("owner", fresh.owner) is not None
    if not has_owner and fresh.state in {FeedbackState.ACCEPTED, FeedbackState.SHIPPED}:
        raise FeedbackRefusedError(
            _("Accepted feedback has an owner."), code="feedback.needs-owner"
        )
    change(fresh, values, kind="feedback.edited", act=_act(fresh, by, at))
    return fresh


@transaction.atomic
def move_feedback(
    *,
    feedback: Feedback,
    to: str,
    by: User,
    at: datetime,
    answer: Answer = NOTHING,
    expected_version: int | None = None,
) -> Feedback:
    """Take feedback one step: accept, decline, ship, verify, or reopen it.

    The model team accepts, declines and ships; whoever speaks for the partner verifies
    and reopens, so that nobody confirms their own work.

    :raises FeedbackRefusedError: when there is no such step, it is not this person's, or
        owner, reason, version or contact are missing or do not fit.
    """
    fresh = lock(feedback, expected_version=expected_version)
    _check_step(fresh, to, by)
    state = FeedbackState(to)
    said = STEPS[state](Step(fresh, answer, by, at))
    values = {**said, "state": state, "state_at": at}
    change(fresh, values, kind=KINDS[state], act=_act(fresh, by, at))
    return fresh


def _accept(step: Step) -> dict[str, Any]:
    return {"owner": step.answer.owner or step.feedback.owner or step.by, "reason": ""}


def _decline(step: Step) -> dict[str, Any]:
    return {"reason": _reason(step)}


def _ship(step: Step) -> dict[str, Any]:
    model = step.answer.model
    if model is None:
        raise FeedbackRefusedError(
            _("Say in which version it is shipped."), code="feedback.needs-version"
        )
    if isinstance(model, DerivedModel):
        check_partner(step.feedback.scenario, model)
    return {**columns_for(model, "shipped_"), "shipped_on": _day(step)}


def _verify(step: Step) -> dict[str, Any]:
    contact, shipped_on = step.answer.contact, step.feedback.shipped_on
    if contact is not None and contact.partner_id != _partner_id(step.feedback):
        raise FeedbackRefusedError(
            _("%(name)s is a contact of another partner.") % {"name": contact},
            code="feedback.foreign-contact",
        )
    day = _day(step)
    if shipped_on is not None and day < shipped_on:
        raise FeedbackRefusedError(
            _("It was shipped on %(day)s; nobody verified it before.")
            % {"day": shipped_on},
            code="feedback.too-early",
        )
    return {"verified_on": day, "verified_by": contact}


def _reopen(step: Step) -> dict[str, Any]:
    return {
        **columns_for(None, "shipped_"),
        "shipped_on": None,
        "verified_on": None,
        "verified_by": None,
        "reason": _reason(step),
        "reopened_count": step.feedback.reopened_count + 1,
    }


STEPS = {
    FeedbackState.OPEN: _reopen,
    FeedbackState.ACCEPTED: _accept,
    FeedbackState.SHIPPED: _ship,
    FeedbackState.VERIFIED: _verify,
    FeedbackState.DECLINED: _decline,
}


def _check_step(feedback: Feedback, to: str, by: User) -> None:
    names = dict(FeedbackState.choices)
    if not lifecycles.may_step(FEEDBACK_STEPS, current=feedback.state, to=to):
        raise FeedbackRefusedError(
            _("There is no step from “%(current)s” to “%(to)s”.")
            % {"current": names[feedback.state], "to": names.get(to, to)},
            code="feedback.no-such-step",
        )
    if not by.has_perm(FEEDBACK_RIGHTS[to]):
        raise FeedbackRefusedError(
            _(
                "The model team accepts, declines and ships;"
                " whoever speaks for the partner verifies and reopens."
            ),
            code="feedback.not-yours",
        )


def _check(fields: Mapping[str, Any], at: datetime) -> None:
    if not str(fields.get("title", "")).strip():
        raise FeedbackRefusedError(
            _("Feedback needs a title."), code="feedback.needs-title"
        )
    if fields["raised_on"] > at.date():
        raise FeedbackRefusedError(_("That day lies ahead."), code="feedback.future")


def _reason(step: Step) -> str:
    reason = step.answer.reason.strip()
    if not reason:
        raise FeedbackRefusedError(_("Say why."), code="feedback.needs-reason")
    return reason


def _day(step: Step) -> date:
    day = step.answer.on or step.at.date()
    if day > step.at.date():
        raise FeedbackRefusedError(_("That day lies ahead."), code="feedback.future")
    return day


def _partner_id(feedback: Feedback) -> int:
    return feedback.scenario.cooperation.partner_id


def _act(feedback: Feedback, by: User, at: datetime) -> Act:
    parent = feedback.scenario.cooperation
    return Act(by, at, parent.partner_id, parent.pk)
