"""Gates: what a criterion asks for, what counts as evidence, and the verdict.

Evidence may live in packages above this one (usage, agreements, deals). Each package
registers its evidence kinds here from its `apps.py`; this module imports none of them.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.core.errors import DomainError

Text = str | Promise
T = TypeVar("T")


class Verdict(models.TextChoices):
    """What came out of looking at one criterion."""

    PASSED = "passed", gettext_lazy("passed")
    MISSING = "missing", gettext_lazy("missing")
    WAIVED = "waived", gettext_lazy("waived")
    UNKNOWN = "unknown", gettext_lazy("unknown")


@dataclass(frozen=True)
class Case:
    """What evidence is asked about: one cooperation at one instant.

    :ivar cooperation: the row (`partners.models.Cooperation`) with its partner loaded.
    :ivar at: the instant of the question, aware.
    """

    cooperation: Any
    at: datetime
    _told: dict[Hashable, Any] = field(default_factory=dict, compare=False, repr=False)

    def once(self, key: Hashable, tell: Callable[[], T]) -> T:
        """Return what `tell` says, asked once for all criteria that look at this case.

        :param key: begins with the module that asks, and holds all that `tell` depends on.
        """
        if key not in self._told:
            self._told[key] = tell()
        told: T = self._told[key]
        return told


@dataclass(frozen=True)
class Finding:
    """What evidence says.

    :ivar words: for a manager, in the language of the moment: what is missing or was seen.
    :ivar seen: the plain JSON values that were looked at; they are stored with the check.
    """

    verdict: Verdict
    words: str
    seen: Mapping[str, Any] = field(default_factory=dict)
    is_registered: bool = True

    @property
    def is_passed(self) -> bool:
        return self.verdict == Verdict.PASSED


class Evidence(Protocol):
    """Looks at the facts and answers; it never changes anything."""

    def __call__(self, case: Case, parameters: Mapping[str, Any], /) -> Finding: ...


@dataclass(frozen=True)
class EvidenceKind:
    """One registered kind: its code, its name for people, the parameters it knows."""

    code: str
    name: Text
    look: Evidence
    parameters: frozenset[str]


class CriterionRefusedError(DomainError):
    """A criterion cannot be stored as written."""

    code = "criterion-refused"
    is_input = True


_kinds: dict[str, EvidenceKind] = {}


def register(
    kind: str, evidence: Evidence, *, name: Text, parameters: frozenset[str]
) -> None:
    """Make a kind of evidence known; called once per kind, from `apps.py`.

    :raises ValueError: when another evidence already has this kind.
    """
    known = _kinds.get(kind)
    if known is not None and known.look is not evidence:
        raise ValueError(f"Evidence kind {kind!r} is registered twice.")
    _kinds[kind] = EvidenceKind(kind, name, evidence, parameters)


def kinds() -> tuple[EvidenceKind, ...]:
    """Every registered kind, sorted by code."""
    return tuple(_kinds[code] for code in sorted(_kinds))


def is_registered(kind: str) -> bool:
    """Tell whether this installation can look for such evidence."""
    return kind in COMPOSITES or kind in _kinds


def look(kind: str, parameters: Mapping[str, Any], case: Case) -> Finding:
    """Ask the evidence of one kind; a kind that nobody registered counts as missing."""
    if kind in COMPOSITES:
        return COMPOSITES[kind](parameters, case)
    if kind not in _kinds:
        return Finding(
            Verdict.MISSING,
            _("This installation has no evidence of the kind “%(kind)s”.")
            % {"kind": kind},
            {"unregistered": kind},
            is_registered=False,
        )
    return _kinds[kind].look(case, parameters)


def passed(words: str, **seen: Any) -> Finding:
    """Shorthand for evidence: the criterion holds, and these values show it."""
    return Finding(Verdict.PASSED, words, seen)


def missing(words: str, **seen: Any) -> Finding:
    """Shorthand for evidence: the criterion does not hold; the words say what is missing."""
    return Finding(Verdict.MISSING, words, seen)


def unknown(words: str, **seen: Any) -> Finding:
    """Shorthand for evidence: the facts are too old or absent to tell."""
    return Finding(Verdict.UNKNOWN, words, seen)


def check_parameters(kind: str, parameters: Mapping[str, Any]) -> None:
    """Refuse parameters that a registered kind does not know.

    :raises CriterionRefusedError: naming the unknown parameter or the empty list.
    """
    if kind in COMPOSITES:
        parts = parameters.get("of")
        if not isinstance(parts, list) or not parts or set(parameters) != {"of"}:
            raise CriterionRefusedError(_("A combination needs a list of criteria."))
        for part in parts:
            check_parameters(part.get("kind", ""), part.get("parameters", {}))
        return
    if kind not in _kinds:
        raise CriterionRefusedError(
            _("There is no kind of evidence called “%(kind)s”.") % {"kind": kind}
        )
    strange = sorted(set(parameters) - _kinds[kind].parameters)
    if strange:
        raise CriterionRefusedError(
            _("“%(kind)s” does not know: %(names)s.")
            % {"kind": kind, "names": ", ".join(strange)}
        )


def _findings(parameters: Mapping[str, Any], case: Case) -> list[Finding]:
    return [
        look(part["kind"], part.get("parameters", {}), case)
        for part in parameters["of"]
    ]


def _seen(findings: list[Finding]) -> dict[str, Any]:
    return {"of": [{"verdict": f.verdict.value, **f.seen} for f in findings]}


def _any_of(parameters: Mapping[str, Any], case: Case) -> Finding:
    findings = _findings(parameters, case)
    seen = _seen(findings)
    for finding in findings:
        if finding.is_passed:
            return Finding(Verdict.PASSED, finding.words, seen)
    known = [f for f in findings if f.is_registered]
    is_unknown = any(f.verdict == Verdict.UNKNOWN for f in known)
    return Finding(
        Verdict.UNKNOWN if is_unknown else Verdict.MISSING,
        _(" Or: ").join(f.words for f in known or findings),
        seen,
        is_registered=len(known) == len(findings),
    )


def _all_of(parameters: Mapping[str, Any], case: Case) -> Finding:
    findings = _findings(parameters, case)
    seen = _seen(findings)
    failed = [f for f in findings if not f.is_passed]
    if not failed:
        return Finding(Verdict.PASSED, " ".join(f.words for f in findings), seen)
    is_missing = any(f.verdict == Verdict.MISSING for f in failed)
    return Finding(
        Verdict.MISSING if is_missing else Verdict.UNKNOWN,
        " ".join(f.words for f in failed),
        seen,
        is_registered=all(f.is_registered for f in failed),
    )


COMPOSITES: Mapping[str, Callable[[Mapping[str, Any], Case], Finding]] = {
    "any_of": _any_of,
    "all_of": _all_of,
}
