"""A choice by typing that does not ask the database for a name that is known already."""

from collections.abc import Sequence
from typing import Any

from django.contrib.admin.widgets import AutocompleteSelect
from django.db.models import Model


class KnownSelect(AutocompleteSelect):
    """Choosing a row by typing, where the chosen one came with the row that is edited.

    :param known: the row that is chosen now; the caller has made sure that the person may see it.
    """

    def __init__(self, *arguments: Any, known: Model, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.known = known

    def optgroups(self, name: str, value: Sequence[str], attr: Any = None) -> Any:
        """Return the one chosen row as it is known; ask for any other."""
        if list(value) != [str(self.known.pk)]:
            return super().optgroups(name, value, attr)
        options = [
            self.create_option(
                name, self.known.pk, str(self.known), selected=True, index=0
            )
        ]
        if not self.is_required:
            options.insert(0, self.create_option(name, "", "", selected=False, index=0))
        return [(None, options, 0)]
