"""Note in which browsers people are logged in."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from crm.accounts.models import BrowserSession, User


@transaction.atomic
def note_session(
    *, person: User, key: str, address: str, browser: str, at: datetime
) -> None:
    """Store that this session was used; forget the person's sessions that are over.

    Not journalled: it is no change of the business, and happens every few minutes.

    :param key: the session's key in the store.
    """
    BrowserSession.objects.filter(
        person=person, started_at__lt=at - settings.SESSION_LONGEST
    ).delete()
    BrowserSession.objects.update_or_create(
        session_key=key,
        defaults={
            "person": person,
            "seen_at": at,
            "address": address or None,
            "browser": browser[:200],
        },
        create_defaults={
            "person": person,
            "started_at": at,
            "seen_at": at,
            "address": address or None,
            "browser": browser[:200],
        },
    )
