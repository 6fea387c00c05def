"""What a hundred thousand deals cost: the board, the list with its totals, one week's end."""

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from crm.accounts.models import User
from crm.rates.models import FxRate
from deals.models import Deal, DealSnapshot, DealStageChange
from deals.operations import snapshots
from deals.pipeline import CATEGORY, OPEN, PROBABILITY, ChangeKind
from deals.queries.board import CARDS, board_of
from deals.queries.totals import totals_of
from partners.models import Partner
from tests.bench.harness import Figure, Goal, case, interleaved, seconds

AT = datetime(2026, 1, 12, 9, tzinfo=UTC)
TODAY = date(2026, 1, 12)
CURRENCIES = ("CNY", "EUR", "USD")
BATCH = 5_000


def fill(count: int) -> QuerySet[Deal]:
    """Make that many open deals of a thousand partners, in three currencies."""
    by = User.objects.create(email="bench@example.com", name="Bench")
    partners = Partner.objects.bulk_create(
        Partner(display_name=f"P{n}", legal_name=f"P{n}", owner=by)
        for n in range(min(1_000, count))
    )
    for currency in CURRENCIES[1:]:
        FxRate.objects.create(
            base=currency, quote="CNY", date=TODAY, rate=Decimal(7), source="bench"
        )
    for start in range(0, count, BATCH):
        numbers = range(start, min(start + BATCH, count))
        with transaction.atomic():
            made = Deal.objects.bulk_create(
                _deal(number, partners[number % len(partners)], by)
                for number in numbers
            )
            DealStageChange.objects.bulk_create(
                DealStageChange(
                    deal=deal,
                    to_stage=deal.stage,
                    kind=ChangeKind.START,
                    entered_at=deal.stage_entered_at,
                    by=by,
                )
                for deal in made
            )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE deals_deal, deals_dealstagechange, partners_partner")
    return Deal.objects.visible_to(by)


def _deal(number: int, partner: Partner, by: User) -> Deal:
    stage = OPEN[number % len(OPEN)]
    return Deal(
        partner=partner,
        code=f"B-{number}",
        title=f"Deal {number}",
        stage=stage,
        stage_entered_at=AT - timedelta(days=30),
        category=CATEGORY[stage],
        probability=PROBABILITY[stage],
        amount=Decimal(number % 1_000 + 1) * 100,
        currency=CURRENCIES[number % len(CURRENCIES)],
        target_close_on=TODAY + timedelta(days=number % 365),
        owner=by,
    )


@case
def deals_board_and_list(scale: float) -> Iterator[Figure]:
    """Read the board and the list's totals, beside reading the whole table plainly."""
    count = max(1_000, int(100_000 * scale))
    rows = fill(count)

    def plain() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT stage, amount, probability FROM deals_deal")
            return len(cursor.fetchall())

    board, baseline = interleaved(lambda: board_of(rows, on=TODAY), plain, times=3)
    yield Figure(
        name=f"deals: board of {count:,}, {CARDS} cards a column",
        ours=board * 1000,
        baseline=baseline * 1000,
        unit="ms",
        goal=Goal(at_most=2.0),
    )
    totals = seconds(lambda: totals_of(rows, currency="CNY", on=TODAY), times=3)
    yield Figure(
        name=f"deals: totals of {count:,} in three currencies",
        ours=totals * 1000,
        baseline=baseline * 1000,
        unit="ms",
        goal=Goal(at_most=2.0),
    )
    with CaptureQueriesContext(connection) as queries:
        board_of(rows, on=TODAY)
        totals_of(rows, currency="CNY", on=TODAY)
    yield Figure(
        name="deals: queries of board and totals together, of ten allowed",
        ours=len(queries),
        baseline=10,
        unit="queries",
        goal=Goal(at_most=1.0),
    )
    yield week_end(count)


def week_end(count: int) -> Figure:
    """Take one week's snapshots, beside inserting the same rows one batch at a time."""
    started = time.perf_counter()
    snapshots.take_snapshots(at=AT)
    ours = time.perf_counter() - started
    rows = list(DealSnapshot.objects.all()[:BATCH])
    for row in rows:
        row.pk, row.week_on = None, row.week_on - timedelta(weeks=1)
    started = time.perf_counter()
    DealSnapshot.objects.bulk_create(rows)
    baseline = (time.perf_counter() - started) * count / max(len(rows), 1)
    return Figure(
        name=f"deals: snapshots of a week, {count:,}",
        ours=ours * 1000,
        baseline=baseline * 1000,
        unit="ms",
        goal=Goal(at_most=1.0),
    )
