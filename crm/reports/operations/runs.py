"""Freeze a report: compute its figures once, from one snapshot, and store them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max
from django.utils import translation
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.figures import headline, words
from crm.figures.blocks import Block, Section
from crm.journal import operations as journal
from crm.reports import sections
from crm.reports.models import ReportRun
from crm.reports.operations import restating
from crm.reports.payloads import FORMAT, Freshness, Payload, digest
from crm.reports.sections import Question, SectionKind
from crm.reports.wanted import Wanted, wanted_of


def existing_run(wanted: Wanted) -> ReportRun | None:
    """Return the newest revision of this run; None when it was never computed.

    Its payload is read when somebody asks for it.
    """
    return (
        ReportRun.objects.filter(
            definition=wanted.definition,
            period=wanted.period,
            time_zone=wanted.time_zone,
            currency=wanted.currency,
            language=wanted.language,
            visible_hash=wanted.visible.hash,
        )
        .defer("payload")
        .order_by("-revision")
        .first()
    )


def is_waiting_for_data(wanted: Wanted, *, due_at: datetime, at: datetime) -> bool:
    """Tell whether late data may still come before the report goes out provisional."""
    waits_until = due_at + timedelta(minutes=wanted.definition.wait_minutes)
    if at >= waits_until:
        return False
    return not all(
        each["is_complete"] for each in sections.freshness(wanted.question())
    )


def freeze_run(*, wanted: Wanted, at: datetime) -> ReportRun:
    """Return the run of these readers; compute and store it when it is the first.

    All figures come from one snapshot of the database. Of two workers at once one
    stores, and the other takes what was stored.
    """
    found = existing_run(wanted)
    return found if found is not None else _computed(wanted, revision=1, at=at)


@transaction.atomic
def revise_run(*, run: ReportRun, by: User | None, at: datetime) -> ReportRun:
    """Compute the same report from today's data and store it as the next revision."""
    wanted = wanted_of(run)
    newest = ReportRun.objects.filter(
        definition=run.definition,
        period=run.period,
        time_zone=run.time_zone,
        currency=run.currency,
        language=run.language,
        visible_hash=run.visible_hash,
    ).aggregate(newest=Max("revision"))["newest"]
    revised = _computed(wanted, revision=newest + 1, at=at)
    journal.record(
        kind="report.computed-again",
        subject=revised,
        by=by,
        at=at,
        old={"revision": newest, "payload_hash": run.payload_hash},
        new={"revision": revised.revision, "payload_hash": revised.payload_hash},
    )
    return revised


def computed_payload(
    *, wanted: Wanted, revision: int = 1, at: datetime | None = None
) -> Payload:
    """Return the payload without storing it; for previews and dry runs.

    :param at: now; None is in time.
    """
    question = wanted.question(made_at=at)
    with snapshot(), translation.override(wanted.language):
        built = [_section(kind, question) for kind in _kinds(wanted)]
        freshness = sections.freshness(question)
        changed = restating.restatements(wanted, question)
        built += restating.section(changed)
        payload = _payload(wanted, question, built, freshness, revision)
        payload["restatements"] = changed
        return payload


@contextmanager
def snapshot() -> Iterator[None]:
    """Read everything inside as of one instant, when no transaction is open yet."""
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if is_outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def _computed(wanted: Wanted, *, revision: int, at: datetime) -> ReportRun:
    payload = computed_payload(wanted=wanted, revision=revision, at=at)
    question = wanted.question()
    ReportRun.objects.bulk_create(
        [
            ReportRun(
                definition=wanted.definition,
                period=wanted.period,
                time_zone=wanted.time_zone,
                currency=wanted.currency,
                language=wanted.language,
                visible=wanted.visible.as_json(),
                visible_hash=wanted.visible.hash,
                revision=revision,
                starts_at=question.starts_at,
                ends_at=question.cut_off,
                payload=payload,
                payload_hash=digest(payload),
                freshness=payload["freshness"],
                is_provisional=payload["is_provisional"],
                is_empty=payload["is_empty"],
                computed_at=at,
                release=settings.RELEASE,
            )
        ],
        ignore_conflicts=True,
    )
    stored = existing_run(wanted)
    if stored is None:
        raise RuntimeError("A stored run was not found again.")
    return stored


def _kinds(wanted: Wanted) -> list[SectionKind]:
    kinds = [sections.kind(name) for name in wanted.definition.sections]
    rights = {"", *wanted.visible.rights}
    return [kind for kind in kinds if kind.right in rights]


def _section(kind: SectionKind, question: Question) -> Section:
    return Section(name=kind.name, title=str(kind.title), blocks=kind.build(question))


def _payload(
    wanted: Wanted,
    question: Question,
    built: list[Section],
    freshness: list[Freshness],
    revision: int,
) -> Payload:
    is_zh = wanted.language.startswith("zh")
    period = question.period
    return Payload(
        format=FORMAT,
        name=(wanted.definition.name_zh if is_zh else "") or wanted.definition.name,
        period=period.label,
        first=period.first.isoformat(),
        last=(period.after - timedelta(days=1)).isoformat(),
        time_zone=wanted.time_zone,
        currency=wanted.currency,
        language=wanted.language,
        cut_off=question.cut_off.isoformat(),
        revision=revision,
        is_provisional=not all(each["is_complete"] for each in freshness),
        is_empty=not any(
            _says_something(block) for part in built for block in part["blocks"]
        ),
        freshness=freshness,
        notes=_notes(question),
        restatements=[],
        sections=[part for part in built if part["blocks"]],
    )


def _notes(question: Question) -> list[str]:
    """Return what a report that comes after the fact says about itself."""
    if question.made_at is None or not question.is_past:
        return []
    made = words.day(
        question.made_at.astimezone(question.zone).date(), question.language
    )
    note = _(
        "Made on %(day)s, after the fact. Moves, usage, commitments, health and who was at "
        "risk are as of the end of the period; next steps, days in stage, agreements, "
        "proposals, proofs and governance are as of %(day)s."
    )
    notes = [note % {"day": made}]
    if question.facts.frame.may(headline.DEALS) and not question.facts.pipeline.is_kept:
        deals = _(
            "No snapshot of deals was kept for this period: their stages are as of its end, "
            "their amounts, probabilities and dates as of %(day)s."
        )
        notes.append(deals % {"day": made})
    return notes


def _says_something(block: Block) -> bool:
    counted = block.get("rows") or block.get("moves") or block.get("series")
    has_number = any(
        figure["value"].get("value") not in {None, 0, "0"}
        for figure in block.get("figures", [])
    )
    return bool(counted) or has_number
