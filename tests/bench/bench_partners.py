"""The registry at size: import, list, search, a stage move and the statistics of stages.

Each figure stands beside a baseline of the same run; where a bound in time was asked for,
that bound is the baseline of a figure of its own.
"""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from import_export import resources
from tablib import Dataset

from crm.accounts.models import User
from crm.accounts.roles import Role
from partners import operations, queries
from partners.models import Cooperation, Partner, StageTransition
from partners.operations import imports
from partners.operations.search import rebuild_search
from partners.queries.search import search
from tests import make
from tests.bench.harness import Figure, Goal, case, interleaved, seconds

AT = datetime(2026, 6, 1, 9, tzinfo=UTC)
PARTNERS, COOPERATIONS, TRANSITIONS = 100_000, 150_000, 1_000_000
ROWS = 20_000
MOST_QUERIES_OF_A_LIST, MOST_QUERIES_OF_A_MOVE = 8, 25
SEARCH_MS, STATISTICS_MS, IMPORT_S = 50, 500, 10
STRAIGHT = "ARRAY['first_contact','qualified','mou','strategic_agreement','joint_poc','production','expansion']"
BACK = "ARRAY['first_contact','qualified','mou','qualified','mou','strategic_agreement','joint_poc','production']"
"""Two ways up; of four cooperations one takes the second, with a step back on it."""
FIRST = [
    "Nova",
    "Orion",
    "Delta",
    "Apex",
    "Lumen",
    "Terra",
    "Quantum",
    "Vertex",
    "Helio",
    "Astra",
]
SECOND = [
    "Motors",
    "Telecom",
    "Retail",
    "Energy",
    "Bank",
    "Logistics",
    "Foods",
    "Steel",
    "Media",
    "Health",
]

FILL = """
INSERT INTO partners_partner (
    key, display_name, legal_name, local_name, industry, country, segment, partner_type,
    tier, lifecycle, confidentiality, reporting_currency, time_zone, is_test, version,
    owner_id, created_at)
SELECT gen_random_uuid(), n || ' ' || i, n || ' ' || i || ' Ltd', '伙伴' || i, 'automotive',
    'DE', '', 'enterprise', 'key', 'active', 'public', 'CNY', 'Asia/Shanghai', false, 1,
    %(owner)s, now()
FROM generate_series(1, %(partners)s) AS i,
    LATERAL (SELECT (%(first)s::text[])[1 + i %% 10] || ' '
        || (%(second)s::text[])[1 + i / 10 %% 10] AS n) AS name;

CREATE TEMPORARY TABLE wanted AS
SELECT c, id AS partner_id, steps, path, went_on, (
    SELECT array_agg(began + hours * interval '1 hour' ORDER BY s)
    FROM (SELECT s, sum(CASE WHEN s = 1 THEN 0 ELSE 120 + abs(hashint8(8 * c + s)) %% 960
        END) OVER (ORDER BY s) AS hours FROM generate_series(1, steps) AS s) AS clock
    ) AS entered
FROM generate_series(1, %(cooperations)s) AS c
JOIN (SELECT id, row_number() OVER (ORDER BY id) AS r FROM partners_partner) AS p
    ON p.r = 1 + c %% %(partners)s
CROSS JOIN LATERAL (SELECT 5 + c %% 4 AS steps,
    timestamptz '2025-01-01' + (c %% 400) * interval '1 day' AS began) AS s
CROSS JOIN LATERAL (SELECT
    CASE WHEN steps < 8 THEN {straight} ELSE {back} END AS path,
    CASE WHEN steps < 8 THEN ARRAY[2,3,4,5,6,7] ELSE ARRAY[2,3,6,5,6,7,8] END AS went_on
    ) AS way;

INSERT INTO partners_cooperation (
    key, partner_id, code, title, cooperation_type, stage_id, stage_entered_at,
    hold_reason, closed_reason, owner_id, next_step, announcement_url, business_problem,
    use_case, currency, scope, working_group, success_measures, security_review,
    steering_committee, steering_rhythm, has_no_commitment, production_plan,
    closing_review, lessons, competitor, commitments_settlement, version, created_at)
SELECT gen_random_uuid(), partner_id, 'B-' || c, 'Cooperation ' || c, 'ai_application',
    path[steps], entered[steps], '', '', %(owner)s, 'Call', '', '', '', 'CNY', '', '', '',
    'not_started', '', '', false, '', '', '', '', '', 1, now()
FROM wanted;

INSERT INTO partners_stagetransition (
    cooperation_id, from_stage_id, to_stage_id, kind, entered_at, exited_at,
    held_seconds, advanced_at, by_id, reason)
SELECT k.id, path[s - 1], path[s],
    CASE WHEN s = 1 THEN 'start' WHEN went_on[s - 1] = s THEN 'advance' ELSE 'regress' END,
    entered[s], entered[s + 1], 0, entered[went_on[s]], %(owner)s, ''
FROM wanted JOIN partners_cooperation AS k ON k.code = 'B-' || c
CROSS JOIN LATERAL generate_series(1, steps) AS s;
DROP TABLE wanted;
""".replace("{straight}", STRAIGHT).replace("{back}", BACK)


