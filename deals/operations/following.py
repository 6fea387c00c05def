"""What commitments do by themselves when time passes or usage comes in."""

from datetime import datetime

from deals.operations import commitments, contracts, drawdowns
from deals.operations.drawdowns import Outcome


def follow(*, at: datetime) -> Outcome:
    """Begin commitments that are due, post usage that is not posted, read what applies.

    May run twice at once: each step locks or claims what it changes.
    """
    commitments.begin_due(at=at)
    outcome = drawdowns.post_due(at=at)
    contracts.read_applied(at=at)
    return outcome
