"""What every page says while demo data is in the database."""

import time

from django.http import HttpRequest

from crm.demo.models import DemoSeed

REMEMBER_SECONDS = 30.0


class Memory:
    """Remembers the answer for half a minute, so that pages cost no query each."""

    def __init__(self) -> None:
        self.is_there = False
        self.asked_at = -REMEMBER_SECONDS

    def has_demo(self) -> bool:
        now = time.monotonic()
        if now - self.asked_at >= REMEMBER_SECONDS:
            self.is_there, self.asked_at = DemoSeed.objects.exists(), now
        return self.is_there


MEMORY = Memory()


def notice(_request: HttpRequest) -> dict[str, object]:
    """Give templates `has_demo`; asked only where a template looks."""
    return {"has_demo": MEMORY.has_demo}
