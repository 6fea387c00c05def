"""Contacts: the people on the partner's side."""

import uuid
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from crm.core.written import UpdatedAt
from partners.models.partner import Partner
from partners.models.visibility import CooperationBoundQuerySet, PartnerBoundQuerySet


class ContactRole(models.TextChoices):
    """What a contact is for the cooperation."""

    EXECUTIVE_SPONSOR = "executive_sponsor", _("Executive sponsor")
    ECONOMIC_BUYER = "economic_buyer", _("Economic buyer")
    TECHNICAL_LEAD = "technical_lead", _("Technical lead")
    LEGAL = "legal", _("Legal")
    PROCUREMENT = "procurement", _("Procurement")
    CHAMPION = "champion", _("Champion")


class ContactQuerySet(PartnerBoundQuerySet["Contact"]):
    """Questions about contacts."""

    def present(self) -> Self:
        """Still with the partner and not erased."""
        return self.filter(left_on__isnull=True, erased_at__isnull=True)


class Contact(models.Model):
    """One person who works for a partner; the personal data can be erased."""

    class Consent(models.TextChoices):
        """Whether the person agreed to be written to."""

        UNKNOWN = "unknown", _("Not asked")
        GIVEN = "given", _("Given")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    PERSONAL = ("name", "local_name", "title", "email", "phone")
    """What erasing empties; the journal never holds these values."""

    key = models.UUIDField(_("key"), unique=True, default=uuid.uuid4, editable=False)
    partner = models.ForeignKey(
        Partner, models.PROTECT, related_name="contacts", verbose_name=_("partner")
    )
    name = models.CharField(_("name"), max_length=120, blank=True, default="")
    local_name = models.CharField(
        _("local-language name"), max_length=120, blank=True, default=""
    )
    title = models.CharField(_("title"), max_length=120, blank=True, default="")
    email = models.EmailField(_("e-mail"), max_length=254, blank=True, default="")
    phone = models.CharField(_("phone"), max_length=40, blank=True, default="")
    locale = models.CharField(_("language"), max_length=10, blank=True, default="")
    roles = ArrayField(
        models.CharField(max_length=20, choices=ContactRole),
        verbose_name=_("roles"),
        default=list,
        blank=True,
    )
    consent = models.CharField(
        _("consent"), max_length=10, choices=Consent, default=Consent.UNKNOWN
    )
    consent_at = models.DateTimeField(_("consent recorded at"), null=True, blank=True)
    left_on = models.DateField(_("left on"), null=True, blank=True)
    erased_at = models.DateTimeField(
        _("erased at"), null=True, blank=True, editable=False
    )
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    updated_at = UpdatedAt(_("updated at"))
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        constraints = [
            models.UniqueConstraint(
                "partner",
                Lower("email"),
                condition=~Q(email=""),
                name="contact_email_unique_per_partner",
            ),
            models.CheckConstraint(
                name="contact_has_name_unless_erased",
                condition=~Q(name="") | Q(erased_at__isnull=False),
            ),
            models.CheckConstraint(
                name="contact_erased_is_empty",
                condition=Q(erased_at__isnull=True)
                | Q(name="", local_name="", title="", email="", phone=""),
            ),
            models.CheckConstraint(
                name="contact_roles_are_known",
                condition=Q(roles__contained_by=ContactRole.values),
            ),
            models.CheckConstraint(
                name="contact_consent_has_date",
                condition=Q(consent="unknown") | Q(consent_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name or str(_("erased contact %(id)s") % {"id": self.pk})


class CooperationContact(models.Model):
    """What one contact does in one cooperation."""

    cooperation = models.ForeignKey(
        "partners.Cooperation",
        models.CASCADE,
        related_name="cooperation_contacts",
        verbose_name=_("cooperation"),
    )
    contact = models.ForeignKey(
        Contact,
        models.CASCADE,
        related_name="cooperation_contacts",
        verbose_name=_("contact"),
    )
    role = models.CharField(_("role"), max_length=20, choices=ContactRole)

    objects = CooperationBoundQuerySet["CooperationContact"].as_manager()

    class Meta:
        verbose_name = _("contact of a cooperation")
        verbose_name_plural = _("contacts of cooperations")
        constraints = [
            models.UniqueConstraint(
                "cooperation", "contact", "role", name="cooperationcontact_unique"
            ),
            models.CheckConstraint(
                name="cooperationcontact_role_is_known",
                condition=Q(role__in=ContactRole.values),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.contact_id}"
