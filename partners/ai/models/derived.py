"""Derived models: what partners made of ours, how far it is, and what it comes from."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from crm.core.written import UpdatedAt
from partners.ai.lifecycles import Lifecycle
from partners.ai.models.catalogue import BaseModel
from partners.models import Cooperation, Partner
from partners.models.visibility import PartnerBoundQuerySet


class DerivedKind(models.TextChoices):
    """How it was made."""

    FINE_TUNE = "fine_tune", _("Full fine-tune")
    ADAPTER = "adapter", _("Adapter")
    DISTILLED = "distilled", _("Distilled")
    QUANTISED = "quantised", _("Quantised")
    MERGED = "merged", _("Merged")
    CONTINUED = "continued", _("Continued pre-training")


class DerivedModelQuerySet(PartnerBoundQuerySet["DerivedModel"]):
    """Derived models, seen with their partner."""


class DerivedModel(models.Model):
    """One model that a partner made from others, counted once by its id."""

    partner = models.ForeignKey(
        Partner,
        models.PROTECT,
        related_name="derived_models",
        verbose_name=_("partner"),
    )
    cooperation = models.ForeignKey(
        Cooperation, models.PROTECT, null=True, blank=True,
        related_name="derived_models", verbose_name=_("cooperation"),
    )  # fmt: skip
    name = models.CharField(_("name"), max_length=160)
    model_id = models.CharField(
        _("model id"), max_length=200,
        help_text=_("As training or the hub calls it; a model counts once by it."),
    )  # fmt: skip
    kind = models.CharField(_("kind"), max_length=15, choices=DerivedKind)
    lifecycle = models.CharField(
        _("lifecycle"), max_length=15, choices=Lifecycle,
        default=Lifecycle.TRAINING, editable=False,
    )  # fmt: skip
    lifecycle_since = models.DateField(_("there since"), editable=False)
    purpose = models.TextField(_("purpose"), blank=True, default="")
    endpoint = models.CharField(
        _("endpoint"), max_length=300, blank=True, default="",
        help_text=_("The id under which it is served."),
    )  # fmt: skip
    is_public = models.BooleanField(
        _("public"), default=False, help_text=_("Its weights are open to everybody.")
    )
    registered_on = models.DateField(_("registered on"))
    production_on = models.DateField(_("in production since"), null=True, blank=True)
    retired_on = models.DateField(_("retired on"), null=True, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True,
        related_name="derived_models", verbose_name=_("owner"),
    )  # fmt: skip
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    updated_at = UpdatedAt(_("updated at"))

    objects = DerivedModelQuerySet.as_manager()

    class Meta:
        verbose_name = _("derived model")
        verbose_name_plural = _("derived models")
        constraints = [
            models.UniqueConstraint(Lower("model_id"), name="derivedmodel_id_once"),
            models.CheckConstraint(
                name="derivedmodel_is_named",
                condition=~Q(name="") & ~Q(model_id=""),
            ),
            models.CheckConstraint(
                name="derivedmodel_production_has_endpoint",
                condition=~Q(lifecycle=Lifecycle.PRODUCTION) | ~Q(endpoint=""),
            ),
            models.CheckConstraint(
                name="derivedmodel_production_has_day",
                condition=~Q(lifecycle=Lifecycle.PRODUCTION)
                | Q(production_on__isnull=False),
            ),
            models.CheckConstraint(
                name="derivedmodel_retired_has_day",
                condition=Q(lifecycle=Lifecycle.RETIRED, retired_on__isnull=False)
                | (~Q(lifecycle=Lifecycle.RETIRED) & Q(retired_on__isnull=True)),
            ),
            models.CheckConstraint(
                name="derivedmodel_production_after_registration",
                condition=Q(production_on__isnull=True)
                | Q(production_on__gte=F("registered_on")),
            ),
        ]
        indexes = [models.Index("name", "id", name="derivedmodel_list")]

    def __str__(self) -> str:
        return self.name


class ParentQuerySet(PartnerBoundQuerySet["ModelParent"]):
    """Lines of descent, seen with the child's partner."""

    path_to_partner = "child__partner__"


class ModelParent(models.Model):
    """One model that a derived model comes from: of the catalogue, or derived itself."""

    child = models.ForeignKey(
        DerivedModel, models.CASCADE, related_name="parents", verbose_name=_("model")
    )
    base = models.ForeignKey(
        BaseModel, models.PROTECT, null=True, blank=True,
        related_name="children", verbose_name=_("base model"),
    )  # fmt: skip
    derived = models.ForeignKey(
        DerivedModel, models.PROTECT, null=True, blank=True,
        related_name="children", verbose_name=_("derived model"),
    )  # fmt: skip

    objects = ParentQuerySet.as_manager()

    class Meta:
        verbose_name = _("parent of a model")
        verbose_name_plural = _("parents of models")
        constraints = [
            models.CheckConstraint(
                name="modelparent_is_one_model",
                condition=Q(base__isnull=False, derived__isnull=True)
                | Q(base__isnull=True, derived__isnull=False),
            ),
            models.UniqueConstraint("child", "base", name="modelparent_base_once"),
            models.UniqueConstraint(
                "child", "derived", name="modelparent_derived_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.child_id} ← {self.base_id or self.derived_id}"
