"""Changes of samples, each as an operation of the product would be."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from crm.accounts.models import User
from crm.core import versions
from crm.core.errors import DomainError
from crm.journal import operations as journal
from tests.gallery.models import Sample


class SampleRefusedError(DomainError):
    """The sample may not be changed so."""

    code = "sample.refused"


@transaction.atomic
def register_sample(*, values: Mapping[str, Any], by: User, at: datetime) -> Sample:
    sample = Sample.objects.create(**values)
    journal.record(kind="sample.registered", subject=sample, by=by, at=at)
    refuse_forbidden(sample)
    return sample


@transaction.atomic
def edit_sample(
    *, sample: Sample, values: Mapping[str, Any], by: User, at: datetime
) -> Sample:
    old = {"name": sample.name}
    for name, value in values.items():
        setattr(sample, name, value)
    sample.version += 1
    sample.save()
    new = {"name": sample.name}
    journal.record(kind="sample.edited", subject=sample, by=by, at=at, old=old, new=new)
    refuse_forbidden(sample)
    return sample


@transaction.atomic
def turn_sample(
    *, sample: Sample, kind: str, version: int, by: User, at: datetime
) -> Sample:
    turned = versions.advance(sample, expected=version, kind=kind)
    journal.record(kind="sample.turned", subject=turned, by=by, at=at)
    refuse_forbidden(turned)
    return turned


@transaction.atomic
def remove_sample(*, sample: Sample, by: User, at: datetime) -> None:
    if sample.is_open:
        raise SampleRefusedError("Close it before you remove it.")
    journal.record(kind="sample.removed", subject=sample, by=by, at=at)
    sample.delete()


@transaction.atomic
def close_sample(*, sample: Sample, why: str, by: User, at: datetime) -> None:
    stored = Sample.objects.select_for_update().get(pk=sample.pk)
    stored.is_open = False
    stored.notes = why
    stored.save()
    journal.record(kind="sample.closed", subject=stored, by=by, at=at)
    if why == "forbidden":
        raise SampleRefusedError("Not for this reason.", missing=("a better reason",))


def refuse_forbidden(sample: Sample) -> None:
    """Refuse a name after everything was written, so that nothing of it may stay."""
    if sample.name.startswith("Forbidden"):
        raise SampleRefusedError("This name is taken.", missing=("another name",))
