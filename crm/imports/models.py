"""What all imports store: the sheet, its rows, and the step that a worker takes."""

import uuid
from typing import Self, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.accounts import policy
from crm.accounts.models import User

Batch_co = TypeVar("Batch_co", bound=models.Model, covariant=True)

SEES_ALL = frozenset({"administrator", "auditor"})


class BatchQuerySet(models.QuerySet[Batch_co]):
    """Questions about imports."""

    def visible_to(self, user: User) -> Self:
        """Keep one's own imports; administrators and auditors see all."""
        reach = policy.reach_of(user)
        return self if reach.roles & SEES_ALL else self.filter(created_by=user.pk)


class Batch(models.Model):
    """One uploaded sheet, from its preview to its commit or undoing."""

    class Status(models.TextChoices):
        """How far the import is."""

        RECEIVED = "received", _("received")
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
    created_at = models.DateTimeField(_("uploaded at"))
    committed_at = models.DateTimeField(_("committed at"), null=True, blank=True)
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(class)s_status_has_its_times",
                condition=Q(
                    status__in=["received", "previewed"],
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


class Job(models.Model):
    """The step of a long import that a worker takes, or took last."""

    class Step(models.TextChoices):
        """What the worker does."""

        PREVIEW = "preview", _("preview")
        COMMIT = "commit", _("commit")
        UNDO = "undo", _("undo")

    class State(models.TextChoices):
        """How far it is; a refused step can be asked for again."""

        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        REFUSED = "refused", _("refused")

    class Phase(models.TextChoices):
        """What the worker is at."""

        READING = "reading", _("reading the sheet")
        COMPARING = "comparing", _("comparing with what there is")
        WRITING = "writing", _("writing")
        INDEXING = "indexing", _("making it findable")
        NOTING = "noting", _("writing the journal")

    step = models.CharField(_("step"), max_length=10, choices=Step)
    state = models.CharField(
        _("state"), max_length=10, choices=State, default=State.WAITING
    )
    phase = models.CharField(
        _("phase"), max_length=10, choices=Phase, blank=True, default=""
    )
    percent = models.PositiveSmallIntegerField(_("per cent done"), default=0)
    error = models.JSONField(
        _("refusal"), null=True, help_text=_("Code, text and what is missing.")
    )
    sheet = models.BinaryField(
        _("sheet"), null=True, help_text=_("As uploaded, until its rows are stored.")
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("asked for by"),
    )
    asked_at = models.DateTimeField(_("asked for at"))
    token_id = models.BigIntegerField(_("API token"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    owner = models.CharField(_("worker"), max_length=80, blank=True, default="")
    lease_until = models.DateTimeField(_("lease until"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(class)s_running_has_a_worker",
                condition=Q(state="running", lease_until__isnull=False) & ~Q(owner="")
                | ~Q(state="running") & Q(owner="", lease_until__isnull=True),
            ),
            models.CheckConstraint(
                name="%(class)s_over_has_its_time",
                condition=Q(state__in=["waiting", "running"], finished_at__isnull=True)
                | Q(state__in=["done", "refused"], finished_at__isnull=False),
            ),
            models.CheckConstraint(
                name="%(class)s_refused_says_why",
                condition=Q(state="refused", error__isnull=False)
                | ~Q(state="refused") & Q(error__isnull=True),
            ),
        ]
        indexes = [
            models.Index(
                fields=["asked_at"],
                condition=Q(state__in=["waiting", "running"]),
                name="%(class)s_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.step} {self.state}"

    @property
    def is_open(self) -> bool:
        """Tell whether a worker has it or will take it."""
        return self.state in {self.State.WAITING, self.State.RUNNING}


class Row(models.Model):
    """One row of an uploaded sheet: what it says, and what came of it."""

    class Outcome(models.TextChoices):
        """What the row does, or did."""

        CREATE = "create", _("created")
        UPDATE = "update", _("changed")
        UNCHANGED = "unchanged", _("unchanged")
        REFUSED = "refused", _("refused")

    line = models.PositiveIntegerField(_("line"))
    cells = models.JSONField(_("cells"))
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome)
    problems = models.JSONField(_("problems"), default=list)
    changes = models.JSONField(_("changes"), default=dict)
    version_after = models.PositiveIntegerField(_("version"), null=True, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint("batch", "line", name="%(class)s_line_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.line}: {self.outcome}"
