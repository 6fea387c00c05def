"""Plan scenarios, start and end them, measure what they are worth, name their models."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.accounts.models import User
from crm.core.errors import DomainError
from partners.ai import lifecycles
from partners.ai.lifecycles import SCENARIO_STEPS, ScenarioStatus
from partners.ai.models import DerivedModel, Scenario, ScenarioMeasure, ScenarioModel
from partners.ai.models.pointing import AnyModel, columns_for
from partners.ai.operations.guarding import refusing
from partners.models import Cooperation
from partners.operations.changes import Act, change, check_fields
from partners.operations.locks import lock, lock_cooperation

EDITABLE = ("title", "industry", "kind", "does", "planned_on", "owner")
WORDS = {
    "scenario_says_what_it_does": _("A scenario needs a title and what it does."),
    "scenario_ends_after_start": _("It cannot end before it went live."),
    "scenariomodel_base_once": _("The scenario uses this model already."),
    "scenariomodel_derived_once": _("The scenario uses this model already."),
    "scenariomeasure_has_unit": _("A measure needs a name and a unit."),
}


class ScenarioRefusedError(DomainError):
    """The scenario cannot be planned, changed or moved like this."""

    code = "scenario.refused"


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One value before and after; the day is that of the act unless told."""

    name: str
    unit: str
    before: Decimal
    after: Decimal | None = None
    measured_on: date | None = None
    is_lower_better: bool = False

    def values(self, at: datetime) -> dict[str, Any]:
        """Return what is stored beside the name."""
        day = None if self.after is None else at.date()
        return {
            "unit": self.unit.strip(),
            "before": self.before,
            "after": self.after,
            "is_lower_better": self.is_lower_better,
            "measured_on": self.measured_on or day,
        }


@transaction.atomic
def plan_scenario(
    *, cooperation: Cooperation, values: Mapping[str, Any], by: User, at: datetime
) -> Scenario:
    """Plan a scenario; industry and owner are those of the partner unless told.

    :param values: fields of `EDITABLE`.
    :raises ScenarioRefusedError: for a closed cooperation, or without title, kind,
        industry or what it does.
    """
    check_fields(values, EDITABLE)
    parent = lock_cooperation(cooperation)
    if parent.closed_at is not None:
        raise ScenarioRefusedError(
            gettext("The cooperation is closed."), code="scenario.cooperation-closed"
        )
    fields = {**values}
    fields["industry"] = fields.get("industry") or parent.partner.industry
    fields.setdefault("owner", parent.owner or by)
    if not fields["industry"] or fields.get("kind") is None:
        raise ScenarioRefusedError(
            gettext("A scenario needs an industry and a kind."),
            code="scenario.needs-place",
        )
    with refusing(WORDS, ScenarioRefusedError):
        scenario = Scenario.objects.create(cooperation=parent, **fields)
    _act(scenario, by, at).record("scenario.planned", scenario, new=fields)
    return scenario


@transaction.atomic
def edit_scenario(
    *,
    scenario: Scenario,
    values: Mapping[str, Any],
    by: User,
    at: datetime,
    expected_version: int | None = None,
) -> Scenario:
    """Change what is given; the status moves by `start_scenario` and `end_scenario`.

    :raises ScenarioRefusedError: when title or what it does would be empty.
    """
    check_fields(values, EDITABLE)
    fresh = lock(scenario, expected_version=expected_version)
    with refusing(WORDS, ScenarioRefusedError):
        change(fresh, values, kind="scenario.edited", act=_act(fresh, by, at))
    return fresh


@transaction.atomic
def start_scenario(
    *,
    scenario: Scenario,
    by: User,
    at: datetime,
    on: date | None = None,
    expected_version: int | None = None,
) -> Scenario:
    """Let a planned scenario go live, or an ended one again, on the day of `at` unless told.

    :raises ScenarioRefusedError: when it is live, or the day lies ahead.
    """
    fresh = _stepping(scenario, ScenarioStatus.LIVE, expected_version)
    day = _day(on, at)
    values = {
        "status": ScenarioStatus.LIVE,
        "live_on": fresh.live_on or day,
        "ended_on": None,
        "end_reason": "",
    }
    change(fresh, values, kind="scenario.started", act=_act(fresh, by, at))
    return fresh


