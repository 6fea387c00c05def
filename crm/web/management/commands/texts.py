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
        parser.add_argument(
            "package", nargs="*", help="Folders, as crm/web; all when none is named."
        )
        parser.add_argument("--check", action="store_true", help="Change nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        every = catalogs.packages(settings.BASE_DIR)
        packages = chosen(every, options["package"])
        if options["check"]:
            self.check_all(packages, every)
            return
        for package in packages:
            found = catalogs.texts_of(package, every)
            missing = catalogs.write(package, found)
            if missing:
                name = package.po.relative_to(package.base)
                self.stdout.write(f"{name}: {missing} to translate")

    def check_all(
        self, packages: list[catalogs.Package], every: list[catalogs.Package]
    ) -> None:
        """Print what is wrong everywhere.

        :raises CommandError: when anything is.
        """
        faults = [
            fault
            for package in packages
            for fault in catalogs.faults(package, catalogs.texts_of(package, every))
        ]
        for fault in faults:
            self.stderr.write(fault)
        if faults:
            raise CommandError(f"{len(faults)} faults; run `manage.py texts`.")
        self.stdout.write("All texts are translated and compiled.")


def chosen(every: list[catalogs.Package], names: list[str]) -> list[catalogs.Package]:
    """Return the packages with these folders, or all when none is named.

    :raises CommandError: when a folder is no package.
    """
    by_name = {package.name: package for package in every}
    unknown = sorted(set(names) - by_name.keys())
    if unknown:
        raise CommandError(f"No such package: {', '.join(unknown)}.")
    return [by_name[name] for name in names] or every
