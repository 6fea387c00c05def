"""Post usage to the ledgers of commitments: what should be there against what is there.

The wanted lines are told anew from the earliest day that changed; a line that differs is
reversed and posted again, a line that is as it should be is left alone. So a posting may
run twice, be killed at any point, or come late, and the ledgers end the same.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, localcontext

from django.db import transaction

from crm.journal import operations as journal
from crm.journal.operations import Draft
from deals import commitments, drawdowns
from deals.models import Commitment, DrawdownEntry, DrawdownState, EntryKind
from deals.queries import postings, promises
from deals.queries.postings import Amounts, Due, Ledger, LineKey, Posted
from deals.queries.promises import Promise

CHUNK = 500
"""Partners in one transaction."""

ZERO = Decimal(0)


@dataclass
class Outcome:
    """What one posting did.

    :ivar problems: partner → why it could not be posted.
    """

    partners: int = 0
    commitments: int = 0
    entries: int = 0
    problems: dict[int, str] = field(default_factory=dict)


def post_due(*, at: datetime) -> Outcome:
    """Post whatever is not posted yet, some hundred partners per transaction."""
    due, _promises = postings.due_partners(at=at)
    due.sort(key=lambda each: (each.since, each.partner_id))
    outcome = Outcome()
    for start in range(0, len(due), CHUNK):
        ids = [each.partner_id for each in due[start : start + CHUNK]]
        done = post_partners(partner_ids=ids, at=at)
        outcome.partners += done.partners
        outcome.commitments += done.commitments
        outcome.entries += done.entries
        outcome.problems |= done.problems
    return outcome


def lock_ledgers(partner_ids: Sequence[int]) -> None:
    """Let nobody else post for these partners until the transaction ends.

    Whoever changes terms and posts takes this lock before that of the commitment.
    """
    DrawdownState.objects.bulk_create(
        [DrawdownState(partner_id=pk) for pk in sorted(partner_ids)],
        ignore_conflicts=True,
    )
    list(
        DrawdownState.objects.select_for_update()
        .filter(pk__in=partner_ids)
        .order_by("pk")
    )


@transaction.atomic
def post_partners(*, partner_ids: Sequence[int], at: datetime) -> Outcome:
    """Bring the ledgers of these partners in step with the usage of closed months."""
    with localcontext(drawdowns.WIDE):
        return _posted(partner_ids, at=at)


def _posted(partner_ids: Sequence[int], *, at: datetime) -> Outcome:
    lock_ledgers(partner_ids)
    due, listed = postings.due_partners(at=at, partner_ids=partner_ids)
    if not due:
        return Outcome()
    since = {
        each.partner_id: promises.replay_from(listed[each.partner_id], each.since)
        for each in due
    }
    found = _usage(due, listed, since)
    ledgers = postings.ledgers(
        {p.row.pk: since[e.partner_id] for e in due for p in listed[e.partner_id]},
        with_lines=True,
    )
    outcome = Outcome(problems=found.problems)
    entries: list[DrawdownEntry] = []
    drafts: list[Draft] = []
    for each in due:
        if each.partner_id in found.problems:
            continue
        outcome.partners += 1
        teller = _Teller(listed[each.partner_id], ledgers, since[each.partner_id])
        teller.tell(found.flows.get(each.partner_id, []), until=each.closed_until)
        for promise in listed[each.partner_id]:
            written = list(teller.entries(promise, at=at))
            if written:
                entries += written
                drafts += _drafts(promise.row, written)
    DrawdownEntry.objects.bulk_create(entries, batch_size=2000)
    journal.record_many(drafts=drafts, by=None, at=at)
    _remember(due, found.problems, at=at)
    outcome.entries = len(entries)
    outcome.commitments = len({entry.commitment_id for entry in entries})
    return outcome


def _usage(
    due: Sequence[Due], listed: dict[int, list[Promise]], since: dict[int, date]
) -> promises.Usage:
    """Return the usage of closed months from which the ledgers are told anew."""
    spans = [
        promises.span_of(
            listed[each.partner_id],
            since=since[each.partner_id],
            until=max(p.row.end_on for p in listed[each.partner_id]),
        )
        for each in due
    ]
    wanted = {delivery for each in due for delivery in each.deliveries}
    return promises.usage_of(listed, spans, deliveries=wanted)


class _Teller:
    """Tells the wanted lines of one partner's commitments, and the entries they need."""

    def __init__(
        self, listed: Sequence[Promise], ledgers: dict[int, Ledger], since: date
    ) -> None:
        self.listed = listed
        self.ledgers = ledgers
        self.since = since
        self.pots = {
            p.row.pk: p.pot(
                drawn=ledgers[p.row.pk].drawn, overage=ledgers[p.row.pk].overage
            )
            for p in listed
        }
        self.wanted: dict[int, dict[LineKey, Amounts]] = {pk: {} for pk in self.pots}

    def tell(self, flows: Sequence[drawdowns.Flow], *, until: date) -> None:
        lines = drawdowns.allocate(list(self.pots.values()), flows)
        for (pk, delivery, period), line in lines.items():
            if line.counted or line.overage:
                self.wanted[pk][delivery, period] = Amounts(line.counted, line.overage)
        for promise in self.listed:
            self._judge(promise, until=until)
        for pk, pot in self.pots.items():
            lost = drawdowns.expiries(pot, until=until, since=self.since)
            for start, amount in lost.items():
                self.wanted[pk][EntryKind.EXPIRY, start] = Amounts(amount)

    def _judge(self, promise: Promise, *, until: date) -> None:
        """Say of each milestone whose months are closed what it lacked."""
        ledger, wanted = self.ledgers[promise.row.pk], self.wanted[promise.row.pk]
        told = [(key[1], line.counted + line.overage) for key, line in wanted.items()]

        def drawn(day: date) -> Decimal:
            before = sum((amount for start, amount in told if start < day), ZERO)
            return ledger.drawn + ledger.overage + before

        lacking = commitments.shortfalls(
            milestones=[
                m for m in promise.milestones if self.since <= m.due_on <= until
            ],
            drawn=drawn,
            before=ledger.lacked,
        )
        for due_on, shortfall in lacking.items():
            wanted[EntryKind.MILESTONE, due_on] = Amounts(shortfall=shortfall)

    def entries(self, promise: Promise, *, at: datetime) -> Iterator[DrawdownEntry]:
        """Yield what has to be appended to the ledger of one commitment."""
        row, ledger = promise.row, self.ledgers[promise.row.pk]
        writer = _Writer(row, ledger, at)
        if not ledger.number:
            yield writer.write(EntryKind.OPENING, "opening", Amounts(-row.amount))
        wanted = dict(self.wanted[row.pk])
        live = [line for line in ledger.lines if not line.is_reversed]
        wrong = [line for line in live if wanted.get(line.line) != line.amounts]
        for line in sorted(wrong, key=lambda one: (one.amounts.counted < 0, one.id)):
            yield writer.reverse(line)
        if ledger.number and ledger.committed != row.amount:
            change = ledger.committed - row.amount
            yield writer.write(
                EntryKind.AMENDMENT, f"amendment:{writer.number}", Amounts(change)
            )
        kept = {line.line for line in live} - {line.line for line in wrong}
        for key in sorted((key for key in wanted if key not in kept), key=_place):
            yield writer.line(key, wanted[key])