@transaction.atomic
def end_scenario(
    *,
    scenario: Scenario,
    reason: str,
    by: User,
    at: datetime,
    on: date | None = None,
    expected_version: int | None = None,
) -> Scenario:
    """End a scenario, or drop one that was only planned.

    :raises ScenarioRefusedError: when it has ended, without a reason, or for a day before
        it went live or ahead.
    """
    fresh = _stepping(scenario, ScenarioStatus.ENDED, expected_version)
    if not reason.strip():
        raise ScenarioRefusedError(gettext("Say why."), code="scenario.needs-reason")
    values = {
        "status": ScenarioStatus.ENDED,
        "ended_on": _day(on, at),
        "end_reason": reason.strip(),
    }
    with refusing(WORDS, ScenarioRefusedError):
        change(fresh, values, kind="scenario.ended", act=_act(fresh, by, at))
    return fresh


@transaction.atomic
def measure_scenario(
    *, scenario: Scenario, measured: Measured, by: User, at: datetime
) -> ScenarioMeasure:
    """Write down a value before and after; the same name again replaces it.

    :raises ScenarioRefusedError: without name or unit.
    """
    fresh = lock(scenario)
    values = measured.values(at)
    name = measured.name.strip()
    known = fresh.measures.filter(name__iexact=name).first()
    old = {} if known is None else {key: getattr(known, key) for key in values}
    measure = known or ScenarioMeasure(scenario=fresh, name=name)
    for key, value in values.items():
        setattr(measure, key, value)
    with refusing(WORDS, ScenarioRefusedError):
        measure.save()
    _act(fresh, by, at).record(
        "scenario.measured", fresh, old=old, new={"name": name, **values}
    )
    return measure


@transaction.atomic
def use_model(
    *, scenario: Scenario, model: AnyModel, by: User, at: datetime
) -> ScenarioModel:
    """Say that a scenario uses a model.

    :raises ScenarioRefusedError: when it is known, or a model of another partner.
    """
    fresh = lock(scenario)
    if isinstance(model, DerivedModel):
        check_partner(fresh, model)
    with refusing(WORDS, ScenarioRefusedError):
        use = ScenarioModel.objects.create(scenario=fresh, **columns_for(model))
    _act(fresh, by, at).record("scenario.model-added", fresh, new=columns_for(model))
    return use


@transaction.atomic
def drop_model(*, use: ScenarioModel, by: User, at: datetime) -> None:
    """Say that a scenario no longer uses a model."""
    fresh = lock(use)
    scenario = fresh.scenario
    _act(scenario, by, at).record(
        "scenario.model-removed",
        scenario,
        old={"base": fresh.base_id, "derived": fresh.derived_id},
    )
    fresh.delete()


def check_partner(scenario: Scenario, model: DerivedModel) -> None:
    """Refuse a derived model of another partner.

    :raises ScenarioRefusedError: when it is.
    """
    if scenario.cooperation.partner_id != model.partner_id:
        raise ScenarioRefusedError(
            gettext("“%(model)s” is a model of another partner.") % {"model": model},
            code="scenario.foreign-model",
        )


def _stepping(scenario: Scenario, to: str, expected_version: int | None) -> Scenario:
    fresh = lock(scenario, expected_version=expected_version)
    if not lifecycles.may_step(SCENARIO_STEPS, current=fresh.status, to=to):
        raise ScenarioRefusedError(
            gettext("It is: %(status)s.") % {"status": fresh.get_status_display()},
            code="scenario.no-such-step",
        )
    return fresh


def _day(on: date | None, at: datetime) -> date:
    day = on or at.date()
    if day > at.date():
        raise ScenarioRefusedError(
            gettext("That day lies ahead."), code="scenario.future"
        )
    return day


def _act(scenario: Scenario, by: User, at: datetime) -> Act:
    parent = scenario.cooperation
    return Act(by, at, parent.partner_id, parent.pk)
