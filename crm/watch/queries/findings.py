"""What a rule found about a subject: the link between looking and alerting."""

from dataclasses import dataclass

from crm.watch.models import AlertRule
from crm.watch.risk import Judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one rule says about one subject today.

    :ivar name: of the subject, as the alert shows it.
    """

    rule: AlertRule
    subject_type: str
    subject_id: int
    name: str
    judgement: Judgement
    partner_id: int | None = None
    cooperation_id: int | None = None
    owner_id: int | None = None

    @property
    def key(self) -> tuple[int, str, int]:
        return self.rule.pk, self.subject_type, self.subject_id