def _place(key: LineKey) -> tuple[date, int, int]:
    """Put milestones before what their day drew, and what an interval lost after it."""
    source, day = key
    if isinstance(source, int):
        return day, 1, source
    return day, 0 if source == EntryKind.MILESTONE else 2, 0


NAMES = {EntryKind.EXPIRY: "interval", EntryKind.MILESTONE: "milestone"}
"""What source lines are called that come from no delivery."""


class _Writer:
    """Appends to one ledger: the next number, the next balance."""

    def __init__(self, row: Commitment, ledger: Ledger, at: datetime) -> None:
        self.row = row
        self.at = at
        self.number = ledger.number
        self.balance = ledger.balance
        self.revisions: dict[LineKey, int] = {}
        for line in ledger.lines:
            self.revisions[line.line] = self.revisions.get(line.line, 0) + 1

    def write(
        self,
        kind: EntryKind,
        source_line: str,
        amounts: Amounts,
        *,
        key: LineKey | None = None,
        reverses: int | None = None,
    ) -> DrawdownEntry:
        self.number += 1
        self.balance -= amounts.counted
        return DrawdownEntry(
            commitment=self.row,
            number=self.number,
            kind=kind,
            source_line=source_line,
            delivery_id=key[0] if key and isinstance(key[0], int) else None,
            period_on=key and key[1],
            amount=amounts.counted,
            overage=amounts.overage,
            shortfall=amounts.shortfall,
            balance_after=self.balance,
            reversal_of_id=reverses,
            posted_at=self.at,
        )

    def reverse(self, line: Posted) -> DrawdownEntry:
        return self.write(
            EntryKind.REVERSAL,
            f"reversal:{line.id}",
            Amounts(*(-amount for amount in line.amounts)),
            key=line.line,
            reverses=line.id,
        )

    def line(self, key: LineKey, amounts: Amounts) -> DrawdownEntry:
        """Write a line; posted once more after a reversal, it has the next revision."""
        source, period = key
        revision = self.revisions[key] = self.revisions.get(key, 0) + 1
        kind, name = EntryKind.USAGE, f"delivery:{source}:{period}"
        if isinstance(source, EntryKind):
            kind, name = source, f"{NAMES[source]}:{period}"
        return self.write(kind, f"{name}#{revision}", amounts, key=key)


def _drafts(row: Commitment, written: Sequence[DrawdownEntry]) -> Iterator[Draft]:
    for entry in written:
        if entry.kind == EntryKind.MILESTONE:
            outcome = "missed" if entry.shortfall else "reached"
            yield Draft(
                kind=f"commitment.milestone-{outcome}",
                subject=row,
                partner_id=row.partner_id,
                new={
                    "due_on": entry.period_on,
                    "shortfall": entry.shortfall,
                    "unit": row.measure,
                    "policy": row.shortfall_policy,
                },
            )
    yield Draft(
        kind="commitment.drawn",
        subject=row,
        partner_id=row.partner_id,
        new={
            "entries": len(written),
            "reversed": sum(entry.kind == EntryKind.REVERSAL for entry in written),
            "balance": written[-1].balance_after,
            "latest": written[-1].number,
        },
    )


def _remember(due: Sequence[Due], problems: dict[int, str], *, at: datetime) -> None:
    """Write down how far each partner has come; one with a problem stays behind."""
    for partner, words in problems.items():
        DrawdownState.objects.filter(pk=partner).update(problem=words)
    DrawdownState.objects.bulk_update(
        [
            DrawdownState(
                partner_id=each.partner_id,
                deliveries=list(each.deliveries),
                mark=each.mark,
                closed_until=each.closed_until,
                posted_at=at,
                problem="",
            )
            for each in due
            if each.partner_id not in problems
        ],
        ["deliveries", "mark", "closed_until", "posted_at", "problem"],
        batch_size=500,
    )