class PartnerResource(resources.ModelResource):  # type: ignore[misc]  # has no types
    """What django-import-export needs for the same sheet."""

    class Meta:
        model = Partner
        fields = ("display_name", "legal_name", "country")
        import_id_fields = ("display_name",)
        use_bulk = True
        batch_size = 2_000


def sheet_of(rows: int) -> str:
    lines = ["Name,Legal name,Country,Website"]
    lines += [
        f"Import {i} {SECOND[i % 10]},Import {i} Ltd,DE,import{i}.example"
        for i in range(rows)
    ]
    return "\n".join(lines)


@case
def partners_import(scale: float) -> Iterator[Figure]:
    """Preview and commit a sheet of partners, beside writing and beside another importer."""
    rows = max(200, int(ROWS * scale))
    by, text = make.user(Role.ALLIANCE_MANAGER), sheet_of(rows)

    def ours() -> None:
        batch = imports.preview_import(
            file_name="a.csv", content=text.encode(), by=by, at=AT
        )
        imports.commit_import(batch=batch, by=by, at=AT)

    taken, bare = once(ours), once(lambda: written_bare(rows))
    theirs = once(lambda: written_by_another(text, rows))
    name = f"partners: import {rows:,} rows"
    for against, baseline, at_most in (
        ("preview and commit / the bound", IMPORT_S * rows / ROWS, 1),
        ("bulk_create without checks", bare, 20),
        ("django-import-export in bulk", theirs, 1),
    ):
        yield Figure(
            name=f"{name} / {against}",
            ours=taken,
            baseline=baseline,
            unit="s",
            goal=Goal(at_most=at_most),
        )


def written_bare(rows: int) -> None:
    """Write as many partners without looking at anything."""
    Partner.objects.bulk_create(
        (
            Partner(display_name=f"Import {i}", legal_name=f"Import {i} Ltd")
            for i in range(rows)
        ),
        batch_size=2_000,
    )


def written_by_another(text: str, rows: int) -> None:
    """Import the same sheet, but for its websites, with django-import-export."""
    lines = [line.rpartition(",")[0] for line in text.splitlines()]
    sheet = "\n".join(["display_name,legal_name,country", *lines[1:]])
    data = Dataset().load(sheet, format="csv")
    result = PartnerResource().import_data(data, raise_errors=True)
    assert result.totals["new"] == rows


def once(work: Callable[[], None]) -> float:
    """Return the seconds of one run, rolled back."""
    with transaction.atomic():
        start = time.perf_counter()
        work()
        taken = time.perf_counter() - start
        transaction.set_rollback(True)
    return taken


@case
def partners_registry(scale: float) -> Iterator[Figure]:
    """Fill the registry, then list, search, move and count in it."""
    owner = fill(scale)
    size = f"{int(COOPERATIONS * scale):,} cooperations"
    yield from lists(owner, size)
    yield from searches(owner)
    yield from statistics(size)
    yield moves(owner, size)


