"""Make the journal, and the function that orders its feed by commit."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import crm.journal.models

# Zero until a dump is restored into another server; see continue_after_restore.
SHIFT = """
CREATE FUNCTION journal_shift() RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT 0::bigint'
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(SHIFT, "DROP FUNCTION journal_shift()"),
        migrations.CreateModel(
            name="Event",
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
                ("kind", models.CharField(max_length=80, verbose_name="kind")),
                (
                    "subject_type",
                    models.CharField(max_length=80, verbose_name="subject type"),
                ),
                ("subject_id", models.BigIntegerField(verbose_name="subject id")),
                (
                    "partner_id",
                    models.BigIntegerField(
                        blank=True, null=True, verbose_name="partner concerned"
                    ),
                ),
                (
                    "token_id",
                    models.BigIntegerField(
                        blank=True, null=True, verbose_name="API token"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="at")),
                ("old", models.JSONField(default=dict, verbose_name="old values")),
                ("new", models.JSONField(default=dict, verbose_name="new values")),
                (
                    "request_id",
                    models.CharField(
                        blank=True, default="", max_length=64, verbose_name="request"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "personal_fields",
                    models.JSONField(
                        default=list,
                        help_text="Names of changed fields whose values are kept apart.",
                        verbose_name="personal fields",
                    ),
                ),
                (
                    "transaction",
                    models.BigIntegerField(
                        db_default=crm.journal.models.TransactionNumber(),
                        editable=False,
                        help_text="Orders the change feed so that a late commit is never skipped.",
                        verbose_name="transaction",
                    ),
                ),
            ],
            options={
                "verbose_name": "journal entry",
                "verbose_name_plural": "journal",
                "indexes": [
                    models.Index(
                        fields=["subject_type", "subject_id", "id"],
                        name="event_subject",
                    ),
                    models.Index(fields=["partner_id", "id"], name="event_partner"),
                    models.Index(
                        fields=["transaction", "id"], name="event_commit_order"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__regex", "^[a-z]+(-[a-z]+)*(\\.[a-z]+(-[a-z]+)*)+$")
                        ),
                        name="event_kind_is_dotted",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PersonalValue",
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
                ("field", models.CharField(max_length=80, verbose_name="field")),
                ("old", models.JSONField(null=True, verbose_name="old value")),
                ("new", models.JSONField(null=True, verbose_name="new value")),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="personal_values",
                        to="journal.event",
                        verbose_name="journal entry",
                    ),
                ),
            ],
            options={
                "verbose_name": "personal value",
                "verbose_name_plural": "personal values",
                "constraints": [
                    models.UniqueConstraint(
                        models.F("event"),
                        models.F("field"),
                        name="personal_value_once_per_field",
                    )
                ],
            },
        ),
    ]
