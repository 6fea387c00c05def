"""Where static files get their names from, and how they are packed."""

from collections.abc import Iterable, Iterator
from typing import Any

from whitenoise import compress
from whitenoise.storage import CompressedManifestStaticFilesStorage

BROTLI_QUALITY = 9
"""The last step, to 11, saves a tenth of the bytes and costs eight times the processor."""

NEVER_PACKED = (".map",)
"""Source maps: asked for by developer tools only, and half of all bytes."""


class _Compressor(compress.Compressor):  # type: ignore[misc]  # no types
    @staticmethod
    def compress_brotli(data: bytes) -> bytes:
        packed: bytes = compress.brotli.compress(data, quality=BROTLI_QUALITY)
        return packed


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

    def create_compressor(self, **options: Any) -> compress.Compressor:
        """Return what packs one file, with Brotli where it is installed: every first start waits for it."""
        return _Compressor(**options)

    def compress_files(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Pack the files under the names that pages use; not their plain twins."""
        hashed = set(self.hashed_files.values())
        wanted = [
            path for path in paths if path in hashed and not path.endswith(NEVER_PACKED)
        ]
        yield from super().compress_files(wanted)
