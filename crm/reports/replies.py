"""Subject: what the answer of a mail server means for the next attempt."""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

ATTEMPTS = 12
"""Attempts after which a temporary refusal counts as final (about two days)."""

HARD_FAILURES = 3
"""Final refusals of one address, without a success between, that suppress it."""

QUICK = (1, 5, 15, 30, 60, 120, 240, 360, 480, 480, 480)
BUSY = (5, 10, 20, 40, 60, 120, 240, 360, 480, 480, 480)
FULL = (60, 180, 360, 480, 480, 480, 480, 480, 480, 480, 480)
LOGIN = (15, 30, 60, 60, 120, 120, 240, 240, 480, 480, 480)

MINUTES_BY_CODE = {
    421: BUSY,  # the server closes, often too many connections
    432: BUSY,  # Exchange Online: too many at once
    450: QUICK,  # mailbox busy, or greylisting
    451: QUICK,  # error on their side, or greylisting
    452: FULL,  # no room, or too many recipients
    454: LOGIN,  # login is out of order for the moment
}

SPREAD = frozenset({421, 432})
"""Answers after which the attempts of many rows are spread over time."""


class Step(Enum):
    """Where in the conversation the answer came."""

    GREETING = "greeting"
    SECURITY = "security"
    LOGIN = "login"
    SENDER = "sender"
    RECIPIENT = "recipient"
    BODY = "body"
    END = "end"


ABOUT_RECIPIENT = frozenset({Step.RECIPIENT, Step.BODY, Step.END})
"""Steps whose final refusal is about this mail; the others are about our own set-up."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server said: code 0 when there was no answer at all."""

    code: int
    text: str
    step: Step

    @property
    def is_final(self) -> bool:
        """Tell whether this mail will never be taken."""
        return 500 <= self.code < 600 and self.step in ABOUT_RECIPIENT

    @property
    def is_about_address(self) -> bool:
        """Tell whether the final refusal says that the address itself is dead.

        Text such as 5.7.1 (policy) or 5.3.4 (too large) is about the mail, not the
        address; 5.1.x and 5.2.1 and a plain 550 at RCPT are about the address.
        """
        if not self.is_final or self.step is not Step.RECIPIENT:
            return False
        return not self.text.startswith(("5.3", "5.4", "5.5", "5.6", "5.7"))

    def __str__(self) -> str:
        return f"{self.code} {self.text}".strip()


def pause_after(*, code: int, attempts: int, spread: float = 0.0) -> timedelta:
    """Return how long to wait before the next attempt.

    :param attempts: how many were made, 1 or more.
    :param spread: 0 to 1, a different number for each row; stretches the pause by up
        to half where many rows were refused for the same reason.
    """
    minutes = MINUTES_BY_CODE.get(code, LOGIN if code >= 500 else QUICK)
    pause = timedelta(minutes=minutes[min(attempts, len(minutes)) - 1])
    return pause * (1 + spread / 2) if code in SPREAD else pause
