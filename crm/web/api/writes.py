"""Every write runs in here: one transaction, safe to retry, able to only pretend.

`Idempotency-Key` (IETF draft): the answer is stored in the transaction of the write, so a
repeated request either finds it or finds nothing done. `?dry_run=true` does everything and
rolls it back.
"""

import hashlib
import re
from collections.abc import Callable
from datetime import datetime, timedelta

import orjson
from django.db import connection, transaction
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request

from crm.web.api import limits
from crm.web.api.problems import ProblemError
from crm.web.models import KeptAnswer

KEPT_FOR = timedelta(hours=24)
KEPT_HEADERS = ("ETag", "Location")
KEY = re.compile(r'("?)([\x21\x23-\x5b\x5d-\x7e]{1,255})\1')
Work = Callable[[], HttpResponse]


def perform(request: Request, work: Work, *, dry_run: bool = False) -> HttpResponse:
    """Answer a write, once however often it is sent with the same key.

    :param work: does the write and returns its answer; it raises to refuse.
    :raises ProblemError: 400 for an unusable key, 409 while the first request with it still
        runs, 422 when it came with something else before.
    """
    if dry_run:
        return _pretend(work)
    key = _key_of(request)
    with transaction.atomic():
        return work() if key is None else _once(request, key, work)


def _pretend(work: Work) -> HttpResponse:
    with transaction.atomic():
        response = work()
        connection.check_constraints()
        transaction.set_rollback(True)
    response.headers["Dry-Run"] = "true"
    return response


def _key_of(request: Request) -> str | None:
    header = request.headers.get("Idempotency-Key")
    if header is None:
        return None
    match = KEY.fullmatch(header)
    if match is None:
        fault = {"header": "Idempotency-Key", "code": "invalid"}
        fault["detail"] = "1 to 255 visible ASCII characters, without quotes inside."
        raise ProblemError(400, "idempotency-key-invalid", errors=[fault])
    return match.group(2)


def _once(request: Request, key: str, work: Work) -> HttpResponse:
    caller = limits.caller_of(request)
    if not _locked(f"{caller} {key}"):
        raise ProblemError(
            409,
            "idempotency-running",
            "The first request with this key is still running.",
            headers={"Retry-After": "1"},
        )
    at = timezone.now()
    fingerprint = fingerprint_of(request)
    mine = KeptAnswer.objects.filter(caller=caller, key=key)
    kept = mine.first()
    if kept is not None and kept.at > at - KEPT_FOR:
        return _replay(kept, fingerprint)
    mine.delete()
    response = work()
    if response.status_code < 400:
        _keep(response, caller=caller, key=key, fingerprint=fingerprint, at=at)
    return response


def _locked(name: str) -> bool:
    """Hold the name until this transaction ends; False when another transaction has it."""
    digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
    number = int.from_bytes(digest, "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        return bool(cursor.fetchone()[0])


def fingerprint_of(request: Request) -> str:
    """Return what makes two requests the same: method, address with query, and body."""
    parts = (str(request.method), request.get_full_path(), _canonical(request))
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part if isinstance(part, bytes) else part.encode())
        digest.update(b"\0")
    return digest.hexdigest()


def _canonical(request: Request) -> bytes:
    return orjson.dumps(request.data, option=orjson.OPT_SORT_KEYS)


def _replay(kept: KeptAnswer, fingerprint: str) -> HttpResponse:
    if kept.fingerprint != fingerprint:
        raise ProblemError(
            422,
            "idempotency-key-reused",
            "This key came with another request before. Take a new key.",
        )
    headers = {**kept.headers, "Idempotency-Replayed": "true"}
    return HttpResponse(
        bytes(kept.body),
        status=kept.status,
        content_type="application/json",
        headers=headers,
    )


def _keep(
    response: HttpResponse, *, caller: str, key: str, fingerprint: str, at: datetime
) -> None:
    headers = {
        name: response.headers[name]
        for name in KEPT_HEADERS
        if name in response.headers
    }
    KeptAnswer.objects.create(
        caller=caller,
        key=key,
        fingerprint=fingerprint,
        status=response.status_code,
        headers=headers,
        body=response.content,
        at=at,
    )


def forget_old_answers(*, at: datetime) -> int:
    """Delete answers older than 24 h; return how many."""
    return KeptAnswer.objects.filter(at__lte=at - KEPT_FOR).delete()[0]
