"""Imports of partners and contacts: what was uploaded, what it did, how to undo it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.imports.models import Batch, BatchQuerySet, Job, Row
from partners.mapping import Target
from partners.models.contact import Contact
from partners.models.partner import Partner


class ImportBatch(Batch):
    """One uploaded sheet, from its preview to its commit or undoing."""

    target = models.CharField(_("rows become"), max_length=10, choices=Target)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="partner_imports",
        verbose_name=_("uploaded by"),
    )

    objects = BatchQuerySet["ImportBatch"].as_manager()

    class Meta(Batch.Meta):
        verbose_name = _("import")
        verbose_name_plural = _("imports")


class ImportJob(Job):
    """The step of a long import that a worker takes, or took last."""

    batch = models.OneToOneField(
        ImportBatch,
        models.CASCADE,
        primary_key=True,
        related_name="job",
        verbose_name=_("import"),
    )

    class Meta(Job.Meta):
        verbose_name = _("step of an import")
        verbose_name_plural = _("steps of imports")


class ImportRow(Row):
    """One row of an uploaded sheet: what it says, and what came of it."""

    batch = models.ForeignKey(
        ImportBatch, models.CASCADE, related_name="rows", verbose_name=_("import")
    )
    partner = models.ForeignKey(
        Partner,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="import_rows",
        verbose_name=_("partner"),
    )
    contact = models.ForeignKey(
        Contact,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="import_rows",
        verbose_name=_("contact"),
    )

    class Meta(Row.Meta):
        verbose_name = _("row of an import")
        verbose_name_plural = _("rows of imports")
