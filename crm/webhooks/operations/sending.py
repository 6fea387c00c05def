"""Hand over what is owed: at least once, each attempt signed and logged.

A worker claims one row with a lease and a fence. Between claim and result there is no
transaction; the result counts only with the fence of the claim.
"""

import logging
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from crm.core import outbound
from crm.core.errors import DomainError
from crm.journal.models import Event
from crm.webhooks import payloads, retries, signing
from crm.webhooks.models import (
    Reason,
    State,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
)
from crm.webhooks.operations import endpoints
from crm.webhooks.retries import Meaning, Verdict

LEASE = timedelta(seconds=60)
AT_ONCE = 2
"""So many messages on their way to one endpoint at the same time."""
LONGEST_SAID = 500
USER_AGENT = "PartnershipCRM-Webhooks/1"
TAKE = """
UPDATE webhooks_webhookdelivery SET
    state = 'sending', fence = fence + 1, attempts = attempts + 1,
    lease_until = %(until)s
WHERE id = (
    SELECT d.id FROM webhooks_webhookdelivery d
    JOIN webhooks_webhookendpoint e ON e.id = d.endpoint_id
    WHERE d.state = 'waiting' AND d.next_attempt_at <= %(at)s
      AND e.is_active
      AND (e.paused_until IS NULL OR e.paused_until <= %(at)s OR d.is_test)
      AND (SELECT count(*) FROM webhooks_webhookdelivery other
           WHERE other.endpoint_id = e.id AND other.state = 'sending') < %(at_once)s
    ORDER BY d.next_attempt_at, d.id FOR UPDATE OF d SKIP LOCKED LIMIT 1)
RETURNING id, fence, attempts
"""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Claim:
    """One delivery that this worker has, its fence, and the number of the attempt."""

    delivery_id: int
    fence: int
    attempt: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one attempt brought."""

    verdict: Verdict
    status: int | None = None
    fault: str = ""
    answer: str = ""
    took_ms: int = 0


def send_next(*, at: datetime) -> bool:
    """Send what has waited longest; False when nothing is due."""
    claim = take(at=at)
    if claim is None:
        return False
    delivery = (
        WebhookDelivery.objects.select_related("event", "endpoint__owner")
        .filter(pk=claim.delivery_id)
        .first()
    )
    if delivery is None:  # removed with its endpoint a moment ago
        return True
    if not is_visible(delivery):
        _mine(claim).update(state=State.WITHHELD, lease_until=None, ended_at=at)
        return True
    _note(claim, delivery, hand_over(delivery, at=at), at)
    return True


def take(*, at: datetime) -> Claim | None:
    """Claim the row that has waited longest; None when nothing is due."""
    values: Any = {"at": at, "until": at + LEASE, "at_once": AT_ONCE}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(TAKE, values)
        row = cursor.fetchone()
    return None if row is None else Claim(*row)


def sweep(*, at: datetime) -> int:
    """Give rows of dead workers back; the receiver knows repeats by the message's id."""
    return WebhookDelivery.objects.filter(
        state=State.SENDING, lease_until__lt=at
    ).update(state=State.WAITING, lease_until=None, next_attempt_at=at)


def is_visible(delivery: WebhookDelivery) -> bool:
    """Tell whether the owner may see the entry at this moment; tests are about the endpoint."""
    owner = delivery.endpoint.owner
    if delivery.is_test:
        return owner.is_active
    return Event.objects.visible_to(owner).filter(pk=delivery.event_id).exists()


def hand_over(delivery: WebhookDelivery, *, at: datetime) -> Outcome:
    """Send the message once and judge the answer."""
    body = payloads.body_of(delivery.event)
    headers = {
        "content-type": "application/json",
        "user-agent": USER_AGENT,
        **signing.headers(
            body,
            message_id=f"msg_{delivery.key}",
            at=at,
            secrets_in_use=endpoints.secrets_of(endpoint=delivery.endpoint, at=at),
        ),
    }
    start = time.monotonic()
    try:
        answer = outbound.post(delivery.endpoint.url, body=body, headers=headers)
    except outbound.UnreachableError as error:
        return _without_answer(error.code, str(error), at=at, start=start)
    except DomainError as refusal:
        return _without_answer(refusal.code, str(refusal), at=at, start=start)
    return Outcome(
        retries.judge(answer.status, answer.headers, at=at, was_late=False),
        status=answer.status,
        answer=_readable(answer.body),
        took_ms=_since(start),
    )


def _without_answer(code: str, text: str, *, at: datetime, start: float) -> Outcome:
    verdict = retries.judge(None, {}, at=at, was_late=code == "timeout")
    return Outcome(verdict, fault=f"{code}: {text}"[:200], took_ms=_since(start))


@transaction.atomic
def _note(
    claim: Claim, delivery: WebhookDelivery, outcome: Outcome, at: datetime
) -> None:
    """Log the attempt, and if the row is still ours, let the result count."""
    WebhookAttempt.objects.create(
        delivery=delivery,
        number=claim.attempt,
        at=at,
        took_ms=outcome.took_ms,
        status=outcome.status,
        fault=outcome.fault,
        answer=outcome.answer,
    )
    endpoint = endpoints.lock(delivery.endpoint)
    if not _mine(claim).update(lease_until=None, **_result(claim, outcome, at)):
        log.warning("webhook delivery %s: a late result", claim.delivery_id)
        return
    meaning = outcome.verdict.meaning
    if meaning is Meaning.DELIVERED:
        if endpoint.failing_since is not None or endpoint.paused_until is not None:
            _change(
                endpoint,
                failing_since=None,
                paused_until=None,
                warned_at=None,
                notice="",
            )
    elif meaning is Meaning.GONE:
        endpoints.switch_off(endpoint, reason=Reason.GONE, at=at)
    elif not delivery.is_test:
        _after_failure(endpoint, outcome.verdict, at)


def _result(claim: Claim, outcome: Outcome, at: datetime) -> dict[str, object]:
    if outcome.verdict.meaning is Meaning.DELIVERED:
        return {"state": State.DELIVERED, "ended_at": at}
    pause = retries.pause_before(claim.attempt + 1)
    if pause is None or outcome.verdict.meaning is Meaning.GONE:
        return {"state": State.FAILED, "ended_at": at}
    wait = max(pause, outcome.verdict.pause)
    return {"state": State.WAITING, "next_attempt_at": at + wait}


def _after_failure(endpoint: WebhookEndpoint, verdict: Verdict, at: datetime) -> None:
    since = endpoint.failing_since or at
    if at - since >= retries.DISABLE_AFTER and endpoint.is_active:
        endpoints.switch_off(endpoint, reason=Reason.FAILING, at=at)
        return
    changes: dict[str, object] = {"failing_since": since}
    if verdict.pause:
        changes["paused_until"] = at + verdict.pause
    if at - since >= retries.WARN_AFTER and endpoint.warned_at is None:
        changes |= {"warned_at": at, "notice": "failing"}
    _change(endpoint, **changes)


def _change(endpoint: WebhookEndpoint, **changes: object) -> None:
    """Note how the endpoint fares; its version counts only what people change."""
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(**changes)


def _mine(claim: Claim) -> QuerySet[WebhookDelivery]:
    return WebhookDelivery.objects.filter(
        pk=claim.delivery_id, fence=claim.fence, state=State.SENDING
    )


def _readable(body: bytes) -> str:
    text = body[: 4 * LONGEST_SAID].decode("utf-8", errors="replace")
    return "".join(sign if sign.isprintable() else " " for sign in text)[:LONGEST_SAID]


def _since(start: float) -> int:
    return int((time.monotonic() - start) * 1000)
