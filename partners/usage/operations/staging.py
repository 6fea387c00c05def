"""Read the files of a load into staged Parquet, one folder per billing month."""

import hashlib
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
from django.conf import settings
from django.utils.translation import gettext as _

from partners.usage.focus import files as delivered
from partners.usage.focus import manifests, reading, rejects, stored, tally
from partners.usage.focus.errors import FileRefusedError
from partners.usage.focus.manifests import Handed
from partners.usage.focus.stored import COST_WORDS, Facts

Totals = dict[str, dict[str, Decimal]]

SHOWN_REJECTS = 50


class RowsRejectedError(FileRefusedError):
    """More rows are rejected than may be; none is loaded, the rejects are kept."""

    summed: "Summed"


@dataclass(frozen=True, kw_only=True)
class StagedMonth:
    """One billing month of a load, as Parquet in a folder of its own."""

    month: date
    folder: Path
    facts: Facts


@dataclass(frozen=True, kw_only=True)
class StagedLoad:
    """What the files of a load came to."""

    files: list[dict[str, object]]
    version: str
    summed: "Summed"
    months: tuple[StagedMonth, ...]


def open_all(
    handed: Handed, *, work: Path, progress: delivered.Progress
) -> list[delivered.Opened]:
    """Open every file and hold it against the manifest.

    :raises FileRefusedError: as `files.open_file`, and for one content under two names.
    """
    opened: list[delivered.Opened] = []
    seen: dict[str, str] = {}
    for at, path in enumerate(handed.files):
        place = work / f"file-{at}"
        place.mkdir()
        one = delivered.open_file(path, work=place, progress=progress)
        manifests.promised(handed, name=one.name, sha256=one.sha256)
        if one.sha256 in seen:
            raise FileRefusedError(
                _("The same content as %(other)s: it would count twice.")
                % {"other": seen[one.sha256]},
                file=one.name,
                code="usage.file-twice",
            )
        seen[one.sha256] = one.name
        opened.append(one)
    return opened


def digest_of(opened: Sequence[delivered.Opened]) -> str:
    """Return what identifies the content of a load, whatever its files are called."""
    listed = "\n".join(sorted(f"{one.size} {one.sha256}" for one in opened))
    return hashlib.sha256(listed.encode()).hexdigest()


def stage(
    connection: duckdb.DuckDBPyConnection,
    opened: Sequence[delivered.Opened],
    *,
    handed: Handed,
    work: Path,
    between: Callable[[], None],
) -> StagedLoad:
    """Read all files and divide their rows by billing month.

    :param between: called after each file; may raise to stop.
    :raises FileRefusedError: a file cannot be trusted, too many rows are rejected, the
        manifest promises another number of rows, or totals disagree.
    """
    staged = []
    for at, one in enumerate(opened):
        into = work / f"part-{at + 1}.parquet"
        staged.append(reading.stage(one, into=into, connection=connection))
        between()
    whole = _summed(staged)
    _refuse_too_many_rejects(whole)
    _refuse_other_row_count(whole, handed)
    months = _divided(connection, staged, work=work)
    _refuse_other_totals(whole, months)
    return StagedLoad(
        files=[_file(one) for one in staged],
        version=handed.version or max(one.header.version for one in staged),
        summed=whole,
        months=tuple(months),
    )


@dataclass(frozen=True, kw_only=True)
class Summed:
    """Rows and totals of all files of a load."""

    rows_read: int
    rows_kept: int
    totals: Totals
    rejected: Totals
    rejects: tuple[rejects.Reject, ...]
    notices: tuple[str, ...]


def _summed(staged: Sequence[reading.Staged]) -> Summed:
    return Summed(
        rows_read=sum(one.rows_read for one in staged),
        rows_kept=sum(one.rows_kept for one in staged),
        totals=added(*(_words(one.totals) for one in staged)),
        rejected=added(*(_words(one.rejected) for one in staged)),
        rejects=tuple(reject for one in staged for reject in one.rejects),
        notices=tuple(notice for one in staged for notice in one.notices),
    )


def _words(totals: tally.Totals) -> Totals:
    return {
        currency: {COST_WORDS[column]: amount for column, amount in costs.items()}
        for currency, costs in totals.items()
    }


