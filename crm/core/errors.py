"""What every refusal of the business has in common."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

IN_THE_WAY = gettext_lazy("In the way: %(what)s")
"""A `missing_as` for refusals whose `missing` lists what stands in the way."""


class DomainError(Exception):
    """A refusal that a person can read and a machine can tell apart.

    `code` is stable and dotted; `missing` lists what would have to be true, in words, or what stands
    in the way; `missing_as` says which, for one of them.
    `is_input` tells a fault in what was sent (400) from one in the state of things (409).
    """

    code: str = "refused"
    is_input: bool = False
    missing_as: str | Promise = gettext_lazy("Missing: %(what)s")

    def __init__(
        self, text: str, *, code: str | None = None, missing: tuple[str, ...] = ()
    ) -> None:
        super().__init__(text)
        self.text = text
        self.missing = missing
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        return str(self.text)


class StaleVersionError(DomainError):
    """Somebody else changed the row since it was read; `current` is its version now."""

    code = "version.stale"

    def __init__(self, text: str, *, current: int) -> None:
        super().__init__(text)
        self.current = current
