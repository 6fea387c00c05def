"""The catalogue: families, their models in every version, aliases of usage, public counts."""

from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from crm.accounts import policy
from crm.accounts.models import User
from crm.core.written import UpdatedAt


class Modality(models.TextChoices):
    """What a model takes and makes."""

    LANGUAGE = "language", _("Language")
    REASONING = "reasoning", _("Reasoning")
    CODE = "code", _("Code")
    MATHEMATICS = "mathematics", _("Mathematics")
    VISION = "vision", _("Vision and language")
    OMNI = "omni", _("All modalities")
    EMBEDDING = "embedding", _("Embedding")
    TRANSLATION = "translation", _("Translation")
    IMAGE = "image", _("Image generation")
    VIDEO = "video", _("Video generation")
    SPEECH = "speech", _("Speech")


class ModelFamily(models.Model):
    """One line of models that goes by one name, for example Qwen or Wan."""

    name = models.CharField(_("name"), max_length=80)
    developer = models.CharField(_("developer"), max_length=120)
    notes = models.TextField(_("notes"), blank=True, default="")
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)

    class Meta:
        verbose_name = _("model family")
        verbose_name_plural = _("model families")
        constraints = [
            models.UniqueConstraint(Lower("name"), name="modelfamily_name_once"),
            models.CheckConstraint(name="modelfamily_has_name", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return self.name


class BaseModel(models.Model):
    """One model of a family in one version, variant and snapshot, under its public name."""

    family = models.ForeignKey(
        ModelFamily, models.PROTECT, related_name="members", verbose_name=_("family")
    )
    name = models.CharField(_("name"), max_length=120)
    generation = models.CharField(
        _("version of the family"), max_length=40, blank=True, default=""
    )
    variant = models.CharField(
        _("variant"), max_length=80, blank=True, default="",
        help_text=_("Size or purpose, for example 72B, Max, Coder."),
    )  # fmt: skip
    snapshot = models.CharField(
        _("snapshot"), max_length=40, blank=True, default="",
        help_text=_("The dated state it was frozen in, where there are several."),
    )  # fmt: skip
    modality = models.CharField(
        _("modality"), max_length=15, choices=Modality, default=Modality.LANGUAGE
    )
    is_open = models.BooleanField(
        _("open weights"), default=False, help_text=_("Else it is hosted only.")
    )
    released_on = models.DateField(_("released on"), null=True, blank=True)
    retired_on = models.DateField(_("retired on"), null=True, blank=True)
    notes = models.TextField(_("notes"), blank=True, default="")
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    updated_at = UpdatedAt(_("updated at"))

    class Meta:
        verbose_name = _("base model")
        verbose_name_plural = _("base models")
        constraints = [
            models.UniqueConstraint(Lower("name"), name="basemodel_name_once"),
            models.UniqueConstraint(
                "family",
                "generation",
                "variant",
                "snapshot",
                name="basemodel_place_once",
            ),
            models.CheckConstraint(name="basemodel_has_name", condition=~Q(name="")),
            models.CheckConstraint(
                name="basemodel_retired_after_release",
                condition=Q(retired_on__isnull=True)
                | Q(released_on__isnull=True)
                | Q(retired_on__gte=F("released_on")),
            ),
        ]
        indexes = [models.Index("name", "id", name="basemodel_list")]

    def __str__(self) -> str:
        return self.name


class AliasKind(models.TextChoices):
    """Which text of usage an alias is about."""

    MODEL = "model", _("Model identity")
    SKU = "sku", _("SKU")


class ModelAliasQuerySet(models.QuerySet["ModelAlias"]):
    """Aliases; those of derived models are seen with their partner."""

    def visible_to(self, user: User) -> Self:
        """Keep what this person may see."""
        reach = policy.reach_of(user)
        return self.filter(
            Q(base__isnull=False)
            | policy.partner_visibility(reach, prefix="derived__partner__")
        )


class ModelAlias(models.Model):
    """Which model one text of usage means, from one day to another.

    Hosted names move on: `qwen-max` was another model last year. An alias of a SKU goes
    before one of the model identity, because it says more.
    """

    kind = models.CharField(_("what it is"), max_length=10, choices=AliasKind)
    text = models.CharField(
        _("text in usage"), max_length=300,
        help_text=_("Letter case and doubled blanks do not matter."),
    )  # fmt: skip
    base = models.ForeignKey(
        BaseModel, models.PROTECT, null=True, blank=True,
        related_name="aliases", verbose_name=_("base model"),
    )  # fmt: skip
    derived = models.ForeignKey(
        "ai.DerivedModel", models.PROTECT, null=True, blank=True,
        related_name="aliases", verbose_name=_("derived model"),
    )  # fmt: skip
    during = DateRangeField(_("valid"), help_text=_("Charge days, the end excluded."))
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)

    objects = ModelAliasQuerySet.as_manager()

    class Meta:
        verbose_name = _("model alias")
        verbose_name_plural = _("model aliases")
        constraints = [
            ExclusionConstraint(
                name="modelalias_one_model_a_day",
                expressions=[
                    ("kind", RangeOperators.EQUAL),
                    ("text", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                name="modelalias_means_one_model",
                condition=Q(base__isnull=False, derived__isnull=True)
                | Q(base__isnull=True, derived__isnull=False),
            ),
            models.CheckConstraint(
                name="modelalias_text_is_plain",
                condition=~Q(text="") & Q(text=Lower(F("text"))),
            ),
            models.CheckConstraint(
                name="modelalias_lasts_a_day", condition=Q(during__isempty=False)
            ),
        ]
        indexes = [models.Index("text", "id", name="modelalias_list")]

    def __str__(self) -> str:
        return self.text


class CountMethod(models.TextChoices):
    """Which derivatives a public count takes in."""

    DIRECT = "direct", _("Direct children only")
    TRANSITIVE = "transitive", _("Children of children, too")
    UNSTATED = "unstated", _("Not stated by the source")


class CountRelation(models.TextChoices):
    """Of which kind the counted derivatives are."""

    ALL = "all", _("All kinds")
    FINETUNE = "finetune", _("Fine-tunes")
    ADAPTER = "adapter", _("Adapters")
    QUANTIZED = "quantized", _("Quantised")
    MERGE = "merge", _("Merges")


class DerivativeCount(models.Model):
    """How many public derivatives of a family somebody counted on one day.

    A snapshot, never a fact: what it takes in differs by source and method.
    """

    family = models.ForeignKey(
        ModelFamily, models.PROTECT, related_name="counts", verbose_name=_("family")
    )
    counted_on = models.DateField(_("counted on"))
    is_approximate_day = models.BooleanField(
        _("the day is approximate"), default=False,
        help_text=_("The source names a month or a season only."),
    )  # fmt: skip
    count = models.PositiveBigIntegerField(_("derivatives"))
    is_at_least = models.BooleanField(
        _("at least"), default=False, help_text=_("The source says “more than”.")
    )
    method = models.CharField(
        _("method"), max_length=15, choices=CountMethod, default=CountMethod.UNSTATED
    )
    relation = models.CharField(
        _("kind counted"), max_length=15, choices=CountRelation,
        default=CountRelation.ALL,
    )  # fmt: skip
    source = models.CharField(_("source"), max_length=200)
    source_url = models.URLField(_("link"), max_length=500, blank=True, default="")

    class Meta:
        verbose_name = _("public derivative count")
        verbose_name_plural = _("public derivative counts")
        constraints = [
            models.UniqueConstraint(
                "family",
                "counted_on",
                "method",
                "relation",
                "source",
                name="derivativecount_once",
            ),
            models.CheckConstraint(
                name="derivativecount_names_its_source", condition=~Q(source="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.counted_on} {self.count}"
