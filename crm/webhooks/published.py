"""What webhooks send, for the published description: its `webhooks` section."""

from typing import Any

TEXT = {"type": "string"}
NUMBER = {"type": ["integer", "null"]}
VALUES = {"type": "object", "additionalProperties": True}
DATA = {
    "type": "object",
    "required": ["id", "kind", "at", "subject_type", "subject_id", "is_cut"],
    "properties": {
        "id": {"type": "integer", "description": "Number of the journal entry."},
        "kind": TEXT,
        "at": {**TEXT, "format": "date-time"},
        "subject_type": TEXT,
        "subject_id": {"type": "integer"},
        "partner_id": NUMBER,
        "by_id": NUMBER,
        "token_id": NUMBER,
        "old": {**VALUES, "description": "Values before; empty when `is_cut`."},
        "new": {**VALUES, "description": "Values after; empty when `is_cut`."},
        "personal_fields": {
            "type": "array",
            "items": TEXT,
            "description": "Names of changed fields whose values are not told.",
        },
        "request_id": TEXT,
        "is_cut": {
            "type": "boolean",
            "description": "Values were left out to stay below 20 kB; read the entry.",
        },
    },
}
EXAMPLE = {
    "type": "partner.edited",
    "timestamp": "2026-11-02T09:00:00Z",
    "data": {
        "id": 4711,
        "kind": "partner.edited",
        "at": "2026-11-02T09:00:00Z",
        "subject_type": "partners.partner",
        "subject_id": 7,
        "partner_id": 7,
        "by_id": 3,
        "token_id": None,
        "old": {"tier": "growth"},
        "new": {"tier": "strategic"},
        "personal_fields": [],
        "request_id": "0b6f",
        "is_cut": False,
    },
}
MESSAGE = {
    "type": "object",
    "description": "One journal entry, as far as the owner of the webhook may see it.",
    "required": ["type", "timestamp", "data"],
    "properties": {
        "type": {**TEXT, "description": "Kind of the entry, dotted."},
        "timestamp": {**TEXT, "format": "date-time"},
        "data": DATA,
    },
    "examples": [EXAMPLE],
}
HEADERS = {
    "webhook-id": "The same for every attempt and replay of an entry: drop repeats.",
    "webhook-timestamp": "Seconds since 1970 of this attempt.",
    "webhook-signature": "`v1,…` for each secret that signs, separated by blanks.",
}
ANSWERS = {
    "2XX": "Taken.",
    "410": "Gone: nothing more is sent.",
    "429": "Later; Retry-After is honoured.",
    "default": "Failed, redirects too: tried again for about 75 hours.",
}


def describe(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add the section; the message is a component, so generated clients know it."""
    schemas = result["components"]["schemas"]
    schemas["WebhookMessage"] = MESSAGE
    result["components"]["schemas"] = dict(sorted(schemas.items()))
    body = {"$ref": "#/components/schemas/WebhookMessage"}
    result["webhooks"] = {
        "journal-entry": {
            "post": {
                "summary": "Something happened (Standard Webhooks).",
                "operationId": "receive_journal_entry",
                "parameters": [
                    {
                        "name": name,
                        "in": "header",
                        "required": True,
                        "description": text,
                        "schema": TEXT,
                    }
                    for name, text in HEADERS.items()
                ],
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": body}},
                },
                "responses": {
                    status: {"description": text} for status, text in ANSWERS.items()
                },
            }
        }
    }
    return result
