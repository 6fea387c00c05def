"""What a partner is found by: one row of normalised words per partner."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from partners.models.partner import Partner


class PartnerSearch(models.Model):
    """The words of one partner's names, domains and ids, kept by operations."""

    partner = models.OneToOneField(
        Partner,
        models.CASCADE,
        primary_key=True,
        related_name="search",
        verbose_name=_("partner"),
    )
    text = models.TextField(
        _("words"),
        help_text=_("Normal forms of all names and ids, the display name first."),
    )
    grams = ArrayField(
        models.CharField(max_length=3),
        verbose_name=_("pairs"),
        help_text=_("Neighbouring characters; they answer queries of two characters."),
    )
    cores = ArrayField(
        models.TextField(),
        verbose_name=_("core names"),
        help_text=_("Names without legal form; equal ones are likely duplicates."),
    )

    class Meta:
        verbose_name = _("search entry")
        verbose_name_plural = _("search entries")
        indexes = [
            GinIndex(fields=["grams"], name="partnersearch_grams"),
            GinIndex(fields=["cores"], name="partnersearch_cores"),
            GinIndex(
                fields=["text"],
                name="partnersearch_trigrams",
                opclasses=["gin_trgm_ops"],
            ),
        ]

    def __str__(self) -> str:
        return self.text
