"""The forecast over a whole portfolio of deals; goals are milliseconds in the database."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.core.periods import Quarter
from deals.queries import track_record
from deals.queries.forecast import Slice, forecast
from partners.models import Partner
from tests import make
from tests.bench.harness import Figure, Goal, case

DEALS = 100_000
AT = datetime(2026, 11, 16, 9, tzinfo=UTC)
Q4 = Quarter(2026, 4)
WRITTEN = ("deals_deal", "deals_dealstagechange")

FILL = """
WITH made AS (
    INSERT INTO deals_deal (key, partner_id, code, title, end_customer, use_case,
        deal_type, origin, involvement, stage, stage_entered_at, category, probability,
        override_reason, won_reason, lost_reason, closing_note, amount, monthly_spend,
        currency, contract_months, target_close_on, closed_on, competitor, next_step,
        agreement_id, owner_id, team_id, version, created_at)
    SELECT gen_random_uuid(), p.id, 'F' || n, 'Bench ' || n, '', '', 'net_new', 'ours',
        'co_sell', s.stage, timestamptz '2026-02-01', s.category, s.probability, '',
        CASE WHEN s.stage = 'Launched' THEN 'price' ELSE '' END,
        CASE WHEN s.stage = 'Closed Lost' THEN 'price' ELSE '' END, '',
        1000 + n %% 9000, 100 + n %% 900,
        (ARRAY['EUR', 'USD', 'CNY'])[1 + n %% 3], 12,
        date '2026-07-01' + (n %% 400)::int,
        CASE WHEN s.stage IN ('Launched', 'Closed Lost')
            THEN date '2025-06-01' + (n %% 530)::int END, '', '',
        CASE WHEN s.stage = 'Launched' THEN %(paper)s::bigint END, %(owner)s, NULL, 1,
        now()
    FROM generate_series(1, %(count)s) AS n
    JOIN LATERAL (SELECT id FROM unnest(%(partners)s::bigint[]) WITH ORDINALITY
        AS t(id, at) WHERE at = 1 + n %% %(partner_count)s) AS p ON TRUE
    JOIN LATERAL (SELECT * FROM (VALUES (0, 'Prospect', 'omitted', 10),
        (1, 'Qualified', 'pipeline', 20), (2, 'Technical Validation', 'best_case', 40),
        (3, 'Committed', 'commit', 80), (4, 'Launched', 'closed', 100),
        (5, 'Closed Lost', 'omitted', 0)) AS v(at, stage, category, probability)
        WHERE v.at = n %% 6) AS s ON TRUE
    RETURNING id, stage
)
INSERT INTO deals_dealstagechange (deal_id, from_stage, to_stage, kind, entered_at,
    by_id, reason)
SELECT id, '', 'Qualified', 'start', timestamptz '2025-01-01', %(owner)s, '' FROM made
"""


def filled(count: int) -> User:
    """Make deals of all stages in three currencies with a thousand partners."""
    by = make.user(Role.EXECUTIVE, Role.ALLIANCE_DIRECTOR, Role.FINANCE)
    partners = Partner.objects.bulk_create(
        Partner(
            display_name=f"Forecast {at}",
            legal_name=f"Forecast {at}",
            country=("DE", "CN", "US", "FR")[at % 4],
            industry=("automotive", "retail", "gaming")[at % 3],
        )
        for at in range(max(10, count // 100))
    )
    paper = make.agreement(partners[0])
    with connection.cursor() as cursor:
        # what is measured is reading; the guards of writing are measured elsewhere
        for table in WRITTEN:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(
            FILL,
            {
                "count": count,
                "partners": [partner.pk for partner in partners],
                "partner_count": len(partners),
                "paper": paper.pk,
                "owner": by.pk,
            },
        )
        for table in WRITTEN:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            cursor.execute(f"VACUUM ANALYZE {table}")
        cursor.execute("VACUUM ANALYZE partners_partner")
    for code, number in (("USD", "1.1"), ("CNY", "7.8")):
        rates_of(code, number)
    return by


def rates_of(code: str, number: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO rates_fxrate (date, base, quote, rate, source) SELECT day, "
            "'EUR', %s, %s, 'bench' FROM generate_series(date '2025-05-01', "
            "date '2026-12-31', INTERVAL '1 day') AS day",
            [code, number],
        )


def database_ms(work: Callable[[], object]) -> float:
    """Return the milliseconds the database took, of the best of three runs."""
    best = float("inf")
    for _ in range(3):
        with CaptureQueriesContext(connection) as queries:
            work()
        best = min(best, sum(float(one["time"]) for one in queries) * 1000)
    return best


@case
def forecast_page(scale: float) -> Iterator[Figure]:
    """Ask for everything the forecast page shows."""
    count = max(1000, int(DEALS * scale))
    person = filled(count)
    of = Slice(user=person)

    def page() -> None:
        forecast(period=Q4.days, at=AT, currency="EUR", of=of, by="industry")
        wins = track_record.win_rate(at=AT, currency="EUR", of=of)
        track_record.velocity(at=AT, currency="EUR", rate=wins, of=of)
        track_record.slippage(period=Q4.days, at=AT, currency="EUR", of=of)
        track_record.accuracy(quarter=Q4.shifted(-1), currency="EUR", of=of)

    def alone() -> None:
        forecast(period=Q4.days, at=AT, currency="EUR", of=of)

    yield Figure(name=f"forecast: page over {count:,} deals", ours=database_ms(page),
                 baseline=300, unit="ms", goal=Goal(at_most=1))  # fmt: skip
    yield Figure(name="forecast: roll-ups alone", ours=database_ms(alone), baseline=300,
                 unit="ms", goal=Goal(at_most=1))  # fmt: skip
