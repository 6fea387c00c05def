"""What usage has to say at a stage gate; whose usage counts is told by `whose`."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from partners.gates import Case, Finding, missing, passed, unknown
from partners.models import Poc
from partners.usage import trends
from partners.usage.models import AccountOwnership, CooperationUsage
from partners.usage.queries.freshness import complete_days
from partners.usage.queries.series import Scope, spend_series, usage_days
from partners.usage.queries.whose import whose_usage

EVER = date(1970, 1, 1)


def cloud_account(case: Case, parameters: Mapping[str, Any]) -> Finding:
    """Look for cloud accounts that belong to the partner on the day of the question.

    Where all rules of the cooperation name accounts, only those count.
    """
    wanted = int(parameters.get("min_count", 1))
    environment = str(parameters.get("environment", ""))
    accounts = AccountOwnership.objects.filter(
        partner_id=case.cooperation.partner_id, during__contains=_day(case.at)
    )
    named = set(
        CooperationUsage.objects.filter(
            cooperation=case.cooperation, during__contains=_day(case.at)
        ).values_list("account_id", flat=True)
    )
    if named and None not in named:
        accounts = accounts.filter(account_id__in=named)
    if environment:
        accounts = accounts.filter(account__environment=environment)
    ids = sorted(accounts.values_list("account_id", flat=True).distinct())
    seen = {"accounts": ids[:50], "count": len(ids), "environment": environment}
    if len(ids) >= wanted:
        return passed(
            _("%(count)d cloud accounts are assigned.") % {"count": len(ids)}, **seen
        )
    return missing(
        _("%(count)d of %(wanted)d cloud accounts are assigned.")
        % {"count": len(ids), "wanted": wanted},
        **seen,
    )


def usage_days_seen(case: Case, parameters: Mapping[str, Any]) -> Finding:
    """Count days with usage: in the PoC, in the latest complete days, or ever."""
    scope = scope_of(case, str(parameters.get("environment", "")))
    if isinstance(scope, Finding):
        return scope
    window = _window(case, parameters, scope)
    if isinstance(window, Finding):
        return window
    since, until = window
    days = usage_days(scope, since=since, until=until)
    length = (until - since).days
    wanted = int(parameters.get("min_days", 1))
    if "min_share" in parameters:
        wanted = -(-int(Decimal(str(parameters["min_share"])) * length * 100) // 100)
    seen = {
        "days": len(days),
        "wanted": wanted,
        "since": since.isoformat(),
        "until": until.isoformat(),
        "first_day": days[0].isoformat() if days else None,
        "latest_day": days[-1].isoformat() if days else None,
    }
    words = _("Usage on %(days)d days; %(wanted)d are needed.") % seen
    return passed(words, **seen) if len(days) >= wanted else missing(words, **seen)


def usage_consecutive_days(case: Case, parameters: Mapping[str, Any]) -> Finding:
    """Look for a run of days with usage since the stage was entered."""
    scope = scope_of(case, str(parameters.get("environment", "")))
    if isinstance(scope, Finding):
        return scope
    since = _day(case.cooperation.stage_entered_at)
    days = usage_days(scope, since=since, until=_day(case.at))
    run, wanted = trends.longest_run(days), int(parameters.get("days", 14))
    seen = {"run": run, "wanted": wanted, "since": since.isoformat()}
    words = _("Usage on %(run)d days in a row; %(wanted)d are needed.") % seen
    return passed(words, **seen) if run >= wanted else missing(words, **seen)


def usage_spend_ratio(case: Case, parameters: Mapping[str, Any]) -> Finding:
    """Hold the latest spend against the baseline: the first full days in the stage."""
    scope = scope_of(case, "")
    if isinstance(scope, Finding):
        return scope
    length = int(parameters.get("window_days", 28))
    base_length = int(parameters.get("baseline_days", 28))
    wanted = Decimal(str(parameters.get("min_ratio", "1.2")))
    entered = _day(case.cooperation.stage_entered_at)
    complete = sorted(day for day in _complete(case, scope) if day >= entered)
    used = usage_days(scope, since=entered, until=_day(case.at))
    base = [day for day in complete if used and day >= used[0]][:base_length]
    if len(base) < base_length or len(complete) < length:
        return unknown(
            _("Only %(days)d full days of data since production began.")
            % {"days": len(base)},
            days=len(base),
        )
    return _compared(scope, base, complete[-length:], wanted)


def _compared(
    scope: Scope, base: list[date], window: list[date], wanted: Decimal
) -> Finding:
    series = spend_series(scope, since=base[0], until=window[-1] + timedelta(days=1))
    if len(series) > 1:
        return unknown(
            _("The spend is in several currencies: %(list)s.")
            % {"list": ", ".join(sorted(series))}
        )
    daily = next(iter(series.values()), {})
    before = sum((daily.get(day, Decimal(0)) for day in base), Decimal(0)) / len(base)
    now = sum((daily.get(day, Decimal(0)) for day in window), Decimal(0)) / len(window)
    seen = {
        "baseline_per_day": f"{before:f}",
        "now_per_day": f"{now:f}",
        "currency": next(iter(series), ""),
        "baseline_since": base[0].isoformat(),
        "window_until": window[-1].isoformat(),
        "min_ratio": f"{wanted:f}",
    }
    if before <= 0:
        return unknown(_("There was no spend in the baseline."), **seen)
    ratio = now / before
    words = _("Spend is %(ratio).2f times the baseline; %(wanted)s is needed.") % {
        "ratio": ratio,
        "wanted": wanted,
    }
    seen["ratio"] = f"{ratio:.4f}"
    return passed(words, **seen) if ratio >= wanted else missing(words, **seen)


def scope_of(case: Case, environment: str) -> Scope | Finding:
    """Return whose usage counts for the cooperation, or why that cannot be told."""
    pk = case.cooperation.pk
    whose = case.once((__name__, "whose"), lambda: whose_usage([pk])[pk])
    scope = whose.scope(environment)
    return unknown(whose.reason, basis=whose.basis.value) if scope is None else scope


def _window(
    case: Case, parameters: Mapping[str, Any], scope: Scope
) -> tuple[date, date] | Finding:
    today = _day(case.at)
    if parameters.get("window") == "poc":
        return _poc_window(case, today)
    if "window_days" in parameters:
        length = int(parameters["window_days"])
        complete = _complete(case, scope)
        if not complete:
            return missing(_("There is no usage data yet."))
        end = max(complete) + timedelta(days=1)
        return end - timedelta(days=length), end
    return EVER, today + timedelta(days=1)


def _complete(case: Case, scope: Scope) -> set[date]:
    return case.once(
        (__name__, "complete days", scope.partner_ids),
        lambda: complete_days(scope.partner_ids, since=EVER, until=_day(case.at)),
    )


def _poc_window(case: Case, today: date) -> tuple[date, date] | Finding:
    poc = Poc.objects.filter(cooperation=case.cooperation).order_by("-pk").first()
    if poc is None:
        return missing(_("There is no PoC."))
    starts = poc.started_on or poc.planned_start_on
    until = min(poc.ended_on or poc.planned_end_on, today)
    return starts, max(until, starts) + timedelta(days=1)


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()
