"""Write the description of the API to the file that is published, or compare the two."""

import json
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator

from crm.web.api.pages import PUBLISHED


def described() -> bytes:
    """Return the description drawn from the doors, in English, as the file should be."""
    with translation.override("en"):
        generator: Any = SchemaGenerator
        document = generator().get_schema(request=None, public=True)
    plain = orjson.loads(orjson.dumps(document, default=str))
    # a line for each member, so that changes can be read and merged, but no indentation:
    # it would be half of the file
    text = json.dumps(plain, indent=0, sort_keys=True, ensure_ascii=False)
    return f"{text}\n".encode()


class Command(BaseCommand):
    """`manage.py api_schema` after every change of a door; `--check` in tests."""

    help = "Write crm/web/api/openapi.json from the API doors."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take `--check`."""
        parser.add_argument("--check", action="store_true", help="only compare")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write or compare.

        :raises CommandError: when the file is not what the doors say, or they say too little.
        """
        document = described()
        if GENERATOR_STATS:
            GENERATOR_STATS.emit_summary()
            raise CommandError("Some doors are not fully described; see above.")
        if not options["check"]:
            PUBLISHED.write_bytes(document)
        elif PUBLISHED.read_bytes() != document:
            raise CommandError("openapi.json is old: run manage.py api_schema.")
