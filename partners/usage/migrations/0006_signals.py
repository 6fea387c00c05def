"""Keep what somebody should look at, each thing once while it stands."""

import django.db.models.deletion
from django.db import migrations, models

from crm.accounts import roles

KEEPERS = {"view": roles.EVERYONE}


class Migration(migrations.Migration):
    dependencies = [
        ("partners", "0012_roles_of_reviews"),
        ("usage", "0005_metered_events"),
    ]

    operations = [
        migrations.CreateModel(
            name="UsageSignal",
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
                    "kind",
                    models.CharField(
                        choices=[
                            ("late", "data is late"),
                            ("unassigned", "spend of nobody"),
                            ("held", "delivery waits for a person"),
                            ("anomaly", "usage outside its pattern"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                ("day", models.DateField(blank=True, null=True, verbose_name="day")),
                (
                    "currency",
                    models.CharField(
                        blank=True, default="", max_length=3, verbose_name="currency"
                    ),
                ),
                ("facts", models.JSONField(default=dict, verbose_name="facts")),
                ("raised_at", models.DateTimeField(verbose_name="raised at")),
                (
                    "cleared_at",
                    models.DateTimeField(
                        blank=True, null=True, verbose_name="cleared at"
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="signals",
                        to="usage.cloudaccount",
                        verbose_name="account",
                    ),
                ),
                (
                    "delivery",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="signals",
                        to="usage.usagedelivery",
                        verbose_name="delivery",
                    ),
                ),
                (
                    "partner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="usage_signals",
                        to="partners.partner",
                        verbose_name="partner",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="signals",
                        to="usage.billingsource",
                        verbose_name="source",
                    ),
                ),
            ],
            options={
                "verbose_name": "usage signal",
                "verbose_name_plural": "usage signals",
                "indexes": [
                    models.Index(
                        condition=models.Q(("cleared_at__isnull", True)),
                        fields=["partner", "-day"],
                        name="usage_signal_of_partner",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("cleared_at__isnull", True)),
                        fields=(
                            "kind",
                            "source",
                            "account",
                            "delivery",
                            "partner",
                            "day",
                            "currency",
                        ),
                        name="usage_signal_stands_once",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["late", "unassigned", "held", "anomaly"])
                        ),
                        name="usage_signal_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "late"), ("source__isnull", False)),
                            models.Q(
                                ("account__isnull", False), ("kind", "unassigned")
                            ),
                            models.Q(("delivery__isnull", False), ("kind", "held")),
                            models.Q(
                                ("day__isnull", False),
                                ("kind", "anomaly"),
                                ("partner__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="usage_signal_is_about_something",
                    ),
                ],
            },
        ),
        roles.granting({"usage.usagesignal": KEEPERS}),
    ]
