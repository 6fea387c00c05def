"""Groups of companies: who is below or above whom, everyone once."""

from collections.abc import Iterable

from django.db import connection

BELOW = """
WITH RECURSIVE tree(id) AS (
    SELECT id FROM partners_partner WHERE id = ANY(%s)
    UNION
    SELECT p.id FROM partners_partner p JOIN tree t ON p.parent_id = t.id
)
SELECT id FROM tree ORDER BY id
"""

ABOVE = """
WITH RECURSIVE line(id, parent_id, depth) AS (
    SELECT id, parent_id, 0 FROM partners_partner WHERE id = %s
    UNION
    SELECT p.id, p.parent_id, l.depth + 1
    FROM partners_partner p JOIN line l ON p.id = l.parent_id
)
SELECT id FROM line WHERE depth > 0 ORDER BY depth DESC
"""


def group_ids(partner_ids: Iterable[int]) -> list[int]:
    """Return these partners and all below them, each once, sorted; one query.

    What a group adds up is counted over these ids, so nothing counts twice, whoever of the
    group was asked for together. Limit the result to what the person may see.
    """
    return _ids(BELOW, list(partner_ids))


def ancestor_ids(partner_id: int) -> list[int]:
    """Return who is above a partner, the head of the group first; one query."""
    return _ids(ABOVE, partner_id)


def _ids(statement: str, value: int | list[int]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [value])
        return [row[0] for row in cursor.fetchall()]
