"""Uploads: in parts, taken up again after a cut, handed in once and whole."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from crm.accounts.models import User
from crm.accounts.roles import Role
from partners.usage import operations, store
from partners.usage.models import (
    BillingSource,
    LoadState,
    UploadState,
    UsageLoad,
    UsageUpload,
)
from partners.usage.operations import OffsetRefusedError, UploadRefusedError
from tests import make
from tests.partners.usage import exports
from tests.partners.usage.conftest import AT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("usage_store")]


@pytest.fixture
def fiona() -> User:
    return make.user(Role.FINANCE)


@pytest.fixture
def export(tmp_path: Path) -> bytes:
    return exports.write(tmp_path / "jan.csv", [exports.row()]).read_bytes()


def begun(by: User, size: int) -> UsageUpload:
    source, _is_new = operations.find_or_create_source(name="acme", by=by, at=AT)
    return operations.begin_upload(
        source=source, file_name="jan.csv", size=size, by=by, at=AT
    )


def sent(upload: UsageUpload, offset: int, *blocks: bytes) -> UsageUpload:
    return operations.append_part(upload=upload, offset=offset, blocks=blocks, at=AT)


class TestBegin:
    @pytest.mark.parametrize("name", ["a.exe", "csv", "a.csv.zip"])
    def test_refuses_other_kinds_of_file(self, fiona: User, name: str) -> None:
        source = BillingSource.objects.create(name="acme")

        with pytest.raises(UploadRefusedError, match=r"\.parquet"):
            operations.begin_upload(
                source=source, file_name=name, size=1, by=fiona, at=AT
            )

    @pytest.mark.parametrize("size", [0, 2**50])
    def test_refuses_nothing_and_too_much(self, fiona: User, size: int) -> None:
        with pytest.raises(UploadRefusedError, match="bytes"):
            begun(fiona, size)

    def test_a_name_cannot_leave_its_folder(self, fiona: User) -> None:
        source = BillingSource.objects.create(name="acme")

        upload = operations.begin_upload(
            source=source, file_name="..\\../evil.csv", size=1, by=fiona, at=AT
        )

        assert upload.file_name == "evil.csv"


class TestAppend:
    def test_goes_on_where_it_stopped(self, fiona: User, export: bytes) -> None:
        upload = begun(fiona, len(export))

        sent(upload, 0, export[:10], export[10:20])
        upload = sent(upload, 20, export[20:])

        place = store.upload_file(upload.pk, "jan.csv")
        assert (upload.offset, place.read_bytes()) == (len(export), export)

    def test_keeps_what_came_before_a_cut(self, fiona: User, export: bytes) -> None:
        upload = begun(fiona, len(export))

        def cut_off() -> Iterator[bytes]:
            yield export[:10]
            raise ConnectionResetError

        operations.append_part(upload=upload, offset=0, blocks=cut_off(), at=AT)
        upload = sent(upload, 10, export[10:])

        assert store.upload_file(upload.pk, "jan.csv").read_bytes() == export

    def test_forgets_what_was_written_and_not_noted(
        self, fiona: User, export: bytes
    ) -> None:
        upload = begun(fiona, len(export))
        store.upload_file(upload.pk, "jan.csv").write_bytes(b"left by a killed process")

        sent(upload, 0, export)

        assert store.upload_file(upload.pk, "jan.csv").read_bytes() == export

    def test_refuses_another_offset_and_says_which_is_right(self, fiona: User) -> None:
        upload = sent(begun(fiona, 10), 0, b"abc")

        with pytest.raises(OffsetRefusedError) as refusal:
            sent(upload, 5, b"x")

        assert refusal.value.offset == 3

    def test_refuses_a_second_writer(self, fiona: User) -> None:
        upload = begun(fiona, 10)

        def meanwhile() -> Iterator[bytes]:
            with pytest.raises(OffsetRefusedError):
                sent(upload, 0, b"other")
            yield b"mine"

        operations.append_part(upload=upload, offset=0, blocks=meanwhile(), at=AT)

        assert store.upload_file(upload.pk, "jan.csv").read_bytes() == b"mine"

    def test_refuses_more_than_was_announced(self, fiona: User) -> None:
        upload = begun(fiona, 4)

        with pytest.raises(UploadRefusedError, match="announced"):
            sent(upload, 0, b"12", b"345")

        upload.refresh_from_db()
        assert upload.offset == 2


class TestHandIn:
    def test_makes_one_load_however_often(self, fiona: User, export: bytes) -> None:
        upload = sent(begun(fiona, len(export)), 0, export)

        load = operations.hand_in_upload(upload=upload, by=fiona, at=AT)
        again = operations.hand_in_upload(upload=upload, by=fiona, at=AT)

        assert load == again
        assert load.requested_by == fiona
        load = operations.run_load(load=load, owner="test", at=AT)
        assert (load.state, load.rows_loaded) == (LoadState.LOADED, 1)

    def test_needs_all_parts(self, fiona: User, export: bytes) -> None:
        upload = sent(begun(fiona, len(export)), 0, export[:-1])

        with pytest.raises(UploadRefusedError, match="bytes are there"):
            operations.hand_in_upload(upload=upload, by=fiona, at=AT)

        assert not UsageLoad.objects.exists()

    def test_an_abandoned_one_takes_nothing_more(self, fiona: User) -> None:
        upload = begun(fiona, 4)
        operations.abandon_upload(upload=upload, by=fiona, at=AT)

        with pytest.raises(UploadRefusedError, match="abandoned"):
            sent(upload, 0, b"1")

        assert not store.upload_file(upload.pk, "jan.csv").exists()


class TestForget:
    def test_throws_away_what_nobody_went_on_with(self, fiona: User) -> None:
        old, fresh = begun(fiona, 4), begun(fiona, 4)
        UsageUpload.objects.filter(pk=old.pk).update(touched_at=AT - timedelta(days=2))

        assert operations.forget_uploads(at=AT) == 1

        assert not store.upload_file(old.pk, "jan.csv").exists()
        assert store.upload_file(fresh.pk, "jan.csv").exists()

    def test_throws_away_the_file_of_a_finished_load(
        self, fiona: User, export: bytes
    ) -> None:
        upload = sent(begun(fiona, len(export)), 0, export)
        load = operations.hand_in_upload(upload=upload, by=fiona, at=AT)
        operations.run_load(load=load, owner="test", at=AT)

        operations.forget_uploads(at=AT)

        assert not store.upload_file(upload.pk, "jan.csv").exists()


class TestConstraints:
    @pytest.mark.parametrize("offset", [0, 4])
    def test_the_offset_lies_within_the_size(self, fiona: User, offset: int) -> None:
        upload = begun(fiona, 4)

        assert UsageUpload.objects.filter(pk=upload.pk).update(offset=offset)

    @pytest.mark.parametrize(
        ("fields", "name"),
        [
            ({"offset": 5}, "usage_upload_offset_within_size"),
            ({"offset": -1}, "usage_upload_offset_within_size"),
            ({"state": UploadState.HANDED_IN}, "usage_upload_handed_in_whole"),
            ({"state": "other"}, "usage_upload_state_known"),
        ],
    )
    def test_what_cannot_be_is_refused(
        self, fiona: User, fields: dict[str, object], name: str
    ) -> None:
        upload = begun(fiona, 4)

        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            UsageUpload.objects.filter(pk=upload.pk).update(**fields)

    def test_handed_in_holds_with_all_bytes(self, fiona: User) -> None:
        upload = begun(fiona, 4)

        assert UsageUpload.objects.filter(pk=upload.pk).update(
            offset=4, state=UploadState.HANDED_IN
        )


class TestSourceFor:
    def test_a_dry_run_makes_none(self) -> None:
        by = make.user()

        with pytest.raises(operations.UploadRefusedError, match="makes none"):
            operations.source_for(name="new", is_dry_run=True, by=by, at=AT)

        assert not BillingSource.objects.exists()

    def test_what_is_there_may_be_tried(self) -> None:
        by = make.user()
        made = operations.source_for(name="new", is_dry_run=False, by=by, at=AT)

        again = operations.source_for(name="new", is_dry_run=True, by=by, at=AT)

        assert again == made
