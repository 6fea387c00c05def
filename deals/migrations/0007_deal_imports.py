"""Make the tables of imports of deals, and of what other systems call the stages."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("deals", "0006_updated_at"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DealImport",
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
                    "system",
                    models.CharField(
                        help_text="Whose ids the sheet holds, for example salesforce.",
                        max_length=60,
                        verbose_name="system",
                    ),
                ),
                ("file_name", models.CharField(max_length=250, verbose_name="file")),
                ("digest", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("headings", models.JSONField(verbose_name="headings")),
                (
                    "columns",
                    models.JSONField(
                        help_text="Field of each column, by its position from 0.",
                        verbose_name="columns",
                    ),
                ),
                ("counts", models.JSONField(default=dict, verbose_name="counts")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("previewed", "previewed"),
                            ("committed", "committed"),
                            ("undone", "undone"),
                        ],
                        default="previewed",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="uploaded at")),
                (
                    "committed_at",
                    models.DateTimeField(
                        blank=True, null=True, verbose_name="committed at"
                    ),
                ),
                (
                    "undone_at",
                    models.DateTimeField(
                        blank=True, null=True, verbose_name="undone at"
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deal_imports",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="uploaded by",
                    ),
                ),
            ],
            options={
                "verbose_name": "import of deals",
                "verbose_name_plural": "imports of deals",
            },
        ),
        migrations.CreateModel(
            name="DealImportRow",
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
                ("line", models.PositiveIntegerField(verbose_name="line")),
                ("cells", models.JSONField(verbose_name="cells")),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("create", "created"),
                            ("update", "changed"),
                            ("unchanged", "unchanged"),
                            ("refused", "refused"),
                        ],
                        max_length=10,
                        verbose_name="outcome",
                    ),
                ),
                ("problems", models.JSONField(default=list, verbose_name="problems")),
                (
                    "changes",
                    models.JSONField(
                        default=dict,
                        help_text="Old and new values by field.",
                        verbose_name="changes",
                    ),
                ),
                (
                    "version_after",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="version"
                    ),
                ),
                (
                    "removed_id",
                    models.BigIntegerField(
                        blank=True,
                        help_text="What it had made, once the import is undone.",
                        null=True,
                        verbose_name="id of the removed deal",
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rows",
                        to="deals.dealimport",
                        verbose_name="import",
                    ),
                ),
                (
                    "deal",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="import_rows",
                        to="deals.deal",
                        verbose_name="deal",
                    ),
                ),
            ],
            options={
                "verbose_name": "row of an import of deals",
                "verbose_name_plural": "rows of imports of deals",
            },
        ),
        migrations.CreateModel(
            name="DealStageName",
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
                    "system",
                    models.CharField(
                        help_text="For example salesforce.",
                        max_length=60,
                        verbose_name="system",
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="name there")),
                ("normal", models.CharField(editable=False, max_length=120)),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("Prospect", "Prospect"),
                            ("Qualified", "Qualified"),
                            ("Technical Validation", "Technical validation"),
                            ("Business Validation", "Business validation"),
                            ("Committed", "Committed"),
                            ("Launched", "Launched"),
                            ("Closed Lost", "Closed lost"),
                        ],
                        max_length=30,
                        verbose_name="stage here",
                    ),
                ),
                (
                    "version",
                    models.PositiveIntegerField(
                        default=1, editable=False, verbose_name="version"
                    ),
                ),
            ],
            options={
                "verbose_name": "stage name of another system",
                "verbose_name_plural": "stage names of other systems",
                "constraints": [
                    models.UniqueConstraint(
                        models.F("system"),
                        models.F("normal"),
                        name="dealstagename_one_meaning",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("system", ""), _negated=True),
                            models.Q(("normal", ""), _negated=True),
                        ),
                        name="dealstagename_is_complete",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "stage__in",
                                [
                                    "Prospect",
                                    "Qualified",
                                    "Technical Validation",
                                    "Business Validation",
                                    "Committed",
                                    "Launched",
                                    "Closed Lost",
                                ],
                            )
                        ),
                        name="dealstagename_stage_is_known",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="dealimport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("committed_at__isnull", True),
                        ("status", "previewed"),
                        ("undone_at__isnull", True),
                    ),
                    models.Q(
                        ("committed_at__isnull", False),
                        ("status", "committed"),
                        ("undone_at__isnull", True),
                    ),
                    models.Q(
                        ("committed_at__isnull", False),
                        ("status", "undone"),
                        ("undone_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="dealimport_status_has_its_times",
            ),
        ),
        migrations.AddConstraint(
            model_name="dealimportrow",
            constraint=models.UniqueConstraint(
                models.F("batch"), models.F("line"), name="dealimportrow_line_unique"
            ),
        ),
    ]
