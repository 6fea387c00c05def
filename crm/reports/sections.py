"""The seam to the figures: who builds which section, and how fresh the sources are.

A package above or beside registers its sections in its `apps.py`:

    sections.add("commitments", title=_("Commitments"), build=commitments, fits=(...))

The sections of `crm.figures` are added all at once, by `apps.py`.

A builder gets a `Question` and returns blocks of plain JSON (`crm.figures.blocks`), in
the language of the question, from partners of the question and no others. It returns no
blocks where the reader may see nothing or nothing happened.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from crm.core.errors import DomainError
from crm.figures.blocks import Block
from crm.figures.facts import Facts
from crm.figures.frame import Frame
from crm.reports import weeks
from crm.reports.models.definition import Audience
from crm.reports.payloads import Freshness, VisibleSet
from crm.reports.weeks import Period


class SectionNotFoundError(DomainError):
    """A report names a section that nobody builds."""

    code = "reports.no-such-section"
    is_input = True


@dataclass(frozen=True)
class Question:
    """What a section is asked: whose figures, about when, said how.

    :param period: whole days of `zone`; usage is cut by days, events by instants.
    :param currency: the currency in which amounts are shown.
    :param language: already active while a builder runs.
    :param made_at: when the report is made; None is in time.
    """

    audience: str
    visible: VisibleSet
    period: Period
    zone: ZoneInfo
    currency: str
    language: str
    made_at: datetime | None = None

    @property
    def is_past(self) -> bool:
        """Tell whether another period has ended since: the report comes after the fact."""
        if self.made_at is None:
            return False
        return self.made_at >= weeks.following(self.period).ends_at(self.zone)

    @property
    def starts_at(self) -> datetime:
        """Return the first instant of the period."""
        return self.period.starts_at(self.zone)

    @property
    def cut_off(self) -> datetime:
        """Return the first instant after the period: nothing later counts."""
        return self.period.ends_at(self.zone)

    @cached_property
    def facts(self) -> Facts:
        """The figures of this question; each is read once, whoever asks for it."""
        return Facts(
            Frame(
                partner_ids=self.visible.partner_ids,
                first=self.period.first,
                after=self.period.after,
                zone=self.zone,
                currency=self.currency,
                language=self.language,
                rights=frozenset(self.visible.rights),
                is_past=self.is_past,
            )
        )


Build = Callable[[Question], list[Block]]


@dataclass(frozen=True, slots=True)
class SectionKind:
    """One section that reports may have."""

    name: str
    title: str | Promise
    build: Build
    fits: frozenset[str]
    right: str = ""
    asks: tuple[str, ...] = ()


Measure = Callable[[Question], list[Freshness]]

_kinds: dict[str, SectionKind] = {}
_sources: dict[str, Measure] = {}


def add(
    name: str,
    *,
    title: str | Promise,
    build: Build,
    fits: Iterable[str] = tuple(Audience.values),
    right: str = "",
    asks: Iterable[str] = (),
) -> None:
    """Offer a section under a name; the same name again replaces it.

    :param title: lazy text, read in the report's language.
    :param fits: the audiences it makes sense for.
    :param right: the permission ("deals.view_deal") without which a reader does not see
        this section in the app; the report leaves it out as well.
    :param asks: further permissions without which parts of the section are left out.
    """
    _kinds[name] = SectionKind(name, title, build, frozenset(fits), right, tuple(asks))


def add_source(name: str, measure: Measure) -> None:
    """Say how fresh some sources of figures are; reports wait for them, then say so."""
    _sources[name] = measure


def names() -> list[str]:
    """Return the names of all sections, in order of registration."""
    return list(_kinds)


def kind(name: str) -> SectionKind:
    """Return one section.

    :raises SectionNotFoundError: when nobody offers it.
    """
    if name not in _kinds:
        raise SectionNotFoundError(
            _("There is no section %(name)s.") % {"name": repr(name)}
        )
    return _kinds[name]


def rights_asked(section_names: Iterable[str]) -> list[str]:
    """Return the permissions that these sections ask of a reader.

    :raises SectionNotFoundError: when nobody offers one of them.
    """
    kinds = [kind(name) for name in section_names]
    return sorted(
        {right for each in kinds for right in (each.right, *each.asks)} - {""}
    )


def freshness(question: Question) -> list[Freshness]:
    """Return how far each source goes."""
    return [each for measure in _sources.values() for each in measure(question)]
