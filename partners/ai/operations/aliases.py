"""Say which model a text of usage means, and from which charge day on."""

from datetime import date, datetime

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.core import versions
from crm.core.errors import DomainError
from partners.ai import identity
from partners.ai.models import AliasKind, DerivedModel, ModelAlias
from partners.ai.models.pointing import AnyModel, columns_for
from partners.operations.changes import Act
from partners.operations.locks import lock

ALWAYS = DateRange(None, None)


class AliasRefusedError(DomainError):
    """The text cannot be mapped like this."""

    code = "alias.refused"


@transaction.atomic
def map_text(
    *,
    kind: str,
    text: str,
    model: AnyModel,
    by: User,
    at: datetime,
    since: date | None = None,
) -> ModelAlias:
    """Let a text of usage mean this model, for all days or from one day on.

    From a day on, what it meant before ends there and history stays as it was.

    :param kind: one of `AliasKind`. :param since: None means always.
    :raises AliasRefusedError: when the text is empty, means the same already, or means
        another model and no day is given.
    """
    plain = identity.plain(text)
    if not plain or kind not in AliasKind.values:
        raise AliasRefusedError(
            _("Give the text as it stands in usage, and what it is."),
            code="alias.needs-text",
        )
    known = _locked(kind, plain)
    during = _room(known, model, since)
    alias = ModelAlias.objects.create(
        kind=kind, text=plain, during=during, **columns_for(model)
    )
    _act(alias, by, at).record(
        "model-alias.mapped",
        alias,
        new={"kind": kind, "text": plain, "since": since, **_target(model)},
    )
    return alias


@transaction.atomic
def end_alias(
    *,
    alias: ModelAlias,
    on: date | None,
    by: User,
    at: datetime,
    expected_version: int | None = None,
) -> ModelAlias | None:
    """Let an alias hold no longer from a day on; without a day it never held.

    Its usage is unmapped from then on. Returns None for an alias that is gone as a whole.

    :raises AliasRefusedError: when it does not hold on the day before.
    """
    fresh = lock(alias, expected_version=expected_version)
    start, end = fresh.during.lower, fresh.during.upper
    if on is None or on == start:
        _act(fresh, by, at).record(
            "model-alias.removed", fresh, old={"text": fresh.text, "kind": fresh.kind}
        )
        fresh.delete()
        return None
    if (start is not None and on < start) or (end is not None and on >= end):
        raise AliasRefusedError(
            _("It does not hold on that day."), code="alias.not-then"
        )
    versions.advance(fresh, expected=None, during=DateRange(start, on))
    _act(fresh, by, at).record(
        "model-alias.ended", fresh, old={"until": end}, new={"until": on}
    )
    return fresh


def _locked(kind: str, text: str) -> list[ModelAlias]:
    rows = ModelAlias.objects.select_for_update(of=("self",))
    return list(rows.filter(kind=kind, text=text).order_by("pk"))


def _room(known: list[ModelAlias], model: AnyModel, since: date | None) -> DateRange:
    """Make room for the new meaning: end what holds on its first day."""
    if since is None and known:
        raise AliasRefusedError(
            _("“%(text)s” is mapped already; say from which day on it means this one.")
            % {"text": known[0].text},
            code="alias.needs-day",
        )
    for alias in known:
        if since is not None and since in _Days(alias.during):
            return _cut(alias, model, since)
    after = [
        a.during.lower for a in known if since and (a.during.lower or since) > since
    ]
    return DateRange(since, min(after, default=None))


def _cut(alias: ModelAlias, model: AnyModel, since: date) -> DateRange:
    if alias.base_id == _id(model, derived=False) and alias.derived_id == _id(
        model, derived=True
    ):
        raise AliasRefusedError(
            _("“%(text)s” means this model on that day already.")
            % {"text": alias.text},
            code="alias.same",
        )
    end = alias.during.upper
    if alias.during.lower == since:
        alias.delete()
    else:
        versions.advance(
            alias, expected=None, during=DateRange(alias.during.lower, since)
        )
    return DateRange(since, end)


class _Days:
    """A range of days that may be open on either side."""

    def __init__(self, during: DateRange) -> None:
        self.start, self.end = during.lower, during.upper

    def __contains__(self, day: date) -> bool:
        return (self.start is None or self.start <= day) and (
            self.end is None or day < self.end
        )


def _id(model: AnyModel, *, derived: bool) -> int | None:
    return model.pk if isinstance(model, DerivedModel) is derived else None


def _target(model: AnyModel) -> dict[str, int]:
    name = "derived" if isinstance(model, DerivedModel) else "base"
    return {name: model.pk}


def _act(alias: ModelAlias, by: User, at: datetime) -> Act:
    partner = None if alias.derived is None else alias.derived.partner_id
    return Act(by, at, partner)
