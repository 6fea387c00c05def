"""Imports of partners and contacts: what was uploaded, what it did, how to undo it."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.accounts import policy
from crm.accounts.models import User
from partners.mapping import Target
from partners.models.contact import Contact
from partners.models.partner import Partner

SEES_ALL = frozenset({"administrator", "auditor"})


class ImportBatchQuerySet(models.QuerySet["ImportBatch"]):
    """Questions about imports."""

    def visible_to(self, user: User) -> Self:
        """Keep one's own imports; administrators and auditors see all."""
        reach = policy.reach_of(user)
        return self if reach.roles & SEES_ALL else self.filter(created_by=user.pk)


class ImportBatch(models.Model):
    """One uploaded sheet, from its preview to its commit or undoing."""

    class Status(models.TextChoices):
        """How far the import is."""

        PREVIEWED = "previewed", _("previewed")
        COMMITTED = "committed", _("committed")
        UNDONE = "undone", _("undone")

    key = models.UUIDField(_("key"), unique=True, default=uuid.uuid4, editable=False)
    target = models.CharField(_("rows become"), max_length=10, choices=Target)
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
        related_name="partner_imports",
        verbose_name=_("uploaded by"),
    )
    created_at = models.DateTimeField(_("uploaded at"))
    committed_at = models.DateTimeField(_("committed at"), null=True, blank=True)
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        constraints = [
            models.CheckConstraint(
                name="importbatch_status_has_its_times",
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


class ImportRow(models.Model):
    """One row of an uploaded sheet: what it says, and what came of it."""

    class Outcome(models.TextChoices):
        """What the row does, or did."""

        CREATE = "create", _("created")
        UPDATE = "update", _("changed")
        UNCHANGED = "unchanged", _("unchanged")
        REFUSED = "refused", _("refused")

    batch = models.ForeignKey(
        ImportBatch, models.CASCADE, related_name="rows", verbose_name=_("import")
    )
    line = models.PositiveIntegerField(_("line"))
    cells = models.JSONField(_("cells"))
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome)
    problems = models.JSONField(_("problems"), default=list)
    changes = models.JSONField(_("changes"), default=dict)
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
    version_after = models.PositiveIntegerField(_("version"), null=True, blank=True)

    class Meta:
        verbose_name = _("row of an import")
        verbose_name_plural = _("rows of imports")
        constraints = [
            models.UniqueConstraint("batch", "line", name="importrow_line_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.line}: {self.outcome}"
