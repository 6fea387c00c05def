"""A manifest is believed, a folder is not."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from partners.usage.focus import manifests
from partners.usage.focus.errors import FileRefusedError
from partners.usage.models import LoadState
from tests.partners.usage import exports
from tests.partners.usage.conftest import Loader


def manifest(folder: Path, content: Any, name: str = "manifest.json") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def azure(folder: Path, *, rows: int) -> Path:
    """Lay out a run of an Azure export with two parts, one of them blank."""
    run = folder / "export" / "20250101-20250131" / "0f-run"
    run.mkdir(parents=True)
    exports.write(run / "part_0.csv", [exports.day(1), exports.day(2)])
    return manifest(
        run,
        {
            "blobCount": 2,
            "dataRowCount": rows,
            "exportConfig": {"exportName": "focus-daily", "dataVersion": "1.0r2"},
            "runInfo": {"runId": "0f-run"},
            "blobs": [
                {
                    "blobName": "box/export/20250101-20250131/0f-run/part_0.csv",
                    "byteCount": 9,
                },
                {"blobName": "box/export/part_1.csv", "byteCount": 0},
            ],
        },
    )


class TestHandedIn:
    def test_azure_names_parts_scope_version_and_rows(self, tmp_path: Path) -> None:
        handed = manifests.handed_in([azure(tmp_path, rows=2)])

        assert [path.name for path in handed.files] == ["part_0.csv"]
        assert (handed.scope, handed.version, handed.rows) == (
            "focus-daily",
            "1.0r2",
            2,
        )

    def test_aws_metadata_lie_beside_the_data(self, tmp_path: Path) -> None:
        data = tmp_path / "export" / "data" / "BILLING_PERIOD=2025-01"
        data.mkdir(parents=True)
        exports.write(data / "export-00001.csv.gz", [exports.day(1)])
        manifest(
            tmp_path / "export" / "metadata" / "BILLING_PERIOD=2025-01",
            {
                "executionId": "e-1",
                "exportArn": "arn:aws:bcm-data-exports:us-east-1:1:export/focus-hourly",
                "dataFiles": [f"s3://box/export/data/{data.name}/export-00001.csv.gz"],
            },
            "export-Manifest.json",
        )

        handed = manifests.handed_in([tmp_path / "export"])

        assert [path.name for path in handed.files] == ["export-00001.csv.gz"]
        assert (handed.scope, handed.run_id) == ("focus-hourly", "e-1")

    def test_our_own_promises_hashes(self, tmp_path: Path) -> None:
        file = exports.write(tmp_path / "a.csv", [exports.day(1)])
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        own = manifest(
            tmp_path, {"files": [{"name": "a.csv", "sha256": digest, "rows": 1}]}
        )

        handed = manifests.handed_in([own])

        assert (handed.rows, handed.sha256) == (1, {"a.csv": digest})

    def test_files_that_a_manifest_does_not_name_are_left_alone(
        self, tmp_path: Path
    ) -> None:
        exports.write(tmp_path / "a.csv", [exports.day(1)])
        exports.write(tmp_path / "old.csv", [exports.day(1)])
        manifest(tmp_path, {"files": ["a.csv"]})

        handed = manifests.handed_in([tmp_path])

        assert [path.name for path in handed.files] == ["a.csv"]

    def test_a_folder_without_one_is_taken_whole(self, tmp_path: Path) -> None:
        exports.write(tmp_path / "b.csv", [exports.day(1)])
        exports.write(tmp_path / "a.csv.gz", [exports.day(2)])

        handed = manifests.handed_in([tmp_path])

        assert [path.name for path in handed.files] == ["a.csv.gz", "b.csv"]

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            ("{not json", "usage.manifest-unreadable"),
            ("[]", "usage.manifest-unreadable"),
            ({"other": 1}, "usage.manifest-unreadable"),
            ({"files": ["gone.csv"]}, "usage.manifest-file-missing"),
            ({"files": [{"no": "name"}]}, "usage.manifest-unreadable"),
        ],
    )
    def test_a_manifest_that_cannot_be_followed_is_not_guessed_around(
        self, tmp_path: Path, content: Any, code: str
    ) -> None:
        exports.write(tmp_path / "a.csv", [exports.day(1)])
        manifest(tmp_path, content)

        with pytest.raises(FileRefusedError) as caught:
            manifests.handed_in([tmp_path])

        assert caught.value.code == code

    def test_names_never_lead_out_of_reach(self, tmp_path: Path) -> None:
        own = manifest(
            tmp_path / "in", {"files": ["../../../etc/passwd", "/etc/x.csv"]}
        )

        with pytest.raises(FileRefusedError):
            manifests.handed_in([own])

    def test_an_empty_folder_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(FileRefusedError, match="no CSV"):
            manifests.handed_in([tmp_path])


@pytest.mark.django_db
class TestLoadByManifest:
    def test_counts_rows(self, load: Loader, tmp_path: Path) -> None:
        done = load(azure(tmp_path, rows=2))

        assert done.state == LoadState.LOADED
        assert (done.scope, done.focus_version) == ("focus-daily", "1.0r2")

    def test_refuses_another_number_of_rows(self, load: Loader, tmp_path: Path) -> None:
        done = load(azure(tmp_path, rows=3))

        assert done.state == LoadState.REFUSED
        assert done.error is not None
        assert done.error["code"] == "usage.rows-differ"

    def test_refuses_another_hash(self, load: Loader, tmp_path: Path) -> None:
        exports.write(tmp_path / "a.csv", [exports.day(1)])
        own = manifest(tmp_path, {"files": [{"name": "a.csv", "sha256": "0" * 64}]})

        done = load(own)

        assert done.error is not None
        assert done.error["code"] == "usage.hash-differs"
