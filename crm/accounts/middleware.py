"""Keeps the list of browsers in which people are logged in."""

import ipaddress
from collections.abc import Callable
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from crm.accounts import operations
from crm.web import clients
from crm.web.middleware import has_session_cookie

NOTED = "noted"
NOTE_EVERY = timedelta(minutes=5)


class NoteSession:
    """Notes each session at its first request and then every few minutes, not on every one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if has_session_cookie(request):
            note(request, at=timezone.now())
        return self.get_response(request)


def note(request: HttpRequest, *, at: datetime) -> None:
    """Store the session's use when it is new, has another key, or was noted a while ago."""
    if not request.user.is_authenticated:
        return
    key = request.session.session_key
    known, moment = request.session.get(NOTED, ["", ""])
    if known == key and at - datetime.fromisoformat(moment) < NOTE_EVERY:
        return
    operations.note_session(
        person=request.user,
        key=str(key),
        address=plain_address(clients.address_of(request)),
        browser=request.headers.get("User-Agent", ""),
        at=at,
    )
    request.session[NOTED] = [key, at.isoformat()]


def plain_address(text: str) -> str:
    """Return the address, or nothing when it is none, as behind a unix socket."""
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return ""
