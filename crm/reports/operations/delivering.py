"""Make and send one mail, so that it arrives once, or is shown as doubtful.

The promise and its reasons are in docs/reports.md. In short: claim, freeze the bytes,
hand over everything but the final dot, mark the row in its own transaction, then the
dot. What happens before the mark is repeated; what happens after it never is.
"""

import logging
import math
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from crm.reports import queries, replies
from crm.reports.faultpoints import passing
from crm.reports.models import ReportDelivery, State, StoredMessage
from crm.reports.models.reasons import Reason
from crm.reports.operations import alarms, claims, runs
from crm.reports.operations.claims import Claim, Timing
from crm.reports.payloads import VisibleSet
from crm.reports.rendering import mail
from crm.reports.replies import Reply
from crm.reports.smtp import ServerRefusedError, conversation, one_connection
from crm.reports.wanted import Wanted

LOOK_AGAIN_FOR_DATA = timedelta(minutes=15)
RESULT_ATTEMPTS = 6

log = logging.getLogger(__name__)


def deliver_waiting(*, clock: Callable[[], datetime], seconds: float = math.inf) -> int:
    """Deliver row after row on one connection until nothing waits or the time is over.

    :return: how many were taken up.
    """
    until = time.monotonic() + seconds
    taken = 0
    claim = None
    with one_connection():
        while time.monotonic() < until:
            claim = deliver_next(at=clock(), after=claim)
            if claim is None:
                break
            taken += 1
    return taken


def deliver_next(
    *, at: datetime, timing: Timing | None = None, after: Claim | None = None
) -> Claim | None:
    """Take the delivery that has waited longest as far as it goes; None when none waits.

    May be called by any number of processes at once.

    :param after: what was delivered before; those that show the same come first.
    """
    claim = claims.take(
        owner=claims.this_worker(),
        timing=timing or configured_timing(),
        bundle=0 if after is None else after.bundle,
    )
    if claim is None:
        return None
    passing("claimed")
    try:
        _advance(claim, at)
    except Exception:  # one report that cannot be made must not stop the others
        log.exception("report delivery %s failed", claim.delivery_id)
        _put_off_after_fault(claim)
    except BaseException:  # the worker is told to stop: somebody else goes on
        claims.release(owner=claim.owner)
        raise
    return claim


def configured_timing() -> Timing:
    """Return the lease and the wait for an answer from the settings."""
    return Timing(
        lease=timedelta(seconds=settings.REPORTS_LEASE_SECONDS),
        reply=timedelta(seconds=settings.REPORTS_REPLY_SECONDS),
    )


def _advance(claim: Claim, at: datetime) -> None:
    delivery = _delivery(claim)
    if delivery is None or not _is_still_owed(claim, delivery, at):
        return
    visible = queries.visible_set(
        subscription=delivery.subscription, reader=delivery.recipient
    )
    content = b""
    if delivery.state == State.RENDERING:
        content = _made(claim, delivery, visible, at)
        if not content:
            return
    if delivery.run is None or not visible.covers(delivery.run.visible):
        _make_again(claim, delivery)
        return
    _send(claim, delivery, content or _frozen(delivery), at)


def _delivery(claim: Claim) -> ReportDelivery | None:
    return (
        ReportDelivery.objects.select_related(
            "definition__owner", "recipient__team", "run"
        )
        .select_related(
            "subscription__definition",
            "subscription__team",
            "subscription__scope_team",
        )
        .defer("run__payload")
        .filter(pk=claim.delivery_id, owner=claim.owner)
        .first()
    )


def _is_still_owed(claim: Claim, delivery: ReportDelivery, at: datetime) -> bool:
    reason = queries.why_not(
        subscription=delivery.subscription, reader=delivery.recipient
    )
    if delivery.is_test and reason in {
        Reason.UNSUBSCRIBED,
        Reason.PAUSED,
        Reason.NOT_READER,
    }:
        reason = None
    if reason is not None:
        _end(claim, state=State.SUPPRESSED, reason=reason)
        return False
    window = timedelta(hours=delivery.definition.catch_up_hours)
    if delivery.resolved_by_id is None and at - delivery.due_at > window:
        _end(claim, state=State.SKIPPED, reason=Reason.TOO_LATE)
        return False
    return True


