"""Imports of deals from exports of other systems, and what those call the stages."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.imports.models import Batch, BatchQuerySet, Job, Row
from deals.models.deal import Deal
from deals.pipeline import DealStage


class DealImport(Batch):
    """One uploaded export of opportunities, from its preview to its commit or undoing."""

    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="deal_imports",
        verbose_name=_("uploaded by"),
    )

    objects = BatchQuerySet["DealImport"].as_manager()

    class Meta(Batch.Meta):
        verbose_name = _("import of deals")
        verbose_name_plural = _("imports of deals")


class DealImportJob(Job):
    """The step of a long import of deals that a worker takes, or took last."""

    batch = models.OneToOneField(
        DealImport,
        models.CASCADE,
        primary_key=True,
        related_name="job",
        verbose_name=_("import"),
    )

    class Meta(Job.Meta):
        verbose_name = _("step of an import of deals")
        verbose_name_plural = _("steps of imports of deals")


class DealImportRow(Row):
    """One row of an uploaded export: what it says, and what came of it."""

    batch = models.ForeignKey(
        DealImport, models.CASCADE, related_name="rows", verbose_name=_("import")
    )
    deal = models.ForeignKey(
        Deal,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="import_rows",
        verbose_name=_("deal"),
    )
    removed_id = models.BigIntegerField(
        _("id of the removed deal"),
        null=True,
        blank=True,
        help_text=_("What it had made, once the import is undone."),
    )

    class Meta(Row.Meta):
        verbose_name = _("row of an import of deals")
        verbose_name_plural = _("rows of imports of deals")


class DealStageName(models.Model):
    """What one other system calls one of the seven stages; many names may mean the same."""

    system = models.CharField(
        _("system"), max_length=60, help_text=_("For example salesforce.")
    )
    name = models.CharField(_("name there"), max_length=120)
    normal = models.CharField(max_length=120, editable=False)
    stage = models.CharField(_("stage here"), max_length=30, choices=DealStage)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)

    class Meta:
        verbose_name = _("stage name of another system")
        verbose_name_plural = _("stage names of other systems")
        constraints = [
            models.UniqueConstraint(
                "system", "normal", name="dealstagename_one_meaning"
            ),
            models.CheckConstraint(
                name="dealstagename_is_complete",
                condition=~Q(system="") & ~Q(normal=""),
            ),
            models.CheckConstraint(
                name="dealstagename_stage_is_known",
                condition=Q(stage__in=DealStage.values),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.system}: {self.name}"
