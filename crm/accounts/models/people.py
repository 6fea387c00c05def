"""People and teams."""

from collections.abc import Iterator
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import (
    AbstractBaseUser,
    AnonymousUser,
    BaseUserManager,
    PermissionsMixin,
)
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
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
    deactivated_at = models.DateTimeField(
        _("deactivated at"), null=True, blank=True, editable=False
    )
    session_generation = models.PositiveIntegerField(default=0, editable=False)
    reset_mailed_at = models.DateTimeField(null=True, editable=False)
    is_staff = models.BooleanField(_("may open the admin"), default=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        permissions = [
            ("change_roles_user", _("Can give and withdraw roles")),
            ("deactivate_user", _("Can deactivate and reactivate people")),
            ("hand_over_user", _("Can hand over what a person owns")),
        ]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_unique"),
            models.CheckConstraint(
                condition=models.Q(deactivated_at__isnull=True)
                | models.Q(is_active=False),
                name="user_deactivated_is_not_active",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def get_session_auth_hash(self) -> str:
        """Return what every session of this person must carry; a new generation ends them all."""
        return self._session_hash(settings.SECRET_KEY)

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """Return the same for earlier secret keys."""
        return map(self._session_hash, settings.SECRET_KEY_FALLBACKS)

    def refresh_from_db(self, *arguments: Any, **named: Any) -> None:
        """Read the row again; roles and team are asked again, too."""
        super().refresh_from_db(*arguments, **named)
        policy.forget_reach(self)

    def _session_hash(self, secret: str) -> str:
        return salted_hmac(
            "crm.accounts.User.session",
            f"{self.password}{self.session_generation}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()
