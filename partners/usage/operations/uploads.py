"""Uploads in parts: streamed to disk, taken up again where they stopped, handed in whole."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path, PurePath

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.core import queue
from crm.core.errors import DomainError
from crm.journal import operations as journal
from partners.usage import store
from partners.usage.models import BillingSource, UploadState, UsageLoad, UsageUpload
from partners.usage.operations import loads
from partners.usage.operations.sources import find_or_create_source, is_source

SUFFIXES = (".csv", ".csv.gz", ".parquet")
FORGOTTEN_AFTER = timedelta(hours=24)


class UploadRefusedError(DomainError):
    """The upload cannot begin, go on or be handed in as asked."""

    code = "usage.upload-refused"


class OffsetRefusedError(UploadRefusedError):
    """The part does not begin where the upload stopped; `offset` says where that is."""

    code = "usage.upload-offset"

    def __init__(self, offset: int) -> None:
        super().__init__(
            _("The upload has %(offset)d bytes; go on from there.") % {"offset": offset}
        )
        self.offset = offset


def source_for(*, name: str, is_dry_run: bool, by: User, at: datetime) -> BillingSource:
    """Return the source of an upload; an unknown one is made, but not for a dry run.

    :raises UploadRefusedError: a dry run for a source that is not there.
    """
    if is_dry_run and not is_source(name):
        raise UploadRefusedError(
            _(
                "There is no source “%(name)s”, and a dry run makes none. "
                "Register the source first."
            )
            % {"name": name}
        )
    source, _is_new = find_or_create_source(name=name, by=by, at=at)
    return source


@transaction.atomic
def begin_upload(
    *,
    source: BillingSource,
    file_name: str,
    size: int,
    by: User,
    at: datetime,
    is_dry_run: bool = False,
) -> UsageUpload:
    """Announce a file; its parts follow with `append_part`.

    :raises UploadRefusedError: another kind of file, empty, or larger than allowed.
    """
    name = PurePath(file_name.replace("\\", "/")).name.strip()[-200:]
    if not name.lower().endswith(SUFFIXES):
        raise UploadRefusedError(_("Billing exports end in .csv, .csv.gz or .parquet."))
    if not 0 < size <= settings.USAGE_UPLOAD_LIMIT:
        raise UploadRefusedError(
            _("A file has between 1 and %(limit)d bytes.")
            % {"limit": settings.USAGE_UPLOAD_LIMIT}
        )
    upload = UsageUpload.objects.create(
        source=source,
        file_name=name,
        size=size,
        is_dry_run=is_dry_run,
        created_by=by,
        created_at=at,
        touched_at=at,
    )
    place = _place(upload)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.touch()
    return upload


def append_part(
    *, upload: UsageUpload, offset: int, blocks: Iterable[bytes], at: datetime
) -> UsageUpload:
    """Write a part at the end of what is there; what came before a cut is kept.

    :param blocks: the part, never held in memory as a whole.
    :raises OffsetRefusedError: when it does not begin at the end.
    :raises UploadRefusedError: when it is over, or more comes than was announced.
    """
    current = UsageUpload.objects.get(pk=upload.pk)
    _refuse_unless_open(current)
    if offset != current.offset:
        raise OffsetRefusedError(current.offset)
    with store.appending(_place(current), at=offset) as file:
        if file is None:
            raise OffsetRefusedError(current.offset)
        for block in _until_cut(blocks):
            if current.offset + len(block) > current.size:
                raise UploadRefusedError(_("More bytes came than were announced."))
            file.write(block)
            _advance(current, len(block), at=at)
    return current


def _until_cut(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield what comes; a sender who is cut off may go on from there."""
    with suppress(OSError):
        yield from blocks


