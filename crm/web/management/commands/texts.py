"""Bring the translations in step with the sources, or check that they are."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from crm.web import catalogs


class Command(BaseCommand):
    """`manage.py texts` writes; `manage.py texts --check` only tells, and fails."""

    help = "Find texts, update every locale/zh_Hans django.po, compile django.mo."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="Change nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        packages = catalogs.packages(settings.BASE_DIR)
        if options["check"]:
            self.check_all(packages)
            return
        for package in packages:
            found = catalogs.texts_of(package, packages)
            missing = catalogs.write(package, found)
            if missing:
                name = package.po.relative_to(package.base)
                self.stdout.write(f"{name}: {missing} to translate")

    def check_all(self, packages: list[catalogs.Package]) -> None:
        """Print what is wrong everywhere.

        :raises CommandError: when anything is.
        """
        faults = [
            fault
            for package in packages
            for fault in catalogs.faults(package, catalogs.texts_of(package, packages))
        ]
        for fault in faults:
            self.stderr.write(fault)
        if faults:
            raise CommandError(f"{len(faults)} faults; run `manage.py texts`.")
        self.stdout.write("All texts are translated and compiled.")
