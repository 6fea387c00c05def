"""Four points for keeping in touch: each earned, lost at its edge, and overdue promises."""

from datetime import date, timedelta
from typing import Any

import pytest

from partners.governance import Governance, Point, Promises

TODAY = date(2026, 6, 1)


def of(**known: Any) -> Governance:
    facts: dict[str, Any] = {
        "on": TODAY,
        "has_our_sponsor": True,
        "has_their_sponsor": True,
        "executives_met_on": TODAY,
        "reviewed_on": TODAY,
    }
    return Governance(**facts | known)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


@pytest.mark.parametrize(
    ("known", "lost"),
    [
        ({}, ()),
        ({"has_our_sponsor": False}, (Point.SPONSORS,)),
        ({"has_their_sponsor": False}, (Point.SPONSORS,)),
        ({"executives_met_on": ago(90)}, ()),
        ({"executives_met_on": ago(91)}, (Point.EXECUTIVE_CONTACT,)),
        ({"executives_met_on": None}, (Point.EXECUTIVE_CONTACT,)),
        ({"reviewed_on": ago(100)}, ()),
        ({"reviewed_on": ago(101)}, (Point.BUSINESS_REVIEW,)),
        ({"ours": Promises(10, 1)}, ()),
        ({"ours": Promises(10, 2)}, (Point.ACTION_PLAN,)),
        ({"theirs": Promises(5, 1)}, (Point.ACTION_PLAN,)),
        ({"ours": Promises(90, 0), "theirs": Promises(1, 1)}, (Point.ACTION_PLAN,)),
    ],
)
def test_points_are_lost_one_by_one(
    known: dict[str, Any], lost: tuple[Point, ...]
) -> None:
    found = of(**known)

    assert found.lost == lost
    assert found.score == 4 - len(lost)


@pytest.mark.parametrize(
    ("rhythm", "met_on", "is_overdue"),
    [
        ("", None, False),
        ("weekly", None, True),
        ("weekly", ago(7), False),
        ("weekly", ago(8), True),
        ("quarterly", ago(92), False),
        ("quarterly", ago(93), True),
    ],
)
def test_rhythm_says_when_the_next_meeting_is_due(
    rhythm: str, met_on: date | None, is_overdue: bool
) -> None:
    assert of(rhythm=rhythm, met_on=met_on).is_meeting_overdue is is_overdue