# --- making


def _made(
    claim: Claim, delivery: ReportDelivery, visible: VisibleSet, at: datetime
) -> bytes:
    """Freeze run and message; return the message that now stands, nothing if none does."""
    wanted = wanted_by(delivery, visible)
    if not delivery.is_test and runs.is_waiting_for_data(
        wanted, due_at=delivery.due_at, at=at
    ):
        _back_to_due(claim, delivery, LOOK_AGAIN_FOR_DATA)
        return b""
    run = runs.freeze_run(wanted=wanted, at=at)
    passing("run-frozen")
    if run.is_empty and not delivery.subscription.send_if_empty:
        _end(claim, state=State.SKIPPED, reason=Reason.NOTHING)
        return b""
    message = mail.compose(delivery=delivery, run=run, date=_now())
    passing("rendered")
    values = {
        "run": run,
        "address": delivery.recipient.email,
        "message_id": message.message_id,
        "message_date": message.date,
        "message_hash": message.hash,
        "state": State.READY,
    }
    try:
        with transaction.atomic():
            if not _mine(claim, State.RENDERING).update(**values):
                return b""
            StoredMessage.objects.filter(pk=delivery.pk).delete()
            StoredMessage.objects.create(
                delivery=delivery, content=message.content, stored_at=message.date
            )
    except IntegrityError:
        _end(claim, state=State.SKIPPED, reason=Reason.SAME_RUN)
        return b""
    for name, value in values.items():
        setattr(delivery, name, value)
    passing("message-frozen")
    return message.content


def wanted_by(delivery: ReportDelivery, visible: VisibleSet) -> Wanted:
    """Return the run this reader gets: language and currency are theirs if left open."""
    subscription, reader = delivery.subscription, delivery.recipient
    return Wanted(
        definition=delivery.definition,
        period=delivery.period,
        time_zone=subscription.time_zone,
        currency=subscription.currency or reader.currency,
        language=subscription.language or reader.language,
        visible=visible,
    )


def _make_again(claim: Claim, delivery: ReportDelivery) -> None:
    """Throw away a frozen mail that shows more than its reader may see by now."""
    if delivery.handed_over:
        _end(claim, state=State.SUPPRESSED, reason=Reason.NOT_READER)
        return
    _back_to_due(claim, delivery, timedelta(0))


# --- sending


def _frozen(delivery: ReportDelivery) -> bytes:
    return bytes(StoredMessage.objects.get(pk=delivery.pk).content)


def _send(claim: Claim, delivery: ReportDelivery, content: bytes, at: datetime) -> None:
    talk = conversation(settings.MAIL_SERVER)
    try:
        talk.prepare(sender=settings.MAIL_FROM, to=delivery.address, content=content)
    except ServerRefusedError as refusal:
        _after_refusal(claim, delivery, refusal.reply, State.READY, at)
        return
    marked_at = time.monotonic()
    if not claims.mark_sending(claim):
        talk.abandon()
        return
    passing("marked")
    if time.monotonic() - marked_at > claim.timing.lease.total_seconds():
        talk.abandon()  # the mark took longer than the lease: nothing was handed over
        _again_later(claim, State.SENDING, timedelta(minutes=1))
        return
    reply = talk.finish(wait_seconds=claim.timing.reply.total_seconds())
    passing("answered")
    _surely(lambda: _after_end(claim, delivery, reply, at))
    passing("stored")