def fill(scale: float) -> User:
    """Write the registry by SQL, guards asleep; what they guard holds by construction."""
    owner = make.user(*Role.values)
    values: dict[str, Any] = {
        "owner": owner.pk,
        "partners": int(PARTNERS * scale),
        "cooperations": int(COOPERATIONS * scale),
        "first": FIRST,
        "second": SECOND,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        guards(cursor, "DISABLE")
        for statement in FILL.split(";\n"):
            if statement.strip():
                cursor.execute(statement, values if "%(" in statement else None)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        guards(cursor, "ENABLE")
    rebuild_search()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    assert StageTransition.objects.count() >= 0.9 * TRANSITIONS * scale
    return owner


def guards(cursor: Any, word: str) -> None:
    """Let the triggers of the registry sleep, or wake them; keys are checked all the same."""
    for model in (Partner, Cooperation, StageTransition):
        cursor.execute(f"ALTER TABLE {model._meta.db_table} {word} TRIGGER USER")


def lists(owner: User, size: str) -> Iterator[Figure]:
    """Count the queries of lists of 50, and time one beside the bare rows."""
    client = Client(headers={"host": "localhost"})
    client.force_login(owner)
    for address in ("/api/v1/cooperations/", "/api/v1/partners/"):
        with CaptureQueriesContext(connection) as asked:
            answer = client.get(address)
        assert answer.status_code == 200
        yield Figure(
            name=f"partners: list of 50 at {address} of {size}",
            ours=len(asked),
            baseline=MOST_QUERIES_OF_A_LIST,
            unit="queries",
            goal=Goal(at_most=1),
        )
    with CaptureQueriesContext(connection) as asked:
        answer = client.get("/admin/partners/cooperation/board/")
    assert answer.status_code == 200
    yield Figure(
        name=f"partners: the board of {size}",
        ours=len(asked),
        baseline=2 * MOST_QUERIES_OF_A_LIST,
        unit="queries",
        goal=Goal(at_most=1),
    )


def searches(owner: User) -> Iterator[Figure]:
    """Time searches in the database beside what the usual admin search does."""
    rows = Partner.objects.visible_to(owner)

    def found(text: str) -> Callable[[], Any]:
        return lambda: list(search(rows, text)[:50].values_list("pk", flat=True))

    def usual() -> Any:
        return list(
            Partner.objects.filter(display_name__icontains="nova motors 9990").values(
                "pk"
            )[:50]
        )

    for words, text in (
        ("part of a name", "nova motors 9990"),
        ("one word that many have", "motors"),
        ("a typo", "novva motorz 99900"),
        ("Chinese", "伙伴9990"),
        ("nothing", "zzyzx unheard"),
    ):
        ours, baseline = interleaved(found(text), usual, times=5)
        yield Figure(
            name=f"partners: search {words} / the bound",
            ours=ours * 1000,
            baseline=SEARCH_MS,
            unit="ms",
            goal=Goal(at_most=1),
        )
        if words == "part of a name":
            yield Figure(
                name="partners: search part of a name / icontains",
                ours=ours * 1000,
                baseline=baseline * 1000,
                unit="ms",
                goal=Goal(at_most=1),
            )


def statistics(size: str) -> Iterator[Figure]:
    """Time the statistics of stages beside the bound, and governance beside one count."""
    everything = Cooperation.objects.all()
    taken = seconds(lambda: queries.stage_statistics(everything, at=AT), times=5)
    yield Figure(
        name=f"partners: stage statistics of {size} / the bound",
        ours=taken * 1000,
        baseline=STATISTICS_MS,
        unit="ms",
        goal=Goal(at_most=1),
    )
    taken = seconds(lambda: queries.governance(everything, at=AT), times=2)
    yield Figure(
        name=f"partners: governance of {size} / the bound",
        ours=taken,
        baseline=20,
        unit="s",
        goal=Goal(at_most=1),
    )


def moves(owner: User, size: str) -> Figure:
    """Count the queries of a stage move among all these."""
    cooperation = make.cooperation(
        make.partner(owner=owner, industry="automotive", country="DE", domain="b.ex"),
        owner=owner,
        next_step_due_on=AT.date(),
    )
    make.contact(cooperation.partner, roles=["champion"])
    operations.log_activity(
        partner=cooperation.partner,
        cooperation=cooperation,
        values={"kind": "meeting", "summary": "Talk", "happened_at": make.EARLY},
        by=owner,
        at=AT - timedelta(days=1),
    )
    fresh = Cooperation.objects.with_stage().get(pk=cooperation.pk)
    with CaptureQueriesContext(connection) as asked:
        operations.move_stage(cooperation=fresh, to="qualified", by=owner, at=AT)
    return Figure(
        name=f"partners: a stage move among {size}",
        ours=len(asked),
        baseline=MOST_QUERIES_OF_A_MOVE,
        unit="queries",
        goal=Goal(at_most=1),
    )
