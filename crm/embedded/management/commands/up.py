"""`manage.py up`: run the whole product until Ctrl-C; `up --check`: try all of it and stop."""

import argparse
import logging
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from crm import env
from crm.embedded import preparation, product, trial


class Command(BaseCommand):
    help = "Runs the whole product: database, queue, web server, worker and beat."
    requires_system_checks = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--host", default=env.text("CRM_HOST", "127.0.0.1"))
        parser.add_argument(
            "--port",
            type=int,
            help="default: CRM_PORT, or 8000 and if taken the next free one",
        )
        parser.add_argument(
            "--check",
            action="store_true",
            help="start everything on free ports, verify it, stop it; exit 0 or 1",
        )

    def handle(self, *args: object, **options: Any) -> None:
        logging.disable(logging.INFO)  # what people should read is said
        demo = env.flag("CRM_DEMO", default=not settings.IS_PRODUCTION)
        if options["check"]:
            sys.exit(trial.run(say=self._say))
        port = options["port"]
        if port is None and env.text("CRM_PORT", ""):
            port = env.number("CRM_PORT", 0)
        wish = product.Wish(host=options["host"], port=port, demo=demo)
        try:
            self._run(wish)
        except (*product.REFUSALS, product.UpRefusedError) as refusal:
            raise CommandError(str(refusal)) from None
        except KeyboardInterrupt:
            self._say("Stopped.")

    def _run(self, wish: product.Wish) -> None:
        with (
            product.ending_on_signals(),
            product.running(settings.EMBEDDED, wish, self._say) as found,
        ):
            silent = product.wait_until_healthy(found)
            for name in silent:
                self._say(f"{name} does not answer yet. See {settings.EMBEDDED.logs}.")
            self._say(f"The CRM runs at {found.address}")
            preparation.show_demo_logins()
            self._say("Ctrl-C ends it.")
            product.wait_for_the_end(found)

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
