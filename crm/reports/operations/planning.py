"""Write down who is owed which report; the tick that may come twice, late or never."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from crm.reports import weeks
from crm.reports.models import ReportDefinition, ReportSubscription
from crm.reports.models.reasons import Reason
from crm.reports.operations.bundles import BUNDLE
from crm.reports.schedule import Schedule
from crm.reports.weeks import Period

SHOWN_AS_SUPERSEDED = 13
"""How many of the periods that were missed are shown as skipped."""

ONE_PLANNER = 7_804_080
"""Number of the advisory lock that keeps a second planner from waiting for the first."""

OWED = """
SELECT d.id, d.rhythm, d.weekday, d.hour, d.catch_up_hours, s.time_zone, s.next_period
FROM reports_reportsubscription s
JOIN reports_reportdefinition d ON d.id = s.definition_id
WHERE NOT s.is_paused AND d.is_active AND s.next_due_at <= %(at)s
GROUP BY d.id, s.time_zone, s.next_period
"""

OWED_ROWS = """
SELECT * FROM jsonb_to_recordset(%(owed)s::jsonb) AS o(
    definition_id bigint, time_zone text, next_period text,
    period text, due_at timestamptz, state text, reason text,
    following text, following_due_at timestamptz, is_newest boolean)
"""

WITHOUT_LOOPS = "SET LOCAL enable_nestloop = off"
WITH_LOOPS = "SET LOCAL enable_nestloop = on"
"""Everything that is joined here is read once, however old the planner's statistics are."""

READERS = """
SELECT s.*, u.id AS person_id, u.language AS reads, u.currency AS counts_in
FROM chosen s JOIN accounts_user u ON u.id = s.reader_id AND u.is_active
UNION
SELECT s.*, u.id, u.language, u.currency FROM chosen s
JOIN accounts_user_groups g ON g.group_id = s.role_id
JOIN accounts_user u ON u.id = g.user_id AND u.is_active
UNION
SELECT s.*, u.id, u.language, u.currency FROM chosen s
JOIN accounts_team t ON t.id = s.team_id
JOIN accounts_team below ON below.path LIKE t.path || '%%'
JOIN accounts_user u ON u.team_id = below.id AND u.is_active
"""

WRITE_DOWN = f"""
WITH owed AS ({OWED_ROWS}),
chosen AS MATERIALIZED (
    SELECT s.id, s.person_id AS reader_id, s.role_id, s.team_id, s.definition_id,
        o.period, o.due_at, o.state, o.reason, s.time_zone, s.language, s.currency,
        s.scope, s.scope_team_id, s.scope_partner_id
    FROM reports_reportsubscription s
    JOIN owed o ON (s.definition_id, s.time_zone, s.next_period)
                 = (o.definition_id, o.time_zone, o.next_period)
    WHERE NOT s.is_paused AND s.next_due_at <= %(at)s
),
readers AS ({READERS})
INSERT INTO reports_reportdelivery (
    key, definition_id, subscription_id, recipient_id, period, is_test, due_at, state,
    reason, owner, attempts, next_attempt_at, handed_over, address, message_id,
    message_hash, smtp_text, planned_at, bundle)
SELECT gen_random_uuid(), r.definition_id, r.id, r.person_id, r.period, false, r.due_at,
       r.state, r.reason, '', 0, r.due_at, 0, '', '', '', '', %(at)s,
       {BUNDLE}
FROM readers r
WHERE NOT EXISTS (SELECT FROM reports_optout x
                  WHERE x.subscription_id = r.id AND x.person_id = r.person_id)
ORDER BY r.id, r.person_id, r.period
ON CONFLICT (subscription_id, recipient_id, period) WHERE NOT is_test DO NOTHING
"""  # noqa: S608  # made of constants of this module

