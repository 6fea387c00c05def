"""Refusals of the reader; each names the file, and the line and column where known."""

from django.utils.translation import gettext as _

from crm.core.errors import DomainError


class FileRefusedError(DomainError):
    """A delivered file cannot be read as usage; nothing of it is loaded."""

    code = "usage.file-refused"
    is_input = True

    def __init__(
        self,
        reason: str,
        *,
        file: str,
        line: int | None = None,
        column: str = "",
        value: str = "",
        code: str | None = None,
    ) -> None:
        place = file
        if line is not None:
            place += _(", line %(line)d") % {"line": line}
        if column:
            place += _(", column %(column)s") % {"column": column}
        super().__init__(f"{place}: {reason}", code=code)
        self.reason = reason
        self.file = file
        self.line = line
        self.column = column
        self.value = value

    def as_json(self) -> dict[str, object]:
        """Return the refusal as plain values for `--json` and the API."""
        return {
            "code": self.code,
            "file": self.file,
            "line": self.line,
            "column": self.column or None,
            "value": self.value or None,
            "reason": self.reason,
        }
