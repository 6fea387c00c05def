"""Who is calling: the address of a client, also behind proxies, and the login typed."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """Return the client's address.

    Behind TRUSTED_PROXY_COUNT proxies each adds the address it saw to the right end of
    X-Forwarded-For, so the client is that many places from the right; what stands
    further left was written by the client and is not believed.
    """
    peer = str(request.META.get("REMOTE_ADDR", ""))
    hops = int(settings.TRUSTED_PROXY_COUNT)
    if not hops:
        return peer
    header = str(request.META.get("HTTP_X_FORWARDED_FOR", ""))
    seen = [address.strip() for address in header.split(",") if address.strip()]
    return seen[-hops] if len(seen) >= hops else peer


def login_of(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str:
    """Return the e-mail address somebody tries to log in with, in one spelling."""
    source: Mapping[str, Any] = credentials or request.POST
    typed = source.get("username") or source.get("email") or ""
    return str(typed).strip().lower()
