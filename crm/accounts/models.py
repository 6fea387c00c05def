"""People and teams."""

from typing import ClassVar, Self

from django.contrib.auth.models import (
    AbstractBaseUser,
    AnonymousUser,
    BaseUserManager,
    PermissionsMixin,
)
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from crm.accounts import policy


class TeamQuerySet(models.QuerySet["Team"]):
    """Teams."""

    def visible_to(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Narrow to the teams this person may see."""
        return self.filter(policy.team_visibility(policy.reach_of(user)))


class Team(models.Model):
    """One team of the alliances organisation; teams form a tree."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("parent"),
    )
    path = models.CharField(
        _("path"),
        max_length=400,
        editable=False,
        default="",
        db_index=True,
        help_text=_("Ids from the root down, as /1/4/; kept by the database."),
    )
    lead = models.ForeignKey(
        "accounts.User",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="teams_led",
        verbose_name=_("team lead"),
    )

    objects = TeamQuerySet.as_manager()

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")

    def __str__(self) -> str:
        return self.name


class UserQuerySet(models.QuerySet["User"]):
    """People."""

    def visible_to(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Narrow to the people this person may see."""
        return self.filter(policy.people_visibility(policy.reach_of(user)))


class UserManager(BaseUserManager["User"]):
    """Finds people by e-mail, whatever the case of its letters."""

    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def visible_to(self, user: AbstractBaseUser | AnonymousUser) -> UserQuerySet:
        """Narrow to the people this person may see."""
        return self.get_queryset().visible_to(user)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """One person who works with the product; the e-mail address is the login."""

    acting_token_id: int | None = None
    """The API token by which this person acts in this request; set by the door."""

    email = models.EmailField(_("e-mail"), max_length=254, unique=True)
    name = models.CharField(_("name"), max_length=120)
    team = models.ForeignKey(
        Team,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="members",
        verbose_name=_("team"),
    )
    language = models.CharField(
        _("language"),
        max_length=10,
        default="en",
        choices=[("en", "English"), ("zh-hans", "简体中文")],
    )
    time_zone = models.CharField(_("time zone"), max_length=60, default="Asia/Shanghai")
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("may open the admin"), default=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_unique"),
        ]

    def __str__(self) -> str:
        return self.name or self.email
