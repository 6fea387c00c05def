"""What was handed in: single files, a folder, or a manifest that names its files.

A manifest is believed, a folder is not: where a manifest lies in the folder, its list
counts, and where it cannot be read the delivery is refused instead of guessed.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from django.utils.translation import gettext as _

from partners.usage.focus.errors import FileRefusedError

DATA_NAMES = ("*.csv", "*.csv.gz", "*.parquet")
LIMIT = 16 << 20


@dataclass(frozen=True, kw_only=True)
class Handed:
    """The files of one delivery, and what its manifest promises about them."""

    files: tuple[Path, ...]
    manifest: str = ""
    kind: str = ""
    run_id: str = ""
    scope: str = ""
    version: str = ""
    rows: int | None = None
    """Rows promised for all files together."""
    sha256: dict[str, str] = field(default_factory=dict)
    """Hashes promised, by file name."""


def handed_in(paths: Sequence[Path]) -> Handed:
    """Return the files that make up the delivery.

    :raises FileRefusedError: nothing there, a manifest that cannot be followed, or the
        same file twice.
    """
    if len(paths) == 1 and (paths[0].is_dir() or paths[0].suffix == ".json"):
        only = paths[0]
        return _of_folder(only) if only.is_dir() else _of_manifest(only)
    for path in paths:
        if path.is_dir() or path.suffix == ".json":
            raise FileRefusedError(
                _("Hand in a folder or a manifest alone, without further paths."),
                file=str(path),
                code="usage.mixed-paths",
            )
    files = tuple(paths)
    names = [path.resolve() for path in files]
    for path in files:
        if names.count(path.resolve()) > 1:
            raise FileRefusedError(
                _("The file is named twice."), file=str(path), code="usage.file-twice"
            )
    return Handed(files=files)


def _of_folder(folder: Path) -> Handed:
    manifests = sorted(
        path for path in folder.rglob("*.json") if "manifest" in path.name.lower()
    )
    if len(manifests) == 1:
        return _of_manifest(manifests[0])
    if manifests:
        raise FileRefusedError(
            _("The folder holds %(count)d manifests; name the one that counts.")
            % {"count": len(manifests)},
            file=str(folder),
            code="usage.manifests",
        )
    files = sorted({path for name in DATA_NAMES for path in folder.rglob(name)})
    if not files:
        raise FileRefusedError(
            _("The folder holds no CSV, CSV.gz or Parquet file."),
            file=str(folder),
            code="usage.folder-empty",
        )
    return Handed(files=tuple(files))


def _of_manifest(path: Path) -> Handed:
    if not path.is_file():
        raise FileRefusedError(
            _("There is no such file."), file=str(path), code="usage.file-missing"
        )
    try:
        return _understood(path, _content(path))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise FileRefusedError(
            _("The manifest cannot be read: %(error)s") % {"error": error},
            file=path.name,
            code="usage.manifest-unreadable",
        ) from None


def _content(path: Path) -> dict[str, Any]:
    if path.stat().st_size > LIMIT:
        raise ValueError(_("larger than %(limit)d bytes") % {"limit": LIMIT})
    content = json.loads(path.read_text(encoding="utf-8-sig"))
    if not isinstance(content, dict):
        raise TypeError(_("not an object"))
    return content


def _understood(path: Path, content: dict[str, Any]) -> Handed:
    if "blobs" in content:
        return _azure(path, content)
    if "dataFiles" in content:
        return _aws(path, content)
    if "files" in content:
        return _plain(path, content)
    raise FileRefusedError(
        _("The manifest names no files (files, dataFiles or blobs)."),
        file=path.name,
        code="usage.manifest-unreadable",
    )


def _azure(path: Path, content: dict[str, Any]) -> Handed:
    """Azure Cost Management export: manifest.json beside the parts."""
    config, run = content.get("exportConfig") or {}, content.get("runInfo") or {}
    blobs = [blob for blob in content["blobs"] if blob.get("byteCount") != 0]
    rows = content.get("dataRowCount")
    return Handed(
        files=tuple(_found(path, str(blob["blobName"])) for blob in blobs),
        manifest=path.name,
        kind="azure",
        run_id=str(run.get("runId") or ""),
        scope=str(config.get("exportName") or ""),
        version=str(config.get("dataVersion") or ""),
        rows=int(rows) if rows is not None else None,
    )


def _aws(path: Path, content: dict[str, Any]) -> Handed:
    """AWS Data Exports: metadata/BILLING_PERIOD=…/NAME-Manifest.json."""
    named = [
        entry if isinstance(entry, str) else str(entry["key"])
        for entry in content["dataFiles"]
    ]
    export = str(content.get("exportName") or content.get("exportArn") or "")
    return Handed(
        files=tuple(_found(path, name) for name in named),
        manifest=path.name,
        kind="aws",
        run_id=str(content.get("executionId") or ""),
        scope=export.rsplit("/", maxsplit=1)[-1],
    )


def _plain(path: Path, content: dict[str, Any]) -> Handed:
    """Our own: {"files": [{"name", "sha256"?, "rows"?}], "scope"?, "delivery"?}."""
    files = [
        {"name": entry} if isinstance(entry, str) else entry
        for entry in content["files"]
    ]
    rows = [entry.get("rows") for entry in files]
    return Handed(
        files=tuple(_found(path, str(entry["name"])) for entry in files),
        manifest=path.name,
        kind="plain",
        run_id=str(content.get("delivery") or ""),
        scope=str(content.get("scope") or ""),
        version=str(content.get("focus_version") or ""),
        rows=None if None in rows or not rows else sum(int(row or 0) for row in rows),
        sha256={
            PurePosixPath(str(entry["name"])).name: str(entry["sha256"]).lower()
            for entry in files
            if entry.get("sha256")
        },
    )


def _found(manifest: Path, named: str) -> Path:
    """Return the local file that a manifest names by an address in object storage."""
    for candidate in _candidates(manifest, named):
        if candidate.is_file():
            return candidate
    raise FileRefusedError(
        _("The manifest names %(name)s, which is not there.") % {"name": named},
        file=manifest.name,
        code="usage.manifest-file-missing",
    )


def _candidates(manifest: Path, named: str) -> Iterator[Path]:
    """Yield where a named file may lie: beside the manifest or in a folder near above.

    Only data files are looked for, and never in a folder right below the root, so that
    a manifest cannot lead to files that are no part of a delivery.
    """
    parts = PurePosixPath(named.split("://", maxsplit=1)[-1]).parts
    parts = tuple(part for part in parts if part not in {"/", "..", "."})
    if not parts or not parts[-1].endswith(tuple(name[1:] for name in DATA_NAMES)):
        return
    beside, *above = list(manifest.resolve().parents)[:4]
    near = [folder for folder in above if len(folder.parts) > 2]
    for start in range(len(parts)):
        for folder in (beside, *near):
            yield folder.joinpath(*parts[start:])


def promised(handed: Handed, *, name: str, sha256: str) -> None:
    """Hold a file's hash against the manifest.

    :raises FileRefusedError: when the manifest promises another one.
    """
    expected = handed.sha256.get(name)
    if expected and expected != sha256:
        raise FileRefusedError(
            _("The manifest promises SHA-256 %(expected)s; the file has %(found)s.")
            % {"expected": expected, "found": sha256},
            file=name,
            code="usage.hash-differs",
        )
