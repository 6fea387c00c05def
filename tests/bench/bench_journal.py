"""What writing the journal costs beside a plain insert of the same rows."""

from collections.abc import Iterator
from datetime import UTC, datetime

from django.db import transaction

from crm.accounts.models import Team
from crm.journal import operations as journal
from crm.journal.models import Event
from tests.bench.harness import Figure, Goal, case, interleaved

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)


@case
def journal_record(scale: float) -> Iterator[Figure]:
    """Record through the operation, and create the same rows directly."""
    rows = max(100, int(2_000 * scale))
    team = Team.objects.create(name="bench")

    def ours() -> None:
        with transaction.atomic():
            for _ in range(rows):
                journal.record(kind="team.renamed", subject=team, by=None, at=AT)

    def plain() -> None:
        with transaction.atomic():
            for _ in range(rows):
                Event.objects.create(
                    kind="team.renamed",
                    subject_type="accounts.team",
                    subject_id=team.pk,
                    at=AT,
                )

    taken, baseline = interleaved(ours, plain, times=3)
    yield Figure(
        name=f"journal: record {rows:,} events",
        ours=taken * 1000,
        baseline=baseline * 1000,
        unit="ms",
        goal=Goal(at_most=1.3),
    )
