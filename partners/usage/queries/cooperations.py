"""What many cooperations use, at once: a fixed number of queries, however many they are.

For health, risk rules and lists. Every figure is made of the rows that count for the
cooperation on their charge day (see `whose`); an unknown basis has no figures at all.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from partners.usage.queries.series import SPEND, TAKES
from partners.usage.queries.whose import ASKED, Basis, Whose

WINDOW = 28
WORK_MEMORY = "96MB"
FEW = 100
"""For so many cooperations the settings of the database do as they are."""
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Spending:
    """What one cooperation spent in one currency; effective cost, see `SPEND`."""

    latest: Decimal
    """In the window."""
    earlier: Decimal
    """In the window of the same length before it."""
    now: Decimal
    """In those days of the window that are complete there and in the one before."""
    before: Decimal
    """In the days 28 before those of `now`."""
    ai_latest: Decimal
    ai_earlier: Decimal
    ai_now: Decimal
    ai_before: Decimal

    @property
    def growth(self) -> Decimal | None:
        """Change as a share of the base; None where the base is not positive."""
        return None if self.before <= 0 else self.now / self.before - 1

    @property
    def ai_growth(self) -> Decimal | None:
        return None if self.ai_before <= 0 else self.ai_now / self.ai_before - 1


@dataclass(slots=True)
class CooperationFigures:
    """What one cooperation uses, seen from a day.

    :ivar spending: per currency; never added over currencies.
    :ivar tokens: in and out together, in the window; `tokens_before` in the one before.
    :ivar active_days: days of the window with usage; `ai_days` with AI usage.
    :ivar streak: days in a row with usage up to the latest one.
    :ivar longest_run: longest run of days with usage in both windows together.
    :ivar compared_days: days of the window that are complete in both.
    :ivar reach: day after the latest complete one of the partner's data; None: no data.
    """

    whose: Whose
    spending: dict[str, Spending] = field(default_factory=dict)
    tokens: Decimal = ZERO
    tokens_before: Decimal = ZERO
    active_days: int = 0
    ai_days: int = 0
    streak: int = 0
    longest_run: int = 0
    compared_days: int = 0
    first_ai_day: date | None = None
    last_usage_day: date | None = None
    reach: date | None = None

    @property
    def quiet_days(self) -> int | None:
        """Complete days since the latest usage; None where nothing was ever used."""
        if self.reach is None or self.last_usage_day is None:
            return None
        return max(0, (self.reach - self.last_usage_day).days - 1)


OWNED_DAY = """d.charge_day >= {since} AND d.charge_day < {until}
    AND COALESCE(o.during @> d.charge_day, FALSE)
    AND (d.tag_bucket = o.tag_bucket OR (o.tag_bucket = '' AND NOT EXISTS (
        SELECT 1 FROM usage_accountownership t
        WHERE t.account_id = d.account_id AND t.tag_bucket = d.tag_bucket
            AND t.during @> d.charge_day)))"""
"""A range that holds a day is taken for one row in a thousand, a COALESCE for every other:
by the first, thousands of accounts are joined row by row, which takes minutes."""

USED = "d.charge_category = 'Usage' AND (d.quantity > 0 OR d.effective_cost > 0)"

COUNTED = f"""
{ASKED},
whole AS MATERIALIZED (SELECT partner_id, id FROM asked WHERE basis = 'partner'),
theirs AS MATERIALIZED (
    SELECT DISTINCT partner_id FROM asked WHERE basis <> 'unknown'
),
counted AS (
    SELECT COALESCE(r.cooperation_id, w.id) AS id, d.charge_day AS day, d.currency,
        sum(d.effective_cost) FILTER (WHERE d.charge_category = ANY(%(spend)s)) AS cost,
        sum(d.effective_cost) FILTER (
            WHERE d.charge_category = ANY(%(spend)s) AND m.is_ai) AS ai,
        sum(d.quantity * m.factor) FILTER (WHERE d.charge_category = 'Usage'
            AND m.base_unit = 'Tokens' AND m.direction = 'input') AS tokens_in,
        sum(d.quantity * m.factor) FILTER (WHERE d.charge_category = 'Usage'
            AND m.base_unit = 'Tokens' AND m.direction <> 'input') AS tokens_out,
        bool_or({USED}) AS is_used, bool_or({USED} AND m.is_ai) AS is_ai_used
    FROM usage_accountownership o
    JOIN theirs USING (partner_id)
    JOIN usage_dailyusage d ON d.account_id = o.account_id
        AND {OWNED_DAY.format(since="%(since)s", until="%(until)s")}
    JOIN usage_usagemeter m ON m.id = d.meter_id
    JOIN usage_cloudaccount a ON a.id = d.account_id
    LEFT JOIN usage_cooperationusage r ON {TAKES}
    LEFT JOIN whole w ON r.id IS NULL AND w.partner_id = o.partner_id
    GROUP BY 1, 2, 3
)
"""
"""SQL of a WITH clause: usage by cooperation, day and currency."""


@dataclass(frozen=True, slots=True)
class CooperationDay:
    """What one cooperation used on one charge day in one currency."""

    cooperation_id: int
    day: date
    currency: str
    cost: Decimal
    ai: Decimal
    tokens_in: Decimal
    tokens_out: Decimal
    is_used: bool
    is_ai_used: bool


def cooperation_days(
    cooperation_ids: Sequence[int] | None, *, since: date, until: date
) -> Iterator[CooperationDay]:
    """Yield the usage of cooperations by day, by cooperation and day; one query.

    :param cooperation_ids: None is all of them.
    :param until: day after the last one.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL work_mem = '{WORK_MEMORY}'")
        cursor.execute(
            f"""WITH {COUNTED}
            SELECT id, day, currency, COALESCE(cost, 0), COALESCE(ai, 0),
                COALESCE(tokens_in, 0), COALESCE(tokens_out, 0),
                COALESCE(is_used, FALSE), COALESCE(is_ai_used, FALSE)
            FROM counted JOIN asked USING (id) WHERE basis <> 'unknown'
            ORDER BY 1, 2, 3""",
            _values(cooperation_ids, since, until),
        )
        while rows := cursor.fetchmany(10_000):
            for row in rows:
                yield CooperationDay(*row)


