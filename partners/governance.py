"""How well two companies keep in touch: four points, and when the next meeting is due.

Whoever asks may give other limits than the usual ones.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class Point(models.TextChoices):
    """What earns one of the four points."""

    SPONSORS = "sponsors", _("Sponsors named on both sides")
    EXECUTIVE_CONTACT = "executive_contact", _("Executives met lately")
    BUSINESS_REVIEW = "business_review", _("Business reviewed lately")
    ACTION_PLAN = "action_plan", _("Action plan kept on both sides")


RHYTHM_DAYS: Final = {"weekly": 7, "fortnightly": 14, "monthly": 31, "quarterly": 92}
"""Code of a meeting rhythm → days after which the next meeting is due."""


@dataclass(frozen=True)
class GovernanceLimits:
    """When a point is lost; seeds of the dictionary."""

    executive_days: int = 90
    review_days: int = 100
    overdue_ratio: float = 0.2


@dataclass(frozen=True)
class Promises:
    """Outstanding action items of one side, and how many of them are late."""

    outstanding: int = 0
    overdue: int = 0

    @property
    def overdue_ratio(self) -> float:
        """Return the late share; nothing promised is nothing late."""
        return self.overdue / self.outstanding if self.outstanding else 0.0


@dataclass(frozen=True, kw_only=True)
class Governance:
    """What is known about the governance of one cooperation on one day.

    :ivar their_sponsor_left_on: since when nobody over there answers for it; None when
        somebody does, or nobody ever did.
    """

    on: date
    has_our_sponsor: bool
    has_their_sponsor: bool
    their_sponsor_left_on: date | None = None
    executives_met_on: date | None = None
    reviewed_on: date | None = None
    met_on: date | None = None
    rhythm: str = ""
    ours: Promises = Promises()
    theirs: Promises = Promises()
    limits: GovernanceLimits = GovernanceLimits()

    @property
    def points(self) -> frozenset[Point]:
        """Return the points that are earned."""
        limits = self.limits
        earned = {
            Point.SPONSORS: self.has_our_sponsor and self.has_their_sponsor,
            Point.EXECUTIVE_CONTACT: self._since(self.executives_met_on)
            <= limits.executive_days,
            Point.BUSINESS_REVIEW: self._since(self.reviewed_on) <= limits.review_days,
            Point.ACTION_PLAN: max(self.ours.overdue_ratio, self.theirs.overdue_ratio)
            < limits.overdue_ratio,
        }
        return frozenset(point for point, is_earned in earned.items() if is_earned)

    @property
    def score(self) -> int:
        """Return how many of the four points are earned."""
        return len(self.points)

    @property
    def lost(self) -> tuple[Point, ...]:
        """Return what is lacking, in the order of the list."""
        earned = self.points
        return tuple(point for point in Point if point not in earned)

    @property
    def meeting_due_on(self) -> date | None:
        """Return when the rhythm asks for the next meeting; None without rhythm or meeting."""
        days = RHYTHM_DAYS.get(self.rhythm)
        if days is None or self.met_on is None:
            return None
        return self.met_on + timedelta(days=days)

    @property
    def is_meeting_overdue(self) -> bool:
        """Tell whether the agreed rhythm is broken, also when there never was a meeting."""
        if self.rhythm not in RHYTHM_DAYS:
            return False
        due = self.meeting_due_on
        return due is None or due < self.on

    def _since(self, day: date | None) -> int:
        return (self.on - day).days if day is not None else 10**6
