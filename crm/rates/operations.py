"""Store exchange rates: from files, and one by hand."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _

from crm.core.errors import DomainError
from crm.journal import operations as journal
from crm.rates.files import RateLine
from crm.rates.models import FxRate, RateLoad

STAGE = """
CREATE TEMPORARY TABLE staged_rate (
    line integer, date date, base text, quote text, rate numeric(38, 18), source text
) ON COMMIT DROP
"""
COPY = "COPY staged_rate (line, date, base, quote, rate, source) FROM STDIN"

CONTRADICTION = """
SELECT date, base, quote, min(line), max(line) FROM staged_rate
GROUP BY date, base, quote HAVING min(rate) <> max(rate)
ORDER BY min(line) LIMIT 1
"""

COUNTS = """
SELECT count(*) FILTER (WHERE known.id IS NULL),
       count(*) FILTER (WHERE (known.rate, known.source) <> (staged.rate, staged.source)),
       count(*) FILTER (WHERE (known.rate, known.source) = (staged.rate, staged.source)),
       min(staged.date), max(staged.date)
FROM (SELECT DISTINCT ON (base, quote, date) * FROM staged_rate
      ORDER BY base, quote, date, line) AS staged
LEFT JOIN rates_fxrate AS known USING (base, quote, date)
"""

STORE = """
INSERT INTO rates_fxrate (date, base, quote, rate, source, load_id)
SELECT DISTINCT ON (base, quote, date) date, base, quote, rate, source, %s
FROM staged_rate ORDER BY base, quote, date, line
ON CONFLICT (base, quote, date) DO UPDATE
SET rate = EXCLUDED.rate, source = EXCLUDED.source, load_id = EXCLUDED.load_id
WHERE (rates_fxrate.rate, rates_fxrate.source) <> (EXCLUDED.rate, EXCLUDED.source)
"""


class RateRefusedError(DomainError):
    """A rate contradicts another one of the same file, or is none."""

    code = "rates.refused"
    is_input = True


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """What a load did: how many rates were new, corrected, already there; which days."""

    new: int
    changed: int
    same: int
    earliest: date | None
    latest: date | None


@transaction.atomic
def load_rates(
    *,
    lines: Iterable[RateLine],
    file_name: str,
    sha256: str,
    by: AbstractBaseUser | None,
    at: datetime,
) -> Loaded:
    """Store the rates of one file; all or none. Loading it again changes nothing.

    A known rate of the same day and pair is corrected. One journal entry tells the
    counts, unless nothing was new.

    :param lines: read once, as a stream.
    :raises RateRefusedError: when two lines give one pair two rates on one day.
    """
    with connection.cursor() as cursor:
        _stage(cursor, lines)
        cursor.execute(CONTRADICTION)
        _refuse_contradiction(cursor.fetchone(), file_name)
        cursor.execute(COUNTS)
        new, changed, same, earliest, latest = cursor.fetchone()
        loaded = Loaded(
            new=new, changed=changed, same=same, earliest=earliest, latest=latest
        )
        if new or changed:
            load = _record(loaded, file_name=file_name, sha256=sha256, by=by, at=at)
            cursor.execute(STORE, [load.pk])
    return loaded


@transaction.atomic
def set_rate(
    *,
    on: date,
    base: str,
    quote: str,
    rate: Decimal,
    source: str,
    by: AbstractBaseUser,
    at: datetime,
) -> FxRate:
    """Store or correct one rate by hand.

    :param rate: how much of `quote` one unit of `base` is worth.
    """
    known = (
        FxRate.objects.select_for_update()
        .filter(base=base, quote=quote, date=on)
        .first()
    )
    old = {} if known is None else {"rate": known.rate, "source": known.source}
    stored = known or FxRate(base=base, quote=quote, date=on)
    stored.rate, stored.source, stored.load = rate, source, None
    stored.save()
    journal.record(
        kind="rates.set",
        subject=stored,
        by=by,
        at=at,
        old=old,
        new={"pair": f"{base}/{quote}", "date": on, "rate": rate, "source": source},
    )
    return stored


def _stage(cursor: CursorWrapper, lines: Iterable[RateLine]) -> None:
    # two loads at once would count the same rates as new
    cursor.execute("LOCK TABLE rates_fxrate IN SHARE ROW EXCLUSIVE MODE")
    cursor.execute("DROP TABLE IF EXISTS pg_temp.staged_rate")
    cursor.execute(STAGE)
    with cursor.copy(COPY) as copy:
        for line in lines:
            copy.write_row(
                (line.line, line.date, line.base, line.quote, line.rate, line.source)
            )


def _record(
    loaded: Loaded,
    *,
    file_name: str,
    sha256: str,
    by: AbstractBaseUser | None,
    at: datetime,
) -> RateLoad:
    load = RateLoad.objects.create(
        file_name=file_name,
        sha256=sha256,
        at=at,
        new_count=loaded.new,
        changed_count=loaded.changed,
        same_count=loaded.same,
    )
    journal.record(
        kind="rates.loaded",
        subject=load,
        by=by,
        at=at,
        new={
            "file": file_name,
            "sha256": sha256,
            "new": loaded.new,
            "changed": loaded.changed,
            "same": loaded.same,
            "earliest": loaded.earliest,
            "latest": loaded.latest,
        },
    )
    return load


def _refuse_contradiction(
    found: tuple[date, str, str, int, int] | None, file_name: str
) -> None:
    if found is None:
        return
    day, base, quote, one, other = found
    raise RateRefusedError(
        _("%(file)s, lines %(one)s and %(other)s: two rates %(pair)s on %(day)s.")
        % {
            "file": file_name,
            "one": one,
            "other": other,
            "pair": f"{base}/{quote}",
            "day": day,
        }
    )
