"""Make the tables of the model catalogue, derivative models, scenarios and feedback."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.functions.text
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
                    name="DerivedModel",
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
                        ("name", models.CharField(max_length=160, verbose_name="name")),
                        (
                            "model_id",
                            models.CharField(
                                help_text="As training or the hub calls it; a model counts once by it.",
                                max_length=200,
                                verbose_name="model id",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("fine_tune", "Full fine-tune"),
                                    ("adapter", "Adapter"),
                                    ("distilled", "Distilled"),
                                    ("quantised", "Quantised"),
                                    ("merged", "Merged"),
                                    ("continued", "Continued pre-training"),
                                ],
                                max_length=15,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "lifecycle",
                            models.CharField(
                                choices=[
                                    ("training", "Training"),
                                    ("evaluated", "Evaluated"),
                                    ("staging", "Staging"),
                                    ("production", "Production"),
                                    ("retired", "Retired"),
                                ],
                                default="training",
                                editable=False,
                                max_length=15,
                                verbose_name="lifecycle",
                            ),
                        ),
                        (
                            "lifecycle_since",
                            models.DateField(
                                editable=False, verbose_name="there since"
                            ),
                        ),
                        (
                            "purpose",
                            models.TextField(
                                blank=True, default="", verbose_name="purpose"
                            ),
                        ),
                        (
                            "endpoint",
                            models.CharField(
                                blank=True,
                                default="",
                                help_text="The id under which it is served.",
                                max_length=300,
                                verbose_name="endpoint",
                            ),
                        ),
                        (
                            "is_public",
                            models.BooleanField(
                                default=False,
                                help_text="Its weights are open to everybody.",
                                verbose_name="public",
                            ),
                        ),
                        (
                            "registered_on",
                            models.DateField(verbose_name="registered on"),
                        ),
                        (
                            "production_on",
                            models.DateField(
                                blank=True,
                                null=True,
                                verbose_name="in production since",
                            ),
                        ),
                        (
                            "retired_on",
                            models.DateField(
                                blank=True, null=True, verbose_name="retired on"
                            ),
                        ),
                        (
                            "version",
                            models.PositiveIntegerField(
                                default=1, editable=False, verbose_name="version"
                            ),
                        ),
                        (
                            "cooperation",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="derived_models",
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
                                related_name="derived_models",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="owner",
                            ),
                        ),
                        (
                            "partner",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="derived_models",
                                to="partners.partner",
                                verbose_name="partner",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "derived model",
                        "verbose_name_plural": "derived models",
                        "indexes": [
                            models.Index(
                                models.F("name"),
                                models.F("id"),
                                name="derivedmodel_list",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                django.db.models.functions.text.Lower("model_id"),
                                name="derivedmodel_id_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("name", ""), _negated=True),
                                    models.Q(("model_id", ""), _negated=True),
                                ),
                                name="derivedmodel_is_named",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("lifecycle", "production"), _negated=True
                                    ),
                                    models.Q(("endpoint", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="derivedmodel_production_has_endpoint",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("lifecycle", "production"), _negated=True
                                    ),
                                    ("production_on__isnull", False),
                                    _connector="OR",
                                ),
                                name="derivedmodel_production_has_day",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("lifecycle", "retired"),
                                        ("retired_on__isnull", False),
                                    ),
                                    models.Q(
                                        models.Q(
                                            ("lifecycle", "retired"), _negated=True
                                        ),
                                        ("retired_on__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="derivedmodel_retired_has_day",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("production_on__isnull", True),
                                    ("production_on__gte", models.F("registered_on")),
                                    _connector="OR",
                                ),
                                name="derivedmodel_production_after_registration",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ModelFamily",
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
                        ("name", models.CharField(max_length=80, verbose_name="name")),
                        (
                            "developer",
                            models.CharField(max_length=120, verbose_name="developer"),
                        ),
                        (
                            "notes",
                            models.TextField(
                                blank=True, default="", verbose_name="notes"
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
                        "verbose_name": "model family",
                        "verbose_name_plural": "model families",
                        "constraints": [
                            models.UniqueConstraint(
                                django.db.models.functions.text.Lower("name"),
                                name="modelfamily_name_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("name", ""), _negated=True),
                                name="modelfamily_has_name",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ScenarioKind",
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
                                max_length=40, unique=True, verbose_name="code"
                            ),
                        ),
                        ("name", models.CharField(max_length=80, verbose_name="name")),
                        (
                            "local_name",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=80,
                                verbose_name="Chinese name",
                            ),
                        ),
                        (
                            "order",
                            models.PositiveSmallIntegerField(
                                default=100, verbose_name="order"
                            ),
                        ),
                        (
                            "is_active",
                            models.BooleanField(default=True, verbose_name="offered"),
                        ),
                        (
                            "version",
                            models.PositiveIntegerField(
                                default=1, editable=False, verbose_name="version"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "scenario kind",
                        "verbose_name_plural": "scenario kinds",
                        "indexes": [
                            models.Index(
                                models.F("order"),
                                models.F("id"),
                                name="scenariokind_list",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                django.db.models.functions.text.Lower("name"),
                                name="scenariokind_name_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("name", ""), _negated=True),
                                name="scenariokind_has_name",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="BaseModel",
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
                        ("name", models.CharField(max_length=120, verbose_name="name")),
                        (
                            "generation",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=40,
                                verbose_name="version of the family",
                            ),
                        ),
                        (
                            "variant",
                            models.CharField(
                                blank=True,
                                default="",
                                help_text="Size or purpose, for example 72B, Max, Coder.",
                                max_length=80,
                                verbose_name="variant",
                            ),
                        ),
                        (
                            "snapshot",
                            models.CharField(
                                blank=True,
                                default="",
                                help_text="The dated state it was frozen in, where there are several.",
                                max_length=40,
                                verbose_name="snapshot",
                            ),
                        ),
                        (
                            "modality",
                            models.CharField(
                                choices=[
                                    ("language", "Language"),
                                    ("reasoning", "Reasoning"),
                                    ("code", "Code"),
                                    ("mathematics", "Mathematics"),
                                    ("vision", "Vision and language"),
                                    ("omni", "All modalities"),
                                    ("embedding", "Embedding"),
                                    ("translation", "Translation"),
                                    ("image", "Image generation"),
                                    ("video", "Video generation"),
                                    ("speech", "Speech"),
                                ],
                                default="language",
                                max_length=15,
                                verbose_name="modality",
                            ),
                        ),
                        (
                            "is_open",
                            models.BooleanField(
                                default=False,
                                help_text="Else it is hosted only.",
                                verbose_name="open weights",
                            ),
                        ),
                        (
                            "released_on",
                            models.DateField(
                                blank=True, null=True, verbose_name="released on"
                            ),
                        ),
                        (
                            "retired_on",
                            models.DateField(
                                blank=True, null=True, verbose_name="retired on"
                            ),
                        ),
                        (
                            "notes",
                            models.TextField(
                                blank=True, default="", verbose_name="notes"
                            ),
                        ),
                        (
                            "version",
                            models.PositiveIntegerField(
                                default=1, editable=False, verbose_name="version"
                            ),
                        ),
                        (
                            "family",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="members",
                                to="ai.modelfamily",
                                verbose_name="family",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "base model",
                        "verbose_name_plural": "base models",
                        "indexes": [
                            models.Index(
                                models.F("name"), models.F("id"), name="basemodel_list"
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                django.db.models.functions.text.Lower("name"),
                                name="basemodel_name_once",
                            ),
                            models.UniqueConstraint(
                                models.F("family"),
                                models.F("generation"),
                                models.F("variant"),
                                models.F("snapshot"),
                                name="basemodel_place_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("name", ""), _negated=True),
                                name="basemodel_has_name",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("retired_on__isnull", True),
                                    ("released_on__isnull", True),
                                    ("retired_on__gte", models.F("released_on")),
                                    _connector="OR",
                                ),
                                name="basemodel_retired_after_release",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DerivativeCount",
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
                        ("counted_on", models.DateField(verbose_name="counted on")),
                        (
                            "is_approximate_day",
                            models.BooleanField(
                                default=False,
                                help_text="The source names a month or a season only.",
                                verbose_name="the day is approximate",
                            ),
                        ),
                        (
                            "count",
                            models.PositiveBigIntegerField(verbose_name="derivatives"),
                        ),
                        (
                            "is_at_least",
                            models.BooleanField(
                                default=False,
                                help_text="The source says “more than”.",
                                verbose_name="at least",
                            ),
                        ),
                        (
                            "method",
                            models.CharField(
                                choices=[
                                    ("direct", "Direct children only"),
                                    ("transitive", "Children of children, too"),
                                    ("unstated", "Not stated by the source"),
                                ],
                                default="unstated",
                                max_length=15,
                                verbose_name="method",
                            ),
                        ),
                        (
                            "relation",
                            models.CharField(
                                choices=[
                                    ("all", "All kinds"),
                                    ("finetune", "Fine-tunes"),
                                    ("adapter", "Adapters"),
                                    ("quantized", "Quantised"),
                                    ("merge", "Merges"),
                                ],
                                default="all",
                                max_length=15,
                                verbose_name="kind counted",
                            ),
                        ),
                        (
                            "source",
                            models.CharField(max_length=200, verbose_name="source"),
                        ),
                        (
                            "source_url",
                            models.URLField(
                                blank=True,
                                default="",
                                max_length=500,
                                verbose_name="link",
                            ),
                        ),
                        (
                            "family",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="counts",
                                to="ai.modelfamily",
                                verbose_name="family",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "public derivative count",
                        "verbose_name_plural": "public derivative counts",
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("family"),
                                models.F("counted_on"),
                                models.F("method"),
                                models.F("relation"),
                                models.F("source"),
                                name="derivativecount_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("source", ""), _negated=True),
                                name="derivativecount_names_its_source",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Scenario",
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
                            "title",
                            models.CharField(max_length=200, verbose_name="title"),
                        ),
                        (
                            "industry",
                            models.CharField(
                                choices=[
                                    ("aerospace", "Aerospace"),
                                    ("agriculture", "Agriculture"),
                                    ("automotive", "Automotive"),
                                    (
                                        "computers_electronics",
                                        "Computers and Electronics",
                                    ),
                                    ("consumer_goods", "Consumer Goods"),
                                    ("education", "Education"),
                                    ("energy_oil_gas", "Energy - Oil and Gas"),
                                    (
                                        "energy_power_utilities",
                                        "Energy - Power and Utilities",
                                    ),
                                    ("financial_services", "Financial Services"),
                                    ("gaming", "Gaming"),
                                    ("government", "Government"),
                                    ("healthcare", "Healthcare"),
                                    ("hospitality", "Hospitality"),
                                    ("life_sciences", "Life Sciences"),
                                    ("manufacturing", "Manufacturing"),
                                    (
                                        "marketing_advertising",
                                        "Marketing and Advertising",
                                    ),
                                    ("media_entertainment", "Media and Entertainment"),
                                    ("mining", "Mining"),
                                    ("non_profit", "Non-Profit Organization"),
                                    ("professional_services", "Professional Services"),
                                    (
                                        "real_estate_construction",
                                        "Real Estate and Construction",
                                    ),
                                    ("retail", "Retail"),
                                    ("software_internet", "Software and Internet"),
                                    ("telecommunications", "Telecommunications"),
                                    (
                                        "transportation_logistics",
                                        "Transportation and Logistics",
                                    ),
                                    ("travel", "Travel"),
                                    (
                                        "wholesale_distribution",
                                        "Wholesale and Distribution",
                                    ),
                                    ("other", "Other"),
                                ],
                                max_length=40,
                                verbose_name="industry",
                            ),
                        ),
                        ("does", models.TextField(verbose_name="what it does")),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("planned", "Planned"),
                                    ("live", "Live"),
                                    ("ended", "Ended"),
                                ],
                                default="planned",
                                editable=False,
                                max_length=10,
                                verbose_name="status",
                            ),
                        ),
                        (
                            "planned_on",
                            models.DateField(
                                blank=True, null=True, verbose_name="planned for"
                            ),
                        ),
                        (
                            "live_on",
                            models.DateField(
                                blank=True,
                                editable=False,
                                null=True,
                                verbose_name="live since",
                            ),
                        ),
                        (
                            "ended_on",
                            models.DateField(
                                blank=True,
                                editable=False,
                                null=True,
                                verbose_name="ended on",
                            ),
                        ),
                        (
                            "end_reason",
                            models.TextField(
                                blank=True,
                                default="",
                                editable=False,
                                verbose_name="why it ended",
                            ),
                        ),
                        (
                            "version",
                            models.PositiveIntegerField(
                                default=1, editable=False, verbose_name="version"
                            ),
                        ),
                        (
                            "cooperation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="scenarios",
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
                                related_name="scenarios",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="owner",
                            ),
                        ),
                        (
                            "kind",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="scenarios",
                                to="ai.scenariokind",
                                verbose_name="kind",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "scenario",
                        "verbose_name_plural": "scenarios",
                        "indexes": [
                            models.Index(
                                models.F("industry"),
                                models.F("kind"),
                                models.F("status"),
                                name="scenario_coverage",
                            ),
                            models.Index(
                                models.F("title"), models.F("id"), name="scenario_list"
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("title", ""), _negated=True),
                                    models.Q(("does", ""), _negated=True),
                                ),
                                name="scenario_says_what_it_does",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "live"), _negated=True),
                                    ("live_on__isnull", False),
                                    _connector="OR",
                                ),
                                name="scenario_live_has_day",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        models.Q(("end_reason", ""), _negated=True),
                                        ("ended_on__isnull", False),
                                        ("status", "ended"),
                                    ),
                                    models.Q(
                                        models.Q(("status", "ended"), _negated=True),
                                        ("ended_on__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="scenario_ended_says_when_and_why",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ended_on__isnull", True),
                                    ("live_on__isnull", True),
                                    ("ended_on__gte", models.F("live_on")),
                                    _connector="OR",
                                ),
                                name="scenario_ends_after_start",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Feedback",
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
                            "title",
                            models.CharField(max_length=200, verbose_name="title"),
                        ),
                        (
                            "text",
                            models.TextField(
                                blank=True, default="", verbose_name="what is needed"
                            ),
                        ),
                        (
                            "topic",
                            models.CharField(
                                choices=[
                                    ("quality", "Answer quality"),
                                    ("capability", "Missing capability"),
                                    ("speed", "Speed"),
                                    ("cost", "Cost"),
                                    ("safety", "Safety"),
                                    ("language", "Language or domain"),
                                    ("tools", "Tool use"),
                                    ("other", "Other"),
                                ],
                                default="quality",
                                max_length=15,
                                verbose_name="topic",
                            ),
                        ),
                        (
                            "priority",
                            models.PositiveSmallIntegerField(
                                choices=[
                                    (1, "Low"),
                                    (2, "Normal"),
                                    (3, "High"),
                                    (4, "Blocks the scenario"),
                                ],
                                default=2,
                                verbose_name="priority",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "Open"),
                                    ("accepted", "Accepted"),
                                    ("shipped", "Shipped in a version"),
                                    ("verified", "Verified by the partner"),
                                    ("declined", "Declined"),
                                ],
                                default="open",
                                editable=False,
                                max_length=10,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "state_at",
                            models.DateTimeField(
                                editable=False, verbose_name="in this state since"
                            ),
                        ),
                        ("raised_on", models.DateField(verbose_name="raised on")),
                        (
                            "reason",
                            models.TextField(
                                blank=True,
                                default="",
                                editable=False,
                                verbose_name="reason of the latest refusal or reopening",
                            ),
                        ),
                        (
                            "shipped_on",
                            models.DateField(
                                blank=True,
                                editable=False,
                                null=True,
                                verbose_name="shipped on",
                            ),
                        ),
                        (
                            "verified_on",
                            models.DateField(
                                blank=True,
                                editable=False,
                                null=True,
                                verbose_name="verified on",
                            ),
                        ),
                        (
                            "reopened_count",
                            models.PositiveSmallIntegerField(
                                default=0, editable=False, verbose_name="reopened"
                            ),
                        ),
                        (
                            "version",
                            models.PositiveIntegerField(
                                default=1, editable=False, verbose_name="version"
                            ),
                        ),
                        (
                            "base",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="feedback",
                                to="ai.basemodel",
                                verbose_name="about base model",
                            ),
                        ),
                        (
                            "derived",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="feedback",
                                to="ai.derivedmodel",
                                verbose_name="about derived model",
                            ),
                        ),
                        (
                            "owner",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="feedback_owned",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="owner",
                            ),
                        ),
                        (
                            "raised_by",
                            models.ForeignKey(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="feedback_raised",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="raised by",
                            ),
                        ),
                        (
                            "shipped_base",
                            models.ForeignKey(
                                blank=True,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="ai.basemodel",
                                verbose_name="shipped in base model",
                            ),
                        ),
                        (
                            "shipped_derived",
                            models.ForeignKey(
                                blank=True,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="ai.derivedmodel",
                                verbose_name="shipped in derived model",
                            ),
                        ),
                        (
                            "verified_by",
                            models.ForeignKey(
                                blank=True,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="feedback_verified",
                                to="partners.contact",
                                verbose_name="verified by",
                            ),
                        ),
                        (
                            "scenario",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="feedback",
                                to="ai.scenario",
                                verbose_name="scenario",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "feedback",
                        "verbose_name_plural": "feedback",
                        "permissions": (
                            (
                                "decide_feedback",
                                "Can accept, decline and ship feedback",
                            ),
                            ("answer_feedback", "Can verify and reopen feedback"),
                        ),
                        "indexes": [
                            models.Index(
                                models.OrderBy(models.F("priority"), descending=True),
                                models.F("raised_on"),
                                models.F("id"),
                                condition=models.Q(
                                    ("state__in", ("open", "accepted", "shipped"))
                                ),
                                name="feedback_waiting",
                            ),
                            models.Index(
                                models.F("raised_on"),
                                models.F("id"),
                                name="feedback_list",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("title", ""), _negated=True),
                                name="feedback_has_title",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("base__isnull", False),
                                        ("derived__isnull", True),
                                    ),
                                    models.Q(
                                        ("base__isnull", True),
                                        ("derived__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="feedback_is_about_one_model",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("state__in", ["accepted", "shipped"]),
                                        _negated=True,
                                    ),
                                    ("owner__isnull", False),
                                    _connector="OR",
                                ),
                                name="feedback_accepted_has_owner",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("state__in", ["shipped", "verified"]),
                                        ("shipped_on__isnull", False),
                                        models.Q(
                                            models.Q(
                                                ("shipped_base__isnull", False),
                                                ("shipped_derived__isnull", True),
                                            ),
                                            models.Q(
                                                ("shipped_base__isnull", True),
                                                ("shipped_derived__isnull", False),
                                            ),
                                            _connector="OR",
                                        ),
                                    ),
                                    models.Q(
                                        models.Q(
                                            ("state__in", ["shipped", "verified"]),
                                            _negated=True,
                                        ),
                                        ("shipped_base__isnull", True),
                                        ("shipped_derived__isnull", True),
                                        ("shipped_on__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="feedback_shipped_names_version",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("state", "verified"),
                                        ("verified_on__isnull", False),
                                    ),
                                    models.Q(
                                        models.Q(("state", "verified"), _negated=True),
                                        ("verified_on__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="feedback_verified_has_day",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "declined"), _negated=True),
                                    models.Q(("reason", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="feedback_declined_says_why",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("verified_on__isnull", True),
                                    ("verified_on__gte", models.F("shipped_on")),
                                    _connector="OR",
                                ),
                                name="feedback_verified_after_shipping",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ModelAlias",
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
                                choices=[("model", "Model identity"), ("sku", "SKU")],
                                max_length=10,
                                verbose_name="what it is",
                            ),
                        ),
                        (
                            "text",
                            models.CharField(
                                help_text="Letter case and doubled blanks do not matter.",
                                max_length=300,
                                verbose_name="text in usage",
                            ),
                        ),
                        (
                            "during",
                            django.contrib.postgres.fields.ranges.DateRangeField(
                                help_text="Charge days, the end excluded.",
                                verbose_name="valid",
                            ),
                        ),
                        (
                            "version",
                            models.PositiveIntegerField(
                                default=1, editable=False, verbose_name="version"
                            ),
                        ),
                        (
                            "base",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="aliases",
                                to="ai.basemodel",
                                verbose_name="base model",
                            ),
                        ),
                        (
                            "derived",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="aliases",
                                to="ai.derivedmodel",
                                verbose_name="derived model",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "model alias",
                        "verbose_name_plural": "model aliases",
                        "indexes": [
                            models.Index(
                                models.F("text"), models.F("id"), name="modelalias_list"
                            )
                        ],
                        "constraints": [
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                expressions=[
                                    ("kind", "="),
                                    ("text", "="),
                                    ("during", "&&"),
                                ],
                                name="modelalias_one_model_a_day",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("base__isnull", False),
                                        ("derived__isnull", True),
                                    ),
                                    models.Q(
                                        ("base__isnull", True),
                                        ("derived__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="modelalias_means_one_model",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("text", ""), _negated=True),
                                    (
                                        "text",
                                        django.db.models.functions.text.Lower(
                                            models.F("text")
                                        ),
                                    ),
                                ),
                                name="modelalias_text_is_plain",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("during__isempty", False)),
                                name="modelalias_lasts_a_day",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ModelParent",
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
                            "base",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="children",
                                to="ai.basemodel",
                                verbose_name="base model",
                            ),
                        ),
                        (
                            "child",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="parents",
                                to="ai.derivedmodel",
                                verbose_name="model",
                            ),
                        ),
                        (
                            "derived",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="children",
                                to="ai.derivedmodel",
                                verbose_name="derived model",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "parent of a model",
                        "verbose_name_plural": "parents of models",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("base__isnull", False),
                                        ("derived__isnull", True),
                                    ),
                                    models.Q(
                                        ("base__isnull", True),
                                        ("derived__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="modelparent_is_one_model",
                            ),
                            models.UniqueConstraint(
                                models.F("child"),
                                models.F("base"),
                                name="modelparent_base_once",
                            ),
                            models.UniqueConstraint(
                                models.F("child"),
                                models.F("derived"),
                                name="modelparent_derived_once",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ScenarioMeasure",
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
                                max_length=120, verbose_name="what is measured"
                            ),
                        ),
                        ("unit", models.CharField(max_length=40, verbose_name="unit")),
                        (
                            "before",
                            models.DecimalField(
                                decimal_places=4, max_digits=20, verbose_name="before"
                            ),
                        ),
                        (
                            "after",
                            models.DecimalField(
                                blank=True,
                                decimal_places=4,
                                max_digits=20,
                                null=True,
                                verbose_name="after",
                            ),
                        ),
                        (
                            "is_lower_better",
                            models.BooleanField(
                                default=False, verbose_name="lower is better"
                            ),
                        ),
                        (
                            "measured_on",
                            models.DateField(
                                blank=True, null=True, verbose_name="measured on"
                            ),
                        ),
                        (
                            "scenario",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="measures",
                                to="ai.scenario",
                                verbose_name="scenario",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "measure of a scenario",
                        "verbose_name_plural": "measures of scenarios",
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("scenario"),
                                django.db.models.functions.text.Lower("name"),
                                name="scenariomeasure_name_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("name", ""), _negated=True),
                                    models.Q(("unit", ""), _negated=True),
                                ),
                                name="scenariomeasure_has_unit",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("after__isnull", True),
                                    ("measured_on__isnull", False),
                                    _connector="OR",
                                ),
                                name="scenariomeasure_after_has_day",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ScenarioModel",
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
                            "base",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="scenario_uses",
                                to="ai.basemodel",
                                verbose_name="base model",
                            ),
                        ),
                        (
                            "derived",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="scenario_uses",
                                to="ai.derivedmodel",
                                verbose_name="derived model",
                            ),
                        ),
                        (
                            "scenario",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="models",
                                to="ai.scenario",
                                verbose_name="scenario",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "model of a scenario",
                        "verbose_name_plural": "models of scenarios",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("base__isnull", False),
                                        ("derived__isnull", True),
                                    ),
                                    models.Q(
                                        ("base__isnull", True),
                                        ("derived__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="scenariomodel_is_one_model",
                            ),
                            models.UniqueConstraint(
                                models.F("scenario"),
                                models.F("base"),
                                name="scenariomodel_base_once",
                            ),
                            models.UniqueConstraint(
                                models.F("scenario"),
                                models.F("derived"),
                                name="scenariomodel_derived_once",
                            ),
                        ],
                    },
                ),
            ]
        ),
    ]
