"""Make the tables of people, teams, invitations, browser sessions and API tokens."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

from crm.core.tables import MakeTables


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        MakeTables(
            [
                migrations.CreateModel(
                    name="Team",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "name",
                            models.CharField(
                                max_length=120, unique=True, verbose_name="name"
                            ),
                        ),
                        (
                            "path",
                            models.CharField(
                                db_index=True,
                                default="",
                                editable=False,
                                help_text="Ids from the root down, as /1/4/; kept by the database.",
                                max_length=400,
                                verbose_name="path",
                            ),
                        ),
                        (
                            "lead",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="teams_led",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="team lead",
                            ),
                        ),
                        (
                            "parent",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="children",
                                to="accounts.team",
                                verbose_name="parent",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "team",
                        "verbose_name_plural": "teams",
                    },
                ),
                migrations.CreateModel(
                    name="User",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "password",
                            models.CharField(max_length=128, verbose_name="password"),
                        ),
                        (
                            "last_login",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="last login"
                            ),
                        ),
                        (
                            "is_superuser",
                            models.BooleanField(
                                default=False,
                                help_text="Designates that this user has all permissions without explicitly assigning them.",
                                verbose_name="superuser status",
                            ),
                        ),
                        (
                            "email",
                            models.EmailField(
                                max_length=254, unique=True, verbose_name="e-mail"
                            ),
                        ),
                        ("name", models.CharField(max_length=120, verbose_name="name")),
                        (
                            "language",
                            models.CharField(
                                choices=[("en", "English"), ("zh-hans", "简体中文")],
                                default="en",
                                max_length=10,
                                verbose_name="language",
                            ),
                        ),
                        (
                            "time_zone",
                            models.CharField(
                                default="Asia/Shanghai",
                                max_length=60,
                                verbose_name="time zone",
                            ),
                        ),
                        (
                            "currency",
                            models.CharField(
                                default="CNY", max_length=3, verbose_name="currency"
                            ),
                        ),
                        (
                            "is_active",
                            models.BooleanField(default=True, verbose_name="active"),
                        ),
                        (
                            "is_staff",
                            models.BooleanField(
                                default=True, verbose_name="may open the admin"
                            ),
                        ),
                        (
                            "created_at",
                            models.DateTimeField(
                                auto_now_add=True, verbose_name="created at"
                            ),
                        ),
                        (
                            "groups",
                            models.ManyToManyField(
                                blank=True,
                                help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                                related_name="user_set",
                                related_query_name="user",
                                to="auth.group",
                                verbose_name="groups",
                            ),
                        ),
                        (
                            "user_permissions",
                            models.ManyToManyField(
                                blank=True,
                                help_text="Specific permissions for this user.",
                                related_name="user_set",
                                related_query_name="user",
                                to="auth.permission",
                                verbose_name="user permissions",
                            ),
                        ),
                        (
                            "team",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="members",
                                to="accounts.team",
                                verbose_name="team",
                            ),
                        ),
                        (
                            "deactivated_at",
                            models.DateTimeField(
                                blank=True,
                                editable=False,
                                null=True,
                                verbose_name="deactivated at",
                            ),
                        ),
                        (
                            "reset_mailed_at",
                            models.DateTimeField(editable=False, null=True),
                        ),
                        (
                            "session_generation",
                            models.PositiveIntegerField(default=0, editable=False),
                        ),
                    ],
                    options={
                        "verbose_name": "person",
                        "verbose_name_plural": "people",
                        "constraints": [
                            models.UniqueConstraint(
                                django.db.models.functions.text.Lower("email"),
                                name="user_email_unique",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("deactivated_at__isnull", True),
                                    ("is_active", False),
                                    _connector="OR",
                                ),
                                name="user_deactivated_is_not_active",
                            ),
                        ],
                        "permissions": [
                            ("change_roles_user", "Can give and withdraw roles"),
                            ("deactivate_user", "Can deactivate and reactivate people"),
                            ("hand_over_user", "Can hand over what a person owns"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ApiToken",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "name",
                            models.CharField(
                                help_text="What uses it, for example: ERP sync.",
                                max_length=80,
                                verbose_name="name",
                            ),
                        ),
                        (
                            "public",
                            models.CharField(
                                editable=False,
                                max_length=8,
                                unique=True,
                                verbose_name="beginning",
                            ),
                        ),
                        ("digest", models.CharField(editable=False, max_length=64)),
                        (
                            "scopes",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=40),
                                size=None,
                                verbose_name="scopes",
                            ),
                        ),
                        (
                            "is_read_only",
                            models.BooleanField(
                                default=False, verbose_name="read only"
                            ),
                        ),
                        (
                            "networks",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=49),
                                blank=True,
                                default=list,
                                help_text="In CIDR notation; none allows every address.",
                                size=None,
                                verbose_name="allowed networks",
                            ),
                        ),
                        ("issued_at", models.DateTimeField(verbose_name="issued at")),
                        ("expires_at", models.DateTimeField(verbose_name="expires at")),
                        (
                            "latest_use_at",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="latest use"
                            ),
                        ),
                        (
                            "latest_use_from",
                            models.GenericIPAddressField(
                                blank=True, null=True, verbose_name="latest use from"
                            ),
                        ),
                        (
                            "revoked_at",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="revoked at"
                            ),
                        ),
                        (
                            "issued_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="issued by",
                            ),
                        ),
                        (
                            "owner",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="api_tokens",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="acts as",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "API token",
                        "verbose_name_plural": "API tokens",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("expires_at__gt", models.F("issued_at"))
                                ),
                                name="api_token_expires_after_issue",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("scopes__len__gt", 0)),
                                name="api_token_has_a_scope",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="BrowserSession",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "session_key",
                            models.CharField(
                                editable=False, max_length=40, unique=True
                            ),
                        ),
                        ("started_at", models.DateTimeField(verbose_name="started at")),
                        ("seen_at", models.DateTimeField(verbose_name="latest use")),
                        (
                            "address",
                            models.GenericIPAddressField(
                                null=True, verbose_name="address"
                            ),
                        ),
                        (
                            "browser",
                            models.CharField(
                                blank=True, max_length=200, verbose_name="browser"
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="browser_sessions",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="person",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "session",
                        "verbose_name_plural": "sessions",
                    },
                ),
                migrations.CreateModel(
                    name="Invitation",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "digest",
                            models.CharField(
                                blank=True, default="", editable=False, max_length=64
                            ),
                        ),
                        ("asked_at", models.DateTimeField(verbose_name="asked at")),
                        (
                            "mailing_until",
                            models.DateTimeField(editable=False, null=True),
                        ),
                        (
                            "sent_at",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="sent at"
                            ),
                        ),
                        ("expires_at", models.DateTimeField(verbose_name="expires at")),
                        (
                            "accepted_at",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="accepted at"
                            ),
                        ),
                        (
                            "revoked_at",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="revoked at"
                            ),
                        ),
                        (
                            "invited_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="invitations_sent",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="invited by",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="invitations",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="person",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "invitation",
                        "verbose_name_plural": "invitations",
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("accepted_at__isnull", True),
                                    ("revoked_at__isnull", True),
                                ),
                                fields=("person",),
                                name="invitation_one_open_per_person",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("accepted_at__isnull", True),
                                    ("revoked_at__isnull", True),
                                    _connector="OR",
                                ),
                                name="invitation_accepted_or_revoked",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("expires_at__gt", models.F("asked_at"))
                                ),
                                name="invitation_expires_after_asking",
                            ),
                        ],
                    },
                ),
            ]
        ),
    ]
