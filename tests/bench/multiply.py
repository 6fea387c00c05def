"""Makes the demo many times as large: every row again with other numbers, what hangs together still does.

Keys and the columns that refer to keys are moved by the same distance, so that each copy is a demo of
its own; what has to be unique gets the number of the copy. People, teams, stages and other rows that
an installation has few of stay as they are.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.apps import apps
from django.db import connection, models

FAR = 10_000_000
KEPT_APPS = frozenset({"accounts", "core", "demo", "rates", "reports", "web"})
KEPT = frozenset({
    "ai.BaseModel", "ai.ModelAlias", "ai.ModelFamily", "ai.ScenarioKind", "deals.DealStageWeight", "deals.Target",
    "partners.GateCriterion", "partners.StageDefinition", "partners.StageTransitionRule",
       "usage.BillingSource",
    "usage.UsageSignal", "watch.AlertChoice", "watch.AlertRule", "watch.HealthScheme", "watch.Stocktaking",
})  # fmt: skip
"""What does not become more when there are more partners."""
REFERENCE = re.compile(r"(partner|subject)_id")
REFERENCES = """
SELECT quote_ident(conname) FROM pg_constraint WHERE contype = 'f' AND conrelid = %s::regclass
"""
UNIQUE = """
SELECT array_agg(a.attname::text) FILTER (WHERE a.attname IS NOT NULL), pg_get_indexdef(x.indexrelid)
FROM pg_index x LEFT JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = ANY(x.indkey)
WHERE x.indisunique AND x.indrelid = %s::regclass GROUP BY x.indexrelid
"""


def multiply(times: int, *, below: int | None = None) -> int:
    """Copy what the database holds until there is `times` as much; return the number of new rows.

    :param below: leave tables alone that have so many rows already.

    For a database that is thrown away, or a transaction that is: references are no longer checked.
    """
    chosen = [
        model
        for model in multiplied()
        if below is None or model._default_manager.count() < below
    ]
    tables = {model._meta.db_table for model in chosen}
    made = 0
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            _let_in(cursor, f'"{table}"')
        for model in chosen:
            columns = _columns(cursor, model, tables)
            if not columns:  # belongs to rows that are not copied
                continue
            names = ", ".join(f'"{name}"' for name in columns)
            cursor.execute(
                f'INSERT INTO "{model._meta.db_table}" ({names}) '  # noqa: S608 - our own names
                f'SELECT {", ".join(columns.values())} FROM "{model._meta.db_table}" AS old, '
                "generate_series(1, %s) AS n",
                [times - 1],
            )
            made += cursor.rowcount
        cursor.execute("ANALYZE")
    return made


def _let_in(cursor: Any, table: str) -> None:
    """Let copies in without looking at each: they are right by construction, and no news."""
    cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    cursor.execute(REFERENCES, [table])
    for (name,) in cursor.fetchall():
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")


def multiplied() -> Iterator[type[models.Model]]:
    """Yield the models whose rows are copied, those between two of them too."""
    for model in apps.get_models(include_auto_created=True):
        label, app = model._meta.label, model._meta.app_label
        is_ours = model.__module__.split(".")[0] in {"crm", "partners", "deals"}
        if is_ours and app not in KEPT_APPS and label not in KEPT:
            yield model


def _columns(
    cursor: Any, model: type[models.Model], tables: Iterable[str]
) -> dict[str, str]:
    """Return how each column of a copy comes from the old row; none where a copy cannot differ."""
    fields = [
        field
        for field in model._meta.concrete_fields
        if not isinstance(field, models.GeneratedField)
    ]
    columns = {str(field.column): f'old."{field.column}"' for field in fields}
    moved = {str(field.column) for field in fields if _is_key(field, tables)}
    for name in moved:
        columns[name] += f" + n * {FAR}"
    cursor.execute(UNIQUE, [f'"{model._meta.db_table}"'])
    for named, definition in cursor.fetchall():
        within = {
            *(named or ()),
            *re.findall(r"\w+", definition.partition(" USING ")[2]),
        }
        if not moved & within:
            able = [f for f in fields if f.column in within and _can_differ(f)]
            if not able:
                return {}
            columns[str(able[0].column)] = _differing(able[0])
    return columns


def _is_key(field: Any, tables: Iterable[str]) -> bool:
    if field.is_relation:
        return field.related_model._meta.db_table in tables
    is_number = isinstance(field, models.BigIntegerField)
    return bool(
        (
            field.primary_key
            and isinstance(field, models.AutoField | models.BigAutoField)
        )
        or (is_number and (field.primary_key or REFERENCE.fullmatch(field.column)))
    )


def _can_differ(field: Any) -> bool:
    kinds = (models.CharField, models.TextField, models.UUIDField, models.BinaryField)
    return isinstance(field, kinds) and not field.choices


def _differing(field: Any) -> str:
    if isinstance(field, models.UUIDField):
        return "gen_random_uuid()"
    if isinstance(field, models.BinaryField):
        return f'old."{field.column}" || int4send(n)'
    short = (field.max_length or 200) - 5
    return f"left(old.\"{field.column}\", {short}) || '-' || n"
