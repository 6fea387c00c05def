"""Documents of the demo that belong to no agreement: evidence of cooperations, slides of partners.

Their contents are invented, like all figures of the demo.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from crm.accounts.models import User
from partners import operations
from partners.models import Activity, ActivityKind, Attachment, Cooperation, Partner
from partners.operations.attachments import Document
from partners.stages import Stage

Purpose = Attachment.Purpose
TEXT = "Invented for the demo.\n\n{what} of “{title}” with {partner}.\n"
EVIDENCE = {
    Stage.QUALIFIED: ("Use case on one page.md", Purpose.OTHER, "The use case"),
    Stage.MOU: ("Joint success measures.csv", Purpose.OTHER, "Success measures"),
    Stage.STRATEGIC_AGREEMENT: (
        "Security review.md",
        Purpose.SECURITY_REVIEW,
        "The answers of the security review",
    ),
    Stage.JOINT_POC: ("Report of the proof.md", Purpose.POC_REPORT, "Measured results"),
    Stage.PRODUCTION: (
        "Roll-out plan.md",
        Purpose.PRODUCTION_PLAN,
        "Waves, dates and cost",
    ),
    Stage.EXPANSION: ("Case for expansion.md", Purpose.OTHER, "More workloads"),
}
MINUTED = 6
"""So many meetings have their minutes attached."""


class Documents:
    """Attaches what a cooperation shows in its stage, and what is known of a partner."""

    def __init__(self, *, cast: Mapping[str, User], at: datetime) -> None:
        self.cast = cast
        self.at = at

    def attach(self) -> None:
        """Attach evidence to running cooperations, profiles to partners, minutes to meetings."""
        for partner, document, cooperation, activity in self._all():
            operations.attach_document(
                partner=partner,
                document=document,
                cooperation=cooperation,
                activity=activity,
                by=partner.owner or self.cast["victor"],
                at=self.at - timedelta(days=9),
            )

    def _all(
        self,
    ) -> Iterator[tuple[Partner, Document, Cooperation | None, Activity | None]]:
        running = Cooperation.objects.running().with_stage().order_by("pk")
        for row in running:
            if row.stage_id in EVIDENCE:
                name, purpose, what = EVIDENCE[Stage(row.stage_id)]
                yield row.partner, _document(name, purpose, what, row), row, None
        for partner in Partner.objects.live().order_by("pk")[::4]:
            text = f"Invented for the demo.\n\nWho is who at {partner}.\n"
            yield partner, Document("Who is who.md", text.encode()), None, None
        meetings = Activity.objects.filter(
            kind=ActivityKind.MEETING, cooperation__isnull=False
        ).select_related("partner__owner", "cooperation")
        for meeting in meetings.order_by("-happened_at", "pk")[:MINUTED]:
            text = f"Invented for the demo.\n\nMinutes: {meeting.summary}.\n"
            document = Document("Minutes.md", text.encode(), Purpose.MINUTES)
            yield meeting.partner, document, meeting.cooperation, meeting


def _document(name: str, purpose: str, what: str, row: Cooperation) -> Document:
    text = TEXT.format(what=what, title=row.title, partner=row.partner)
    return Document(name, text.encode(), purpose)
