"""Make an API token from the server's console."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from crm.accounts import operations, tokens
from crm.accounts.models import User
from crm.core.errors import DomainError


class Command(BaseCommand):
    """`manage.py create_api_token EMAIL --scope deals:read`: prints the token, once."""

    help = "Make an API token that acts as this person; its text is printed once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="Whom the token acts as.")
        parser.add_argument(
            "--scope",
            action="append",
            required=True,
            metavar="AREA:ACT",
            help=f"Again for each; one of {', '.join(tokens.SCOPES)}.",
        )
        parser.add_argument("--name", default="console", help="What will use it.")
        parser.add_argument("--read-only", action="store_true")
        parser.add_argument(
            "--client",
            action="store_true",
            help="An OAuth2 client instead: prints client id and secret.",
        )
        parser.add_argument(
            "--days", type=int, default=90, help="Default 90, at most 366."
        )
        parser.add_argument(
            "--network",
            action="append",
            default=[],
            metavar="CIDR",
            help="Again for each.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        owner = User.objects.filter(email__iexact=options["email"].strip()).first()
        if owner is None:
            raise CommandError(f"Nobody has the address {options['email']}.")
        at = timezone.now()
        try:
            token, shown = self.issue(
                options["client"],
                owner=owner,
                name=options["name"],
                scopes=options["scope"],
                is_read_only=options["read_only"],
                networks=options["network"],
                expires_at=at + timedelta(days=min(options["days"], 10_000)),
                by=None,
                at=at,
            )
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stderr.write(
            f"Acts as {owner.email} until {token.expires_at:%Y-%m-%d}. "
            "It is shown only now:"
        )
        for line in [shown] if isinstance(shown, str) else shown:
            self.stdout.write(line)

    def issue(self, is_client: bool, **asked: Any) -> Any:  # noqa: FBT001 - an option
        """Call the operation; return the token and what is shown once."""
        if is_client:
            return operations.issue_client(**asked)
        return operations.issue_token(**asked)
