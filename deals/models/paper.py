"""What hangs on an agreement: documents by version, its status moves, its reminders."""

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from deals.agreements import AgreementStatus, steps
from deals.models.agreement import Agreement
from deals.models.reminder import Reminder
from deals.models.visibility import AgreementBoundQuerySet


class AgreementVersion(models.Model):
    """One version of the document, as it was uploaded; never changed."""

    agreement = models.ForeignKey(
        Agreement,
        models.PROTECT,
        related_name="versions",
        verbose_name=_("agreement"),
    )
    number = models.PositiveSmallIntegerField(_("version"))
    file_name = models.CharField(_("file name"), max_length=200)
    content_type = models.CharField(_("content type"), max_length=100)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    content = models.FileField(
        _("content"), upload_to="agreements/%Y/%m", max_length=300, editable=False
    )
    note = models.CharField(_("note"), max_length=250, blank=True, default="")
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="agreement_versions",
        verbose_name=_("uploaded by"),
    )
    uploaded_at = models.DateTimeField(_("uploaded at"))

    objects = AgreementBoundQuerySet["AgreementVersion"].as_manager()

    class Meta:
        verbose_name = _("version of an agreement")
        verbose_name_plural = _("versions of agreements")
        constraints = [
            models.UniqueConstraint(
                "agreement", "number", name="agreementversion_number_unique"
            ),
            models.CheckConstraint(
                name="agreementversion_counts_from_one", condition=Q(number__gte=1)
            ),
            models.CheckConstraint(
                name="agreementversion_has_hash",
                condition=Q(sha256__regex="^[0-9a-f]{64}$"),
            ),
            models.CheckConstraint(
                name="agreementversion_has_name", condition=~Q(file_name="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.file_name}"


def allowed_step() -> Q:
    """Return the condition that a status move is one of the table `agreements.NEXT`."""
    allowed = Q(from_status="", to_status=AgreementStatus.DRAFT)
    for one, other in steps():
        allowed |= Q(from_status=one, to_status=other)
    return allowed


class AgreementStatusChange(models.Model):
    """One stay of an agreement in a status, from the move that began it to the next."""

    agreement = models.ForeignKey(
        Agreement,
        models.PROTECT,
        related_name="status_changes",
        verbose_name=_("agreement"),
    )
    from_status = models.CharField(
        _("from"), max_length=12, choices=AgreementStatus, blank=True, default=""
    )
    to_status = models.CharField(_("to"), max_length=12, choices=AgreementStatus)
    entered_at = models.DateTimeField(_("entered at"))
    exited_at = models.DateTimeField(_("exited at"), null=True, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="agreement_moves",
        verbose_name=_("by"),
        help_text=_("Nobody: the product itself, on the day."),
    )
    reason = models.TextField(_("reason"), blank=True, default="")

    objects = AgreementBoundQuerySet["AgreementStatusChange"].as_manager()

    class Meta:
        verbose_name = _("status move of an agreement")
        verbose_name_plural = _("status moves of agreements")
        constraints = [
            models.UniqueConstraint(
                "agreement",
                condition=Q(exited_at__isnull=True),
                name="agreementstatuschange_one_open",
            ),
            ExclusionConstraint(
                name="agreementstatuschange_no_overlap",
                expressions=[
                    ("agreement", RangeOperators.EQUAL),
                    (
                        Func(
                            "entered_at",
                            "exited_at",
                            function="tstzrange",
                            output_field=DateTimeRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
            models.CheckConstraint(
                name="agreementstatuschange_ends_after_start",
                condition=Q(exited_at__isnull=True) | Q(exited_at__gte=F("entered_at")),
            ),
            models.CheckConstraint(
                name="agreementstatuschange_step_is_allowed", condition=allowed_step()
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement_id}: {self.from_status} → {self.to_status}"


class AgreementReminder(Reminder):
    """One reminder that fell due for one agreement; there is never a second of its kind."""

    class Kind(models.TextChoices):
        """What it reminds of."""

        EXPIRY_180 = "expiry_180", _("expires in 180 days")
        EXPIRY_90 = "expiry_90", _("expires in 90 days")
        EXPIRY_60 = "expiry_60", _("expires in 60 days")
        EXPIRY_30 = "expiry_30", _("expires in 30 days")
        NOTICE_30 = "notice_30", _("notice must be given within 30 days")
        NOTICE_7 = "notice_7", _("notice must be given within 7 days")

    agreement = models.ForeignKey(
        Agreement,
        models.CASCADE,
        related_name="reminders",
        verbose_name=_("agreement"),
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    deadline_on = models.DateField(
        _("date"), help_text=_("The end or the notice deadline it reminds of.")
    )

    objects = AgreementBoundQuerySet["AgreementReminder"].as_manager()

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        constraints = [
            models.UniqueConstraint(
                "agreement", "deadline_on", "kind", name="agreementreminder_once"
            ),
            models.CheckConstraint(
                name="agreementreminder_sent_has_time",
                condition=Q(state="sent", sent_at__isnull=False)
                | (~Q(state="sent") & Q(sent_at__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(
                "due_at",
                condition=Q(state__in=["due", "sending"]),
                name="agreementreminder_unsent",
            )
        ]

    def __str__(self) -> str:
        return f"{self.agreement_id}: {self.kind} {self.deadline_on}"
