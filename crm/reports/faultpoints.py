"""Named steps of a delivery at which tests kill or stop the process.

Without CRM_REPORTS_DIE_AT and CRM_REPORTS_STOP_AT in the environment nothing happens.
"""

import os
import signal

STEPS = (
    "claimed",
    "run-frozen",
    "rendered",
    "message-frozen",
    "connected",
    "recipient-accepted",
    "body-sent",
    "marked",
    "dot-sent",
    "answered",
    "stored",
)
"""The steps in order; the message may be with its readers from `dot-sent` on."""


def passing(step: str) -> None:
    """Die or stop here if the environment says so."""
    if os.environ.get("CRM_REPORTS_DIE_AT") == step:
        os.kill(os.getpid(), signal.SIGKILL)
    if os.environ.get("CRM_REPORTS_STOP_AT") == step:
        os.kill(os.getpid(), signal.SIGSTOP)
