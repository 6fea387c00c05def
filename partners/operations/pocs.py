"""Proofs of concept: planned, run, measured, extended and decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.core import versions
from crm.core.errors import DomainError
from partners.models import Cooperation, Poc, PocDecision, PocMetric
from partners.models.poc import FREE_EXTENSIONS
from partners.operations.changes import Act, change, check_fields
from partners.operations.locks import lock, lock_cooperation
from partners.queries.roles import holds_role
from partners.stages import Role

EDITABLE = (
    "title",
    "hypothesis",
    "decision_rule",
    "planned_start_on",
    "planned_end_on",
    "credits_granted",
    "currency",
    "base_models",
)
EXTENSION_WAIVER = Role.EXECUTIVE
"""Who lets a proof be extended more often than twice."""


class PocRefusedError(DomainError):
    """The proof cannot be planned, changed or decided like this."""

    code = "poc.refused"


@dataclass(frozen=True)
class Metric:
    """One success metric as it is agreed before the start.

    :ivar direction: `at_least` or `at_most` the target.
    """

    name: str
    target: Decimal
    unit: str = ""
    direction: str = PocMetric.Direction.AT_LEAST
    baseline: Decimal | None = None
    is_mandatory: bool = True


@transaction.atomic
def plan_poc(
    *,
    cooperation: Cooperation,
    values: Mapping[str, Any],
    metrics: Sequence[Metric] = (),
    by: User,
    at: datetime,
) -> Poc:
    """Plan a proof with its metrics.

    :param values: fields of `EDITABLE`; title, planned start and end are needed.
    :raises PocRefusedError: for a closed cooperation, or an end before the start.
    """
    check_fields(values, EDITABLE)
    parent = lock_cooperation(cooperation)
    if parent.closed_at is not None:
        raise PocRefusedError(_("The cooperation is closed."), code="poc.closed")
    _check_plan(values)
    proof = Poc.objects.create(
        cooperation=parent, **{"currency": parent.currency, **values}
    )
    _act(proof, by, at).record("poc.planned", proof, new=values)
    _put_metrics(proof, metrics)
    return proof


@transaction.atomic
def edit_poc(
    *,
    poc: Poc,
    values: Mapping[str, Any],
    by: User,
    at: datetime,
    expected_version: int | None = None,
) -> Poc:
    """Change the plan of a proof that is not decided; ends move by `extend_poc` once it runs.

    :raises PocRefusedError: when it is decided or cancelled, or the plan does not fit.
    """
    check_fields(values, EDITABLE)
    fresh = _undecided(poc, expected_version)
    if fresh.status == Poc.Status.RUNNING and "planned_end_on" in values:
        raise PocRefusedError(
            _("It runs; extend it instead."), code="poc.extend-instead"
        )
    _check_plan({**{name: getattr(fresh, name) for name in EDITABLE}, **values})
    change(fresh, values, kind="poc.edited", act=_act(fresh, by, at))
    return fresh


@transaction.atomic
def set_metrics(
    *, poc: Poc, metrics: Sequence[Metric], by: User, at: datetime
) -> list[PocMetric]:
    """Agree on the metrics of a proof anew; possible until it starts.

    :raises PocRefusedError: once it runs.
    """
    fresh = _planned(poc)
    fresh.metrics.all().delete()
    made = _put_metrics(fresh, metrics)
    _act(fresh, by, at).record(
        "poc.metrics-agreed", fresh, new={"metrics": [m.name for m in made]}
    )
    return made


@transaction.atomic
def add_metric(*, poc: Poc, metric: Metric, by: User, at: datetime) -> PocMetric:
    """Agree on one more metric of a proof; possible until it starts.

    :raises PocRefusedError: once it runs, or when there is one of that name.
    """
    fresh = _planned(poc)
    made = _put_metrics(fresh, [metric])[0]
    _act(fresh, by, at).record("poc.metrics-agreed", fresh, new={"metric": made.name})
    return made


@transaction.atomic
def start_poc(*, poc: Poc, by: User, at: datetime, on: date | None = None) -> Poc:
    """Start a planned proof, on the day of `at` (UTC) unless told.

    :raises PocRefusedError: when it is not planned.
    """
    fresh = lock(poc)
    if fresh.status != Poc.Status.PLANNED:
        raise PocRefusedError(_("It is not planned any more."))
    values = {"status": Poc.Status.RUNNING, "started_on": on or at.date()}
    change(fresh, values, kind="poc.started", act=_act(fresh, by, at))
    return fresh


@transaction.atomic
def measure_metric(
    *, metric: PocMetric, measured: Decimal, on: date, by: User, at: datetime
) -> PocMetric:
    """Write down what was measured; measuring again replaces it, the journal keeps both.

    :raises PocRefusedError: when the proof is decided or not started.
    """
    proof = _undecided(metric.poc, None)
    if proof.status != Poc.Status.RUNNING:
        raise PocRefusedError(_("It has not started."), code="poc.not-started")
    fresh = lock(metric)
    old = {"measured": fresh.measured}
    fresh.measured, fresh.measured_on = measured, on
    fresh.save(update_fields=["measured", "measured_on"])
    _act(proof, by, at).record(
        "poc.metric-measured",
        proof,
        old=old,
        new={"metric": fresh.name, "measured": measured, "on": on},
    )
    return fresh


@transaction.atomic
def decide_poc(
    *,
    poc: Poc,
    decision: str,
    reason: str,
    by: User,
    at: datetime,
    expected_version: int | None = None,
) -> Poc:
    """Decide a running proof: `go` or `no_go`.

    :raises PocRefusedError: when it does not run, without a reason, or for `go` with
        mandatory metrics that are not measured (`missing` names them).
    """
    fresh = _running(poc, expected_version, reason)
    if decision not in (PocDecision.Kind.GO, PocDecision.Kind.NO_GO):
        raise PocRefusedError(_("Decide go or no-go."), code="poc.decision")
    if decision == PocDecision.Kind.GO:
        _check_measured(fresh)
    PocDecision.objects.create(
        poc=fresh, kind=decision, reason=reason.strip(), by=by, at=at
    )
    ended_on = max(at.date(), fresh.started_on or at.date())
    versions.advance(
        fresh, expected=None,
        status=decision, ended_on=ended_on, decided_at=at, decided_by=by,
    )  # fmt: skip
    _act(fresh, by, at).record(
        "poc.decided", fresh, new={"decision": decision, "reason": reason.strip()}
    )
    return fresh


@transaction.atomic
def extend_poc(
    *,
    poc: Poc,
    new_end_on: date,
    reason: str,
    by: User,
    at: datetime,
    waiver: str = "",
    expected_version: int | None = None,
) -> Poc:
    """Give a running proof more time; twice at most, then an executive waives the limit.

    :param waiver: the executive's reason for one more extension.
    :raises PocRefusedError: when it does not run, the end is not later, or the limit is met.
    """
    fresh = _running(poc, expected_version, reason)
    if new_end_on <= fresh.planned_end_on:
        raise PocRefusedError(_("The new end must be later."), code="poc.not-later")
    count = fresh.extension_count + 1
    if count > FREE_EXTENSIONS:
        _check_waiver(fresh, waiver, by)
    PocDecision.objects.create(
        poc=fresh,
        kind=PocDecision.Kind.EXTEND,
        reason=reason.strip(),
        new_end_on=new_end_on,
        by=by,
        at=at,
    )
    values = {
        "planned_end_on": new_end_on,
        "extension_count": count,
        "extension_waiver": waiver.strip() or fresh.extension_waiver,
    }
    change(fresh, values, kind="poc.extended", act=_act(fresh, by, at))
    return fresh


@transaction.atomic
def cancel_poc(*, poc: Poc, reason: str, by: User, at: datetime) -> Poc:
    """Give a proof up before it is decided.

    :raises PocRefusedError: when it is decided or cancelled, or without a reason.
    """
    fresh = _undecided(poc, None)
    if not reason.strip():
        raise PocRefusedError(_("Say why."), code="poc.needs-reason")
    versions.advance(fresh, expected=None, status=Poc.Status.CANCELLED)
    _act(fresh, by, at).record("poc.cancelled", fresh, new={"reason": reason.strip()})
    return fresh


def _act(proof: Poc, by: User, at: datetime) -> Act:
    return Act(by, at, proof.cooperation.partner_id, proof.cooperation_id)


def _undecided(poc: Poc, expected_version: int | None) -> Poc:
    fresh = lock(poc, expected_version=expected_version)
    if fresh.status not in (Poc.Status.PLANNED, Poc.Status.RUNNING):
        raise PocRefusedError(
            _("It is: %(status)s.") % {"status": fresh.get_status_display()},
            code="poc.decided",
        )
    return fresh


def _planned(poc: Poc) -> Poc:
    fresh = _undecided(poc, None)
    if fresh.status != Poc.Status.PLANNED:
        raise PocRefusedError(
            _("Metrics are agreed before the start."), code="poc.started"
        )
    return fresh


def _running(poc: Poc, expected_version: int | None, reason: str) -> Poc:
    fresh = _undecided(poc, expected_version)
    if fresh.status != Poc.Status.RUNNING:
        raise PocRefusedError(_("It has not started."), code="poc.not-started")
    if not reason.strip():
        raise PocRefusedError(_("Say why."), code="poc.needs-reason")
    return fresh


def _check_plan(values: Mapping[str, Any]) -> None:
    if not str(values.get("title", "")).strip():
        raise PocRefusedError(_("A PoC needs a title."), code="poc.needs-title")
    start, end = values.get("planned_start_on"), values.get("planned_end_on")
    if start is None or end is None or end < start:
        raise PocRefusedError(
            _("A PoC needs a planned start and an end after it."), code="poc.dates"
        )


def _check_measured(proof: Poc) -> None:
    unmeasured = proof.metrics.filter(is_mandatory=True, measured__isnull=True)
    names = tuple(unmeasured.order_by("pk").values_list("name", flat=True))
    if names:
        raise PocRefusedError(
            _("“Go” needs every mandatory metric measured."),
            code="poc.unmeasured",
            missing=names,
        )


def _check_waiver(proof: Poc, waiver: str, by: User) -> None:
    cooperation = lock_cooperation(proof.cooperation)
    if not waiver.strip() or not holds_role(
        EXTENSION_WAIVER, by=by, cooperation=cooperation
    ):
        raise PocRefusedError(
            _("More than %(count)s extensions need a waiver by: %(role)s.")
            % {"count": FREE_EXTENSIONS, "role": EXTENSION_WAIVER.label},
            code="poc.extensions",
        )


def _put_metrics(proof: Poc, metrics: Sequence[Metric]) -> list[PocMetric]:
    try:
        with transaction.atomic():
            return PocMetric.objects.bulk_create(
                PocMetric(
                    poc=proof,
                    name=metric.name,
                    unit=metric.unit,
                    direction=metric.direction,
                    baseline=metric.baseline,
                    target=metric.target,
                    is_mandatory=metric.is_mandatory,
                )
                for metric in metrics
            )
    except IntegrityError as error:
        raise PocRefusedError(
            _("Each metric needs a name of its own."), code="poc.metric-twice"
        ) from error
