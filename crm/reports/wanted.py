"""Which run somebody wants: what identifies it, and the question behind it."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from crm.reports import weeks
from crm.reports.models import ReportDefinition, ReportRun
from crm.reports.payloads import VisibleSet
from crm.reports.sections import Question


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which run is wanted; readers who want the same share it."""

    definition: ReportDefinition
    period: str
    time_zone: str
    currency: str
    language: str
    visible: VisibleSet

    def question(self, *, made_at: datetime | None = None) -> Question:
        """Return what the sections are asked."""
        return Question(
            audience=self.definition.audience,
            visible=self.visible,
            period=weeks.from_label(self.period),
            zone=ZoneInfo(self.time_zone),
            currency=self.currency,
            language=self.language,
            made_at=made_at,
        )


def wanted_of(run: ReportRun) -> Wanted:
    """Return what a stored run was asked."""
    return Wanted(
        definition=run.definition,
        period=run.period,
        time_zone=run.time_zone,
        currency=run.currency,
        language=run.language,
        visible=VisibleSet(
            tuple(run.visible["partners"]), tuple(run.visible["rights"])
        ),
    )
