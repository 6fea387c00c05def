"""Partners: the organisations we work with, and the names and numbers they go by."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from crm.core.written import UpdatedAt
from partners.industries import Industry
from partners.models.visibility import PartnerBoundQuerySet


class Segment(models.TextChoices):
    """How large the organisation is."""

    GLOBAL = "global", _("Global enterprise")
    ENTERPRISE = "enterprise", _("Enterprise")
    MID_MARKET = "mid_market", _("Mid-market")
    SMALL = "small", _("Small business")
    PUBLIC_SECTOR = "public_sector", _("Public sector")


class PartnerType(models.TextChoices):
    """What the organisation is to us."""

    ENTERPRISE = "enterprise", _("Enterprise")
    TELCO = "telco", _("Telecommunications operator")
    OEM = "oem", _("OEM")
    ISV = "isv", _("Software vendor (ISV)")
    SI = "si", _("System integrator")
    CO_DEVELOPER = "model_co_developer", _("Model co-developer")
    DISTRIBUTOR = "distributor", _("Distributor")


class Tier(models.TextChoices):
    """How much attention the partnership gets."""

    STRATEGIC = "strategic", _("Strategic")
    KEY = "key", _("Key")
    GROWTH = "growth", _("Growth")
    WATCH = "watch", _("Watch")


class Confidentiality(models.TextChoices):
    """Who may know that we work together."""

    PUBLIC = "public", _("Public")
    NDA = "nda", _("Under NDA")
    RESTRICTED = "restricted", _("Restricted to named people")


class Lifecycle(models.TextChoices):
    """Where the relation stands as a whole."""

    PROSPECT = "prospect", _("Prospect")
    ACTIVE = "active", _("Active")
    DORMANT = "dormant", _("Dormant")
    EXITED = "exited", _("Exited")


class PartnerQuerySet(PartnerBoundQuerySet["Partner"]):
    """Questions about partners."""

    path_to_partner = ""

    def live(self) -> Self:
        """Neither archived nor merged away."""
        return self.filter(archived_at__isnull=True)


class Partner(models.Model):
    """One organisation, or one part of a group of companies, that we work with."""

    key = models.UUIDField(_("key"), unique=True, default=uuid.uuid4, editable=False)
    legal_name = models.CharField(_("legal name"), max_length=250)
    display_name = models.CharField(_("display name"), max_length=250)
    local_name = models.CharField(
        _("local-language name"), max_length=250, blank=True, default=""
    )
    industry = models.CharField(
        _("industry"), max_length=30, choices=Industry, blank=True, default=""
    )
    country = models.CharField(
        _("country"),
        max_length=2,
        blank=True,
        default="",
        help_text=_("Two letters, as in ISO 3166: DE, CN."),
    )
    segment = models.CharField(
        _("segment"), max_length=20, choices=Segment, blank=True, default=""
    )
    partner_type = models.CharField(
        _("partner type"),
        max_length=20,
        choices=PartnerType,
        default=PartnerType.ENTERPRISE,
    )
    tier = models.CharField(_("tier"), max_length=10, choices=Tier, default=Tier.GROWTH)
    lifecycle = models.CharField(
        _("lifecycle"), max_length=10, choices=Lifecycle, default=Lifecycle.PROSPECT
    )
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="subsidiaries",
        verbose_name=_("parent"),
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="partners_owned",
        verbose_name=_("alliance manager"),
    )
    team = models.ForeignKey(
        "accounts.Team",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="partners",
        verbose_name=_("team"),
    )
    our_sponsor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="partners_sponsored",
        verbose_name=_("our executive sponsor"),
    )
    their_sponsor = models.ForeignKey(
        "partners.Contact",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="partners_sponsored",
        verbose_name=_("their executive sponsor"),
    )
    confidentiality = models.CharField(
        _("confidentiality"),
        max_length=10,
        choices=Confidentiality,
        default=Confidentiality.PUBLIC,
    )
    named_people = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        blank=True,
        related_name="partners_named_in",
        verbose_name=_("named people"),
        help_text=_("Who may see a restricted partner besides its owner."),
    )
    reporting_currency = models.CharField(
        _("reporting currency"), max_length=3, default="CNY"
    )
    time_zone = models.CharField(_("time zone"), max_length=60, default="Asia/Shanghai")
    is_test = models.BooleanField(
        _("test record"),
        default=False,
        help_text=_("For trying out integrations; left out of every report."),
    )
    archived_at = models.DateTimeField(_("archived at"), null=True, blank=True)
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="merged_from",
        verbose_name=_("merged into"),
    )
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    updated_at = UpdatedAt(_("updated at"))
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = PartnerQuerySet.as_manager()

    class Meta:
        verbose_name = _("partner")
        verbose_name_plural = _("partners")
        constraints = [
            models.CheckConstraint(
                name="partner_has_names", condition=~Q(legal_name="", display_name="")
            ),
            models.CheckConstraint(
                name="partner_country_has_two_letters",
                condition=Q(country="") | Q(country__regex="^[A-Z]{2}$"),
            ),
            models.CheckConstraint(
                name="partner_currency_has_three_letters",
                condition=Q(reporting_currency__regex="^[A-Z]{3}$"),
            ),
            models.CheckConstraint(
                name="partner_industry_is_known",
                condition=Q(industry__in=["", *Industry.values]),
            ),
            models.CheckConstraint(
                name="partner_confidentiality_is_known",
                condition=Q(confidentiality__in=Confidentiality.values),
            ),
            models.CheckConstraint(
                name="partner_is_not_its_own_parent", condition=~Q(parent=F("id"))
            ),
            models.CheckConstraint(
                name="partner_merged_is_archived",
                condition=Q(merged_into__isnull=True)
                | (Q(archived_at__isnull=False) & ~Q(merged_into=F("id"))),
            ),
        ]
        indexes = [
            models.Index("display_name", "id", name="partner_list"),
            models.Index(Lower("display_name"), name="partner_display_name_lower"),
        ]

    def __str__(self) -> str:
        return self.display_name or self.legal_name


class PartnerAlias(models.Model):
    """One more name by which a partner is known."""

    partner = models.ForeignKey(
        Partner, models.CASCADE, related_name="aliases", verbose_name=_("partner")
    )
    name = models.CharField(_("name"), max_length=250)

    objects = PartnerBoundQuerySet["PartnerAlias"].as_manager()

    class Meta:
        verbose_name = _("alias")
        verbose_name_plural = _("aliases")
        constraints = [
            models.UniqueConstraint(
                "partner", Lower("name"), name="partneralias_unique_per_partner"
            ),
            models.CheckConstraint(name="partneralias_has_name", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return self.name


class PartnerDomain(models.Model):
    """One internet domain of a partner, lower case, without www."""

    partner = models.ForeignKey(
        Partner, models.CASCADE, related_name="domains", verbose_name=_("partner")
    )
    domain = models.CharField(_("domain"), max_length=253)
    is_primary = models.BooleanField(_("website"), default=False)

    objects = PartnerBoundQuerySet["PartnerDomain"].as_manager()

    class Meta:
        verbose_name = _("domain")
        verbose_name_plural = _("domains")
        constraints = [
            models.UniqueConstraint("domain", name="partnerdomain_unique"),
            models.UniqueConstraint(
                "partner",
                condition=Q(is_primary=True),
                name="partnerdomain_one_website",
            ),
            models.CheckConstraint(
                name="partnerdomain_is_normalised",
                condition=Q(domain__regex=r"^[^\s/:@A-Z]+\.[^\s/:@A-Z.]+$")
                & ~Q(domain__startswith="www."),
            ),
        ]

    def __str__(self) -> str:
        return self.domain


class RegistrationId(models.Model):
    """One number under which a public register knows a partner."""

    class Scheme(models.TextChoices):
        """Whose number it is."""

        DUNS = "duns", _("D-U-N-S")
        LEI = "lei", _("LEI")
        USCC = "uscc", _("Unified Social Credit Code")

    partner = models.ForeignKey(
        Partner,
        models.CASCADE,
        related_name="registration_ids",
        verbose_name=_("partner"),
    )
    scheme = models.CharField(_("scheme"), max_length=10, choices=Scheme)
    value = models.CharField(_("number"), max_length=40)

    objects = PartnerBoundQuerySet["RegistrationId"].as_manager()

    class Meta:
        verbose_name = _("registration id")
        verbose_name_plural = _("registration ids")
        constraints = [
            models.UniqueConstraint(
                "scheme", "value", name="registrationid_unique_in_scheme"
            ),
            models.CheckConstraint(
                name="registrationid_has_its_form",
                condition=Q(scheme="duns", value__regex="^[0-9]{9}$")
                | Q(scheme="lei", value__regex="^[A-Z0-9]{18}[0-9]{2}$")
                | Q(scheme="uscc", value__regex="^[0-9A-HJ-NPQRTUWXY]{18}$"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scheme} {self.value}"


class ExternalId(models.Model):
    """The id by which another system knows a partner."""

    partner = models.ForeignKey(
        Partner, models.CASCADE, related_name="external_ids", verbose_name=_("partner")
    )
    system = models.CharField(_("system"), max_length=60)
    value = models.CharField(_("id"), max_length=120)

    objects = PartnerBoundQuerySet["ExternalId"].as_manager()

    class Meta:
        verbose_name = _("external id")
        verbose_name_plural = _("external ids")
        constraints = [
            models.UniqueConstraint(
                "system", "value", name="externalid_unique_in_system"
            ),
            models.CheckConstraint(
                name="externalid_is_complete", condition=~Q(system="") & ~Q(value="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.system}: {self.value}"
