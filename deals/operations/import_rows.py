"""What each row of an export does, tried or done, and taken back; called by `imports` only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.core.errors import DomainError
from deals import pipeline
from deals.models import Deal, DealImportRow
from deals.operations import bringing
from deals.operations.bringing import Brought, Incoming
from deals.operations.deals import EDITABLE
from deals.pipeline import DealStage
from deals.queries.imports import Finder, known_deals
from deals.sheet_cells import salesforce_id
from deals.sheet_columns import System
from partners.cells import Problem, ReadRow
from partners.operations.changes import plain

Outcome = DealImportRow.Outcome
COMPARED = (
    "stage", "closed_on", "won_reason", "lost_reason", "closing_note",
    *sorted(EDITABLE),
)  # fmt: skip
PLAIN = (
    "amount", "currency", "monthly_spend", "contract_months", "deal_type",
    "end_customer", "use_case", "next_step", "competitor",
)  # fmt: skip


@dataclass(kw_only=True)
class Done:
    """What a row did: the deal it is about, old and new values, what is to be said."""

    outcome: Outcome
    deal: Deal | None = None
    old: dict[str, Any] = field(default_factory=dict)
    new: dict[str, Any] = field(default_factory=dict)
    problems: list[dict[str, Any]] = field(default_factory=list)


@dataclass(kw_only=True)
class Sheet:
    """What is shared by the rows of one sheet while they are brought in."""

    system: str
    by: User
    at: datetime
    finder: Finder
    before: Mapping[str, dict[str, Any]]
    lines: dict[str, int] = field(default_factory=dict)


class RowFaultError(Exception):
    """The row cannot be taken; the text says why."""


def bring_rows(
    *, rows: Sequence[ReadRow], system: str, by: User, at: datetime
) -> list[Done]:
    """Bring every row in, each refused or done by itself; within a transaction."""
    numbers = [_number(row, system) for row in rows]
    known = known_deals(system=system, external_ids=filter(None, numbers))
    sheet = Sheet(
        system=system,
        by=by,
        at=at,
        finder=Finder(system=system, by=by),
        before={number: _fields(deal) for number, deal in known.items()},
    )
    return [_try(row, number, sheet) for row, number in zip(rows, numbers, strict=True)]


def _number(row: ReadRow, system: str) -> str:
    number = str(row.values.get("external_id", ""))
    return salesforce_id(number) if system == System.SALESFORCE else number


def _try(row: ReadRow, number: str, sheet: Sheet) -> Done:
    said = [problem.as_json() for problem in row.problems]
    if len(row.values) + len(said) <= 1:  # a total, or a copyright below the rows
        note = _told(_("no deal in this line; left out"), is_fault=False)
        return Done(outcome=Outcome.UNCHANGED, problems=[note])
    if row.is_refused:
        return Done(outcome=Outcome.REFUSED, problems=said)
    try:
        with transaction.atomic():
            brought = _bring(row, number, sheet)
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    except (DomainError, DatabaseError, RowFaultError) as refusal:
        faults = [_told(text, is_fault=True) for text in _reasons(refusal)]
        return Done(outcome=Outcome.REFUSED, problems=[*said, *faults])
    notes = [_told(note, is_fault=False) for note in brought.notes]
    return _done(brought, number, sheet, problems=[*said, *notes])


def _told(text: str, *, is_fault: bool) -> dict[str, Any]:
    return Problem(column=0, heading="", text=text, is_fault=is_fault).as_json()


def _reasons(refusal: Exception) -> list[str]:
    if isinstance(refusal, DomainError):
        missing = ", ".join(refusal.missing)
        return [f"{refusal} {missing}".strip()]
    return str(refusal).splitlines()[:1]


def _done(
    brought: Brought, number: str, sheet: Sheet, *, problems: list[dict[str, Any]]
) -> Done:
    after = _fields(brought.deal)
    before = sheet.before.get(number, {})
    changed = {
        name: value for name, value in after.items() if before.get(name) != value
    }
    if not before:
        changed = {name: value for name, value in changed.items() if value != ""}
    return Done(
        outcome=Outcome(brought.outcome),
        deal=brought.deal,
        old={name: before[name] for name in changed if name in before},
        new=changed,
        problems=problems,
    )


def _fields(deal: Deal) -> dict[str, Any]:
    """Return what a row may change, as JSON has it."""
    raw = {
        name: getattr(deal, f"{name}_id" if hasattr(deal, f"{name}_id") else name)
        for name in COMPARED
    }
    return {
        name: value if isinstance(value, int | None) else str(value)
        for name, value in plain(raw).items()
    }


def _bring(row: ReadRow, number: str, sheet: Sheet) -> Brought:
    values = dict(row.values)
    if not number:
        raise RowFaultError(_("has no id; export the column with the ids, too"))
    if sheet.lines.setdefault(number, row.line) != row.line:
        raise RowFaultError(
            _("“%(value)s” stands in line %(line)d, too")
            % {"value": number, "line": sheet.lines[number]}
        )
    if "stage" not in values or "title" not in values:
        raise RowFaultError(_("a deal has a name and a stage"))
    incoming = _incoming(values, number, sheet)
    return bringing.bring_deal(incoming=incoming, by=sheet.by, at=sheet.at)


def _incoming(values: dict[str, Any], number: str, sheet: Sheet) -> Incoming:
    stage = DealStage(values["stage"])
    is_won, is_closed = stage == DealStage.LAUNCHED, stage in pipeline.CLOSED
    is_new = number not in sheet.before
    partner = sheet.finder.partner_of(values) if is_new else None
    fields = {name: values[name] for name in PLAIN if name in values}
    if is_new and "end_customer" not in fields and "partner" in values:
        fields["end_customer"] = values["partner"]
    if "owner" in values:
        fields["owner"] = User.objects.get(pk=values["owner"])
    if "close_date" in values and (is_new or not is_closed):
        fields["target_close_on"] = values["close_date"]
    if "agreement" in values:
        fields["agreement"] = _paper(values["agreement"], partner, number, sheet)
    ending = values.get("won_reason" if is_won else "lost_reason", {})
    return Incoming(
        system=sheet.system,
        external_id=number,
        title=values["title"],
        stage=stage,
        partner=partner,
        values=fields,
        reason=ending.get("reason", "other") if is_closed else "",
        competitor=values.get("competitor", ""),
        closed_on=values.get("close_date") if is_closed else None,
        note=ending.get("note", ""),
    )


def _paper(text: str, partner: Any, number: str, sheet: Sheet) -> Any:
    if partner is None:
        deal = known_deals(system=sheet.system, external_ids=[number]).get(number)
        partner = deal.partner if deal else None
    found = sheet.finder.paper_of(partner, text) if partner else None
    if found is None:
        raise RowFaultError(
            _("no agreement of this partner is called “%(text)s”") % {"text": text}
        )
    return found
