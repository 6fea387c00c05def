"""What was changed about a commitment and whom it was told to, as its page lists it."""

from datetime import date, datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject

from deals.models import Commitment, CommitmentAmendment, CommitmentReminder


def told_of(commitment_id: int) -> dict[str, list[dict[str, Any]]]:
    """Return the amendments and the reminders of one commitment, the latest first. One query."""
    amendments = CommitmentAmendment.objects.filter(commitment=OuterRef("pk"))
    reminders = CommitmentReminder.objects.filter(commitment=OuterRef("pk"))
    found = (
        Commitment.objects.filter(pk=commitment_id)
        .values_list(
            ArraySubquery(
                amendments.order_by("-number").values_list(
                    JSONObject(at="at", by="by__name", reason="reason", new="new")
                )
            ),
            ArraySubquery(
                reminders.order_by("-due_at", "-pk").values_list(
                    JSONObject(
                        deadline_on="deadline_on",
                        kind="kind",
                        state="state",
                        recipient="recipient__name",
                        sent_at="sent_at",
                    )
                )
            ),
        )
        .get()
    )
    return {
        "amendments": [
            {**one, "at": datetime.fromisoformat(one["at"])} for one in found[0]
        ],
        "reminders": [_reminder(one) for one in found[1]],
    }


def _reminder(said: dict[str, Any]) -> dict[str, Any]:
    sent_at = said["sent_at"]
    return {
        **said,
        "deadline_on": date.fromisoformat(said["deadline_on"]),
        "kind": CommitmentReminder.Kind(said["kind"]).label,
        "state": CommitmentReminder.State(said["state"]).label,
        "sent_at": datetime.fromisoformat(sent_at) if sent_at else None,
    }
