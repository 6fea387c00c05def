"""Where billing exports are dropped: a folder or an object-store prefix, by fsspec.

    <drop>/<source name>/<file or folder>

What is begun lies still for one look before it counts as complete. Afterwards it is
moved to `<drop>/.done/…` or `<drop>/.refused/…`, so that nothing is read twice.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooSlowError
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

import fsspec
from django.conf import settings

T = TypeVar("T")

BLOCK = 4 * 1024**2
DONE, REFUSED = ".done", ".refused"
UNFINISHED = (".part", ".tmp", ".crdownload", ".filepart")
DEFAULTS: dict[str, dict[str, Any]] = {
    "s3": {"config_kwargs": {"connect_timeout": 5, "read_timeout": 30}},
    "oss": {"connect_timeout": 5},
}
"""Options of object stores that end a call by themselves, below our own time-out."""


class DropUnreachableError(Exception):
    """The place did not answer, or not in time."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """One file or folder that somebody dropped.

    :ivar address: relative to the drop: `<source name>/<name>`.
    :ivar stamp: the same at two looks means that nobody writes any more.
    """

    address: str
    source_name: str
    stamp: str
    bytes: int
    files: tuple[str, ...]


class Drop:
    """The place, as the settings name it."""

    def __init__(self, url: str, options: dict[str, Any], *, seconds: float) -> None:
        self.seconds = seconds
        protocol = url.split("://", maxsplit=1)[0] if "://" in url else "file"
        given = {**DEFAULTS.get(protocol, {}), **options}
        self.system, self.root = self._within(
            lambda: fsspec.core.url_to_fs(url, **given)
        )
        self.root = self.root.rstrip("/")

    def found(self) -> list[Found]:
        """Return what lies there, with what tells whether it still changes."""
        return self._within(lambda: list(self._found()))

    def fetch(self, found_files: tuple[str, ...], *, into: Path) -> None:
        """Copy files block by block; each block has the time-out for itself."""
        for name in found_files:
            place = into.joinpath(*PurePosixPath(name).parts[1:])
            place.parent.mkdir(parents=True, exist_ok=True)
            self._fetch_one(name, place)

    def put_away(self, address: str, *, where: str, why: dict[str, Any]) -> None:
        """Move what was read out of the way; a refusal gets its reason beside it."""
        self._within(lambda: self._put_away(address, where, why))

    # --- what runs under the time-out

    def _found(self) -> Iterator[Found]:
        for folder in self._entries(self.root):
            source_name = PurePosixPath(folder["name"]).name
            if folder["type"] != "directory" or source_name.startswith("."):
                continue
            for entry in self._entries(folder["name"]):
                name = PurePosixPath(entry["name"]).name
                if not name.startswith(".") and not name.endswith(UNFINISHED):
                    yield self._as_found(source_name, name, entry)

    def _entries(self, path: str) -> list[dict[str, Any]]:
        self.system.invalidate_cache()
        try:
            listed = self.system.ls(path, detail=True)
        except FileNotFoundError:
            return []
        own = path.rstrip("/")
        return sorted(
            (one for one in listed if one["name"].rstrip("/") != own),
            key=lambda one: str(one["name"]),
        )

    def _as_found(self, source_name: str, name: str, entry: dict[str, Any]) -> Found:
        files = [entry]
        if entry["type"] == "directory":
            details = self.system.find(entry["name"], detail=True)
            files = [details[path] for path in sorted(details)]
        marks = [
            (
                self._relative(one["name"]),
                int(one.get("size") or 0),
                str(one.get("ETag") or one.get("mtime") or one.get("created") or ""),
            )
            for one in files
        ]
        return Found(
            address=f"{source_name}/{name}",
            source_name=source_name,
            stamp=hashlib.sha256(repr(marks).encode()).hexdigest(),
            bytes=sum(size for _name, size, _mark in marks),
            files=tuple(path for path, _size, _mark in marks),
        )

    def _relative(self, name: str) -> str:
        return str(name).removeprefix(self.root).lstrip("/")

    def _fetch_one(self, name: str, place: Path) -> None:
        source = self._within(lambda: self.system.open(f"{self.root}/{name}", "rb"))
        with source, place.open("wb") as file:
            while block := self._within(lambda: source.read(BLOCK)):
                file.write(block)

    def _put_away(self, address: str, where: str, why: dict[str, Any]) -> None:
        place = f"{self.root}/{address}"
        if not self.system.exists(place):
            return
        aside = f"{self.root}/{where}/{address}"
        self.system.makedirs(aside.rsplit("/", maxsplit=1)[0], exist_ok=True)
        if self.system.exists(aside):
            self.system.rm(aside, recursive=True)
        self.system.mv(place, aside, recursive=True)
        if why:
            self.system.pipe_file(
                f"{aside}.why.json", json.dumps(why, ensure_ascii=False).encode()
            )

    def _within(self, call: Callable[[], T]) -> T:
        """Return what the call returns, if it does so in time.

        :raises DropUnreachableError: when it is too slow or cannot be done.
        """
        pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="usage-drop")
        try:
            return pool.submit(call).result(timeout=self.seconds)
        except TooSlowError:
            raise DropUnreachableError(f"no answer in {self.seconds:g} s") from None
        except (OSError, ValueError, ImportError) as error:
            raise DropUnreachableError(f"{type(error).__name__}: {error}") from error
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def is_watched() -> bool:
    """Tell whether the settings name a place."""
    return bool(settings.USAGE_DROP)


def configured() -> Drop | None:
    """Return the drop of the settings, or None where there is none.

    :raises DropUnreachableError: when it cannot be opened.
    """
    if not settings.USAGE_DROP:
        return None
    return Drop(
        settings.USAGE_DROP,
        dict(settings.USAGE_DROP_OPTIONS),
        seconds=settings.USAGE_DROP_SECONDS,
    )
