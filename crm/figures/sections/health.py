"""Health of the cooperations: score, change and measures, and the reasons of what lags."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from crm.figures import blocks, links, words
from crm.figures.blocks import Align, Block, Figure, Move, Tone, Value
from crm.figures.facts import Facts
from crm.figures.health import Fared
from crm.watch.health import Colour, Measure
from crm.watch.queries.health import measures_of

FEW = 3
"""Of so few cooperations the reasons of all are told, not only of those that lag."""

MOST_ROWS = 200
TONES: dict[Colour, Tone] = {Colour.GREEN: "good", Colour.RED: "bad"}


def health(facts: Facts) -> list[Block]:
    """Return how many fare how, each cooperation's health, and why those lag that do."""
    rows = facts.health.rows
    if not rows:
        return []
    told = [_table(facts)]
    if len(rows) > FEW:
        told.insert(0, blocks.figures(_counts(facts)))
    explained = [row for row in rows if _is_explained(row, of=len(rows))]
    if explained:
        why = [_reasons(row, facts.frame.language) for row in explained[:MOST_ROWS]]
        told.append(blocks.moves(why, title=_("Why"), empty=""))
    return told


def _is_explained(row: Fared, *, of: int) -> bool:
    reading = row.reading
    is_looked_at = reading.snapshot is not None or reading.override is not None
    return is_looked_at and (of <= FEW or reading.colour is not Colour.GREEN)


def _counts(facts: Facts) -> list[Figure]:
    found = facts.health
    labels = {
        Colour.GREEN: _("Healthy"),
        Colour.AMBER: _("Need care"),
        Colour.RED: _("In trouble"),
        Colour.UNKNOWN: _("Health unknown"),
    }
    return [
        Figure(
            label=label,
            value=blocks.count(found.count(colour)),
            url=links.page("admin:watch_healthsnapshot_changelist"),
        )
        for colour, label in labels.items()
    ]


def _table(facts: Facts) -> Block:
    rows = facts.health.rows
    columns: list[tuple[str, Align]] = [
        (_("Cooperation"), "left"),
        (_("Health"), "right"),
        (_("Reads as"), "left"),
        (_("Change"), "right"),
        *((_capital(measure.label), "right") for measure in Measure),
    ]
    return blocks.table(
        columns,
        [_row(row) for row in rows[:MOST_ROWS]],
        title="",
        total_count=len(rows),
        empty="",
    )


def _row(row: Fared) -> list[Value]:
    cooperation, snapshot = row.cooperation, row.reading.snapshot
    name = f"{cooperation.partner.display_name}: {cooperation.title}"
    return [
        blocks.text(name, url=links.cooperation(cooperation.pk)),
        _score(row.reading.overall),
        blocks.text(str(row.reading.colour.label)),
        blocks.unknown() if row.change is None else blocks.number_of(row.change),
        *(
            _score(None if snapshot is None else getattr(snapshot, measure.value))
            for measure in Measure
        ),
    ]


def _score(score: int | None) -> Value:
    return blocks.unknown() if score is None else blocks.count(score)


def _reasons(row: Fared, language: str) -> Move:
    cooperation, reading = row.cooperation, row.reading
    return Move(
        title=f"{cooperation.partner.display_name}: {cooperation.title}",
        text=_summary(row, language),
        tone=TONES.get(reading.colour, "plain"),
        evidence=list(_evidence(row, language)),
        url=links.cooperation(cooperation.pk),
    )


def _summary(row: Fared, language: str) -> str:
    reading = row.reading
    if reading.overall is None:
        said = _("Too little is known for a score")
    else:
        said = _("%(score)d of 100, %(colour)s") % {
            "score": reading.overall,
            "colour": reading.colour.label,
        }
    if reading.snapshot is None:
        return said
    return _("%(said)s; %(share)s of what counts is known") % {
        "said": said,
        "share": words.percent(
            blocks.exact_ratio(reading.snapshot.confidence, 100), language
        ),
    }


def _evidence(row: Fared, language: str) -> Iterator[str]:
    reading = row.reading
    if reading.override is not None:
        yield _("Set by %(person)s until %(day)s: %(reason)s") % {
            "person": reading.override.by,
            "day": words.day(reading.override.ends_on, language),
            "reason": reading.override.reason,
        }
    if reading.snapshot is None:
        return
    for measure in measures_of(reading.snapshot):
        score = _("unknown") if measure.score is None else measure.score
        yield _("%(measure)s %(score)s: %(reasons)s") % {
            "measure": _capital(measure.label),
            "score": score,
            "reasons": " ".join(measure.reasons),
        }


def _capital(label: object) -> str:
    said = str(label)
    return said[:1].upper() + said[1:]