def _after_end(
    claim: Claim, delivery: ReportDelivery, reply: Reply | None, at: datetime
) -> None:
    if reply is None:
        _end(claim, state=State.UNCERTAIN, reason=Reason.NO_ANSWER)
    elif 200 <= reply.code < 300:
        _mine(claim, State.SENDING, State.UNCERTAIN).update(
            state=State.SENT,
            reason="",
            sent_at=Now(),
            smtp_code=reply.code,
            smtp_text=reply.text,
            owner="",
            lease_until=None,
        )
    else:
        _after_refusal(claim, delivery, reply, State.SENDING, at)


def _after_refusal(
    claim: Claim, delivery: ReportDelivery, reply: Reply, state: State, at: datetime
) -> None:
    answer = {"smtp_code": reply.code, "smtp_text": str(reply)[:500]}
    if reply.is_final:
        _end(claim, state=State.FAILED, reason=Reason.REFUSED, **answer)
        if reply.is_about_address:
            alarms.suppress_if_dead(delivery=delivery, reply=reply, at=at)
        return
    if claim.attempt >= replies.ATTEMPTS:
        _end(claim, state=State.FAILED, reason=Reason.GIVEN_UP, **answer)
        return
    spread = (delivery.pk % 97) / 97
    pause = replies.pause_after(code=reply.code, attempts=claim.attempt, spread=spread)
    _again_later(claim, state, pause, **answer)


# --- changes of the row: each names owner and state


def _mine(claim: Claim, *states: State) -> QuerySet[ReportDelivery]:
    return ReportDelivery.objects.filter(
        pk=claim.delivery_id, owner=claim.owner, state__in=states
    )


def _end(
    claim: Claim,
    *,
    state: State,
    reason: Reason,
    **values: object,
) -> None:
    """Leave the row in a state that only a person changes; tell the report's owner."""
    keeps_owner = state is State.UNCERTAIN
    _mine(claim, State.RENDERING, State.READY, State.SENDING).update(
        state=state,
        reason=reason,
        owner=claim.owner if keeps_owner else "",
        lease_until=None,
        **values,
    )


def _again_later(
    claim: Claim, state: State, pause: timedelta, **values: object
) -> None:
    _mine(claim, state).update(
        state=State.READY,
        owner="",
        lease_until=None,
        next_attempt_at=Now() + pause,
        **values,
    )


def _back_to_due(claim: Claim, delivery: ReportDelivery, pause: timedelta) -> None:
    with transaction.atomic():
        changed = _mine(claim, State.RENDERING, State.READY).update(
            state=State.DUE,
            run=None,
            address="",
            message_id="",
            message_date=None,
            message_hash="",
            owner="",
            lease_until=None,
            attempts=max(claim.attempt - 1, 0),
            next_attempt_at=Now() + pause,
        )
        if changed:
            StoredMessage.objects.filter(pk=delivery.pk).delete()


def _put_off_after_fault(claim: Claim) -> None:
    """Try again later; after too many faults the report has failed."""
    delivery = _delivery(claim)
    if delivery is None:
        return
    if claim.attempt >= replies.ATTEMPTS // 2:
        _end(claim, state=State.FAILED, reason=Reason.NOT_MADE)
        return
    pause = replies.pause_after(code=0, attempts=claim.attempt)
    later = {"owner": "", "lease_until": None, "next_attempt_at": Now() + pause}
    _mine(claim, State.RENDERING).update(state=State.DUE, **later)
    _mine(claim, State.READY).update(**later)


def _now() -> datetime:
    """Return the time of the database, to the second: the Date of a mail has no more."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT date_trunc('second', clock_timestamp())")
        (now,) = cursor.fetchone()
    if not isinstance(now, datetime):
        raise TypeError("The database gave no time.")
    return now


def _surely(store: Callable[[], None]) -> None:
    """Store the result even when the database restarts just now.

    What cannot be stored stays in hand-over until its lease ends, and then counts as
    uncertain.
    """
    for attempt in range(RESULT_ATTEMPTS):
        try:
            store()
        except OperationalError:
            if attempt == RESULT_ATTEMPTS - 1 or connection.in_atomic_block:
                raise
            connection.close()
            time.sleep(0.2 * 2**attempt)
        else:
            return
