"""Imports of deals: what was uploaded, what it did; and what others call the stages."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.accounts import policy
from crm.accounts.models import User
from deals.models.deal import Deal
from deals.pipeline import DealStage

SEES_ALL = frozenset({"administrator", "auditor"})


class DealImportQuerySet(models.QuerySet["DealImport"]):
    """Questions about imports of deals."""

    def visible_to(self, user: User) -> Self:
        """Keep one's own imports; administrators and auditors see all."""
        reach = policy.reach_of(user)
        return self if reach.roles & SEES_ALL else self.filter(created_by=user.pk)


class DealImport(models.Model):
    """One uploaded export of opportunities, from its preview to its commit or undoing."""

    class Status(models.TextChoices):
        """How far the import is."""

        PREVIEWED = "previewed", _("previewed")
        COMMITTED = "committed", _("committed")
        UNDONE = "undone", _("undone")

    key = models.UUIDField(_("key"), unique=True, default=uuid.uuid4, editable=False)
    system = models.CharField(
        _("system"),
        max_length=60,
        help_text=_("Whose ids the sheet holds, for example salesforce."),
    )
    file_name = models.CharField(_("file"), max_length=250)
    digest = models.CharField(_("SHA-256"), max_length=64)
    headings = models.JSONField(_("headings"))
    columns = models.JSONField(
        _("columns"), help_text=_("Field of each column, by its position from 0.")
    )
    counts = models.JSONField(_("counts"), default=dict)
    status = models.CharField(
        _("status"), max_length=10, choices=Status, default=Status.PREVIEWED
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="deal_imports",
        verbose_name=_("uploaded by"),
    )
    created_at = models.DateTimeField(_("uploaded at"))
    committed_at = models.DateTimeField(_("committed at"), null=True, blank=True)
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)

    objects = DealImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("import of deals")
        verbose_name_plural = _("imports of deals")
        constraints = [
            models.CheckConstraint(
                name="dealimport_status_has_its_times",
                condition=Q(
                    status="previewed",
                    committed_at__isnull=True,
                    undone_at__isnull=True,
                )
                | Q(
                    status="committed",
                    committed_at__isnull=False,
                    undone_at__isnull=True,
                )
                | Q(
                    status="undone", committed_at__isnull=False, undone_at__isnull=False
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.file_name


class DealImportRow(models.Model):
    """One row of an uploaded export: what it says, and what came of it."""

    class Outcome(models.TextChoices):
        """What the row does, or did."""

        CREATE = "create", _("created")
        UPDATE = "update", _("changed")
        UNCHANGED = "unchanged", _("unchanged")
        REFUSED = "refused", _("refused")

    batch = models.ForeignKey(
        DealImport, models.CASCADE, related_name="rows", verbose_name=_("import")
    )
    line = models.PositiveIntegerField(_("line"))
    cells = models.JSONField(_("cells"))
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome)
    problems = models.JSONField(_("problems"), default=list)
    changes = models.JSONField(
        _("changes"), default=dict, help_text=_("Old and new values by field.")
    )
    deal = models.ForeignKey(
        Deal,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="import_rows",
        verbose_name=_("deal"),
    )
    version_after = models.PositiveIntegerField(_("version"), null=True, blank=True)
    removed_id = models.BigIntegerField(
        _("id of the removed deal"),
        null=True,
        blank=True,
        help_text=_("What it had made, once the import is undone."),
    )

    class Meta:
        verbose_name = _("row of an import of deals")
        verbose_name_plural = _("rows of imports of deals")
        constraints = [
            models.UniqueConstraint("batch", "line", name="dealimportrow_line_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.line}: {self.outcome}"


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