MOVE_ON = f"""
UPDATE reports_reportsubscription s
SET next_period = o.following, next_due_at = o.following_due_at
FROM ({OWED_ROWS}) o
WHERE o.is_newest AND NOT s.is_paused AND s.next_due_at <= %(at)s
  AND (s.definition_id, s.time_zone, s.next_period)
    = (o.definition_id, o.time_zone, o.next_period)
"""  # noqa: S608  # made of constants of this module


@dataclass(frozen=True, slots=True)
class Owed:
    """Subscriptions of one report and zone that wait for the same period."""

    definition_id: int
    time_zone: str
    next_period: str
    schedule: Schedule
    catch_up: timedelta


@transaction.atomic
def plan_due(*, at: datetime) -> int:
    """Write one row per subscription, reader and period that is due; return how many.

    After an outage only the newest period is sent; those before it are shown as
    skipped, and so is the newest when it is too late for it. A row that exists stays
    as it is, so two planners at once, or a restored schedule, double nothing.

    :param at: aware; what is due at this instant.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [ONE_PLANNER])
        if cursor.fetchone() != (True,):
            return 0
        cursor.execute(OWED, {"at": at})
        groups = [_owed(row) for row in cursor.fetchall()]
        if not groups:
            return 0
        rows = [row for owed in groups for row in _rows(owed, at)]
        arguments: Any = {"at": at, "owed": json.dumps(rows)}
        cursor.execute(WITHOUT_LOOPS)
        cursor.execute(WRITE_DOWN, arguments)
        written = int(cursor.rowcount)
        cursor.execute(MOVE_ON, arguments)
        cursor.execute(WITH_LOOPS)
    return written


def schedule_of(definition: ReportDefinition, time_zone: str) -> Schedule:
    """Return when the report comes for a subscriber in this zone."""
    return Schedule(
        rhythm=definition.rhythm,
        weekday=definition.weekday,
        hour=definition.hour,
        zone=ZoneInfo(time_zone),
    )


def set_next_due(subscription: ReportSubscription, *, at: datetime) -> None:
    """Let the subscription wait for the first period due after this instant."""
    schedule = schedule_of(subscription.definition, subscription.time_zone)
    period = schedule.next_after(at)
    subscription.next_period = period.label
    subscription.next_due_at = schedule.due_at(period)


def _owed(row: tuple[int, str, int, int, int, str, str]) -> Owed:
    definition_id, rhythm, weekday, hour, catch_up_hours, time_zone, next_period = row
    return Owed(
        definition_id=definition_id,
        time_zone=time_zone,
        next_period=next_period,
        schedule=Schedule(
            rhythm=rhythm, weekday=weekday, hour=hour, zone=ZoneInfo(time_zone)
        ),
        catch_up=timedelta(hours=catch_up_hours),
    )


def _rows(owed: Owed, at: datetime) -> Iterator[dict[str, object]]:
    newest = owed.schedule.newest_owed(at)
    following = weeks.following(newest)
    for period in _periods(owed, newest):
        due_at = owed.schedule.due_at(period)
        reason = _reason(is_newest=period == newest, late=at - due_at, owed=owed)
        yield {
            "definition_id": owed.definition_id,
            "time_zone": owed.time_zone,
            "next_period": owed.next_period,
            "period": period.label,
            "due_at": due_at.isoformat(),
            "state": "skipped" if reason else "due",
            "reason": reason,
            "following": following.label,
            "following_due_at": owed.schedule.due_at(following).isoformat(),
            "is_newest": period == newest,
        }


def _reason(*, is_newest: bool, late: timedelta, owed: Owed) -> str:
    if not is_newest:
        return Reason.SUPERSEDED.value
    return Reason.TOO_LATE.value if late > owed.catch_up else ""


def _periods(owed: Owed, newest: Period) -> list[Period]:
    first = weeks.from_label(owed.next_period)
    periods = [newest]
    while periods[-1].first > first.first and len(periods) <= SHOWN_AS_SUPERSEDED:
        periods.append(weeks.before(periods[-1]))
    return periods
