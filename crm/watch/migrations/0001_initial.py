"""Make the tables of health, alerts and what people decided about them."""

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
                    name="AlertRule",
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
                            models.CharField(
                                editable=False,
                                max_length=40,
                                unique=True,
                                verbose_name="code",
                            ),
                        ),
                        (
                            "letter",
                            models.CharField(
                                blank=True,
                                default="",
                                editable=False,
                                help_text="Of the rules that put a cooperation at risk.",
                                max_length=1,
                                verbose_name="letter",
                            ),
                        ),
                        (
                            "severity",
                            models.CharField(
                                choices=[
                                    ("info", "worth knowing"),
                                    ("warning", "needs a look"),
                                    ("critical", "needs action"),
                                ],
                                max_length=10,
                                verbose_name="severity",
                            ),
                        ),
                        (
                            "thresholds",
                            models.JSONField(
                                default=dict,
                                help_text="Names and numbers; what is left out keeps its seed.",
                                verbose_name="thresholds",
                            ),
                        ),
                        (
                            "clean_days",
                            models.PositiveSmallIntegerField(
                                help_text="How long the condition must be gone before an alert closes.",
                                verbose_name="clean days",
                            ),
                        ),
                        (
                            "mails_owner",
                            models.BooleanField(
                                default=False,
                                help_text="Unless the owner chose otherwise.",
                                verbose_name="mails the owner",
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
                    ],
                    options={
                        "verbose_name": "alert rule",
                        "verbose_name_plural": "alert rules",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("severity__in", ["info", "warning", "critical"])
                                ),
                                name="alertrule_severity_is_known",
                            ),
                            models.UniqueConstraint(
                                models.F("letter"),
                                condition=models.Q(("letter", ""), _negated=True),
                                name="alertrule_letter_once",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="GateLook",
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
                        ("stay_id", models.BigIntegerField(verbose_name="stay")),
                        (
                            "passed",
                            models.PositiveSmallIntegerField(verbose_name="met"),
                        ),
                        (
                            "total",
                            models.PositiveSmallIntegerField(verbose_name="criteria"),
                        ),
                        ("looked_at", models.DateTimeField(verbose_name="looked at")),
                        (
                            "cooperation",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="gate_look",
                                to="partners.cooperation",
                                verbose_name="cooperation",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "look at a gate",
                        "verbose_name_plural": "looks at gates",
                        "indexes": [
                            models.Index(models.F("looked_at"), name="gatelook_oldest")
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("passed__lte", models.F("total"))),
                                name="gatelook_met_are_among_all",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HealthOverride",
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
                            "overall",
                            models.PositiveSmallIntegerField(verbose_name="overall"),
                        ),
                        ("reason", models.TextField(verbose_name="reason")),
                        ("at", models.DateTimeField(verbose_name="at")),
                        ("ends_on", models.DateField(verbose_name="holds until")),
                        (
                            "withdrawn_at",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="withdrawn at"
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="health_overrides",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="by",
                            ),
                        ),
                        (
                            "cooperation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="health_overrides",
                                to="partners.cooperation",
                                verbose_name="cooperation",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "health by hand",
                        "verbose_name_plural": "health by hand",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("overall__lte", 100)),
                                name="healthoverride_to_100",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("reason", ""), _negated=True),
                                name="healthoverride_has_reason",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("withdrawn_at__isnull", True),
                                    ("withdrawn_at__gte", models.F("at")),
                                    _connector="OR",
                                ),
                                name="healthoverride_withdrawn_after_it_was_made",
                            ),
                            models.UniqueConstraint(
                                models.F("cooperation"),
                                condition=models.Q(("withdrawn_at__isnull", True)),
                                name="healthoverride_one_in_force",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HealthScheme",
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
                            "version",
                            models.PositiveIntegerField(
                                unique=True, verbose_name="version"
                            ),
                        ),
                        (
                            "weights",
                            models.JSONField(
                                help_text="Percent of each measure, by stage.",
                                verbose_name="weights",
                            ),
                        ),
                        (
                            "numbers",
                            models.JSONField(verbose_name="numbers of the formulas"),
                        ),
                        ("made_at", models.DateTimeField(verbose_name="made at")),
                        (
                            "reason",
                            models.TextField(
                                blank=True, default="", verbose_name="reason"
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="health_schemes",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="by",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "health scheme",
                        "verbose_name_plural": "health schemes",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("version__gte", 1)),
                                name="healthscheme_version_is_positive",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HealthSnapshot",
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
                        ("valid_from", models.DateField(verbose_name="from")),
                        (
                            "is_latest",
                            models.BooleanField(default=True, verbose_name="latest"),
                        ),
                        (
                            "stage",
                            models.CharField(max_length=30, verbose_name="stage"),
                        ),
                        (
                            "deployment",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                help_text="0 to 100; empty is unknown.",
                                null=True,
                                verbose_name="deployment",
                            ),
                        ),
                        (
                            "engagement",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                help_text="0 to 100; empty is unknown.",
                                null=True,
                                verbose_name="engagement",
                            ),
                        ),
                        (
                            "adoption",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                help_text="0 to 100; empty is unknown.",
                                null=True,
                                verbose_name="adoption",
                            ),
                        ),
                        (
                            "returns",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                help_text="0 to 100; empty is unknown.",
                                null=True,
                                verbose_name="return",
                            ),
                        ),
                        (
                            "overall",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                help_text="0 to 100; empty is unknown.",
                                null=True,
                                verbose_name="overall",
                            ),
                        ),
                        (
                            "confidence",
                            models.PositiveSmallIntegerField(
                                help_text="Percent of the weights that are known.",
                                verbose_name="confidence",
                            ),
                        ),
                        (
                            "drivers",
                            models.JSONField(default=list, verbose_name="drivers"),
                        ),
                        (
                            "scheme_version",
                            models.PositiveIntegerField(verbose_name="scheme"),
                        ),
                        (
                            "cooperation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="health_snapshots",
                                to="partners.cooperation",
                                verbose_name="cooperation",
                            ),
                        ),
                        (
                            "partner",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="partners.partner",
                                verbose_name="partner",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "health",
                        "verbose_name_plural": "health",
                        "indexes": [
                            models.Index(
                                models.F("overall"),
                                models.F("id"),
                                condition=models.Q(("is_latest", True)),
                                name="healthsnapshot_worst",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("cooperation"),
                                models.F("valid_from"),
                                name="healthsnapshot_one_per_day",
                            ),
                            models.UniqueConstraint(
                                models.F("cooperation"),
                                condition=models.Q(("is_latest", True)),
                                name="healthsnapshot_one_latest",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("confidence__lte", 100),
                                    models.Q(
                                        ("overall__isnull", True),
                                        ("overall__lte", 100),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("deployment__isnull", True),
                                        ("deployment__lte", 100),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("engagement__isnull", True),
                                        ("engagement__lte", 100),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("adoption__isnull", True),
                                        ("adoption__lte", 100),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("returns__isnull", True),
                                        ("returns__lte", 100),
                                        _connector="OR",
                                    ),
                                ),
                                name="healthsnapshot_scores_to_100",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Stocktaking",
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
                            "day",
                            models.DateField(unique=True, verbose_name="day (UTC)"),
                        ),
                        ("claimed_by", models.UUIDField(verbose_name="taken by")),
                        (
                            "lease_until",
                            models.DateTimeField(verbose_name="taken until"),
                        ),
                        ("started_at", models.DateTimeField(verbose_name="started at")),
                        (
                            "finished_at",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="finished at"
                            ),
                        ),
                        (
                            "cooperations",
                            models.PositiveIntegerField(
                                default=0, verbose_name="cooperations"
                            ),
                        ),
                        (
                            "snapshots",
                            models.PositiveIntegerField(
                                default=0, verbose_name="changed"
                            ),
                        ),
                        (
                            "opened",
                            models.PositiveIntegerField(
                                default=0, verbose_name="alerts opened"
                            ),
                        ),
                        (
                            "resolved",
                            models.PositiveIntegerField(
                                default=0, verbose_name="alerts resolved"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "nightly look",
                        "verbose_name_plural": "nightly looks",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("finished_at__isnull", True),
                                    ("finished_at__gte", models.F("started_at")),
                                    _connector="OR",
                                ),
                                name="stocktaking_finished_after_start",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Alert",
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
                            "subject_type",
                            models.CharField(
                                choices=[
                                    ("partners.cooperation", "cooperation"),
                                    ("deals.commitment", "commitment"),
                                    ("deals.agreement", "agreement"),
                                    ("usage.billingsource", "billing source"),
                                    ("usage.cloudaccount", "cloud account"),
                                ],
                                max_length=40,
                                verbose_name="about",
                            ),
                        ),
                        ("subject_id", models.BigIntegerField(verbose_name="number")),
                        (
                            "subject_name",
                            models.CharField(max_length=250, verbose_name="about what"),
                        ),
                        (
                            "code",
                            models.CharField(max_length=40, verbose_name="finding"),
                        ),
                        (
                            "seen",
                            models.JSONField(default=dict, verbose_name="values seen"),
                        ),
                        ("opened_at", models.DateTimeField(verbose_name="opened at")),
                        (
                            "seen_on",
                            models.DateField(
                                help_text="The latest day on which the rule was tripped.",
                                verbose_name="last true on",
                            ),
                        ),
                        (
                            "clean_since",
                            models.DateField(
                                blank=True,
                                help_text="First of the clean days; empty while the rule is tripped.",
                                null=True,
                                verbose_name="clean since",
                            ),
                        ),
                        (
                            "acknowledged_at",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="acknowledged at"
                            ),
                        ),
                        (
                            "snoozed_until",
                            models.DateField(
                                blank=True, null=True, verbose_name="snoozed until"
                            ),
                        ),
                        (
                            "resolved_at",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="resolved at"
                            ),
                        ),
                        (
                            "comment",
                            models.TextField(
                                blank=True, default="", verbose_name="comment"
                            ),
                        ),
                        (
                            "version",
                            models.PositiveIntegerField(
                                default=1, editable=False, verbose_name="version"
                            ),
                        ),
                        (
                            "acknowledged_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="alerts_acknowledged",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="acknowledged by",
                            ),
                        ),
                        (
                            "cooperation",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="alerts",
                                to="partners.cooperation",
                                verbose_name="cooperation",
                            ),
                        ),
                        (
                            "owner",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="alerts_owned",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="owner",
                            ),
                        ),
                        (
                            "partner",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="alerts",
                                to="partners.partner",
                                verbose_name="partner",
                            ),
                        ),
                        (
                            "resolved_by",
                            models.ForeignKey(
                                blank=True,
                                help_text="Empty when the clean days closed it.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="alerts_resolved",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="resolved by",
                            ),
                        ),
                        (
                            "rule",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="alerts",
                                to="watch.alertrule",
                                verbose_name="rule",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "alert",
                        "verbose_name_plural": "alerts",
                        "indexes": [
                            models.Index(
                                fields=["-opened_at", "-id"], name="alert_list"
                            ),
                            models.Index(
                                models.F("cooperation"),
                                condition=models.Q(("resolved_at__isnull", True)),
                                name="alert_standing",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("rule"),
                                models.F("subject_type"),
                                models.F("subject_id"),
                                condition=models.Q(("resolved_at__isnull", True)),
                                name="alert_one_standing_per_rule_and_subject",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "subject_type__in",
                                        [
                                            "partners.cooperation",
                                            "deals.commitment",
                                            "deals.agreement",
                                            "usage.billingsource",
                                            "usage.cloudaccount",
                                        ],
                                    )
                                ),
                                name="alert_subject_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("acknowledged_at__isnull", True),
                                        ("acknowledged_by__isnull", True),
                                    ),
                                    models.Q(
                                        ("acknowledged_at__isnull", False),
                                        ("acknowledged_by__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="alert_acknowledged_by_somebody",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("resolved_at__isnull", True),
                                    ("resolved_at__gte", models.F("opened_at")),
                                    _connector="OR",
                                ),
                                name="alert_resolved_after_it_opened",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("resolved_by__isnull", True),
                                    models.Q(
                                        ("resolved_at__isnull", False),
                                        models.Q(("comment", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="alert_resolved_by_a_person_with_a_comment",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("cooperation__isnull", True),
                                    ("partner__isnull", False),
                                    _connector="OR",
                                ),
                                name="alert_of_a_cooperation_has_its_partner",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AlertChoice",
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
                            "wish",
                            models.CharField(
                                choices=[
                                    ("nothing", "nothing"),
                                    ("mine", "what I own"),
                                    ("all", "everything I may see"),
                                ],
                                max_length=10,
                                verbose_name="by mail",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="alert_choices",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="person",
                            ),
                        ),
                        (
                            "rule",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="choices",
                                to="watch.alertrule",
                                verbose_name="rule",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "choice of alerts",
                        "verbose_name_plural": "choices of alerts",
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("person"),
                                models.F("rule"),
                                name="alertchoice_once_per_person_and_rule",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AlertNotice",
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
                            "state",
                            models.CharField(
                                choices=[
                                    ("due", "due"),
                                    ("sending", "being handed over"),
                                    ("sent", "sent"),
                                    ("skipped", "not wanted any more"),
                                    ("failed", "refused by the mail server"),
                                ],
                                default="due",
                                max_length=10,
                                verbose_name="state",
                            ),
                        ),
                        ("due_at", models.DateTimeField(verbose_name="due at")),
                        (
                            "attempts",
                            models.PositiveSmallIntegerField(
                                default=0, verbose_name="attempts"
                            ),
                        ),
                        (
                            "claimed_at",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="taken at"
                            ),
                        ),
                        (
                            "sent_at",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="sent at"
                            ),
                        ),
                        (
                            "problem",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=250,
                                verbose_name="problem",
                            ),
                        ),
                        (
                            "alert",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="notices",
                                to="watch.alert",
                                verbose_name="alert",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="alert_notices",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="person",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "alert by mail",
                        "verbose_name_plural": "alerts by mail",
                        "indexes": [
                            models.Index(
                                models.F("person"),
                                models.F("due_at"),
                                condition=models.Q(("state", "due")),
                                name="alertnotice_due",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("alert"),
                                models.F("person"),
                                name="alertnotice_once_per_alert_and_person",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "sent"), _negated=True),
                                    ("sent_at__isnull", False),
                                    _connector="OR",
                                ),
                                name="alertnotice_sent_says_when",
                            ),
                        ],
                    },
                ),
            ]
        ),
    ]
