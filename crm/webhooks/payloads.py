"""What a delivery says: one journal entry as JSON, below 20 kB."""

import orjson

from crm.journal.models import Event

LARGEST = 20_000


def body_of(event: Event) -> bytes:
    """Return the body; values that would make it too large are left out, and that is said.

    The same names as in the change feed; `is_cut` asks to read the entry there.
    """
    full = _message(event, is_cut=False)
    return full if len(full) < LARGEST else _message(event, is_cut=True)


def _message(event: Event, *, is_cut: bool) -> bytes:
    data = {
        "id": event.pk,
        "kind": event.kind,
        "at": event.at,
        "subject_type": event.subject_type,
        "subject_id": event.subject_id,
        "partner_id": event.partner_id,
        "by_id": event.by_id,
        "token_id": event.token_id,
        "old": {} if is_cut else event.old,
        "new": {} if is_cut else event.new,
        "personal_fields": event.personal_fields,
        "request_id": event.request_id,
        "is_cut": is_cut,
    }
    message = {"type": event.kind, "timestamp": event.at, "data": data}
    return orjson.dumps(message, option=orjson.OPT_UTC_Z)
