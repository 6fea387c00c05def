"""Make the first administrator."""

import getpass
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from crm.accounts import operations
from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.core.errors import DomainError


class Command(BaseCommand):
    """`manage.py create_admin EMAIL`: asks for a password, reads it, or prints a one-time link."""

    help = (
        "Make the first administrator. With a terminal it asks for the password; "
        "without one, or with --link, it prints a one-time link to choose it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="", help="Default: the address.")
        how = parser.add_mutually_exclusive_group()
        how.add_argument(
            "--password-file",
            metavar="FILE",
            help="Read it there; - is standard input.",
        )
        how.add_argument("--link", action="store_true", help="Print a one-time link.")
        parser.add_argument(
            "--force-additional",
            action="store_true",
            help="Also when there is an administrator already.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        email: str = options["email"].strip()
        if self.is_done(email):
            self.stdout.write(f"{email} is an administrator already.")
            return
        try:
            self.make(email, options)
        except DomainError as refusal:
            wanted = "".join(f"\n- {line}" for line in refusal.missing)
            hint = (
                "\nUse --force-additional to make another one from here."
                if refusal.code == operations.AdministratorExistsRefusedError.code
                else ""
            )
            raise CommandError(f"{refusal}{wanted}{hint}") from refusal

    def is_done(self, email: str) -> bool:
        """Tell whether this person is an active administrator."""
        return User.objects.filter(
            email__iexact=email, is_active=True, groups__name=Role.ADMINISTRATOR
        ).exists()

    def make(self, email: str, options: dict[str, Any]) -> None:
        """Call the operation that fits, and say what to do next."""
        person: dict[str, Any] = {
            "email": email,
            "name": options["name"] or email,
            "at": timezone.now(),
            "is_additional": bool(options["force_additional"]),
        }
        password = self.password(options)
        if password is None:
            link = operations.invite_administrator(**person)
            self.stdout.write(f"Open this link within seven days:\n{link}")
            return
        operations.create_administrator(password=password, **person)
        self.stdout.write(f"{email} is an administrator now.")

    def password(self, options: dict[str, Any]) -> str | None:
        """Return the password from file or terminal; None for a link.

        :raises CommandError: when the file cannot be read, or both typings differ.
        """
        if file := options["password_file"]:
            return self.from_file(file)
        if options["link"] or not sys.stdin.isatty():
            return None
        first = getpass.getpass("Password: ")
        if first != getpass.getpass("Again: "):
            raise CommandError("The two passwords differ.")
        return first

    def from_file(self, file: str) -> str:
        """Return the first line of the file.

        :raises CommandError: when it cannot be read or is empty.
        """
        try:
            text = sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"Cannot read {file}: {error}") from error
        lines = text.splitlines()
        if not lines or not lines[0]:
            raise CommandError(f"{file} holds no password.")
        return lines[0]