def added(*many: Totals) -> Totals:
    """Add totals up, each currency by itself."""
    sums: Totals = {}
    for totals in many:
        for currency, costs in totals.items():
            into = sums.setdefault(
                currency, dict.fromkeys(COST_WORDS.values(), Decimal(0))
            )
            for cost, amount in costs.items():
                into[cost] = tally.EXACT.add(into[cost], amount)
    return sums


def _file(one: reading.Staged) -> dict[str, object]:
    dialect = one.opened.dialect
    return {
        "name": one.opened.name,
        "bytes": one.opened.size,
        "sha256": one.opened.sha256,
        "kind": one.opened.kind,
        "focus_version": one.header.version,
        "rows": one.rows_read,
        "dialect": {
            "compression": dialect.compression or None,
            "byte_order_mark": dialect.has_bom,
            "newline": dialect.newline,
            "null_texts": list(dialect.null_texts),
        },
    }


def _refuse_too_many_rejects(whole: Summed) -> None:
    limit = Decimal(settings.USAGE_REJECT_SHARE) * whole.rows_read
    if len(whole.rejects) <= limit and whole.rows_kept:
        return
    first = whole.rejects[0]
    refusal = RowsRejectedError(
        _("%(reason)s (%(count)d of %(rows)d rows are rejected, %(limit)s %% may be)")
        % {
            "reason": first.reason,
            "count": len(whole.rejects),
            "rows": whole.rows_read,
            "limit": f"{Decimal(settings.USAGE_REJECT_SHARE) * 100:f}".rstrip(
                "0"
            ).rstrip("."),
        },
        file=first.file,
        line=first.line,
        column=first.column,
        value=first.value,
        code="usage.rows-rejected",
    )
    refusal.summed = whole
    raise refusal


def _refuse_other_row_count(whole: Summed, handed: Handed) -> None:
    if handed.rows is None or handed.rows == whole.rows_read:
        return
    raise FileRefusedError(
        _("The manifest promises %(promised)d rows; the files hold %(found)d.")
        % {"promised": handed.rows, "found": whole.rows_read},
        file=handed.manifest,
        code="usage.rows-differ",
    )


def _divided(
    connection: duckdb.DuckDBPyConnection,
    staged: Sequence[reading.Staged],
    *,
    work: Path,
) -> list[StagedMonth]:
    parts = [one.path for one in staged]
    shapes = [one.shape for one in staged if one.shape is not None]
    found = stored.months(connection, parts)
    months = []
    for month in found:
        folder = work / f"month-{month:%Y-%m}"
        folder.mkdir()
        for part in parts:
            into = folder / part.name
            if len(found) == 1:
                part.rename(into)
            else:
                stored.split(connection, part, month=month, into=into)
        for shape in shapes:
            shutil.copyfile(shape, folder / shape.name)
        files = sorted(folder.glob("*.parquet"))
        months.append(
            StagedMonth(
                month=month, folder=folder, facts=stored.facts(connection, files)
            )
        )
    return months


def _refuse_other_totals(whole: Summed, months: Sequence[StagedMonth]) -> None:
    """Hold what was stored against what the files say, to the last digit."""
    stored = added(*(month.facts.totals for month in months), whole.rejected)
    wanted = {currency: costs for currency, costs in whole.totals.items() if currency}
    found = {currency: costs for currency, costs in stored.items() if currency}
    rows = sum(month.facts.rows for month in months)
    if wanted == found and rows == whole.rows_kept:
        return
    raise FileRefusedError(
        _("Totals of the files and of what was stored disagree: %(file)s, %(store)s.")
        % {"file": plain(wanted), "store": plain(found)},
        file=", ".join(month.folder.name for month in months),
        code="usage.totals-disagree",
    )


def plain(totals: Totals) -> dict[str, dict[str, str]]:
    """Return totals as exact decimal texts."""
    return {
        currency: {cost: decimal_text(amount) for cost, amount in costs.items()}
        for currency, costs in sorted(totals.items())
    }


def decimal_text(amount: Decimal) -> str:
    """Write an amount out in full, without an exponent and without idle zeros."""
    text = f"{amount:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def exact(totals: dict[str, dict[str, str]]) -> Totals:
    """Return decimal texts as numbers again."""
    return {
        currency: {cost: Decimal(text) for cost, text in costs.items()}
        for currency, costs in totals.items()
    }
