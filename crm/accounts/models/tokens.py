"""API tokens."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.accounts import policy, tokens
from crm.accounts.models.people import User


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    """API tokens."""

    def visible_to(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Narrow to one's own tokens; administrators and auditors see all (never a secret)."""
        return self.filter(policy.own_or_all(policy.reach_of(user), "owner"))

    def usable(self, at: datetime) -> Self:
        """Narrow to tokens that are neither revoked nor expired."""
        return self.filter(revoked_at__isnull=True, expires_at__gt=at)


class ApiToken(models.Model):
    """A key by which a program acts as one person, within scopes, until it expires.

    Only a keyed hash of it is stored. Its owner, hash and beginning never change: the database
    refuses.
    """

    owner = models.ForeignKey(
        User, models.PROTECT, related_name="api_tokens", verbose_name=_("acts as")
    )
    name = models.CharField(
        _("name"), max_length=80, help_text=_("What uses it, for example: ERP sync.")
    )
    public = models.CharField(_("beginning"), max_length=8, unique=True, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    scopes = ArrayField(models.CharField(max_length=40), verbose_name=_("scopes"))
    is_read_only = models.BooleanField(_("read only"), default=False)
    networks = ArrayField(
        models.CharField(max_length=49),
        default=list,
        blank=True,
        verbose_name=_("allowed networks"),
        help_text=_("In CIDR notation; none allows every address."),
    )
    issued_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("issued by"),
    )
    issued_at = models.DateTimeField(_("issued at"))
    expires_at = models.DateTimeField(_("expires at"))
    latest_use_at = models.DateTimeField(_("latest use"), null=True, blank=True)
    latest_use_from = models.GenericIPAddressField(
        _("latest use from"), null=True, blank=True
    )
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("issued_at")),
                name="api_token_expires_after_issue",
            ),
            models.CheckConstraint(
                condition=models.Q(scopes__len__gt=0),
                name="api_token_has_a_scope",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({tokens.PREFIX}{self.public}…)"

    def allows(self, area: str, act: str) -> bool:
        """Tell whether the token opens this act (`read`, `write`) in this area."""
        return tokens.allows(
            self.scopes, area=area, act=act, is_read_only=self.is_read_only
        )


class OAuthClient(models.Model):
    """An API token that a program does not hold itself: it trades credentials for short-lived ones.

    Owner, scopes, networks, expiry and revocation are those of the API token; the application of
    the toolkit keeps the id and the hash of the secret.
    """

    token = models.OneToOneField(
        ApiToken,
        models.PROTECT,
        related_name="client",
        verbose_name=_("API token"),
    )
    application = models.OneToOneField(
        settings.OAUTH2_PROVIDER_APPLICATION_MODEL,
        models.PROTECT,
        related_name="client",
        verbose_name=_("application"),
    )

    class Meta:
        verbose_name = _("OAuth2 client")
        verbose_name_plural = _("OAuth2 clients")

    def __str__(self) -> str:
        return self.token.name
