"""Turn what the database refuses into a refusal that a person can read."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.db import IntegrityError, connection, transaction
from django.utils.functional import Promise

from crm.core.errors import DomainError

Words = Mapping[str, str | Promise]
"""Name of a constraint → what to say when it refuses."""


@contextmanager
def refusing(words: Words, error: type[DomainError]) -> Iterator[None]:
    """Run a write; a known constraint that refuses becomes this error.

    Checks that wait for the commit are made here, too.

    :raises DomainError: of the given kind, its code ending in the constraint's name.
    """
    try:
        with transaction.atomic():
            yield
            connection.check_constraints()
    except IntegrityError as refused:
        name = constraint_of(refused)
        if name not in words:
            raise
        code = f"{error.code.rsplit('.', 1)[0]}.{name.replace('_', '-')}"
        raise error(str(words[name]), code=code) from refused


def constraint_of(refused: IntegrityError) -> str:
    """Return the name of the constraint that refused, or nothing."""
    diagnosis = getattr(refused.__cause__, "diag", None)
    return str(getattr(diagnosis, "constraint_name", None) or "")
