"""Make the tables of reports: what they hold, who gets them, what was sent."""

import uuid

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import crm.reports.models.definition
from crm.core.tables import MakeTables


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("partners", "0001_initial"),
    ]

    operations = [
        MakeTables(
            [
                migrations.CreateModel(
                    name="ReportDefinition",
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
                            "code",
                            models.SlugField(
                                max_length=60, unique=True, verbose_name="code"
                            ),
                        ),
                        ("name", models.CharField(max_length=120, verbose_name="name")),
                        (
                            "name_zh",
                            models.CharField(
                                blank=True,
                                max_length=120,
                                verbose_name="name in Chinese",
                            ),
                        ),
                        (
                            "audience",
                            models.CharField(
                                choices=[
                                    ("executive", "Executive portfolio"),
                                    ("manager", "Alliance manager"),
                                    ("finance", "Finance"),
                                    ("partner", "Single partner"),
                                ],
                                max_length=20,
                                verbose_name="audience",
                            ),
                        ),
                        (
                            "sections",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=60),
                                help_text="Names of sections, in the order of the report.",
                                size=None,
                                verbose_name="sections",
                            ),
                        ),
                        (
                            "rhythm",
                            models.CharField(
                                choices=[
                                    ("weekly", "Weekly"),
                                    ("monthly", "Monthly"),
                                    ("quarterly", "Quarterly"),
                                ],
                                default="weekly",
                                max_length=20,
                                verbose_name="rhythm",
                            ),
                        ),
                        (
                            "weekday",
                            models.PositiveSmallIntegerField(
                                default=1,
                                help_text="1 is Monday, 7 is Sunday.",
                                validators=[
                                    django.core.validators.MinValueValidator(1),
                                    django.core.validators.MaxValueValidator(7),
                                ],
                                verbose_name="weekday",
                            ),
                        ),
                        (
                            "hour",
                            models.PositiveSmallIntegerField(
                                default=9,
                                help_text="0 to 23, by the clocks of the subscription's zone.",
                                validators=[
                                    django.core.validators.MaxValueValidator(23)
                                ],
                                verbose_name="hour",
                            ),
                        ),
                        (
                            "formats",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=10),
                                blank=True,
                                default=crm.reports.models.definition.every_format,
                                help_text="pdf, xlsx, both or none.",
                                size=None,
                                verbose_name="attachments",
                            ),
                        ),
                        (
                            "wait_minutes",
                            models.PositiveSmallIntegerField(
                                default=240,
                                help_text="After that the report goes out marked provisional.",
                                verbose_name="wait for late data (minutes)",
                            ),
                        ),
                        (
                            "catch_up_hours",
                            models.PositiveSmallIntegerField(
                                default=120,
                                help_text="A report that is later than that is skipped, not sent.",
                                verbose_name="send late within (hours)",
                            ),
                        ),
                        (
                            "is_active",
                            models.BooleanField(default=True, verbose_name="active"),
                        ),
                        (
                            "version",
                            models.PositiveIntegerField(
                                default=1, editable=False, verbose_name="version"
                            ),
                        ),
                        (
                            "created_at",
                            models.DateTimeField(
                                auto_now_add=True, verbose_name="created at"
                            ),
                        ),
                        (
                            "owner",
                            models.ForeignKey(
                                help_text="Is told when a report fails; replies go there.",
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="report_definitions",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="owner",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "report",
                        "verbose_name_plural": "reports",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("weekday__gte", 1), ("weekday__lte", 7)
                                ),
                                name="report_definition_weekday_is_iso",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("hour__lte", 23)),
                                name="report_definition_hour_of_a_day",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("formats__contained_by", ["pdf", "xlsx"])
                                ),
                                name="report_definition_formats_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("sections__len__gte", 1)),
                                name="report_definition_has_a_section",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "wait_minutes__lt",
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("catch_up_hours"),
                                            "*",
                                            models.Value(60),
                                        ),
                                    )
                                ),
                                name="report_definition_waits_less_than_it_catches_up",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SendingPlace",
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
                            "fingerprint",
                            models.CharField(max_length=80, verbose_name="fingerprint"),
                        ),
                        (
                            "is_held",
                            models.BooleanField(
                                default=False, verbose_name="sending is held"
                            ),
                        ),
                        (
                            "reason",
                            models.CharField(
                                blank=True, max_length=200, verbose_name="reason"
                            ),
                        ),
                        ("changed_at", models.DateTimeField(verbose_name="changed at")),
                    ],
                    options={
                        "verbose_name": "sending",
                        "verbose_name_plural": "sending",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("pk", 1)),
                                name="report_sending_one_place",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("is_held", False),
                                    models.Q(("reason", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="report_sending_held_for_a_reason",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Suppression",
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
                            models.EmailField(max_length=254, verbose_name="address"),
                        ),
                        (
                            "reason",
                            models.CharField(max_length=300, verbose_name="reason"),
                        ),
                        (
                            "suppressed_at",
                            models.DateTimeField(verbose_name="suppressed at"),
                        ),
                        (
                            "lifted_at",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="lifted at"
                            ),
                        ),
                        (
                            "lifted_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="lifted by",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "suppressed address",
                        "verbose_name_plural": "suppressed addresses",
                        "constraints": [
                            models.UniqueConstraint(
                                django.db.models.functions.text.Lower("address"),
                                condition=models.Q(("lifted_at__isnull", True)),
                                name="report_suppression_once_per_address",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("lifted_at__isnull", True),
                                        ("lifted_by__isnull", True),
                                    ),
                                    models.Q(
                                        ("lifted_at__isnull", False),
                                        ("lifted_by__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="report_suppression_lifted_by_somebody",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ReportRun",
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
                            "period",
                            models.CharField(max_length=10, verbose_name="period"),
                        ),
                        (
                            "time_zone",
                            models.CharField(max_length=60, verbose_name="time zone"),
                        ),
                        (
                            "currency",
                            models.CharField(max_length=3, verbose_name="currency"),
                        ),
                        (
                            "language",
                            models.CharField(max_length=10, verbose_name="language"),
                        ),
                        (
                            "visible",
                            models.JSONField(
                                help_text="What the readers of this run may see.",
                                verbose_name="visible set",
                            ),
                        ),
                        (
                            "visible_hash",
                            models.CharField(
                                max_length=64, verbose_name="hash of the visible set"
                            ),
                        ),
                        (
                            "revision",
                            models.PositiveSmallIntegerField(
                                default=1, verbose_name="revision"
                            ),
                        ),
                        ("starts_at", models.DateTimeField(verbose_name="starts at")),
                        ("ends_at", models.DateTimeField(verbose_name="cut-off")),
                        ("payload", models.JSONField(verbose_name="payload")),
                        (
                            "payload_hash",
                            models.CharField(
                                max_length=64, verbose_name="hash of the payload"
                            ),
                        ),
                        (
                            "freshness",
                            models.JSONField(
                                default=dict, verbose_name="freshness of the sources"
                            ),
                        ),
                        (
                            "is_provisional",
                            models.BooleanField(
                                default=False, verbose_name="provisional"
                            ),
                        ),
                        (
                            "is_empty",
                            models.BooleanField(
                                default=False, verbose_name="nothing to report"
                            ),
                        ),
                        (
                            "computed_at",
                            models.DateTimeField(verbose_name="computed at"),
                        ),
                        (
                            "release",
                            models.CharField(max_length=40, verbose_name="release"),
                        ),
                        (
                            "definition",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="runs",
                                to="reports.reportdefinition",
                                verbose_name="report",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "report run",
                        "verbose_name_plural": "report runs",
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("definition"),
                                models.F("period"),
                                models.F("time_zone"),
                                models.F("currency"),
                                models.F("language"),
                                models.F("visible_hash"),
                                models.F("revision"),
                                name="report_run_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ends_at__gt", models.F("starts_at"))
                                ),
                                name="report_run_ends_after_start",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("revision__gte", 1)),
                                name="report_run_revision_from_one",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ReportSubscription",
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
                                choices=[
                                    ("all", "All partners that the reader may see"),
                                    ("own", "Partners that the reader owns"),
                                    (
                                        "team",
                                        "Partners of one team and the teams below it",
                                    ),
                                    ("partner", "One partner"),
                                ],
                                default="all",
                                max_length=20,
                                verbose_name="scope",
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
                            "language",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("en", "English"),
                                    ("zh-hans", "Simplified Chinese"),
                                ],
                                help_text="Empty: the language of each reader.",
                                max_length=10,
                                verbose_name="language",
                            ),
                        ),
                        (
                            "currency",
                            models.CharField(
                                blank=True,
                                help_text="Empty: the currency of each reader.",
                                max_length=3,
                                verbose_name="currency",
                            ),
                        ),
                        (
                            "formats",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=10),
                                blank=True,
                                default=crm.reports.models.definition.every_format,
                                help_text="pdf, xlsx, both or none.",
                                size=None,
                                verbose_name="attachments",
                            ),
                        ),
                        (
                            "send_if_empty",
                            models.BooleanField(
                                default=True,
                                help_text="Silence must not look like success.",
                                verbose_name="send when there is nothing to report",
                            ),
                        ),
                        (
                            "is_paused",
                            models.BooleanField(default=False, verbose_name="paused"),
                        ),
                        (
                            "next_due_at",
                            models.DateTimeField(
                                editable=False, verbose_name="next due at"
                            ),
                        ),
                        (
                            "next_period",
                            models.CharField(
                                editable=False,
                                max_length=10,
                                verbose_name="next period",
                            ),
                        ),
                        (
                            "version",
                            models.PositiveIntegerField(
                                default=1, editable=False, verbose_name="version"
                            ),
                        ),
                        (
                            "created_at",
                            models.DateTimeField(
                                auto_now_add=True, verbose_name="created at"
                            ),
                        ),
                        (
                            "definition",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="subscriptions",
                                to="reports.reportdefinition",
                                verbose_name="report",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="report_subscriptions",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="person",
                            ),
                        ),
                        (
                            "role",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="report_subscriptions",
                                to="auth.group",
                                verbose_name="role",
                            ),
                        ),
                        (
                            "scope_partner",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="report_subscriptions",
                                to="partners.partner",
                                verbose_name="partner of the scope",
                            ),
                        ),
                        (
                            "scope_team",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.team",
                                verbose_name="team of the scope",
                            ),
                        ),
                        (
                            "team",
                            models.ForeignKey(
                                blank=True,
                                help_text="Everybody in this team and the teams below it.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="report_subscriptions",
                                to="accounts.team",
                                verbose_name="team",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "subscription",
                        "verbose_name_plural": "subscriptions",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("is_paused", False)),
                                fields=["next_due_at"],
                                name="report_subscription_due",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("person__isnull", False),
                                        ("role__isnull", True),
                                        ("team__isnull", True),
                                    ),
                                    models.Q(
                                        ("person__isnull", True),
                                        ("role__isnull", False),
                                        ("team__isnull", True),
                                    ),
                                    models.Q(
                                        ("person__isnull", True),
                                        ("role__isnull", True),
                                        ("team__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="report_subscription_has_one_audience",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("scope", "team"),
                                    ("scope_team__isnull", True),
                                    _connector="XOR",
                                ),
                                name="report_subscription_scope_names_its_team",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("scope", "partner"),
                                    ("scope_partner__isnull", True),
                                    _connector="XOR",
                                ),
                                name="report_subscription_scope_names_its_partner",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("formats__contained_by", ["pdf", "xlsx"])
                                ),
                                name="report_subscription_formats_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("currency", ""),
                                    ("currency__regex", "^[A-Z]{3}$"),
                                    _connector="OR",
                                ),
                                name="report_subscription_currency_has_three_letters",
                            ),
                            models.UniqueConstraint(
                                models.F("definition"),
                                models.F("person"),
                                models.F("role"),
                                models.F("team"),
                                models.F("scope"),
                                models.F("scope_team"),
                                models.F("scope_partner"),
                                name="report_subscription_once",
                                nulls_distinct=False,
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="OptOut",
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
                        ("at", models.DateTimeField(verbose_name="at")),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="person",
                            ),
                        ),
                        (
                            "subscription",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="opt_outs",
                                to="reports.reportsubscription",
                                verbose_name="subscription",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "unsubscription",
                        "verbose_name_plural": "unsubscriptions",
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("subscription"),
                                models.F("person"),
                                name="report_opt_out_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ReportDelivery",
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
                            "key",
                            models.UUIDField(
                                default=uuid.uuid4,
                                editable=False,
                                unique=True,
                                verbose_name="key",
                            ),
                        ),
                        (
                            "period",
                            models.CharField(max_length=10, verbose_name="period"),
                        ),
                        (
                            "is_test",
                            models.BooleanField(default=False, verbose_name="test"),
                        ),
                        ("due_at", models.DateTimeField(verbose_name="due at")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("due", "Due"),
                                    ("rendering", "Being made"),
                                    ("ready", "Ready"),
                                    ("sending", "Being handed over"),
                                    ("sent", "Sent"),
                                    ("uncertain", "Uncertain"),
                                    ("failed", "Failed"),
                                    ("skipped", "Skipped"),
                                    ("suppressed", "Suppressed"),
                                ],
                                default="due",
                                max_length=12,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "reason",
                            models.CharField(
                                blank=True, max_length=300, verbose_name="reason"
                            ),
                        ),
                        (
                            "owner",
                            models.CharField(
                                blank=True, max_length=80, verbose_name="worker"
                            ),
                        ),
                        (
                            "lease_until",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="lease until"
                            ),
                        ),
                        (
                            "attempts",
                            models.PositiveSmallIntegerField(
                                default=0, verbose_name="attempts"
                            ),
                        ),
                        (
                            "next_attempt_at",
                            models.DateTimeField(verbose_name="next attempt at"),
                        ),
                        (
                            "handed_over",
                            models.PositiveSmallIntegerField(
                                default=0,
                                help_text="How often the end of the message was about to be sent.",
                                verbose_name="hand-overs",
                            ),
                        ),
                        (
                            "address",
                            models.EmailField(
                                blank=True, max_length=254, verbose_name="address"
                            ),
                        ),
                        (
                            "message_id",
                            models.CharField(
                                blank=True, max_length=200, verbose_name="Message-ID"
                            ),
                        ),
                        (
                            "message_date",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="Date"
                            ),
                        ),
                        (
                            "message_hash",
                            models.CharField(
                                blank=True,
                                max_length=64,
                                verbose_name="hash of the message",
                            ),
                        ),
                        (
                            "smtp_code",
                            models.PositiveSmallIntegerField(
                                blank=True, null=True, verbose_name="SMTP code"
                            ),
                        ),
                        (
                            "smtp_text",
                            models.CharField(
                                blank=True, max_length=500, verbose_name="SMTP answer"
                            ),
                        ),
                        (
                            "sent_at",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="sent at"
                            ),
                        ),
                        (
                            "resolved_at",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="resolved at"
                            ),
                        ),
                        (
                            "alarmed_at",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="owner told at"
                            ),
                        ),
                        ("planned_at", models.DateTimeField(verbose_name="planned at")),
                        (
                            "definition",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="deliveries",
                                to="reports.reportdefinition",
                                verbose_name="report",
                            ),
                        ),
                        (
                            "recipient",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="report_deliveries",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="recipient",
                            ),
                        ),
                        (
                            "resolved_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="resolved by",
                            ),
                        ),
                        (
                            "run",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="deliveries",
                                to="reports.reportrun",
                                verbose_name="run",
                            ),
                        ),
                        (
                            "subscription",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="deliveries",
                                to="reports.reportsubscription",
                                verbose_name="subscription",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "delivery",
                        "verbose_name_plural": "deliveries",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state__in", ["due", "ready"])),
                                fields=["next_attempt_at", "id"],
                                name="report_delivery_waiting",
                            ),
                            models.Index(
                                condition=models.Q(
                                    ("state__in", ("rendering", "sending"))
                                ),
                                fields=["lease_until"],
                                name="report_delivery_leased",
                            ),
                            models.Index(
                                fields=["definition", "period"],
                                name="report_delivery_period",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("subscription"),
                                models.F("recipient"),
                                models.F("period"),
                                condition=models.Q(("is_test", False)),
                                name="report_delivery_once_per_period",
                            ),
                            models.UniqueConstraint(
                                models.F("run"),
                                models.F("recipient"),
                                condition=models.Q(
                                    ("is_test", False),
                                    models.Q(
                                        ("state__in", ["skipped", "suppressed"]),
                                        _negated=True,
                                    ),
                                ),
                                name="report_delivery_once_per_run",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        (
                                            "state__in",
                                            ("ready", "sending", "sent", "uncertain"),
                                        ),
                                        _negated=True,
                                    ),
                                    models.Q(
                                        ("message_date__isnull", False),
                                        ("run__isnull", False),
                                        models.Q(("message_id", ""), _negated=True),
                                        models.Q(("message_hash", ""), _negated=True),
                                        models.Q(("address", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="report_delivery_frozen_before_sending",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("state__in", ("rendering", "sending")),
                                        _negated=True,
                                    ),
                                    models.Q(
                                        models.Q(("owner", ""), _negated=True),
                                        ("lease_until__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="report_delivery_worked_on_by_somebody",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        (
                                            "state__in",
                                            (
                                                "failed",
                                                "skipped",
                                                "suppressed",
                                                "uncertain",
                                            ),
                                        ),
                                        _negated=True,
                                    ),
                                    models.Q(("reason", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="report_delivery_explained",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "sent"), _negated=True),
                                    models.Q(
                                        ("sent_at__isnull", False),
                                        ("handed_over__gte", 1),
                                    ),
                                    _connector="OR",
                                ),
                                name="report_delivery_sent_at_some_time",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StoredMessage",
                    fields=[
                        (
                            "delivery",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="message",
                                serialize=False,
                                to="reports.reportdelivery",
                                verbose_name="delivery",
                            ),
                        ),
                        ("content", models.BinaryField(verbose_name="content")),
                        ("stored_at", models.DateTimeField(verbose_name="stored at")),
                    ],
                    options={
                        "verbose_name": "stored mail",
                        "verbose_name_plural": "stored mails",
                    },
                ),
            ]
        ),
    ]
