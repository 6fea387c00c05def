"""Ways in: uploads in parts, what was found in the drop, rolling up anew; and who may."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from crm.accounts import roles
from crm.accounts.roles import Role

KEEPERS = (Role.FINANCE, Role.INTEGRATION)
OVERSEERS = (*KEEPERS, Role.EXECUTIVE, Role.AUDITOR, Role.ADMINISTRATOR)
READ = {"view": roles.EVERYONE}
GRANTS = {
    "usage.billingsource": {
        "view": (*OVERSEERS, Role.ALLIANCE_DIRECTOR),
        "add": (Role.FINANCE, Role.ADMINISTRATOR),
        "change": (Role.FINANCE, Role.ADMINISTRATOR),
    },
    "usage.usageload": {"view": OVERSEERS, "add": KEEPERS, "change": KEEPERS},
    "usage.usageupload": {"view": OVERSEERS, "add": KEEPERS, "change": KEEPERS},
    "usage.usagearrival": {"view": OVERSEERS},
    "usage.usagereroll": {"view": OVERSEERS},
    "usage.usagedelivery": {"view": OVERSEERS, "change": (Role.FINANCE,)},
    "usage.cloudaccount": {**READ, "change": KEEPERS},
    "usage.accountassignment": {**READ, "add": KEEPERS, "change": KEEPERS},
    "usage.accountownership": READ,
    "usage.usagemeter": READ,
    "usage.dailyusage": READ,
    "usage.monthlyusage": READ,
}


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_roles"),
        ("usage", "0003_cooperation_rules"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="UsageArrival",
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
                ("address", models.CharField(max_length=700, verbose_name="address")),
                (
                    "source_name",
                    models.CharField(max_length=120, verbose_name="source"),
                ),
                (
                    "stamp",
                    models.CharField(
                        help_text="Of names, sizes and times; the same twice means complete.",
                        max_length=64,
                        verbose_name="stamp",
                    ),
                ),
                ("bytes", models.BigIntegerField(default=0, verbose_name="bytes")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("seen", "seen"),
                            ("fetching", "being fetched"),
                            ("handed-in", "handed in"),
                            ("done", "done"),
                            ("refused", "refused"),
                        ],
                        default="seen",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                (
                    "error",
                    models.CharField(
                        blank=True, default="", max_length=1000, verbose_name="error"
                    ),
                ),
                (
                    "owner",
                    models.CharField(
                        blank=True, default="", max_length=80, verbose_name="worker"
                    ),
                ),
                (
                    "lease_until",
                    models.DateTimeField(
                        blank=True, null=True, verbose_name="lease until"
                    ),
                ),
                ("seen_at", models.DateTimeField(verbose_name="first seen at")),
                (
                    "finished_at",
                    models.DateTimeField(
                        blank=True, null=True, verbose_name="finished at"
                    ),
                ),
                (
                    "load",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="arrival",
                        to="usage.usageload",
                        verbose_name="load",
                    ),
                ),
            ],
            options={
                "verbose_name": "usage arrival",
                "verbose_name_plural": "usage arrivals",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                ["seen", "fetching", "handed-in", "done", "refused"],
                            )
                        ),
                        name="usage_arrival_state_known",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("state__in", ["seen", "fetching", "handed-in"])
                        ),
                        fields=("address",),
                        name="usage_arrival_one_open_per_address",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="UsageReroll",
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
                ("requested_at", models.DateTimeField(verbose_name="requested at")),
                (
                    "total",
                    models.PositiveIntegerField(default=0, verbose_name="deliveries"),
                ),
                (
                    "done",
                    models.PositiveIntegerField(default=0, verbose_name="rolled up"),
                ),
                (
                    "owner",
                    models.CharField(
                        blank=True, default="", max_length=80, verbose_name="worker"
                    ),
                ),
                (
                    "lease_until",
                    models.DateTimeField(
                        blank=True, null=True, verbose_name="lease until"
                    ),
                ),
                (
                    "finished_at",
                    models.DateTimeField(
                        blank=True, null=True, verbose_name="finished at"
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="requested by",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rerolls",
                        to="usage.billingsource",
                        verbose_name="source",
                    ),
                ),
            ],
            options={
                "verbose_name": "rolling up anew",
                "verbose_name_plural": "rollings up anew",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("finished_at__isnull", True), ("owner", "")
                        ),
                        fields=("source",),
                        name="usage_reroll_one_waits_per_source",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="UsageUpload",
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
                ("file_name", models.CharField(max_length=200, verbose_name="file")),
                ("size", models.BigIntegerField(verbose_name="bytes")),
                (
                    "offset",
                    models.BigIntegerField(default=0, verbose_name="bytes received"),
                ),
                (
                    "is_dry_run",
                    models.BooleanField(default=False, verbose_name="dry run"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "being sent"),
                            ("handed-in", "handed in"),
                            ("abandoned", "abandoned"),
                        ],
                        default="open",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="begun at")),
                ("touched_at", models.DateTimeField(verbose_name="latest part at")),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="sent by",
                    ),
                ),
                (
                    "load",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="upload",
                        to="usage.usageload",
                        verbose_name="load",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uploads",
                        to="usage.billingsource",
                        verbose_name="source",
                    ),
                ),
            ],
            options={
                "verbose_name": "usage upload",
                "verbose_name_plural": "usage uploads",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "open")),
                        fields=["touched_at"],
                        name="usage_upload_open",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["open", "handed-in", "abandoned"])
                        ),
                        name="usage_upload_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("offset__gte", 0),
                            ("offset__lte", models.F("size")),
                            ("size__gt", 0),
                        ),
                        name="usage_upload_offset_within_size",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "handed-in"), _negated=True),
                            ("offset", models.F("size")),
                            _connector="OR",
                        ),
                        name="usage_upload_handed_in_whole",
                    ),
                ],
            },
        ),
        roles.granting(GRANTS),
    ]
