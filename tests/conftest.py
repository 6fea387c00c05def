"""What all tests share."""

from tests.append_only import flush_empties_append_only_tables

__all__ = ["flush_empties_append_only_tables"]
