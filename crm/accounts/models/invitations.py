"""Invitations."""

from typing import Self

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.accounts import policy
from crm.accounts.models.people import User


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Invitations."""

    def visible_to(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Narrow to those this person sent; administrators and auditors see all."""
        return self.filter(policy.own_or_all(policy.reach_of(user), "invited_by"))

    def open(self) -> Self:
        """Narrow to those that are neither accepted nor revoked."""
        return self.filter(accepted_at__isnull=True, revoked_at__isnull=True)

    def due(self) -> Self:
        """Narrow to open ones whose mail has not gone out."""
        return self.open().filter(sent_at__isnull=True)


class Invitation(models.Model):
    """One invitation of a person to choose a password and join, by a link that works once.

    The link is made when the mail is sent and only its keyed hash is kept; sending again makes a
    new link, and the older one stops working.
    """

    person = models.ForeignKey(
        User, models.PROTECT, related_name="invitations", verbose_name=_("person")
    )
    invited_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        related_name="invitations_sent",
        verbose_name=_("invited by"),
    )
    digest = models.CharField(max_length=64, blank=True, default="", editable=False)
    asked_at = models.DateTimeField(_("asked at"))
    mailing_until = models.DateTimeField(null=True, editable=False)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    expires_at = models.DateTimeField(_("expires at"))
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=models.Q(accepted_at__isnull=True, revoked_at__isnull=True),
                name="invitation_one_open_per_person",
            ),
            models.CheckConstraint(
                condition=models.Q(accepted_at__isnull=True)
                | models.Q(revoked_at__isnull=True),
                name="invitation_accepted_or_revoked",
            ),
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("asked_at")),
                name="invitation_expires_after_asking",
            ),
        ]

    def __str__(self) -> str:
        return _("Invitation %(number)s") % {"number": self.pk}