REACH = """
sources AS (
    SELECT DISTINCT o.partner_id, a.source_id FROM usage_accountownership o
    JOIN theirs USING (partner_id) JOIN usage_cloudaccount a ON a.id = o.account_id
),
spans AS (
    SELECT v.source_id, min(day) AS first, max(day) AS latest
    FROM usage_usagedelivery v, unnest(v.days) AS one(day)
    WHERE v.status = 'current' AND day < (v.decided_at AT TIME ZONE 'UTC')::date
    GROUP BY v.source_id
),
reach AS (
    SELECT partner_id, min(first) AS first,
        min(latest) FILTER (WHERE latest > newest - 35) + 1 AS stop
    FROM (SELECT s.partner_id, p.first, p.latest,
            max(p.latest) OVER (PARTITION BY s.partner_id) AS newest
        FROM sources s JOIN spans p USING (source_id)) one
    GROUP BY partner_id
),
extent AS (
    SELECT k.id, reach.stop AS reach,
        GREATEST(%(start)s, reach.first + 28) AS first,
        LEAST(%(until)s, reach.stop) AS stop
    FROM asked k JOIN reach USING (partner_id)
)
"""
"""SQL of a WITH clause: the complete days of each partner, as `complete_days` says."""

SPENT = """
spent AS (
    SELECT id, currency,
        sum(cost) FILTER (WHERE day >= %(start)s) AS latest,
        sum(cost) FILTER (WHERE day < %(start)s) AS earlier,
        sum(cost) FILTER (WHERE day >= x.first AND day < x.stop) AS now,
        sum(cost) FILTER (WHERE day >= x.first - 28 AND day < x.stop - 28) AS before,
        sum(ai) FILTER (WHERE day >= %(start)s) AS ai_latest,
        sum(ai) FILTER (WHERE day < %(start)s) AS ai_earlier,
        sum(ai) FILTER (WHERE day >= x.first AND day < x.stop) AS ai_now,
        sum(ai) FILTER (WHERE day >= x.first - 28 AND day < x.stop - 28) AS ai_before,
        sum(COALESCE(tokens_in, 0) + COALESCE(tokens_out, 0))
            FILTER (WHERE day >= %(start)s) AS tokens,
        sum(COALESCE(tokens_in, 0) + COALESCE(tokens_out, 0))
            FILTER (WHERE day < %(start)s) AS tokens_before
    FROM counted LEFT JOIN extent x USING (id) GROUP BY 1, 2
)
"""

ACTIVE = """
active AS MATERIALIZED (
    SELECT id, day, bool_or(is_ai_used) AS is_ai FROM counted WHERE is_used GROUP BY 1, 2
),
runs AS (
    SELECT id, count(*) AS length, max(day) AS latest,
        count(*) FILTER (WHERE day >= %(start)s) AS active_days,
        count(*) FILTER (WHERE day >= %(start)s AND is_ai) AS ai_days
    FROM (SELECT id, day, is_ai, day - (row_number() OVER (
        PARTITION BY id ORDER BY day))::int AS run FROM active) one
    GROUP BY id, run
),
steady AS (
    SELECT id, sum(active_days) AS active_days, sum(ai_days) AS ai_days,
        max(length) AS longest_run,
        (array_agg(length ORDER BY latest DESC))[1] AS streak
    FROM runs GROUP BY id
)
"""

