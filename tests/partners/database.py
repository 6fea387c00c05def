"""The database seen from tests: refusals by name, statements past the models."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction


@contextmanager
def refused_by(*constraints: str) -> Iterator[None]:
    """Expect the database to refuse, now or at commit, by one of these constraints."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():  # noqa: PT012  the check is part of what may refuse
        yield
        connection.check_constraints()
    cause = caught.value.__cause__
    assert cause is not None
    assert cause.diag.constraint_name in constraints  # type: ignore[attr-defined]  # psycopg's error


def held() -> None:
    """Let the database check now what it would check at commit."""
    connection.check_constraints()


def sql(statement: str, *values: Any) -> None:
    """Write to the database past every model and operation."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