def _advance(upload: UsageUpload, count: int, *, at: datetime) -> None:
    """Note how far the file reaches, unless somebody else has written meanwhile."""
    mine = UsageUpload.objects.filter(
        pk=upload.pk, state=UploadState.OPEN, offset=upload.offset
    ).update(offset=upload.offset + count, touched_at=at)
    if not mine:
        raise OffsetRefusedError(upload.offset)
    upload.offset += count


@transaction.atomic
def hand_in_upload(*, upload: UsageUpload, by: User, at: datetime) -> UsageLoad:
    """Hand a complete upload in; a worker loads it. Repeated, it returns the same load.

    :raises UploadRefusedError: when parts are missing or it was abandoned.
    """
    locked = UsageUpload.objects.select_for_update().get(pk=upload.pk)
    if locked.load is not None:
        return locked.load
    if locked.state != UploadState.OPEN or locked.offset != locked.size:
        raise UploadRefusedError(
            _("%(offset)d of %(size)d bytes are there.")
            % {"offset": locked.offset, "size": locked.size}
        )
    locked.load = loads.request_load(
        source=locked.source,
        paths=[_place(locked)],
        by=by,
        at=at,
        is_dry_run=locked.is_dry_run,
    )
    locked.state = UploadState.HANDED_IN
    locked.touched_at = at
    locked.save(update_fields=["load", "state", "touched_at"])
    queue.enqueue("usage.run_load", load_id=locked.load.pk)
    return locked.load


def hand_in_file(
    *,
    source_name: str,
    file_name: str,
    size: int,
    blocks: Iterable[bytes],
    is_dry_run: bool,
    by: User,
    at: datetime,
) -> UsageLoad:
    """Take a whole file in one go and hand it in; an unknown source is made.

    :raises UploadRefusedError: another kind of file, or not all of it came.
    """
    source = source_for(name=source_name, is_dry_run=is_dry_run, by=by, at=at)
    upload = begin_upload(
        source=source,
        file_name=file_name,
        size=size,
        is_dry_run=is_dry_run,
        by=by,
        at=at,
    )
    upload = append_part(upload=upload, offset=0, blocks=blocks, at=at)
    return hand_in_upload(upload=upload, by=by, at=at)


@transaction.atomic
def abandon_upload(*, upload: UsageUpload, by: User, at: datetime) -> None:
    """Throw an unfinished upload away.

    :raises UploadRefusedError: when it is handed in already.
    """
    locked = _locked(upload)
    locked.state = UploadState.ABANDONED
    locked.touched_at = at
    locked.save(update_fields=["state", "touched_at"])
    journal.record(kind="usage.upload-abandoned", subject=locked, by=by, at=at)
    _place(locked).unlink(missing_ok=True)


def forget_uploads(*, at: datetime) -> int:
    """Throw away what nobody went on with, and files whose load is over."""
    count = 0
    stale = UsageUpload.objects.filter(
        state=UploadState.OPEN, touched_at__lt=at - FORGOTTEN_AFTER
    )
    for upload in stale.order_by("pk"):
        taken = stale.filter(pk=upload.pk).update(
            state=UploadState.ABANDONED, touched_at=at
        )
        if taken:
            count += 1
            store.forget_upload(upload.pk)
    over = UsageUpload.objects.filter(
        state=UploadState.HANDED_IN,
        load__state__in=loads.OVER,
        load__finished_at__gt=at - 2 * FORGOTTEN_AFTER,
    )
    for pk in over.values_list("pk", flat=True):
        store.forget_upload(pk)
    return count


def _locked(upload: UsageUpload) -> UsageUpload:
    locked = UsageUpload.objects.select_for_update().get(pk=upload.pk)
    _refuse_unless_open(locked)
    return locked


def _refuse_unless_open(upload: UsageUpload) -> None:
    if upload.state != UploadState.OPEN:
        raise UploadRefusedError(
            _("The upload is over: %(state)s.") % {"state": upload.get_state_display()}
        )


def _place(upload: UsageUpload) -> Path:
    return store.upload_file(upload.pk, upload.file_name)
