"""The Celery app: logging, and the schedule, in code.

The schedule holds ticks only. A tick asks PostgreSQL what is due, so a tick that comes
twice, late or never loses and doubles nothing.
"""

import logging.config
import os
import signal
from datetime import UTC, datetime
from typing import Any, TypedDict

from celery import Celery, signals
from django.conf import settings
from django_structlog.celery.receivers import CeleryReceiver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class Tick(TypedDict):
    """One entry of the schedule in Celery's words."""

    task: str
    schedule: float
    last_run_at: datetime
    options: dict[str, float]


def every(seconds: float, task: str) -> Tick:
    """Return a tick that comes at once when beat starts, and then at that distance.

    A tick that waits in the queue longer than that is dropped: the next one asks the
    same question.
    """
    return Tick(
        task=task,
        schedule=seconds,
        last_run_at=LONG_AGO,
        options={"expires": max(seconds, 10.0)},
    )


app = Celery("crm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@app.on_after_configure.connect
def schedule_ticks(sender: Celery, **_: Any) -> None:
    """Set the schedule once the settings are read; importing this module reads none."""
    sender.conf.beat_schedule = {
        "sign of life": every(settings.CRM_TICK_SECONDS, "core.tick"),
        "commitments": every(60, "deals.follow_usage"),
        "imports": every(settings.CRM_TICK_SECONDS, "partners.tick"),
        "imports of deals": every(settings.CRM_TICK_SECONDS, "deals.tick_imports"),
        "reports": every(settings.CRM_TICK_SECONDS, "reports.tick"),
        "usage": every(settings.CRM_TICK_SECONDS, "usage.tick"),
        "usage signals": every(900, "usage.raise_signals"),
        "watch": every(300, "watch.tick"),
        "gates": every(300, "watch.look_at_gates"),
        "old mails": every(3600, "reports.forget_messages"),
        "agreements": every(300, "deals.keep_calendar"),
        "deals at the end of the week": every(900, "deals.take_snapshots"),
        "kept API answers": every(3600, "web.forget_old_answers"),
        "webhooks": every(min(settings.CRM_TICK_SECONDS, 5), "webhooks.tick"),
        "old webhook deliveries": every(3600, "webhooks.forget_old"),
        "old access tokens": every(3600, "accounts.forget_access_tokens"),
        "old usage events": every(3600, "usage.forget_events"),
        "invitations": every(60, "accounts.send_due_invitations"),
    }


# carries the number of the request into each task and logs its start and its end
task_log = CeleryReceiver()
task_log.connect_worker_signals()


@signals.setup_logging.connect
def configure_logging(**_: Any) -> None:
    """Log as the settings say; with a receiver here Celery adds no handlers of its own."""
    logging.config.dictConfig(settings.LOGGING)


@signals.worker_ready.connect
def stop_soon_when_asked(**_: Any) -> None:
    """Let SIGTERM stop like SIGQUIT: wait for running tasks, but not for ever.

    What is unfinished then is given back to the queue, or found again by a tick.
    """
    signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGQUIT))
