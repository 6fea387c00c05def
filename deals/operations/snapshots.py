"""Keep how every deal stood at the end of each week; slippage and accuracy read it."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from crm.core import operations as ticks
from crm.core.periods import Week, period_of

TICK = "deals.snapshots"
ZONE = ZoneInfo("Asia/Shanghai")
"""Weeks end where the reports' weeks end."""

TAKE = """
INSERT INTO deals_dealsnapshot (deal_id, week_on, stage, category, probability, amount,
    monthly_spend, currency, target_close_on, closed_on, taken_at)
SELECT d.id, %(week)s, d.stage, d.category, d.probability, d.amount, d.monthly_spend,
    d.currency, d.target_close_on, d.closed_on, %(at)s
FROM deals_deal d
WHERE (d.closed_on IS NULL OR d.closed_on >= %(week)s)
  AND EXISTS (SELECT FROM deals_dealstagechange c WHERE c.deal_id = d.id
              AND c.kind = 'start' AND c.entered_at < %(end)s)
ON CONFLICT (week_on, deal_id) DO NOTHING
"""


@transaction.atomic
def take_snapshots(*, at: datetime) -> int:
    """Keep the week that ended latest before `at`, once; return how many deals it has.

    Taken are open deals that were there at its end, and those closed since its Monday. A
    week in which the product did not run is not made up afterwards.
    """
    week = Week.at(at, zone=ZONE).shifted(-1)
    if not ticks.claim_tick(name=TICK, slot=str(week), at=at):
        return 0
    end = period_of(week.days, zone=ZONE).end
    with connection.cursor() as cursor:
        cursor.execute(TAKE, {"week": week.days.start, "end": end, "at": at})
        return int(cursor.rowcount)
