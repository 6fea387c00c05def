"""Make the tables of billing sources, deliveries, accounts and metered usage."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from crm.core.tables import MakeTables


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("partners", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        MakeTables(
            [
                migrations.CreateModel(
                    name="BillingSource",
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
                            "provider",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=120,
                                verbose_name="provider",
                            ),
                        ),
                        (
                            "delivery_mode",
                            models.CharField(
                                choices=[
                                    ("overwrite", "each delivery replaces the month"),
                                    ("append", "each delivery adds rows"),
                                    (
                                        "daily-then-month",
                                        "days add up, the month replaces them",
                                    ),
                                ],
                                default="overwrite",
                                max_length=20,
                                verbose_name="delivery mode",
                            ),
                        ),
                        (
                            "scope",
                            models.CharField(
                                blank=True,
                                default="",
                                help_text="Name of the export where one source has several; usually empty.",
                                max_length=200,
                                verbose_name="scope",
                            ),
                        ),
                        (
                            "time_zone",
                            models.CharField(
                                default="UTC",
                                max_length=60,
                                verbose_name="time zone of billing months",
                            ),
                        ),
                        (
                            "lateness_days",
                            models.PositiveSmallIntegerField(
                                default=2, verbose_name="expected lateness in days"
                            ),
                        ),
                        (
                            "close_after_days",
                            models.PositiveSmallIntegerField(
                                default=20,
                                help_text="A changed closed month is held for a person.",
                                verbose_name="days until a month counts as closed",
                            ),
                        ),
                        (
                            "is_active",
                            models.BooleanField(default=True, verbose_name="active"),
                        ),
                        (
                            "version",
                            models.PositiveIntegerField(
                                default=1, verbose_name="version"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "billing source",
                        "verbose_name_plural": "billing sources",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "delivery_mode__in",
                                        ["overwrite", "append", "daily-then-month"],
                                    )
                                ),
                                name="billing_source_mode_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("name", ""), _negated=True),
                                name="billing_source_named",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="UsageMeter",
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
                            "provider",
                            models.CharField(max_length=200, verbose_name="provider"),
                        ),
                        (
                            "service_category",
                            models.CharField(
                                max_length=80, verbose_name="service category"
                            ),
                        ),
                        (
                            "service_subcategory",
                            models.CharField(
                                max_length=120, verbose_name="service sub-category"
                            ),
                        ),
                        (
                            "service",
                            models.CharField(max_length=300, verbose_name="service"),
                        ),
                        ("sku", models.CharField(max_length=300, verbose_name="SKU")),
                        (
                            "sku_meter",
                            models.CharField(max_length=300, verbose_name="SKU meter"),
                        ),
                        (
                            "model",
                            models.CharField(max_length=200, verbose_name="model"),
                        ),
                        (
                            "model_family",
                            models.CharField(
                                max_length=200, verbose_name="model family"
                            ),
                        ),
                        (
                            "model_version",
                            models.CharField(
                                max_length=100, verbose_name="model version"
                            ),
                        ),
                        (
                            "model_developer",
                            models.CharField(
                                max_length=200, verbose_name="model developer"
                            ),
                        ),
                        (
                            "direction",
                            models.CharField(
                                max_length=10, verbose_name="token direction"
                            ),
                        ),
                        (
                            "cache",
                            models.CharField(
                                max_length=10, verbose_name="token cache action"
                            ),
                        ),
                        ("unit", models.CharField(max_length=80, verbose_name="unit")),
                        (
                            "base_unit",
                            models.CharField(max_length=40, verbose_name="base unit"),
                        ),
                        (
                            "factor",
                            models.DecimalField(
                                decimal_places=9,
                                help_text="Per month units: per hour of the billing month.",
                                max_digits=30,
                                verbose_name="base units in one unit",
                            ),
                        ),
                        ("is_ai", models.BooleanField(verbose_name="AI")),
                        ("is_monthly", models.BooleanField(verbose_name="per month")),
                        (
                            "is_time_weighted",
                            models.BooleanField(
                                verbose_name="averaged over time, never summed"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "meter",
                        "verbose_name_plural": "meters",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=(
                                    "provider",
                                    "service_category",
                                    "service_subcategory",
                                    "service",
                                    "sku",
                                    "sku_meter",
                                    "model",
                                    "model_version",
                                    "direction",
                                    "cache",
                                    "unit",
                                ),
                                name="usage_meter_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("factor__gt", 0)),
                                name="usage_meter_factor_positive",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CloudAccount",
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
                            "provider",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=200,
                                verbose_name="provider",
                            ),
                        ),
                        (
                            "billing_account_id",
                            models.CharField(
                                max_length=200, verbose_name="billing account"
                            ),
                        ),
                        (
                            "sub_account_id",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=200,
                                verbose_name="sub-account",
                            ),
                        ),
                        (
                            "name",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=300,
                                verbose_name="name",
                            ),
                        ),
                        (
                            "environment",
                            models.CharField(
                                choices=[
                                    ("production", "production"),
                                    ("non-production", "non-production"),
                                    ("unknown", "unknown"),
                                ],
                                default="unknown",
                                max_length=20,
                                verbose_name="environment",
                            ),
                        ),
                        (
                            "discovered_at",
                            models.DateTimeField(verbose_name="discovered at"),
                        ),
                        (
                            "source",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="accounts",
                                to="usage.billingsource",
                                verbose_name="source",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "cloud account",
                        "verbose_name_plural": "cloud accounts",
                        "indexes": [
                            models.Index(
                                fields=["billing_account_id", "sub_account_id"],
                                name="cloud_account_by_ids",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=(
                                    "source",
                                    "provider",
                                    "billing_account_id",
                                    "sub_account_id",
                                ),
                                name="cloud_account_once_per_source",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "environment__in",
                                        ["production", "non-production", "unknown"],
                                    )
                                ),
                                name="cloud_account_environment_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="UsageLoad",
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
                            "scope",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=200,
                                verbose_name="scope",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("waiting", "waiting"),
                                    ("reading", "being read"),
                                    ("loaded", "loaded"),
                                    ("no-op", "already loaded, nothing to do"),
                                    ("held", "held for a person"),
                                    ("refused", "refused"),
                                    ("cancelled", "cancelled"),
                                ],
                                default="waiting",
                                max_length=12,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "paths",
                            models.JSONField(default=list, verbose_name="handed in"),
                        ),
                        (
                            "manifest",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=400,
                                verbose_name="manifest",
                            ),
                        ),
                        ("files", models.JSONField(default=list, verbose_name="files")),
                        (
                            "digest",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=64,
                                verbose_name="digest",
                            ),
                        ),
                        (
                            "focus_version",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=20,
                                verbose_name="FOCUS version",
                            ),
                        ),
                        (
                            "rows_read",
                            models.BigIntegerField(default=0, verbose_name="rows read"),
                        ),
                        (
                            "rows_loaded",
                            models.BigIntegerField(
                                default=0, verbose_name="rows loaded"
                            ),
                        ),
                        (
                            "rows_rejected",
                            models.BigIntegerField(
                                default=0, verbose_name="rows rejected"
                            ),
                        ),
                        (
                            "totals",
                            models.JSONField(
                                default=dict, verbose_name="totals of the files"
                            ),
                        ),
                        (
                            "rejected_totals",
                            models.JSONField(
                                default=dict, verbose_name="totals of rejected rows"
                            ),
                        ),
                        (
                            "rejects",
                            models.JSONField(
                                default=list, verbose_name="first rejected rows"
                            ),
                        ),
                        (
                            "notices",
                            models.JSONField(default=list, verbose_name="notices"),
                        ),
                        (
                            "error",
                            models.JSONField(
                                blank=True,
                                null=True,
                                verbose_name="reason of the refusal",
                            ),
                        ),
                        (
                            "step",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=40,
                                verbose_name="step",
                            ),
                        ),
                        (
                            "bytes_read",
                            models.BigIntegerField(
                                default=0, verbose_name="bytes read"
                            ),
                        ),
                        (
                            "bytes_total",
                            models.BigIntegerField(default=0, verbose_name="bytes"),
                        ),
                        (
                            "is_dry_run",
                            models.BooleanField(default=False, verbose_name="dry run"),
                        ),
                        (
                            "is_cancel_wanted",
                            models.BooleanField(
                                default=False, verbose_name="to be cancelled"
                            ),
                        ),
                        (
                            "attempts",
                            models.PositiveSmallIntegerField(
                                default=0, verbose_name="attempts"
                            ),
                        ),
                        (
                            "owner",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=80,
                                verbose_name="worker",
                            ),
                        ),
                        (
                            "lease_until",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="lease until"
                            ),
                        ),
                        (
                            "requested_at",
                            models.DateTimeField(verbose_name="requested at"),
                        ),
                        (
                            "finished_at",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="finished at"
                            ),
                        ),
                        (
                            "seconds",
                            models.FloatField(default=0, verbose_name="seconds"),
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
                                related_name="loads",
                                to="usage.billingsource",
                                verbose_name="source",
                            ),
                        ),
                        (
                            "same_as",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="usage.usageload",
                                verbose_name="same content as",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "usage load",
                        "verbose_name_plural": "usage loads",
                        "indexes": [
                            models.Index(
                                fields=["source", "-id"], name="usage_load_by_source"
                            ),
                            models.Index(
                                condition=models.Q(
                                    ("state__in", ["waiting", "reading"])
                                ),
                                fields=["lease_until"],
                                name="usage_load_unfinished",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        [
                                            "waiting",
                                            "reading",
                                            "loaded",
                                            "no-op",
                                            "held",
                                            "refused",
                                            "cancelled",
                                        ],
                                    )
                                ),
                                name="usage_load_state_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "reading"), _negated=True),
                                    models.Q(
                                        ("lease_until__isnull", False),
                                        models.Q(("owner", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="usage_load_reading_has_owner",
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
                        (
                            "requested_at",
                            models.DateTimeField(verbose_name="requested at"),
                        ),
                        (
                            "total",
                            models.PositiveIntegerField(
                                default=0, verbose_name="deliveries"
                            ),
                        ),
                        (
                            "done",
                            models.PositiveIntegerField(
                                default=0, verbose_name="rolled up"
                            ),
                        ),
                        (
                            "owner",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=80,
                                verbose_name="worker",
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
                    name="AccountAssignment",
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
                            "tag_key",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=120,
                                verbose_name="tag",
                            ),
                        ),
                        (
                            "tag_value",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=240,
                                verbose_name="tag value",
                            ),
                        ),
                        (
                            "during",
                            django.contrib.postgres.fields.ranges.DateRangeField(
                                verbose_name="days"
                            ),
                        ),
                        (
                            "assigned_at",
                            models.DateTimeField(verbose_name="assigned at"),
                        ),
                        (
                            "assigned_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="assigned by",
                            ),
                        ),
                        (
                            "partner",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="account_assignments",
                                to="partners.partner",
                                verbose_name="partner",
                            ),
                        ),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="assignments",
                                to="usage.cloudaccount",
                                verbose_name="account",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "account assignment",
                        "verbose_name_plural": "account assignments",
                        "constraints": [
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                expressions=[
                                    ("account", "="),
                                    ("tag_key", "="),
                                    ("tag_value", "="),
                                    ("during", "&&"),
                                ],
                                name="account_assignment_one_partner_at_a_time",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("during__isempty", False)),
                                name="account_assignment_has_days",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("tag_key", ""), ("tag_value", "")),
                                    models.Q(
                                        models.Q(("tag_key", ""), _negated=True),
                                        models.Q(("tag_value", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="account_assignment_tag_has_value",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AccountOwnership",
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
                            "tag_bucket",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=400,
                                verbose_name="tags named by rules",
                            ),
                        ),
                        (
                            "during",
                            django.contrib.postgres.fields.ranges.DateRangeField(
                                verbose_name="days"
                            ),
                        ),
                        (
                            "partner",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="account_ownerships",
                                to="partners.partner",
                                verbose_name="partner",
                            ),
                        ),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="ownerships",
                                to="usage.cloudaccount",
                                verbose_name="account",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "account ownership",
                        "verbose_name_plural": "account ownerships",
                        "constraints": [
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                expressions=[
                                    ("account", "="),
                                    ("tag_bucket", "="),
                                    ("during", "&&"),
                                ],
                                name="account_ownership_one_partner_a_day",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CooperationUsage",
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
                            "service",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=300,
                                verbose_name="service",
                            ),
                        ),
                        (
                            "model",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=200,
                                verbose_name="model",
                            ),
                        ),
                        (
                            "environment",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=20,
                                verbose_name="environment",
                            ),
                        ),
                        (
                            "tag_bucket",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=400,
                                verbose_name="tag value",
                            ),
                        ),
                        (
                            "during",
                            django.contrib.postgres.fields.ranges.DateRangeField(
                                verbose_name="days"
                            ),
                        ),
                        (
                            "account",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cooperation_rules",
                                to="usage.cloudaccount",
                                verbose_name="account",
                            ),
                        ),
                        (
                            "cooperation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="usage_rules",
                                to="partners.cooperation",
                                verbose_name="cooperation",
                            ),
                        ),
                        (
                            "partner",
                            models.ForeignKey(
                                help_text="The cooperation's partner, kept for the rule of no overlap.",
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cooperation_usage_rules",
                                to="partners.partner",
                                verbose_name="partner",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "usage of a cooperation",
                        "verbose_name_plural": "usage of cooperations",
                        "constraints": [
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                expressions=[
                                    ("partner", "="),
                                    (
                                        models.Func(
                                            models.F("account"),
                                            template="CASE WHEN %(expressions)s IS NULL THEN int8range(NULL, NULL) ELSE int8range(%(expressions)s, %(expressions)s, '[]') END",
                                        ),
                                        "&&",
                                    ),
                                    (
                                        models.Func(
                                            models.F("service"),
                                            output_field=models.TextField(),
                                            template="CASE WHEN %(expressions)s = '' THEN int8range(NULL, NULL) ELSE int8range(hashtextextended(%(expressions)s, 0), hashtextextended(%(expressions)s, 0), '[]') END",
                                        ),
                                        "&&",
                                    ),
                                    (
                                        models.Func(
                                            models.F("model"),
                                            output_field=models.TextField(),
                                            template="CASE WHEN %(expressions)s = '' THEN int8range(NULL, NULL) ELSE int8range(hashtextextended(%(expressions)s, 0), hashtextextended(%(expressions)s, 0), '[]') END",
                                        ),
                                        "&&",
                                    ),
                                    (
                                        models.Func(
                                            models.F("environment"),
                                            output_field=models.TextField(),
                                            template="CASE WHEN %(expressions)s = '' THEN int8range(NULL, NULL) ELSE int8range(hashtextextended(%(expressions)s, 0), hashtextextended(%(expressions)s, 0), '[]') END",
                                        ),
                                        "&&",
                                    ),
                                    (
                                        models.Func(
                                            models.F("tag_bucket"),
                                            output_field=models.TextField(),
                                            template="CASE WHEN %(expressions)s = '' THEN int8range(NULL, NULL) ELSE int8range(hashtextextended(%(expressions)s, 0), hashtextextended(%(expressions)s, 0), '[]') END",
                                        ),
                                        "&&",
                                    ),
                                    ("during", "&&"),
                                ],
                                name="cooperation_usage_takes_a_row_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("during__isempty", False)),
                                name="cooperation_usage_has_days",
                            ),
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                condition=models.Q(("tag_bucket", ""), _negated=True),
                                expressions=[
                                    ("partner", "="),
                                    (
                                        models.Func(
                                            models.F("tag_bucket"),
                                            output_field=models.TextField(),
                                            template="split_part(%(expressions)s, '=', 1)",
                                        ),
                                        "<>",
                                    ),
                                    ("during", "&&"),
                                ],
                                name="cooperation_usage_one_tag_per_partner",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "environment__in",
                                        ["", "production", "non-production", "unknown"],
                                    )
                                ),
                                name="cooperation_usage_environment_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("tag_bucket", ""),
                                    ("tag_bucket__regex", "^[^=]+=.+$"),
                                    _connector="OR",
                                ),
                                name="cooperation_usage_tag_has_value",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="MeteredEvent",
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
                            "origin",
                            models.CharField(max_length=200, verbose_name="origin"),
                        ),
                        (
                            "event_id",
                            models.CharField(max_length=200, verbose_name="event"),
                        ),
                        (
                            "happened_at",
                            models.DateTimeField(verbose_name="happened at"),
                        ),
                        (
                            "charge_day",
                            models.DateField(verbose_name="charge day (UTC)"),
                        ),
                        (
                            "model",
                            models.CharField(max_length=200, verbose_name="model"),
                        ),
                        (
                            "tokens_in",
                            models.BigIntegerField(default=0, verbose_name="tokens in"),
                        ),
                        (
                            "tokens_out",
                            models.BigIntegerField(
                                default=0, verbose_name="tokens out"
                            ),
                        ),
                        (
                            "requests",
                            models.BigIntegerField(default=0, verbose_name="requests"),
                        ),
                        (
                            "gpu_seconds",
                            models.DecimalField(
                                decimal_places=6,
                                default=0,
                                max_digits=20,
                                verbose_name="GPU seconds",
                            ),
                        ),
                        (
                            "received_at",
                            models.DateTimeField(verbose_name="received at"),
                        ),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="metered_events",
                                to="usage.cloudaccount",
                                verbose_name="account",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "metered event",
                        "verbose_name_plural": "metered events",
                        "indexes": [
                            models.Index(
                                fields=["account", "charge_day"],
                                name="metered_event_series",
                            ),
                            models.Index(
                                fields=["happened_at"], name="metered_event_age"
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("origin", "event_id"), name="metered_event_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("gpu_seconds__gte", 0),
                                    ("requests__gte", 0),
                                    ("tokens_in__gte", 0),
                                    ("tokens_out__gte", 0),
                                ),
                                name="metered_event_never_negative",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="MonthlyUsage",
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
                            "billing_month",
                            models.DateField(verbose_name="billing month"),
                        ),
                        ("charge_month", models.DateField(verbose_name="charge month")),
                        (
                            "service_category",
                            models.CharField(
                                max_length=80, verbose_name="service category"
                            ),
                        ),
                        ("is_ai", models.BooleanField(verbose_name="AI")),
                        (
                            "charge_category",
                            models.CharField(
                                max_length=20, verbose_name="charge category"
                            ),
                        ),
                        (
                            "currency",
                            models.CharField(max_length=3, verbose_name="currency"),
                        ),
                        (
                            "list_cost",
                            models.DecimalField(
                                blank=True,
                                decimal_places=18,
                                max_digits=38,
                                null=True,
                                verbose_name="list cost",
                            ),
                        ),
                        (
                            "contracted_cost",
                            models.DecimalField(
                                blank=True,
                                decimal_places=18,
                                max_digits=38,
                                null=True,
                                verbose_name="contracted cost",
                            ),
                        ),
                        (
                            "billed_cost",
                            models.DecimalField(
                                blank=True,
                                decimal_places=18,
                                max_digits=38,
                                null=True,
                                verbose_name="billed cost",
                            ),
                        ),
                        (
                            "effective_cost",
                            models.DecimalField(
                                blank=True,
                                decimal_places=18,
                                max_digits=38,
                                null=True,
                                verbose_name="effective cost",
                            ),
                        ),
                        (
                            "tokens",
                            models.DecimalField(
                                blank=True,
                                decimal_places=18,
                                max_digits=38,
                                null=True,
                                verbose_name="tokens",
                            ),
                        ),
                        ("row_count", models.BigIntegerField(verbose_name="rows")),
                        (
                            "account",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="usage.cloudaccount",
                            ),
                        ),
                        (
                            "partner",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="partners.partner",
                            ),
                        ),
                        (
                            "source",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="usage.billingsource",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "monthly usage",
                        "verbose_name_plural": "monthly usage",
                        "indexes": [
                            models.Index(
                                fields=["charge_month", "partner"],
                                name="monthly_usage_top",
                            ),
                            models.Index(
                                fields=["partner", "charge_month"],
                                name="monthly_usage_own",
                            ),
                            models.Index(
                                fields=["source", "billing_month"],
                                name="monthly_usage_delivered",
                            ),
                        ],
                    },
                ),
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
                        (
                            "address",
                            models.CharField(max_length=700, verbose_name="address"),
                        ),
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
                        (
                            "bytes",
                            models.BigIntegerField(default=0, verbose_name="bytes"),
                        ),
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
                                blank=True,
                                default="",
                                max_length=1000,
                                verbose_name="error",
                            ),
                        ),
                        (
                            "owner",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=80,
                                verbose_name="worker",
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
                                        [
                                            "seen",
                                            "fetching",
                                            "handed-in",
                                            "done",
                                            "refused",
                                        ],
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
                    name="UsageDelivery",
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
                            "scope",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=200,
                                verbose_name="scope",
                            ),
                        ),
                        (
                            "billing_month",
                            models.DateField(verbose_name="billing month"),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("staged", "being loaded"),
                                    ("current", "current"),
                                    ("held", "held for a person"),
                                    ("superseded", "superseded"),
                                    ("withdrawn", "withdrawn"),
                                    ("no-op", "already loaded"),
                                ],
                                default="staged",
                                max_length=12,
                                verbose_name="status",
                            ),
                        ),
                        (
                            "is_increment",
                            models.BooleanField(
                                default=False,
                                help_text="Else it is the whole month and replaces what was there.",
                                verbose_name="adds to the month",
                            ),
                        ),
                        (
                            "rows",
                            models.BigIntegerField(default=0, verbose_name="rows"),
                        ),
                        (
                            "rows_without_cost",
                            models.JSONField(
                                default=dict, verbose_name="rows without a cost"
                            ),
                        ),
                        (
                            "totals",
                            models.JSONField(default=dict, verbose_name="totals"),
                        ),
                        (
                            "days",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.DateField(),
                                default=list,
                                size=None,
                                verbose_name="charge days",
                            ),
                        ),
                        (
                            "fingerprint",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=120,
                                verbose_name="fingerprint of the rows",
                            ),
                        ),
                        (
                            "reasons",
                            models.JSONField(
                                default=list, verbose_name="why it is held"
                            ),
                        ),
                        (
                            "folder",
                            models.CharField(
                                default="",
                                max_length=300,
                                verbose_name="folder in the store",
                            ),
                        ),
                        (
                            "stored_bytes",
                            models.BigIntegerField(
                                default=0, verbose_name="stored bytes"
                            ),
                        ),
                        (
                            "decided_at",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="decided at"
                            ),
                        ),
                        (
                            "source",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="deliveries",
                                to="usage.billingsource",
                                verbose_name="source",
                            ),
                        ),
                        (
                            "superseded_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="supersedes",
                                to="usage.usagedelivery",
                                verbose_name="superseded by",
                            ),
                        ),
                        (
                            "load",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="deliveries",
                                to="usage.usageload",
                                verbose_name="load",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "usage delivery",
                        "verbose_name_plural": "usage deliveries",
                        "indexes": [
                            models.Index(
                                fields=["source", "billing_month", "status"],
                                name="usage_delivery_by_month",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "status__in",
                                        [
                                            "staged",
                                            "current",
                                            "held",
                                            "superseded",
                                            "withdrawn",
                                            "no-op",
                                        ],
                                    )
                                ),
                                name="usage_delivery_status_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("billing_month__day", 1)),
                                name="usage_delivery_month_begins_on_its_first",
                            ),
                            models.UniqueConstraint(
                                fields=("load", "billing_month"),
                                name="usage_delivery_once_per_load_and_month",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("is_increment", False), ("status", "current")
                                ),
                                fields=("source", "scope", "billing_month"),
                                name="usage_delivery_one_current_whole_month",
                            ),
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
                        (
                            "file_name",
                            models.CharField(max_length=200, verbose_name="file"),
                        ),
                        ("size", models.BigIntegerField(verbose_name="bytes")),
                        (
                            "offset",
                            models.BigIntegerField(
                                default=0, verbose_name="bytes received"
                            ),
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
                        (
                            "touched_at",
                            models.DateTimeField(verbose_name="latest part at"),
                        ),
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
                migrations.CreateModel(
                    name="DailyUsage",
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
                            "billing_month",
                            models.DateField(verbose_name="billing month"),
                        ),
                        (
                            "charge_day",
                            models.DateField(verbose_name="charge day (UTC)"),
                        ),
                        (
                            "tag_bucket",
                            models.CharField(
                                max_length=400, verbose_name="tags named by rules"
                            ),
                        ),
                        (
                            "region",
                            models.CharField(max_length=80, verbose_name="region"),
                        ),
                        (
                            "environment",
                            models.CharField(
                                max_length=20, verbose_name="environment by tag"
                            ),
                        ),
                        (
                            "charge_category",
                            models.CharField(
                                max_length=20, verbose_name="charge category"
                            ),
                        ),
                        (
                            "currency",
                            models.CharField(max_length=3, verbose_name="currency"),
                        ),
                        (
                            "quantity",
                            models.DecimalField(
                                blank=True,
                                decimal_places=18,
                                max_digits=38,
                                null=True,
                                verbose_name="quantity",
                            ),
                        ),
                        (
                            "list_cost",
                            models.DecimalField(
                                blank=True,
                                decimal_places=18,
                                max_digits=38,
                                null=True,
                                verbose_name="list cost",
                            ),
                        ),
                        (
                            "contracted_cost",
                            models.DecimalField(
                                blank=True,
                                decimal_places=18,
                                max_digits=38,
                                null=True,
                                verbose_name="contracted cost",
                            ),
                        ),
                        (
                            "billed_cost",
                            models.DecimalField(
                                blank=True,
                                decimal_places=18,
                                max_digits=38,
                                null=True,
                                verbose_name="billed cost",
                            ),
                        ),
                        (
                            "effective_cost",
                            models.DecimalField(
                                blank=True,
                                decimal_places=18,
                                max_digits=38,
                                null=True,
                                verbose_name="effective cost",
                            ),
                        ),
                        ("row_count", models.IntegerField(verbose_name="rows")),
                        (
                            "account",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="usage.cloudaccount",
                            ),
                        ),
                        (
                            "delivery",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="usage.usagedelivery",
                            ),
                        ),
                        (
                            "meter",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="usage.usagemeter",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "daily usage",
                        "verbose_name_plural": "daily usage",
                        "indexes": [
                            models.Index(
                                fields=["account", "charge_day"],
                                name="daily_usage_series",
                            )
                        ],
                    },
                ),
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
                        (
                            "day",
                            models.DateField(blank=True, null=True, verbose_name="day"),
                        ),
                        (
                            "currency",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=3,
                                verbose_name="currency",
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
                                    (
                                        "kind__in",
                                        ["late", "unassigned", "held", "anomaly"],
                                    )
                                ),
                                name="usage_signal_kind_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("kind", "late"), ("source__isnull", False)
                                    ),
                                    models.Q(
                                        ("account__isnull", False),
                                        ("kind", "unassigned"),
                                    ),
                                    models.Q(
                                        ("delivery__isnull", False), ("kind", "held")
                                    ),
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
            ]
        ),
    ]
