"""`manage.py demo_logins`: print who can log in to the demo; nothing without a demo."""

from typing import Any

from django.core.management.base import BaseCommand

from crm.demo import people
from crm.demo.models import DemoSeed


class Command(BaseCommand):
    """Prints one line per demo person, and the password of all."""

    help = "Print the logins of the demo, where it is installed."

    def handle(self, *args: Any, **options: Any) -> None:
        if not DemoSeed.objects.exists():
            return
        self.stdout.write(f"Demo logins, all with the password {people.PASSWORD}")
        for person in people.PEOPLE:
            roles = ", ".join(person.roles).replace("_", " ")
            self.stdout.write(f"  {person.email:<24} {person.name}, {roles}")
