"""Register derived models, take them through their lifecycle, and say what they come from."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.accounts.models import User
from crm.core import versions
from crm.core.errors import DomainError
from partners.ai import lifecycles
from partners.ai.lifecycles import LIFECYCLE_STEPS, Lifecycle
from partners.ai.models import DerivedModel, ModelParent
from partners.ai.models.pointing import AnyModel, columns_for
from partners.ai.operations.guarding import refusing
from partners.models import Partner
from partners.operations.changes import Act, change, check_fields
from partners.operations.locks import lock

EDITABLE = (
    "cooperation", "name", "model_id", "kind", "purpose", "endpoint", "is_public",
    "registered_on", "owner",
)  # fmt: skip
WORDS = {
    "derivedmodel_id_once": _("There is a model with this id already."),
    "derivedmodel_is_named": _("A model needs a name and an id."),
    "derivedmodel_cooperation_of_partner": _(
        "The cooperation is with another partner."
    ),
    "derivedmodel_production_has_endpoint": _("In production it needs its endpoint."),
    "derivedmodel_production_after_registration": _(
        "It cannot be in production before it was registered."
    ),
    "modelparent_acyclic": _("A model cannot descend from itself."),
    "modelparent_base_once": _("This parent is known already."),
    "modelparent_derived_once": _("This parent is known already."),
}


class DerivedModelRefusedError(DomainError):
    """The derived model cannot be registered, changed or moved like this."""

    code = "derived-model.refused"


@transaction.atomic
def register_derived(
    *,
    partner: Partner,
    values: Mapping[str, Any],
    by: User,
    at: datetime,
    parents: Sequence[AnyModel] = (),
) -> DerivedModel:
    """Register a model that a partner makes from others; it is in training.

    :param values: fields of `EDITABLE`; registered on the day of `at` unless told.
    :raises DerivedModelRefusedError: for an archived partner, an id that is taken, or a
        cooperation with somebody else.
    """
    check_fields(values, EDITABLE)
    owner_of = lock(partner)
    if owner_of.archived_at is not None:
        raise DerivedModelRefusedError(
            gettext("%(name)s is archived; restore it first.") % {"name": owner_of},
            code="partner.archived",
        )
    registered_on = values.get("registered_on") or at.date()
    fields = {**values, "registered_on": registered_on}
    with refusing(WORDS, DerivedModelRefusedError):
        model = DerivedModel.objects.create(
            partner=owner_of, lifecycle_since=registered_on, **fields
        )
    _act(model, by, at).record("derived-model.registered", model, new=fields)
    for parent in parents:
        add_parent(model=model, parent=parent, by=by, at=at)
    return model


@transaction.atomic
def edit_derived(
    *,
    model: DerivedModel,
    values: Mapping[str, Any],
    by: User,
    at: datetime,
    expected_version: int | None = None,
) -> DerivedModel:
    """Change what is given; the lifecycle moves by `move_derived`.

    :raises DerivedModelRefusedError: as at registration, or when production would lose
        its endpoint.
    """
    check_fields(values, EDITABLE)
    fresh = lock(model, expected_version=expected_version)
    with refusing(WORDS, DerivedModelRefusedError):
        change(fresh, values, kind="derived-model.edited", act=_act(fresh, by, at))
    return fresh


@transaction.atomic
def move_derived(
    *,
    model: DerivedModel,
    to: str,
    by: User,
    at: datetime,
    on: date | None = None,
    reason: str = "",
    endpoint: str = "",
    expected_version: int | None = None,
) -> DerivedModel:
    """Take a model one step of its lifecycle, on the day of `at` unless told.

    :param reason: needed for a step back and for retiring it.
    :param endpoint: where it is served; production needs one.
    :raises DerivedModelRefusedError: when there is no such step, or something is missing.
    """
    fresh = lock(model, expected_version=expected_version)
    day = on or at.date()
    _check_step(fresh, to, day=day, reason=reason, endpoint=endpoint)
    values: dict[str, Any] = {"lifecycle": Lifecycle(to), "lifecycle_since": day}
    if endpoint.strip():
        values["endpoint"] = endpoint.strip()
    if to == Lifecycle.PRODUCTION and fresh.production_on is None:
        values["production_on"] = day
    if to == Lifecycle.RETIRED:
        values["retired_on"] = day
    old = {name: getattr(fresh, name) for name in values}
    explained = {"reason": reason.strip()} if reason.strip() else {}
    with refusing(WORDS, DerivedModelRefusedError):
        versions.advance(fresh, expected=None, **values)
    _act(fresh, by, at).record(
        "derived-model.moved", fresh, old=old, new={**values, **explained}
    )
    return fresh


@transaction.atomic
def add_parent(
    *, model: DerivedModel, parent: AnyModel, by: User, at: datetime
) -> ModelParent:
    """Say that a model comes from this one, too.

    :raises DerivedModelRefusedError: when it is known already, or would make a circle.
    """
    child = lock(model)
    with refusing(WORDS, DerivedModelRefusedError):
        line = ModelParent.objects.create(child=child, **columns_for(parent))
    _act(child, by, at).record(
        "derived-model.parent-added", child, new=columns_for(parent)
    )
    return line


@transaction.atomic
def remove_parent(*, line: ModelParent, by: User, at: datetime) -> None:
    """Take a parent back that was named wrongly."""
    fresh = lock(line)
    child = fresh.child
    _act(child, by, at).record(
        "derived-model.parent-removed",
        child,
        old={"base": fresh.base_id, "derived": fresh.derived_id},
    )
    fresh.delete()


def _check_step(
    model: DerivedModel, to: str, *, day: date, reason: str, endpoint: str
) -> None:
    current = model.lifecycle
    if not lifecycles.may_step(LIFECYCLE_STEPS, current=current, to=to):
        names = dict(Lifecycle.choices)
        raise DerivedModelRefusedError(
            gettext("There is no step from “%(current)s” to “%(to)s”.")
            % {"current": names[current], "to": names.get(to, to)},
            code="derived-model.no-such-step",
        )
    if day < model.lifecycle_since:
        raise DerivedModelRefusedError(
            gettext("It is there since %(day)s; the next step cannot be earlier.")
            % {"day": model.lifecycle_since},
            code="derived-model.too-early",
        )
    if lifecycles.needs_reason(current=current, to=to) and not reason.strip():
        raise DerivedModelRefusedError(
            gettext("Say why."), code="derived-model.needs-reason"
        )
    if to == Lifecycle.PRODUCTION and not (endpoint.strip() or model.endpoint):
        raise DerivedModelRefusedError(
            gettext("In production it needs its endpoint."),
            code="derived-model.needs-endpoint",
        )


def _act(model: DerivedModel, by: User, at: datetime) -> Act:
    return Act(by, at, model.partner_id, model.cooperation_id)
