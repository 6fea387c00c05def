"""What trips an alert: the kinds of rules, their letters and their thresholds; no database.

The thresholds here are seeds. Those in force are rows (`AlertRule`) that people edit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.core.errors import DomainError


class Severity(models.TextChoices):
    """How much it matters."""

    INFO = "info", gettext_lazy("worth knowing")
    WARNING = "warning", gettext_lazy("needs a look")
    CRITICAL = "critical", gettext_lazy("needs action")


class Subject(models.TextChoices):
    """What an alert is about; the value is the label of the model."""

    COOPERATION = "partners.cooperation", gettext_lazy("cooperation")
    COMMITMENT = "deals.commitment", gettext_lazy("commitment")
    AGREEMENT = "deals.agreement", gettext_lazy("agreement")
    SOURCE = "usage.billingsource", gettext_lazy("billing source")
    ACCOUNT = "usage.cloudaccount", gettext_lazy("cloud account")


class ThresholdRefusedError(DomainError):
    """A threshold cannot be like this."""

    code = "alert-rule.threshold"
    is_input = True


@dataclass(frozen=True, kw_only=True)
class RuleKind:
    """One kind of rule as the product knows it.

    :ivar letter: of the at-risk rules; empty for alerts that put nobody at risk.
    :ivar thresholds: names with their seeds; numbers, days or percent as the name says.
    :ivar clean_days: for how many days the condition must be gone before it closes.
    """

    code: str
    title: str | Promise
    subject: Subject
    severity: Severity
    thresholds: Mapping[str, Decimal]
    letter: str = ""
    clean_days: int = 3


AT_RISK_CLEAN_DAYS: Final = 14
"""A cooperation leaves the at-risk list after two clean weeks."""


def _seeds(**named: int | str) -> dict[str, Decimal]:
    return {name: Decimal(value) for name, value in named.items()}


def _risk(
    letter: str, code: str, title: str | Promise, **thresholds: int | str
) -> RuleKind:
    return RuleKind(
        code=code,
        letter=letter,
        title=title,
        subject=Subject.COOPERATION,
        severity=Severity.CRITICAL,
        thresholds=_seeds(**thresholds),
        clean_days=AT_RISK_CLEAN_DAYS,
    )


KINDS: Final[tuple[RuleKind, ...]] = (
    _risk(
        "a",
        "usage_falling",
        gettext_lazy("AI spend falls, or nothing is used"),
        least_stage_order=6,
        drop_percent=30,
        quiet_days=7,
    ),
    _risk(
        "b",
        "commitment_behind",
        gettext_lazy("A commitment is far behind its plan"),
        pace_below="0.75",
        shortfall_percent=10,
        term_left_percent=50,
    ),
    _risk(
        "c",
        "stalled",
        gettext_lazy("Stays in its stage far too long"),
        expected_days_factor="1.5",
    ),
    _risk(
        "d",
        "poc_unmeasured",
        gettext_lazy("A proof of concept ends with metrics unmeasured"),
        days_before_end=14,
    ),
    _risk(
        "e",
        "notice_without_renewal",
        gettext_lazy("Notice can still be given and no renewal is open"),
        days_before_deadline=60,
    ),
    _risk(
        "f",
        "sponsor_gone",
        gettext_lazy("The executive sponsor left and is not replaced"),
        days_since_left=30,
    ),
    _risk(
        "g",
        "paper_partnership",
        gettext_lazy("Signed, and no AI usage"),
        days_since_signed=90,
    ),
    RuleKind(
        code="usage_drop",
        title=gettext_lazy("Usage dropped"),
        subject=Subject.COOPERATION,
        severity=Severity.WARNING,
        thresholds=_seeds(drop_percent=30, least_active_days=7),
        clean_days=7,
    ),
    RuleKind(
        code="zero_usage",
        title=gettext_lazy("Nothing is used any more"),
        subject=Subject.COOPERATION,
        severity=Severity.WARNING,
        thresholds=_seeds(quiet_days=7),
        clean_days=3,
    ),
    RuleKind(
        code="usage_spike",
        title=gettext_lazy("Usage jumped"),
        subject=Subject.COOPERATION,
        severity=Severity.INFO,
        thresholds=_seeds(rise_percent=100, least_active_days=14),
        clean_days=7,
    ),
    RuleKind(
        code="late_data",
        title=gettext_lazy("Billing data is late"),
        subject=Subject.SOURCE,
        severity=Severity.WARNING,
        thresholds=_seeds(days_beyond_lateness=0),
        clean_days=1,
    ),
    RuleKind(
        code="held_delivery",
        title=gettext_lazy("A delivery waits for a decision"),
        subject=Subject.SOURCE,
        severity=Severity.WARNING,
        thresholds=_seeds(least_held=1),
        clean_days=0,
    ),
    RuleKind(
        code="unassigned_spend",
        title=gettext_lazy("Spend belongs to nobody"),
        subject=Subject.ACCOUNT,
        severity=Severity.WARNING,
        thresholds=_seeds(least_spend=100),
        clean_days=0,
    ),
    RuleKind(
        code="commitment_pace",
        title=gettext_lazy("A commitment leaves its plan"),
        subject=Subject.COMMITMENT,
        severity=Severity.WARNING,
        thresholds=_seeds(pace_below="0.9", pace_above="1.25"),
        clean_days=7,
    ),
    RuleKind(
        code="notice_deadline",
        title=gettext_lazy("A notice deadline comes near"),
        subject=Subject.AGREEMENT,
        severity=Severity.WARNING,
        thresholds=_seeds(days_before_deadline=30),
        clean_days=0,
    ),
)

BY_CODE: Final[Mapping[str, RuleKind]] = {kind.code: kind for kind in KINDS}
LETTERS: Final[Mapping[str, str]] = {
    kind.code: kind.letter for kind in KINDS if kind.letter
}
"""Code of each at-risk rule → its letter."""

Thresholds = Mapping[str, Decimal]


def read_thresholds(code: str, given: Mapping[str, Any]) -> dict[str, Decimal]:
    """Return the thresholds of a rule, seeds where nothing is given.

    :raises ThresholdRefusedError: naming one that the kind does not know, or that is no
        number of zero or more.
    """
    known = BY_CODE[code].thresholds
    strange = sorted(set(given) - set(known))
    if strange:
        raise ThresholdRefusedError(
            _("This rule does not know: %(names)s.") % {"names": ", ".join(strange)}
        )
    return {name: _number(name, given.get(name, seed)) for name, seed in known.items()}


def _number(name: str, value: Any) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal(-1)
    if not number.is_finite() or number < 0:
        raise ThresholdRefusedError(
            _("“%(name)s” must be a number of zero or more.") % {"name": name}
        )
    return number
