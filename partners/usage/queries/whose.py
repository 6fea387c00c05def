"""Whose usage counts for a cooperation: its rules', its partner's, or nobody can tell.

Its own rules go first. Without any it is the partner's, provided that the cooperation is
the only open one there, and then less what rules give to another. Else it is unknown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db import connection
from django.utils.translation import gettext as _

from partners.usage.queries.series import Scope


class Basis(StrEnum):
    """By what the usage of a cooperation is told."""

    RULES = "rules"
    PARTNER = "partner"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Whose:
    """By what the usage of one cooperation is told."""

    cooperation_id: int
    partner_id: int
    basis: Basis

    @property
    def reason(self) -> str:
        """Why it cannot be told, in words; empty where it can."""
        if self.basis != Basis.UNKNOWN:
            return ""
        return _(
            "The usage cannot be told from that of the partner's other cooperations:"
            " no rule says which is this one's."
        )

    def scope(self, environment: str = "") -> Scope | None:
        """Return the scope of its usage, or None where it cannot be told."""
        if self.basis == Basis.UNKNOWN:
            return None
        return Scope(
            partner_ids=(self.partner_id,),
            cooperation_id=(self.cooperation_id if self.basis == Basis.RULES else None),
            is_rest=self.basis == Basis.PARTNER,
            environment=environment,
        )


ASKED = """
asked AS MATERIALIZED (
    SELECT c.id, c.partner_id, CASE
        WHEN EXISTS (SELECT 1 FROM usage_cooperationusage r
            WHERE r.cooperation_id = c.id) THEN 'rules'
        WHEN c.closed_at IS NULL AND NOT EXISTS (SELECT 1 FROM partners_cooperation x
            WHERE x.partner_id = c.partner_id AND x.closed_at IS NULL AND x.id <> c.id)
            THEN 'partner'
        ELSE 'unknown' END AS basis
    FROM partners_cooperation c
    WHERE %(cooperations)s::bigint[] IS NULL OR c.id = ANY(%(cooperations)s)
)
"""
"""SQL of a WITH clause: the cooperations asked for, and by what their usage is told."""


def whose_usage(cooperation_ids: Sequence[int]) -> dict[int, Whose]:
    """Say for each cooperation by what its usage is told; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH {ASKED} SELECT id, partner_id, basis FROM asked",
            {"cooperations": list(cooperation_ids)},
        )
        return {
            pk: Whose(pk, partner_id, Basis(basis))
            for pk, partner_id, basis in cursor.fetchall()
        }


@dataclass(frozen=True, kw_only=True)
class Countable:
    """What a rule for a cooperation can name: parts that its partner's usage has."""

    services: tuple[str, ...]
    models: tuple[str, ...]
    tag_buckets: tuple[str, ...]


def countable(partner_id: int) -> Countable:
    """Return services, models and tags in the usage of a partner, sorted; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT m.service, m.model, d.tag_bucket
            FROM (SELECT DISTINCT d.meter_id, d.tag_bucket
                FROM usage_accountownership o
                JOIN usage_dailyusage d ON d.account_id = o.account_id
                    AND o.during @> d.charge_day
                WHERE o.partner_id = %s) d
            JOIN usage_usagemeter m ON m.id = d.meter_id""",
            [partner_id],
        )
        rows = cursor.fetchall()
    services, models, tags = (
        tuple(sorted({row[at] for row in rows if row[at]})) for at in range(3)
    )
    return Countable(services=services, models=models, tag_buckets=tags)
