"""Where static files get their names from."""

from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage


class Storage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # no types
    """Hashed and compressed files once collected; plain names as long as nothing is.

    So development and tests need no `collectstatic`, and a folder that was collected
    answers with names that browsers may keep for ever.
    """

    def stored_name(self, name: str) -> Any:
        """Return the hashed name, or the plain one before the first collection."""
        if not self.hashed_files:
            return name
        return super().stored_name(name)
