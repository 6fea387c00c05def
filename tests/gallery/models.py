"""A sample of everything a page of the admin can hold; exists in tests only."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from crm.accounts.models import User


class SampleQuerySet(models.QuerySet["Sample"]):
    def visible_to(self, user: User) -> "SampleQuerySet":
        """Return the samples of this person; all for a superuser."""
        return self if user.is_superuser else self.filter(owner=user)


class Sample(models.Model):
    """One thing with a field of every kind."""

    class Kind(models.TextChoices):
        ROUND = "round", "Round"
        SQUARE = "square", "Square"

    name = models.CharField(max_length=80)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.ROUND)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    starts_on = models.DateField(null=True, blank=True)
    meets_at = models.DateTimeField(null=True, blank=True)
    amount = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    is_open = models.BooleanField(default=True)
    notes = models.TextField(blank=True)
    link = models.URLField(blank=True)
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[models.Manager["Sample"]] = SampleQuerySet.as_manager()

    class Meta:
        permissions = (("close_sample", "Can close sample"),)

    def __str__(self) -> str:
        return self.name


class Part(models.Model):
    """One part of a sample."""

    sample = models.ForeignKey(Sample, models.CASCADE, related_name="parts")
    title = models.CharField(max_length=80)

    def __str__(self) -> str:
        return self.title
