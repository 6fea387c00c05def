"""A report frozen at its cut-off."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from crm.accounts.models import User
from crm.accounts.policy import reach_of
from crm.accounts.roles import Role
from crm.reports.models.definition import ReportDefinition

IDENTITY = (
    "definition_id",
    "period",
    "time_zone",
    "currency",
    "language",
    "visible_hash",
)
"""What all revisions of one run have in common."""


class RunQuerySet(models.QuerySet["ReportRun"]):
    """Frozen reports, and who may see them."""

    def visible_to(self, user: User) -> Self:
        """Keep what was made for this person, with all revisions of it.

        Auditors, who see all partners, see all of them.
        """
        if reach_of(user).has_any(frozenset({Role.AUDITOR})):
            return self
        same = {name: OuterRef(name) for name in IDENTITY}
        theirs = ReportRun.objects.filter(
            pk__in=user.report_deliveries.values("run"), **same
        )
        return self.filter(Exists(theirs))


class ReportRun(models.Model):
    """The frozen figures of one report for one period and one set of things seen.

    Everything that is mailed or shown comes from `payload`; the database refuses to
    change or delete a row. A correction is a new revision.
    """

    definition = models.ForeignKey(
        ReportDefinition,
        models.PROTECT,
        related_name="runs",
        verbose_name=_("report"),
    )
    period = models.CharField(_("period"), max_length=10)
    time_zone = models.CharField(_("time zone"), max_length=60)
    currency = models.CharField(_("currency"), max_length=3)
    language = models.CharField(_("language"), max_length=10)
    visible = models.JSONField(
        _("visible set"), help_text=_("What the readers of this run may see.")
    )
    visible_hash = models.CharField(_("hash of the visible set"), max_length=64)
    revision = models.PositiveSmallIntegerField(_("revision"), default=1)
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("cut-off"))
    payload = models.JSONField(_("payload"))
    payload_hash = models.CharField(_("hash of the payload"), max_length=64)
    freshness = models.JSONField(_("freshness of the sources"), default=dict)
    is_provisional = models.BooleanField(_("provisional"), default=False)
    is_empty = models.BooleanField(_("nothing to report"), default=False)
    computed_at = models.DateTimeField(_("computed at"))
    release = models.CharField(_("release"), max_length=40)

    objects: ClassVar[models.Manager["ReportRun"]] = RunQuerySet.as_manager()

    class Meta:
        verbose_name = _("report run")
        verbose_name_plural = _("report runs")
        constraints = [
            models.UniqueConstraint(
                "definition",
                "period",
                "time_zone",
                "currency",
                "language",
                "visible_hash",
                "revision",
                name="report_run_once",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="report_run_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(revision__gte=1), name="report_run_revision_from_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period} r{self.revision}"
