"""When a delivery is tried again, and what an answer means; no database.

The distances are those that Standard Webhooks recommends: ten attempts within about 75 hours.
"""

import enum
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

PAUSES = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""The distance of each attempt from the one before."""
ATTEMPTS = len(PAUSES)
JITTER = 0.1
THROTTLES = frozenset({429, 502, 503, 504})
THROTTLE_PAUSE = timedelta(minutes=1)
LONGEST_RETRY_AFTER = timedelta(hours=24)
GONE = 410
WARN_AFTER = timedelta(hours=24)
DISABLE_AFTER = timedelta(hours=72)


class Meaning(enum.Enum):
    """What one answer means for the delivery and for the endpoint."""

    DELIVERED = "delivered"
    FAILED = "failed"
    THROTTLED = "throttled"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What follows from an answer.

    :param pause: how long the whole endpoint is left alone.
    """

    meaning: Meaning
    pause: timedelta = timedelta(0)


def judge(
    status: int | None, headers: Mapping[str, str], *, at: datetime, was_late: bool
) -> Verdict:
    """Return what an answer means; redirects are failures.

    :param status: None when no answer came. :param headers: names in lower case.
    :param was_late: the time was over; others would wait as long.
    """
    if status is None:
        return Verdict(Meaning.FAILED, THROTTLE_PAUSE if was_late else timedelta(0))
    if 200 <= status < 300:
        return Verdict(Meaning.DELIVERED)
    if status == GONE:
        return Verdict(Meaning.GONE)
    asked = retry_after(headers.get("retry-after"), at=at)
    if status in THROTTLES:
        return Verdict(Meaning.THROTTLED, asked or THROTTLE_PAUSE)
    return Verdict(Meaning.FAILED, asked or timedelta(0))


def retry_after(text: str | None, *, at: datetime) -> timedelta | None:
    """Return the wait that the header asks for, a day at most; None when it says nothing."""
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:9])), LONGEST_RETRY_AFTER)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(aware - at, timedelta(0)), LONGEST_RETRY_AFTER)


def pause_before(attempt: int, *, chance: float | None = None) -> timedelta | None:
    """Return the wait before this attempt (the first is 1); None when there is none left.

    :param chance: 0 to 1, drawn when not given; spreads the wait by a tenth each way.
    """
    if attempt > ATTEMPTS:
        return None
    drawn = random.random() if chance is None else chance  # noqa: S311 - no secret
    return PAUSES[attempt - 1] * (1 - JITTER + 2 * JITTER * drawn)
