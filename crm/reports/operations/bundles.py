"""Deliveries that most likely show the same run, so that one worker sends them in a row.

A wrong guess costs time and nothing else: what a reader sees is asked at sending.
"""

from collections.abc import Iterable

from django.db import connection

BUNDLE = """hashtextextended(concat_ws('|',
    r.definition_id, r.period, r.time_zone,
    COALESCE(NULLIF(r.language, ''), r.reads),
    COALESCE(NULLIF(r.currency, ''), r.counts_in),
    r.scope, COALESCE(r.scope_team_id, r.scope_partner_id),
    CASE r.scope WHEN 'own' THEN r.person_id END), 0)"""
"""Of a row `r` with subscription, period, reader and what the reader reads by default."""

BUNDLE_UP = f"""
UPDATE reports_reportdelivery d SET bundle = {BUNDLE}
FROM (
    SELECT d.id, d.period, d.recipient_id AS person_id, s.definition_id, s.time_zone,
        s.language, s.currency, s.scope, s.scope_team_id, s.scope_partner_id,
        u.language AS reads, u.currency AS counts_in
    FROM reports_reportdelivery d
    JOIN reports_reportsubscription s ON s.id = d.subscription_id
    JOIN accounts_user u ON u.id = d.recipient_id
    WHERE d.id = ANY(%(ids)s)) r
WHERE d.id = r.id
"""  # noqa: S608  # made of constants of this module


def bundle_up(ids: Iterable[int]) -> None:
    """Note what some deliveries have in common; costs one query."""
    with connection.cursor() as cursor:
        cursor.execute(BUNDLE_UP, {"ids": list(ids)})