MINE = f"""(k.basis = 'partner' AND NOT EXISTS (
        SELECT 1 FROM usage_cooperationusage r WHERE {TAKES})
    OR k.basis = 'rules' AND EXISTS (SELECT 1 FROM usage_cooperationusage r
        WHERE r.cooperation_id = k.id AND {TAKES}))"""


def _probe(name: str, *, edge: str, order: str, meters: str, accounts: str) -> str:
    """Return SQL that looks up the edge of usage account by account, by the index."""
    days = OWNED_DAY.format(
        since="COALESCE(lower(o.during), '-infinity')",
        until="LEAST(%(until)s, COALESCE(upper(o.during), 'infinity'))",
    )
    return f"""
{name} AS (
    SELECT k.id, {edge}(one.day) AS day
    FROM asked k JOIN usage_accountownership o USING (partner_id)
    JOIN usage_cloudaccount a ON a.id = o.account_id
    CROSS JOIN LATERAL (
        SELECT d.charge_day AS day FROM usage_dailyusage d
        JOIN usage_usagemeter m ON m.id = d.meter_id
        WHERE d.account_id = o.account_id AND {days} AND {USED} AND {meters} AND {MINE}
        ORDER BY d.charge_day {order} LIMIT 1) one
    WHERE k.basis <> 'unknown' AND {accounts}
    GROUP BY k.id
)
"""


HAS_AI = """o.account_id IN (
    SELECT u.account_id FROM usage_monthlyusage u WHERE u.is_ai)"""

PROBES = ",".join((
    _probe("begun", edge="min", order="ASC", meters="m.is_ai", accounts=HAS_AI),
    _probe("ended", edge="max", order="DESC", meters="TRUE", accounts="TRUE"),
))  # fmt: skip

COLUMNS = (
    "latest", "earlier", "now", "before", "ai_latest", "ai_earlier", "ai_now",
    "ai_before", "tokens", "tokens_before",
)  # fmt: skip

FIGURES = f"""
WITH {COUNTED.replace("counted AS (", "counted AS MATERIALIZED (")},
{REACH}, {SPENT}, {ACTIVE}, {PROBES}
SELECT k.id, k.partner_id, k.basis, x.reach,
    GREATEST(0, x.stop - x.first), COALESCE(t.active_days, 0)::int,
    COALESCE(t.ai_days, 0)::int, COALESCE(t.streak, 0)::int,
    COALESCE(t.longest_run, 0)::int, begun.day, ended.day, s.currency,
    {", ".join(f"COALESCE(s.{column}, 0)" for column in COLUMNS)}
FROM asked k LEFT JOIN extent x USING (id) LEFT JOIN steady t USING (id)
LEFT JOIN begun USING (id) LEFT JOIN ended USING (id) LEFT JOIN spent s USING (id)
ORDER BY k.id, s.currency
"""


def cooperation_figures(
    cooperation_ids: Sequence[int] | None, *, until: date
) -> dict[int, CooperationFigures]:
    """Return what cooperations use in the 28 days before a day, and in those before.

    Days are charge days (UTC). Growth compares only days complete in both windows.

    :param cooperation_ids: None is all of them.
    :param until: day after the last one.
    """
    start = until - timedelta(days=WINDOW)
    values = _values(cooperation_ids, start - timedelta(days=WINDOW), until)
    found: dict[int, CooperationFigures] = {}
    is_few = cooperation_ids is not None and len(cooperation_ids) <= FEW
    with ExitStack() as stack:
        cursor = stack.enter_context(connection.cursor())
        if not is_few:
            stack.enter_context(transaction.atomic())
            cursor.execute(f"SET LOCAL work_mem = '{WORK_MEMORY}'; SET LOCAL jit = off")
        cursor.execute(FIGURES, values | {"start": start})
        while rows := cursor.fetchmany(10_000):
            for row in rows:
                _add(found, row)
    return found


def _add(found: dict[int, CooperationFigures], row: tuple[Any, ...]) -> None:
    """Add one line: the figures of a cooperation with its spending in one currency."""
    pk, partner_id, basis, reach, compared, *days = row[:11]
    figures = found.get(pk)
    if figures is None:
        active, ai_days, streak, longest, begun, ended = days
        figures = found[pk] = CooperationFigures(
            Whose(pk, partner_id, Basis(basis)),
            reach=reach,
            compared_days=compared or 0,
            active_days=active,
            ai_days=ai_days,
            streak=streak,
            longest_run=longest,
            first_ai_day=begun,
            last_usage_day=ended,
        )
    currency = row[11]
    if currency is not None:
        figures.spending[currency] = Spending(*row[12:20])
        figures.tokens += row[20]
        figures.tokens_before += row[21]


def _values(
    cooperation_ids: Sequence[int] | None, since: date, until: date
) -> dict[str, Any]:
    return {
        "cooperations": None if cooperation_ids is None else list(cooperation_ids),
        "since": since,
        "until": until,
        "spend": list(SPEND),
    }
