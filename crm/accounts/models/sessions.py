"""Where people are logged in."""

from typing import Self

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.accounts import policy
from crm.accounts.models.people import User


class BrowserSessionQuerySet(models.QuerySet["BrowserSession"]):
    """Browser sessions."""

    def visible_to(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Narrow to one's own sessions; administrators and auditors see all."""
        return self.filter(policy.own_or_all(policy.reach_of(user), "person"))


class BrowserSession(models.Model):
    """One browser in which a person is logged in; for the list from which it can be ended."""

    person = models.ForeignKey(
        User, models.CASCADE, related_name="browser_sessions", verbose_name=_("person")
    )
    session_key = models.CharField(max_length=40, unique=True, editable=False)
    started_at = models.DateTimeField(_("started at"))
    seen_at = models.DateTimeField(_("latest use"))
    address = models.GenericIPAddressField(_("address"), null=True)
    browser = models.CharField(_("browser"), max_length=200, blank=True)

    objects = BrowserSessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")

    def __str__(self) -> str:
        return self.browser or str(self.pk)
