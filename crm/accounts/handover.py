"""What people own, as told by the packages: the registry behind hand-over and deactivation.

In `ready()` of a package's apps.py:

    handover.register(
        handover.Belonging(
            model="partners.Partner",
            field="owner",
            label=_("Partners"),
            kind="partner.owner-changed",
            partner_field="pk",
        )
    )

Rows with a `version` count one up. A package with rules of its own names its operation instead:
`reassign="partners.operations.cooperations.hand_over"`, called with the locked `rows`, `to`, `by`
and `at`; it changes and journals them.
"""

import dataclasses
from collections.abc import Mapping

from django.utils.functional import Promise

Filter = str | int | bool | None | tuple[str, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Belonging:
    """One kind of thing that a person can own, and how it gets another owner.

    `model` is a label, `field` its foreign key to the person, `kind` the journal kind of the
    change, `partner_field` the attribute with the partner's id (empty: no partner concerned),
    `only` a filter for what is still alive, `reassign` a dotted path instead of the plain change.
    """

    model: str
    field: str
    label: str | Promise
    kind: str
    partner_field: str = ""
    only: Mapping[str, Filter] = dataclasses.field(default_factory=dict)
    reassign: str = ""

    @property
    def key(self) -> str:
        """Return what tells it from the others: `partners.partner.owner`."""
        return f"{self.model}.{self.field}".lower()


_belongings: dict[str, Belonging] = {}


def register(belonging: Belonging) -> None:
    """Make this known; the same model and field twice is one."""
    _belongings[belonging.key] = belonging


def belongings() -> list[Belonging]:
    """Return all that was registered, in the order of their keys."""
    return [_belongings[key] for key in sorted(_belongings)]
