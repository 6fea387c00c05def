"""What late data changed in the report before: told once, with old and new."""

from dataclasses import replace

from django.utils.translation import gettext as _

from crm.figures import blocks
from crm.figures.blocks import Align, Section
from crm.figures.headline import headline
from crm.reports import queries, weeks
from crm.reports.payloads import (
    Restatement,
    VisibleSet,
    headline_of,
    restated,
)
from crm.reports.sections import Question
from crm.reports.wanted import Wanted


def restatements(wanted: Wanted, question: Question) -> list[Restatement]:
    """Return the numbers of the previous run that are known otherwise by now.

    They are told again about the partners of that run, as far as its reader may still
    see all of them.
    """
    before = queries.newest_run_like(wanted, period=weeks.before(question.period))
    if before is None:
        return []
    said = headline_of(before.payload)
    if not said:
        return []
    asked = replace(
        question,
        period=weeks.before(question.period),
        visible=VisibleSet(
            tuple(before.visible["partners"]), tuple(before.visible["rights"])
        ),
    )
    known = {each["code"]: each for each in headline(asked.facts, is_historic=True)}
    return restated(said, known)


def section(changed: list[Restatement]) -> list[Section]:
    """Return them as the last part of the report; nothing when nothing changed."""
    if not changed:
        return []
    columns: list[tuple[str, Align]] = [
        (_("Number"), "left"),
        (_("As reported"), "right"),
        (_("As known now"), "right"),
    ]
    table = blocks.table(
        columns,
        [[blocks.text(each["label"]), each["old"], each["new"]] for each in changed],
        title=_("Numbers of the previous report that late data changed"),
        total_count=len(changed),
        empty="",
    )
    return [Section(name="restated", title=_("Restated"), blocks=[table])]
