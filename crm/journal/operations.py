"""Write down what happened."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models

from crm.journal.models import Event


def record(
    *,
    kind: str,
    subject: models.Model,
    by: AbstractBaseUser | None,
    at: datetime,
    partner_id: int | None = None,
    old: Mapping[str, Any] | None = None,
    new: Mapping[str, Any] | None = None,
) -> Event:
    """Write one entry in the running transaction.

    :param kind: dotted, for example `partner.stage-moved`.
    :param subject: the row it happened to; it must be stored.
    :param by: the person; None when the product acted by itself.
    :param at: when it happened, aware.
    :param partner_id: the partner concerned, for timelines and visibility of the feed.
    :param old: values before, plain JSON; new: values after.
    """
    return Event.objects.create(
        kind=kind,
        subject_type=subject._meta.label_lower,
        subject_id=subject.pk,
        partner_id=partner_id,
        by_id=None if by is None else by.pk,
        token_id=getattr(by, "acting_token_id", None),
        at=at,
        old=dict(old or {}),
        new=dict(new or {}),
    )
