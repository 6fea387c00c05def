"""Where other systems listen, and by which secrets they know us."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.accounts.policy import own_or_all, reach_of


class Reason(models.TextChoices):
    """Why an endpoint gets nothing."""

    PERSON = "person", _("Switched off by a person")
    GONE = "gone", _("It answered that it is gone (410)")
    FAILING = "failing", _("It failed for three days")


class Notice(models.TextChoices):
    """What the owner is still to be told."""

    FAILING = "failing", _("It has been failing for a day")
    DISABLED = "disabled", _("It was switched off")


class WebhookEndpointQuerySet(models.QuerySet["WebhookEndpoint"]):
    """Endpoints, and who may see them."""

    def visible_to(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Keep one's own; all, for administrators and auditors."""
        return self.filter(own_or_all(reach_of(user), "owner"))


class WebhookEndpoint(models.Model):
    """One address that is told what happens, as far as its owner may see it."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="webhook_endpoints",
        verbose_name=_("owner"),
        help_text=_("It gets what this person may see, and nothing else."),
    )
    description = models.CharField(
        _("description"), max_length=120, help_text=_("What listens there.")
    )
    url = models.CharField(
        _("address"),
        max_length=2_000,
        help_text=_("https, on the public internet; redirects are not followed."),
    )
    kinds = ArrayField(
        models.CharField(max_length=80),
        verbose_name=_("kinds"),
        default=list,
        blank=True,
        help_text=_("Such as deal.won, or partner.* for all of a kind; none: all."),
    )
    partner_ids = ArrayField(
        models.BigIntegerField(),
        verbose_name=_("partners"),
        default=list,
        blank=True,
        help_text=_("Numbers of partners; none: all."),
    )
    is_active = models.BooleanField(_("active"), default=True)
    reason = models.CharField(
        _("why not"), max_length=10, choices=Reason.choices, blank=True
    )
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True)
    paused_until = models.DateTimeField(_("left alone until"), null=True, blank=True)
    notice = models.CharField(max_length=10, choices=Notice.choices, blank=True)
    warned_at = models.DateTimeField(_("owner warned at"), null=True, blank=True)
    read_transaction = models.BigIntegerField(default=0, editable=False)
    read_event = models.BigIntegerField(default=0, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    created_at = models.DateTimeField(_("created at"))

    objects = WebhookEndpointQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        constraints = [
            models.CheckConstraint(
                condition=Q(is_active=True, reason="")
                | (Q(is_active=False) & ~Q(reason="")),
                name="webhook_endpoint_says_why_it_is_off",
            ),
            models.CheckConstraint(
                condition=Q(kinds__len__lte=100) & Q(partner_ids__len__lte=1000),
                name="webhook_endpoint_filters_are_bounded",
            ),
        ]

    def __str__(self) -> str:
        return self.description


class WebhookSecretQuerySet(models.QuerySet["WebhookSecret"]):
    """Secrets of endpoints."""

    def in_use(self, at: datetime) -> Self:
        """Keep those that still sign, the newest first."""
        alive = Q(expires_at__isnull=True) | Q(expires_at__gt=at)
        return self.filter(alive).order_by("-created_at", "-pk")


class WebhookSecret(models.Model):
    """One secret that an endpoint knows us by; only its salt is stored (see `signing`)."""

    endpoint = models.ForeignKey(
        WebhookEndpoint,
        models.CASCADE,
        related_name="secrets",
        verbose_name=_("webhook"),
    )
    salt = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("created at"))
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)

    objects = WebhookSecretQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook secret")
        verbose_name_plural = _("webhook secrets")
        constraints = [
            models.UniqueConstraint(
                "endpoint",
                condition=Q(expires_at__isnull=True),
                name="webhook_secret_one_without_end",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.endpoint_id} {self.created_at}"
