"""Pieces of SQL that the query builder lacks."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import models

from crm.core import bulk


def among(ids: Iterable[int]) -> models.Func:
    """Return ids for `__in` as one parameter: thousands of them cost the driver no time."""
    return bulk.these(ids, models.BigIntegerField())


def inlined(rows: models.QuerySet[Any, Any], name: str) -> tuple[str, dict[str, Any]]:
    """Return a query as text with named places, and their values, to stand inside another.

    :param name: what the places begin with; differs from all others of the statement.
    """
    try:
        text, values = rows.query.sql_with_params()
    except EmptyResultSet:  # it is known beforehand that nothing fits
        return "SELECT NULL::bigint WHERE FALSE", {}
    named = {f"{name}_{number}": value for number, value in enumerate(values)}
    return text % tuple(f"%({key})s" for key in named), named
