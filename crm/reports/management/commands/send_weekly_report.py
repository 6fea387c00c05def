"""`manage.py send_weekly_report`: send what is due, or a missed period, now."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from crm.accounts.models import User
from crm.core.errors import DomainError
from crm.reports import queries
from crm.reports.models import ReportDelivery, ReportSubscription, State
from crm.reports.operations import delivering, place, requests


class Command(BaseCommand):
    """Asks for one period of the chosen subscriptions and sends it in this process.

    Who has the report already, or has it in doubt, gets no second copy.
    """

    help = "Send reports of a period to those who did not get them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--week",
            default="",
            metavar="2026-W47",
            help="Period: week, month (2026-11) or quarter (2026-Q4); the newest due one.",
        )
        parser.add_argument("--definition", default="", help="Code of one report.")
        parser.add_argument("--to", default="", help="E-mail of one reader.")
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="Say who would get what; change nothing.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        to = self.reader(options["to"])
        chosen = self.subscriptions(options["definition"], to)
        try:
            asked = [
                delivery
                for subscription in chosen
                for delivery in self.ask(subscription, to, options)
            ]
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        if not options["dry_run"]:
            self.deliver(asked)

    def reader(self, address: str) -> User | None:
        if not address:
            return None
        found = User.objects.filter(email__iexact=address, is_active=True).first()
        if found is None:
            raise CommandError(f"Nobody active has the address {address}.")
        return found

    def subscriptions(self, code: str, to: User | None) -> list[ReportSubscription]:
        rows = ReportSubscription.objects.filter(
            is_paused=False, definition__is_active=True
        ).select_related("definition", "team", "scope_team", "person")
        if code:
            rows = rows.filter(definition__code=code)
        found = [
            row
            for row in rows.order_by("pk")
            if to is None or queries.is_reader(subscription=row, person=to)
        ]
        if not found:
            raise CommandError("No active subscription matches.")
        return found

    def ask(
        self, subscription: ReportSubscription, to: User | None, options: dict[str, Any]
    ) -> list[ReportDelivery]:
        now = timezone.now()
        label = options["week"] or requests.newest_owed(subscription, at=now)
        if not options["dry_run"]:
            return requests.send_period(
                subscription=subscription, by=None, at=now, period=label, to=to
            )
        for reader in [to] if to else queries.readers(subscription):
            self.stdout.write(self.line(subscription, reader, label))
        return []

    def line(self, subscription: ReportSubscription, reader: User, label: str) -> str:
        """Say what would happen for one reader."""
        stored = subscription.deliveries.filter(
            recipient=reader, period=label, is_test=False
        ).first()
        visible = queries.visible_set(subscription=subscription, reader=reader)
        state = State(stored.state).label if stored else "not planned yet"
        return (
            f"{subscription.definition.code} {label} {reader.email}: "
            f"{len(visible.partner_ids)} partners, {state}"
        )

    def deliver(self, asked: list[ReportDelivery]) -> None:
        """Send what waits, then say what became of each row that was asked for."""
        if not place.check_place(at=timezone.now()):
            raise CommandError("Sending is held: release it in the admin first.")
        delivering.deliver_waiting(clock=timezone.now)
        rows = ReportDelivery.objects.filter(pk__in=[each.pk for each in asked])
        for row in rows.select_related("definition", "recipient").order_by("pk"):
            self.stdout.write(
                f"{row.definition.code} {row.period} {row.recipient.email}: "
                f"{State(row.state).label} {row.smtp_text}".rstrip()
            )
        self.stdout.write(f"{len(asked)} asked for.")
