"""What every refusal of the business has in common."""


class DomainError(Exception):
    """A refusal that a person can read and a machine can tell apart.

    `code` is stable and dotted; `missing` lists what would have to be true, in words.
    `is_input` tells a fault in what was sent (400) from one in the state of things (409).
    """

    code: str = "refused"
    is_input: bool = False

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
