"""What each row of an export does, judged one by one; called by `imports` only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.core.errors import DomainError
from deals import pipeline
from deals.models import Agreement, Deal, DealImportRow
from deals.operations.bringing import Brought, Haul, Incoming
from deals.operations.deals import EDITABLE
from deals.pipeline import DealStage
from deals.queries.bringing import Finder
from deals.sheet_cells import salesforce_id
from deals.sheet_columns import System
from partners.cells import Problem, ReadRow
from partners.models import Partner
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
    """What a row does: the deal it is about, old and new values, what is to be said."""

    outcome: DealImportRow.Outcome
    deal: Deal | None = None
    old: dict[str, Any] = field(default_factory=dict)
    new: dict[str, Any] = field(default_factory=dict)
    problems: list[dict[str, Any]] = field(default_factory=list)


class RowFaultError(Exception):
    """The row cannot be taken; the text says why."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What all rows would do; `haul.write()` does it."""

    done: list[Done]
    haul: Haul


def plan_rows(
    *,
    rows: Sequence[ReadRow],
    system: str,
    by: User,
    at: datetime,
    for_update: bool = False,
) -> Plan:
    """Judge every row, each refused or taken by itself; nothing is written.

    :param for_update: lock what is judged, to write it afterwards.
    """
    numbers = [_number(row, system) for row in rows]
    finder = Finder([row.values for row in rows], system=system, by=by)
    haul = Haul(system=system, by=by, at=at)
    haul.prepare(
        filter(None, numbers), partners=finder.partners.values(), for_update=for_update
    )
    owners = {row.values["owner"] for row in rows if "owner" in row.values}
    sheet = _Sheet(
        haul=haul, finder=finder, people=User.objects.in_bulk(sorted(owners))
    )
    done = [sheet.judge(row, number) for row, number in zip(rows, numbers, strict=True)]
    return Plan(done=done, haul=haul)


def _number(row: ReadRow, system: str) -> str:
    number = str(row.values.get("external_id", ""))
    return salesforce_id(number) if system == System.SALESFORCE else number


@dataclass(kw_only=True)
class _Sheet:
    """What is shared by the rows of one sheet while they are judged."""

    haul: Haul
    finder: Finder
    people: Mapping[int, User]
    lines: dict[str, int] = field(default_factory=dict)

    def judge(self, row: ReadRow, number: str) -> Done:
        said = [problem.as_json() for problem in row.problems]
        if len(row.values) + len(said) <= 1:  # a total, or a copyright below the rows
            note = _told(_("no deal in this line; left out"), is_fault=False)
            return Done(outcome=Outcome.UNCHANGED, problems=[note])
        if row.is_refused:
            return Done(outcome=Outcome.REFUSED, problems=said)
        before = self.haul.known.get(number)
        try:
            brought = self.haul.bring(self._incoming(row, number))
        except (DomainError, RowFaultError) as refusal:
            fault = _told(_reason(refusal), is_fault=True)
            return Done(outcome=Outcome.REFUSED, problems=[*said, fault])
        notes = [_told(note, is_fault=False) for note in brought.notes]
        return _done(brought, before, problems=[*said, *notes])

    def _incoming(self, row: ReadRow, number: str) -> Incoming:
        values = row.values
        self._check(row, number)
        stage = DealStage(values["stage"])
        is_won, is_closed = stage == DealStage.LAUNCHED, stage in pipeline.CLOSED
        ending = values.get("won_reason" if is_won else "lost_reason", {})
        known = self.haul.known.get(number)
        partner = known.partner if known else self.finder.partner_of(values)
        return Incoming(
            system=self.haul.system,
            external_id=number,
            title=values["title"],
            stage=stage,
            partner=partner,
            values=self._fields(values, partner, known, is_closed=is_closed),
            reason=ending.get("reason", "other") if is_closed else "",
            competitor=values.get("competitor", ""),
            closed_on=values.get("close_date") if is_closed else None,
            note=ending.get("note", ""),
        )

    def _check(self, row: ReadRow, number: str) -> None:
        if not number:
            raise RowFaultError(_("has no id; export the column with the ids, too"))
        if self.lines.setdefault(number, row.line) != row.line:
            raise RowFaultError(
                _("“%(value)s” stands in line %(line)d, too")
                % {"value": number, "line": self.lines[number]}
            )
        if "stage" not in row.values or "title" not in row.values:
            raise RowFaultError(_("a deal has a name and a stage"))

    def _fields(
        self,
        values: Mapping[str, Any],
        partner: Partner | None,
        known: Deal | None,
        *,
        is_closed: bool,
    ) -> dict[str, Any]:
        fields = {name: values[name] for name in PLAIN if name in values}
        if known is None and "end_customer" not in fields and "partner" in values:
            fields["end_customer"] = values["partner"]
        if "owner" in values:
            fields["owner"] = self.people[values["owner"]]
        if "close_date" in values and (known is None or not is_closed):
            fields["target_close_on"] = values["close_date"]
        if "agreement" in values:
            fields["agreement"] = self._paper(values["agreement"], partner)
        return fields

    def _paper(self, text: str, partner: Partner | None) -> Agreement:
        found = self.finder.paper_of(partner, text) if partner else None
        if found is None:
            raise RowFaultError(
                _("no agreement of this partner is called “%(text)s”") % {"text": text}
            )
        return found


def _told(text: str, *, is_fault: bool) -> dict[str, Any]:
    return Problem(column=0, heading="", text=text, is_fault=is_fault).as_json()


def _reason(refusal: Exception) -> str:
    missing = getattr(refusal, "missing", ())
    return f"{refusal} {', '.join(missing)}".strip()


def _done(
    brought: Brought, known: Deal | None, *, problems: list[dict[str, Any]]
) -> Done:
    after = _values(brought.deal)
    before = _values(known) if known else {}
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


def _values(deal: Deal) -> dict[str, Any]:
    """Return what a row may change, as JSON has it."""
    raw = {
        name: getattr(deal, f"{name}_id" if hasattr(deal, f"{name}_id") else name)
        for name in COMPARED
    }
    return {
        name: value if isinstance(value, int | None) else str(value)
        for name, value in plain(raw).items()
    }
