"""Bring the extensions for names, ranges and search (all trusted); make the registry and the stage machine."""

import uuid

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
from django.conf import settings
from django.contrib.postgres.operations import (
    BtreeGistExtension,
    TrigramExtension,
    UnaccentExtension,
)
from django.db import migrations, models

from crm.core.tables import MakeTables


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0004_oauth_clients"),
    ]

    operations = [
        BtreeGistExtension(),
        TrigramExtension(),
        UnaccentExtension(),
        MakeTables(
            [
                migrations.CreateModel(
                    name="ImportBatch",
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
                            "target",
                            models.CharField(
                                choices=[
                                    ("partners", "Partners"),
                                    ("contacts", "Contacts"),
                                ],
                                max_length=10,
                                verbose_name="rows become",
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
                        (
                            "file_name",
                            models.CharField(max_length=250, verbose_name="file"),
                        ),
                        (
                            "digest",
                            models.CharField(max_length=64, verbose_name="SHA-256"),
                        ),
                        ("headings", models.JSONField(verbose_name="headings")),
                        (
                            "columns",
                            models.JSONField(
                                help_text="Field of each column, by its position from 0.",
                                verbose_name="columns",
                            ),
                        ),
                        (
                            "counts",
                            models.JSONField(default=dict, verbose_name="counts"),
                        ),
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
                        (
                            "created_at",
                            models.DateTimeField(verbose_name="uploaded at"),
                        ),
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
                                related_name="partner_imports",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="uploaded by",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "import",
                        "verbose_name_plural": "imports",
                        "constraints": [
                            models.CheckConstraint(
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
                                name="importbatch_status_has_its_times",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Partner",
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
                            "legal_name",
                            models.CharField(max_length=250, verbose_name="legal name"),
                        ),
                        (
                            "display_name",
                            models.CharField(
                                max_length=250, verbose_name="display name"
                            ),
                        ),
                        (
                            "local_name",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=250,
                                verbose_name="local-language name",
                            ),
                        ),
                        (
                            "industry",
                            models.CharField(
                                blank=True,
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
                                default="",
                                max_length=30,
                                verbose_name="industry",
                            ),
                        ),
                        (
                            "country",
                            models.CharField(
                                blank=True,
                                default="",
                                help_text="Two letters, as in ISO 3166: DE, CN.",
                                max_length=2,
                                verbose_name="country",
                            ),
                        ),
                        (
                            "segment",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("global", "Global enterprise"),
                                    ("enterprise", "Enterprise"),
                                    ("mid_market", "Mid-market"),
                                    ("small", "Small business"),
                                    ("public_sector", "Public sector"),
                                ],
                                default="",
                                max_length=20,
                                verbose_name="segment",
                            ),
                        ),
                        (
                            "partner_type",
                            models.CharField(
                                choices=[
                                    ("enterprise", "Enterprise"),
                                    ("telco", "Telecommunications operator"),
                                    ("oem", "OEM"),
                                    ("isv", "Software vendor (ISV)"),
                                    ("si", "System integrator"),
                                    ("model_co_developer", "Model co-developer"),
                                    ("distributor", "Distributor"),
                                ],
                                default="enterprise",
                                max_length=20,
                                verbose_name="partner type",
                            ),
                        ),
                        (
                            "tier",
                            models.CharField(
                                choices=[
                                    ("strategic", "Strategic"),
                                    ("key", "Key"),
                                    ("growth", "Growth"),
                                    ("watch", "Watch"),
                                ],
                                default="growth",
                                max_length=10,
                                verbose_name="tier",
                            ),
                        ),
                        (
                            "lifecycle",
                            models.CharField(
                                choices=[
                                    ("prospect", "Prospect"),
                                    ("active", "Active"),
                                    ("dormant", "Dormant"),
                                    ("exited", "Exited"),
                                ],
                                default="prospect",
                                max_length=10,
                                verbose_name="lifecycle",
                            ),
                        ),
                        (
                            "confidentiality",
                            models.CharField(
                                choices=[
                                    ("public", "Public"),
                                    ("nda", "Under NDA"),
                                    ("restricted", "Restricted to named people"),
                                ],
                                default="public",
                                max_length=10,
                                verbose_name="confidentiality",
                            ),
                        ),
                        (
                            "reporting_currency",
                            models.CharField(
                                default="CNY",
                                max_length=3,
                                verbose_name="reporting currency",
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
                            "is_test",
                            models.BooleanField(
                                default=False,
                                help_text="For trying out integrations; left out of every report.",
                                verbose_name="test record",
                            ),
                        ),
                        (
                            "archived_at",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="archived at"
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
                            "merged_into",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="merged_from",
                                to="partners.partner",
                                verbose_name="merged into",
                            ),
                        ),
                        (
                            "named_people",
                            models.ManyToManyField(
                                blank=True,
                                help_text="Who may see a restricted partner besides its owner.",
                                related_name="partners_named_in",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="named people",
                            ),
                        ),
                        (
                            "our_sponsor",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="partners_sponsored",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="our executive sponsor",
                            ),
                        ),
                        (
                            "owner",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="partners_owned",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="alliance manager",
                            ),
                        ),
                        (
                            "parent",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="subsidiaries",
                                to="partners.partner",
                                verbose_name="parent",
                            ),
                        ),
                        (
                            "team",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="partners",
                                to="accounts.team",
                                verbose_name="team",
                            ),
                        ),
                        (
                            "their_sponsor",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="partners_sponsored",
                                to="partners.contact",
                                verbose_name="their executive sponsor",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "partner",
                        "verbose_name_plural": "partners",
                        "indexes": [
                            models.Index(
                                models.F("display_name"),
                                models.F("id"),
                                name="partner_list",
                            ),
                            models.Index(
                                django.db.models.functions.text.Lower("display_name"),
                                name="partner_display_name_lower",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("display_name", ""),
                                    ("legal_name", ""),
                                    _negated=True,
                                ),
                                name="partner_has_names",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("country", ""),
                                    ("country__regex", "^[A-Z]{2}$"),
                                    _connector="OR",
                                ),
                                name="partner_country_has_two_letters",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("reporting_currency__regex", "^[A-Z]{3}$")
                                ),
                                name="partner_currency_has_three_letters",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "industry__in",
                                        [
                                            "",
                                            "aerospace",
                                            "agriculture",
                                            "automotive",
                                            "computers_electronics",
                                            "consumer_goods",
                                            "education",
                                            "energy_oil_gas",
                                            "energy_power_utilities",
                                            "financial_services",
                                            "gaming",
                                            "government",
                                            "healthcare",
                                            "hospitality",
                                            "life_sciences",
                                            "manufacturing",
                                            "marketing_advertising",
                                            "media_entertainment",
                                            "mining",
                                            "non_profit",
                                            "professional_services",
                                            "real_estate_construction",
                                            "retail",
                                            "software_internet",
                                            "telecommunications",
                                            "transportation_logistics",
                                            "travel",
                                            "wholesale_distribution",
                                            "other",
                                        ],
                                    )
                                ),
                                name="partner_industry_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "confidentiality__in",
                                        ["public", "nda", "restricted"],
                                    )
                                ),
                                name="partner_confidentiality_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("parent", models.F("id")), _negated=True
                                ),
                                name="partner_is_not_its_own_parent",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("merged_into__isnull", True),
                                    models.Q(
                                        ("archived_at__isnull", False),
                                        models.Q(
                                            ("merged_into", models.F("id")),
                                            _negated=True,
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                name="partner_merged_is_archived",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StageDefinition",
                    fields=[
                        (
                            "code",
                            models.CharField(
                                max_length=30, unique=True, verbose_name="code"
                            ),
                        ),
                        ("name", models.CharField(max_length=80, verbose_name="name")),
                        (
                            "meaning",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=250,
                                verbose_name="meaning",
                            ),
                        ),
                        (
                            "order",
                            models.PositiveSmallIntegerField(
                                unique=True, verbose_name="order"
                            ),
                        ),
                        (
                            "stage_type",
                            models.CharField(
                                choices=[
                                    ("open", "open"),
                                    ("completed", "ended as planned"),
                                    ("terminated", "ended early"),
                                ],
                                default="open",
                                max_length=10,
                                verbose_name="type",
                            ),
                        ),
                        (
                            "expected_days",
                            models.PositiveSmallIntegerField(
                                blank=True, null=True, verbose_name="expected days"
                            ),
                        ),
                        (
                            "warning_days",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                help_text="Days in stage from which a reminder is due; before expected days.",
                                null=True,
                                verbose_name="warning days",
                            ),
                        ),
                        (
                            "confirm_within_days",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                help_text="Unconfirmed for longer proposes to step back.",
                                null=True,
                                verbose_name="confirm within days",
                            ),
                        ),
                        (
                            "co_sell_stage",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=60,
                                verbose_name="nearest co-sell stage",
                            ),
                        ),
                        (
                            "version",
                            models.PositiveIntegerField(
                                default=1, editable=False, verbose_name="version"
                            ),
                        ),
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "stage",
                        "verbose_name_plural": "stages",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("warning_days__isnull", True),
                                    ("warning_days__lte", models.F("expected_days")),
                                    _connector="OR",
                                ),
                                name="stagedefinition_warns_before_expected",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "stage_type__in",
                                        ["open", "completed", "terminated"],
                                    )
                                ),
                                name="stagedefinition_type_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("code__regex", "^[a-z][a-z0-9_]*$")
                                ),
                                name="stagedefinition_code_is_plain",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Contact",
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
                            "name",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=120,
                                verbose_name="name",
                            ),
                        ),
                        (
                            "local_name",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=120,
                                verbose_name="local-language name",
                            ),
                        ),
                        (
                            "title",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=120,
                                verbose_name="title",
                            ),
                        ),
                        (
                            "email",
                            models.EmailField(
                                blank=True,
                                default="",
                                max_length=254,
                                verbose_name="e-mail",
                            ),
                        ),
                        (
                            "phone",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=40,
                                verbose_name="phone",
                            ),
                        ),
                        (
                            "locale",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=10,
                                verbose_name="language",
                            ),
                        ),
                        (
                            "roles",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(
                                    choices=[
                                        ("executive_sponsor", "Executive sponsor"),
                                        ("economic_buyer", "Economic buyer"),
                                        ("technical_lead", "Technical lead"),
                                        ("legal", "Legal"),
                                        ("procurement", "Procurement"),
                                        ("champion", "Champion"),
                                    ],
                                    max_length=20,
                                ),
                                blank=True,
                                default=list,
                                size=None,
                                verbose_name="roles",
                            ),
                        ),
                        (
                            "consent",
                            models.CharField(
                                choices=[
                                    ("unknown", "Not asked"),
                                    ("given", "Given"),
                                    ("withdrawn", "Withdrawn"),
                                ],
                                default="unknown",
                                max_length=10,
                                verbose_name="consent",
                            ),
                        ),
                        (
                            "consent_at",
                            models.DateTimeField(
                                blank=True,
                                null=True,
                                verbose_name="consent recorded at",
                            ),
                        ),
                        (
                            "left_on",
                            models.DateField(
                                blank=True, null=True, verbose_name="left on"
                            ),
                        ),
                        (
                            "erased_at",
                            models.DateTimeField(
                                blank=True,
                                editable=False,
                                null=True,
                                verbose_name="erased at",
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
                            "partner",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="contacts",
                                to="partners.partner",
                                verbose_name="partner",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "contact",
                        "verbose_name_plural": "contacts",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("name", ""), _negated=True),
                                    ("erased_at__isnull", False),
                                    _connector="OR",
                                ),
                                name="contact_has_name_unless_erased",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("erased_at__isnull", True),
                                    models.Q(
                                        ("email", ""),
                                        ("local_name", ""),
                                        ("name", ""),
                                        ("phone", ""),
                                        ("title", ""),
                                    ),
                                    _connector="OR",
                                ),
                                name="contact_erased_is_empty",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "roles__contained_by",
                                        [
                                            "executive_sponsor",
                                            "economic_buyer",
                                            "technical_lead",
                                            "legal",
                                            "procurement",
                                            "champion",
                                        ],
                                    )
                                ),
                                name="contact_roles_are_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("consent", "unknown"),
                                    ("consent_at__isnull", False),
                                    _connector="OR",
                                ),
                                name="contact_consent_has_date",
                            ),
                            models.UniqueConstraint(
                                models.F("partner"),
                                django.db.models.functions.text.Lower("email"),
                                condition=models.Q(("email", ""), _negated=True),
                                name="contact_email_unique_per_partner",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Cooperation",
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
                            "code",
                            models.CharField(
                                max_length=40, unique=True, verbose_name="code"
                            ),
                        ),
                        (
                            "title",
                            models.CharField(max_length=200, verbose_name="title"),
                        ),
                        (
                            "cooperation_type",
                            models.CharField(
                                choices=[
                                    ("model_co_development", "Model co-development"),
                                    ("ai_application", "AI application"),
                                    ("cloud_migration", "Cloud migration"),
                                    ("compute_supply", "Compute supply"),
                                    ("joint_go_to_market", "Joint go-to-market"),
                                    ("resale", "Resale"),
                                ],
                                max_length=30,
                                verbose_name="type",
                            ),
                        ),
                        (
                            "stage_entered_at",
                            models.DateTimeField(
                                editable=False, verbose_name="in stage since"
                            ),
                        ),
                        (
                            "confirmed_at",
                            models.DateTimeField(
                                blank=True,
                                editable=False,
                                null=True,
                                verbose_name="stage confirmed at",
                            ),
                        ),
                        (
                            "on_hold_since",
                            models.DateTimeField(
                                blank=True,
                                editable=False,
                                null=True,
                                verbose_name="on hold since",
                            ),
                        ),
                        (
                            "hold_reason",
                            models.TextField(
                                blank=True,
                                default="",
                                editable=False,
                                verbose_name="reason for the hold",
                            ),
                        ),
                        (
                            "closed_at",
                            models.DateTimeField(
                                blank=True,
                                editable=False,
                                null=True,
                                verbose_name="closed at",
                            ),
                        ),
                        (
                            "closed_reason",
                            models.CharField(
                                blank=True,
                                choices=[
                                    (
                                        "transformed",
                                        "Transformed into another cooperation",
                                    ),
                                    ("exited", "Ended as planned"),
                                    ("no_budget", "No budget"),
                                    ("cancelled_or_delayed", "Cancelled or delayed"),
                                    ("legal_regulatory", "Legal or regulatory"),
                                    ("competitor", "Lost to a competitor"),
                                    ("price", "Price"),
                                    ("security", "Security"),
                                    ("technical_limits", "Technical limits"),
                                    ("people_governance", "People or governance"),
                                    ("product_gap", "Product gap"),
                                    ("other", "Other"),
                                ],
                                default="",
                                editable=False,
                                max_length=20,
                                verbose_name="closed because",
                            ),
                        ),
                        (
                            "next_step",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=250,
                                verbose_name="next step",
                            ),
                        ),
                        (
                            "next_step_due_on",
                            models.DateField(
                                blank=True, null=True, verbose_name="next step due on"
                            ),
                        ),
                        (
                            "target_stage_on",
                            models.DateField(
                                blank=True,
                                null=True,
                                verbose_name="target date of the next stage",
                            ),
                        ),
                        (
                            "announced_on",
                            models.DateField(
                                blank=True, null=True, verbose_name="announced on"
                            ),
                        ),
                        (
                            "announcement_url",
                            models.URLField(
                                blank=True,
                                default="",
                                max_length=500,
                                verbose_name="announcement",
                            ),
                        ),
                        (
                            "business_problem",
                            models.TextField(
                                blank=True, default="", verbose_name="business problem"
                            ),
                        ),
                        (
                            "use_case",
                            models.TextField(
                                blank=True, default="", verbose_name="use case"
                            ),
                        ),
                        (
                            "expected_monthly_spend",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=20,
                                null=True,
                                verbose_name="expected monthly spend",
                            ),
                        ),
                        (
                            "currency",
                            models.CharField(
                                default="CNY", max_length=3, verbose_name="currency"
                            ),
                        ),
                        (
                            "fit_score",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                help_text="0 to 100",
                                null=True,
                                verbose_name="fit score",
                            ),
                        ),
                        (
                            "scope",
                            models.TextField(
                                blank=True, default="", verbose_name="scope"
                            ),
                        ),
                        (
                            "working_group",
                            models.TextField(
                                blank=True, default="", verbose_name="working group"
                            ),
                        ),
                        (
                            "success_measures",
                            models.TextField(
                                blank=True,
                                default="",
                                verbose_name="joint success measures",
                            ),
                        ),
                        (
                            "agreement_target_on",
                            models.DateField(
                                blank=True,
                                null=True,
                                verbose_name="target date of the definitive agreement",
                            ),
                        ),
                        (
                            "security_review",
                            models.CharField(
                                choices=[
                                    ("not_started", "Not started"),
                                    ("running", "Running"),
                                    ("passed", "Passed"),
                                    ("failed", "Failed"),
                                ],
                                default="not_started",
                                max_length=15,
                                verbose_name="security review",
                            ),
                        ),
                        (
                            "steering_committee",
                            models.TextField(
                                blank=True,
                                default="",
                                verbose_name="steering committee",
                            ),
                        ),
                        (
                            "steering_rhythm",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("weekly", "Weekly"),
                                    ("fortnightly", "Every two weeks"),
                                    ("monthly", "Monthly"),
                                    ("quarterly", "Quarterly"),
                                ],
                                default="",
                                max_length=15,
                                verbose_name="meeting rhythm",
                            ),
                        ),
                        (
                            "has_no_commitment",
                            models.BooleanField(
                                default=False,
                                help_text="Both sides agreed that nothing is committed.",
                                verbose_name="explicitly no commitment",
                            ),
                        ),
                        (
                            "production_plan",
                            models.TextField(
                                blank=True, default="", verbose_name="production plan"
                            ),
                        ),
                        (
                            "production_planned_on",
                            models.DateField(
                                blank=True,
                                null=True,
                                verbose_name="planned date of production",
                            ),
                        ),
                        (
                            "production_cost",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=20,
                                null=True,
                                verbose_name="estimated cost of production",
                            ),
                        ),
                        (
                            "closing_review",
                            models.TextField(
                                blank=True, default="", verbose_name="closing review"
                            ),
                        ),
                        (
                            "handed_over_on",
                            models.DateField(
                                blank=True,
                                null=True,
                                verbose_name="assets and models handed over on",
                            ),
                        ),
                        (
                            "lessons",
                            models.TextField(
                                blank=True, default="", verbose_name="lessons"
                            ),
                        ),
                        (
                            "competitor",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=120,
                                verbose_name="competitor",
                            ),
                        ),
                        (
                            "commitments_settlement",
                            models.TextField(
                                blank=True,
                                default="",
                                verbose_name="what became of open commitments",
                            ),
                        ),
                        (
                            "archived_at",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="archived at"
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
                            "our_sponsor",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cooperations_sponsored",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="our executive sponsor",
                            ),
                        ),
                        (
                            "owner",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cooperations_owned",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="owner",
                            ),
                        ),
                        (
                            "team",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cooperations",
                                to="accounts.team",
                                verbose_name="team",
                            ),
                        ),
                        (
                            "partner",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cooperations",
                                to="partners.partner",
                                verbose_name="partner",
                            ),
                        ),
                        (
                            "stage",
                            models.ForeignKey(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cooperations",
                                to="partners.stagedefinition",
                                to_field="code",
                                verbose_name="stage",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "cooperation",
                        "verbose_name_plural": "cooperations",
                        "indexes": [
                            models.Index(
                                models.F("title"),
                                models.F("id"),
                                name="cooperation_list",
                            ),
                            models.Index(
                                models.F("stage"),
                                models.F("stage_entered_at"),
                                condition=models.Q(("closed_at__isnull", True)),
                                name="cooperation_running",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("closed_at__isnull", False),
                                    models.Q(("next_step", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="cooperation_open_has_next_step",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("closed_at__isnull", True),
                                        ("closed_reason", ""),
                                    ),
                                    models.Q(
                                        ("closed_at__isnull", False),
                                        (
                                            "closed_reason__in",
                                            [
                                                "transformed",
                                                "exited",
                                                "no_budget",
                                                "cancelled_or_delayed",
                                                "legal_regulatory",
                                                "competitor",
                                                "price",
                                                "security",
                                                "technical_limits",
                                                "people_governance",
                                                "product_gap",
                                                "other",
                                            ],
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                name="cooperation_closed_has_reason",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("closed_reason", "competitor"), _negated=True
                                    ),
                                    models.Q(("competitor", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="cooperation_names_competitor",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("hold_reason", ""),
                                        ("on_hold_since__isnull", True),
                                    ),
                                    models.Q(
                                        ("on_hold_since__isnull", False),
                                        models.Q(("hold_reason", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="cooperation_hold_has_reason",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("closed_at__isnull", True),
                                    ("on_hold_since__isnull", True),
                                    _connector="OR",
                                ),
                                name="cooperation_closed_is_not_on_hold",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("fit_score__isnull", True),
                                    ("fit_score__lte", 100),
                                    _connector="OR",
                                ),
                                name="cooperation_fit_score_to_100",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("expected_monthly_spend__isnull", True),
                                        ("expected_monthly_spend__gte", 0),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("production_cost__isnull", True),
                                        ("production_cost__gte", 0),
                                        _connector="OR",
                                    ),
                                ),
                                name="cooperation_money_is_not_negative",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("currency__regex", "^[A-Z]{3}$")),
                                name="cooperation_currency_has_three_letters",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("title", ""), _negated=True),
                                    models.Q(("code", ""), _negated=True),
                                ),
                                name="cooperation_has_title",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ExternalId",
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
                            models.CharField(max_length=60, verbose_name="system"),
                        ),
                        ("value", models.CharField(max_length=120, verbose_name="id")),
                        (
                            "partner",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="external_ids",
                                to="partners.partner",
                                verbose_name="partner",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "external id",
                        "verbose_name_plural": "external ids",
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("system"),
                                models.F("value"),
                                name="externalid_unique_in_system",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("system", ""), _negated=True),
                                    models.Q(("value", ""), _negated=True),
                                ),
                                name="externalid_is_complete",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PartnerAlias",
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
                        ("name", models.CharField(max_length=250, verbose_name="name")),
                        (
                            "partner",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="aliases",
                                to="partners.partner",
                                verbose_name="partner",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "alias",
                        "verbose_name_plural": "aliases",
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("partner"),
                                django.db.models.functions.text.Lower("name"),
                                name="partneralias_unique_per_partner",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("name", ""), _negated=True),
                                name="partneralias_has_name",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PartnerDomain",
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
                            "domain",
                            models.CharField(max_length=253, verbose_name="domain"),
                        ),
                        (
                            "is_primary",
                            models.BooleanField(default=False, verbose_name="website"),
                        ),
                        (
                            "partner",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="domains",
                                to="partners.partner",
                                verbose_name="partner",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "domain",
                        "verbose_name_plural": "domains",
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("domain"), name="partnerdomain_unique"
                            ),
                            models.UniqueConstraint(
                                models.F("partner"),
                                condition=models.Q(("is_primary", True)),
                                name="partnerdomain_one_website",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "domain__regex",
                                        "^[^\\s/:@A-Z]+\\.[^\\s/:@A-Z.]+$",
                                    ),
                                    models.Q(
                                        ("domain__startswith", "www."), _negated=True
                                    ),
                                ),
                                name="partnerdomain_is_normalised",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PartnerSearch",
                    fields=[
                        (
                            "partner",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="search",
                                serialize=False,
                                to="partners.partner",
                                verbose_name="partner",
                            ),
                        ),
                        (
                            "text",
                            models.TextField(
                                help_text="Normal forms of all names and ids, the display name first.",
                                verbose_name="words",
                            ),
                        ),
                        (
                            "grams",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=3),
                                help_text="Neighbouring characters; they answer queries of two characters.",
                                size=None,
                                verbose_name="pairs",
                            ),
                        ),
                        (
                            "cores",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.TextField(),
                                help_text="Names without legal form; equal ones are likely duplicates.",
                                size=None,
                                verbose_name="core names",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "search entry",
                        "verbose_name_plural": "search entries",
                        "indexes": [
                            django.contrib.postgres.indexes.GinIndex(
                                fields=["grams"], name="partnersearch_grams"
                            ),
                            django.contrib.postgres.indexes.GinIndex(
                                fields=["cores"], name="partnersearch_cores"
                            ),
                            django.contrib.postgres.indexes.GinIndex(
                                fields=["text"],
                                name="partnersearch_trigrams",
                                opclasses=["gin_trgm_ops"],
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RegistrationId",
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
                            "scheme",
                            models.CharField(
                                choices=[
                                    ("duns", "D-U-N-S"),
                                    ("lei", "LEI"),
                                    ("uscc", "Unified Social Credit Code"),
                                ],
                                max_length=10,
                                verbose_name="scheme",
                            ),
                        ),
                        (
                            "value",
                            models.CharField(max_length=40, verbose_name="number"),
                        ),
                        (
                            "partner",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="registration_ids",
                                to="partners.partner",
                                verbose_name="partner",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "registration id",
                        "verbose_name_plural": "registration ids",
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("scheme"),
                                models.F("value"),
                                name="registrationid_unique_in_scheme",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("scheme", "duns"),
                                        ("value__regex", "^[0-9]{9}$"),
                                    ),
                                    models.Q(
                                        ("scheme", "lei"),
                                        ("value__regex", "^[A-Z0-9]{18}[0-9]{2}$"),
                                    ),
                                    models.Q(
                                        ("scheme", "uscc"),
                                        ("value__regex", "^[0-9A-HJ-NPQRTUWXY]{18}$"),
                                    ),
                                    _connector="OR",
                                ),
                                name="registrationid_has_its_form",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StageTransitionRule",
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
                                    ("start", "start"),
                                    ("advance", "advance"),
                                    ("skip", "skip"),
                                    ("regress", "regress"),
                                    ("complete", "complete"),
                                    ("terminate", "terminate"),
                                    ("reopen", "reopen"),
                                    ("confirm", "confirm"),
                                ],
                                max_length=10,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "approver_roles",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(
                                    choices=[
                                        ("owner", "owner"),
                                        ("team_lead", "team lead"),
                                        ("alliance_director", "alliance director"),
                                        ("executive", "executive (VP)"),
                                        ("legal", "legal"),
                                        ("technical_lead", "technical lead"),
                                    ],
                                    max_length=20,
                                ),
                                blank=True,
                                default=list,
                                help_text="Each of these roles has to approve.",
                                size=None,
                                verbose_name="approvers",
                            ),
                        ),
                        (
                            "needs_reason",
                            models.BooleanField(
                                default=False, verbose_name="needs a reason"
                            ),
                        ),
                        (
                            "within_days",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                help_text="Days after closing in which reopening is possible.",
                                null=True,
                                verbose_name="within days",
                            ),
                        ),
                        (
                            "version",
                            models.PositiveIntegerField(
                                default=1, editable=False, verbose_name="version"
                            ),
                        ),
                        (
                            "retired_at",
                            models.DateTimeField(
                                blank=True,
                                editable=False,
                                null=True,
                                verbose_name="retired at",
                            ),
                        ),
                        (
                            "source",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="rules_from",
                                to="partners.stagedefinition",
                                to_field="code",
                                verbose_name="from",
                            ),
                        ),
                        (
                            "target",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="rules_to",
                                to="partners.stagedefinition",
                                to_field="code",
                                verbose_name="to",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "stage rule",
                        "verbose_name_plural": "stage rules",
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("source"),
                                models.F("target"),
                                condition=models.Q(("retired_at__isnull", True)),
                                name="stagetransitionrule_one_in_force",
                            ),
                            models.UniqueConstraint(
                                models.F("source"),
                                models.F("target"),
                                models.F("version"),
                                name="stagetransitionrule_version_unique",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "kind__in",
                                        [
                                            "start",
                                            "advance",
                                            "skip",
                                            "regress",
                                            "complete",
                                            "terminate",
                                            "reopen",
                                            "confirm",
                                        ],
                                    )
                                ),
                                name="stagetransitionrule_kind_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("kind", "confirm"),
                                        ("source", models.F("target")),
                                    ),
                                    models.Q(
                                        models.Q(("kind", "confirm"), _negated=True),
                                        models.Q(
                                            ("source", models.F("target")),
                                            _negated=True,
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                name="stagetransitionrule_only_confirm_stays",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "approver_roles__contained_by",
                                        [
                                            "owner",
                                            "team_lead",
                                            "alliance_director",
                                            "executive",
                                            "legal",
                                            "technical_lead",
                                        ],
                                    )
                                ),
                                name="stagetransitionrule_approvers_are_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ActionItem",
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
                            models.CharField(max_length=250, verbose_name="title"),
                        ),
                        (
                            "side",
                            models.CharField(
                                choices=[
                                    ("ours", "Our side"),
                                    ("theirs", "Their side"),
                                ],
                                max_length=10,
                                verbose_name="side",
                            ),
                        ),
                        ("due_on", models.DateField(verbose_name="due on")),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("open", "Open"),
                                    ("done", "Done"),
                                    ("dropped", "Dropped"),
                                ],
                                default="open",
                                editable=False,
                                max_length=10,
                                verbose_name="status",
                            ),
                        ),
                        (
                            "closed_at",
                            models.DateTimeField(
                                blank=True,
                                editable=False,
                                null=True,
                                verbose_name="closed at",
                            ),
                        ),
                        (
                            "version",
                            models.PositiveIntegerField(
                                default=1, editable=False, verbose_name="version"
                            ),
                        ),
                        (
                            "owner",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="action_items",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="our person",
                            ),
                        ),
                        (
                            "contact",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="action_items",
                                to="partners.contact",
                                verbose_name="their person",
                            ),
                        ),
                        (
                            "cooperation",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="action_items",
                                to="partners.cooperation",
                                verbose_name="cooperation",
                            ),
                        ),
                        (
                            "partner",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="action_items",
                                to="partners.partner",
                                verbose_name="partner",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "action item",
                        "verbose_name_plural": "action items",
                        "indexes": [
                            models.Index(
                                models.F("due_on"),
                                models.F("id"),
                                condition=models.Q(("status", "open")),
                                name="actionitem_due",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("contact__isnull", True), ("side", "ours")
                                    ),
                                    models.Q(
                                        ("owner__isnull", True), ("side", "theirs")
                                    ),
                                    _connector="OR",
                                ),
                                name="actionitem_owner_is_on_its_side",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("closed_at__isnull", True), ("status", "open")
                                    ),
                                    models.Q(
                                        ("closed_at__isnull", False),
                                        ("status__in", ["done", "dropped"]),
                                    ),
                                    _connector="OR",
                                ),
                                name="actionitem_closed_has_date",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("title", ""), _negated=True),
                                name="actionitem_has_title",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Activity",
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
                                    ("meeting", "Meeting"),
                                    ("call", "Call"),
                                    ("mail", "Mail"),
                                    ("note", "Note"),
                                    ("document", "Document"),
                                ],
                                max_length=10,
                                verbose_name="kind",
                            ),
                        ),
                        ("happened_at", models.DateTimeField(verbose_name="when")),
                        (
                            "summary",
                            models.CharField(max_length=250, verbose_name="summary"),
                        ),
                        (
                            "details",
                            models.TextField(
                                blank=True, default="", verbose_name="details"
                            ),
                        ),
                        (
                            "minutes",
                            models.PositiveIntegerField(
                                blank=True, null=True, verbose_name="length in minutes"
                            ),
                        ),
                        (
                            "is_executive",
                            models.BooleanField(
                                default=False,
                                help_text="Executives of both sides met.",
                                verbose_name="executive contact",
                            ),
                        ),
                        (
                            "is_business_review",
                            models.BooleanField(
                                default=False, verbose_name="business review"
                            ),
                        ),
                        (
                            "version",
                            models.PositiveIntegerField(
                                default=1, editable=False, verbose_name="version"
                            ),
                        ),
                        (
                            "logged_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="activities_logged",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="logged by",
                            ),
                        ),
                        (
                            "people",
                            models.ManyToManyField(
                                blank=True,
                                related_name="activities",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="our people",
                            ),
                        ),
                        (
                            "contacts",
                            models.ManyToManyField(
                                blank=True,
                                related_name="activities",
                                to="partners.contact",
                                verbose_name="their people",
                            ),
                        ),
                        (
                            "cooperation",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="activities",
                                to="partners.cooperation",
                                verbose_name="cooperation",
                            ),
                        ),
                        (
                            "partner",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="activities",
                                to="partners.partner",
                                verbose_name="partner",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "activity",
                        "verbose_name_plural": "activities",
                        "indexes": [
                            models.Index(
                                fields=["cooperation", "-happened_at"],
                                name="activity_of_cooperation",
                            ),
                            models.Index(
                                fields=["partner", "-happened_at"],
                                name="activity_of_partner",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("summary", ""), _negated=True),
                                name="activity_has_summary",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "kind__in",
                                        ["meeting", "call", "mail", "note", "document"],
                                    )
                                ),
                                name="activity_kind_is_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CooperationContact",
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
                            "role",
                            models.CharField(
                                choices=[
                                    ("executive_sponsor", "Executive sponsor"),
                                    ("economic_buyer", "Economic buyer"),
                                    ("technical_lead", "Technical lead"),
                                    ("legal", "Legal"),
                                    ("procurement", "Procurement"),
                                    ("champion", "Champion"),
                                ],
                                max_length=20,
                                verbose_name="role",
                            ),
                        ),
                        (
                            "contact",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="cooperation_contacts",
                                to="partners.contact",
                                verbose_name="contact",
                            ),
                        ),
                        (
                            "cooperation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="cooperation_contacts",
                                to="partners.cooperation",
                                verbose_name="cooperation",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "contact of a cooperation",
                        "verbose_name_plural": "contacts of cooperations",
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("cooperation"),
                                models.F("contact"),
                                models.F("role"),
                                name="cooperationcontact_unique",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "role__in",
                                        [
                                            "executive_sponsor",
                                            "economic_buyer",
                                            "technical_lead",
                                            "legal",
                                            "procurement",
                                            "champion",
                                        ],
                                    )
                                ),
                                name="cooperationcontact_role_is_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="GateCriterion",
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
                        ("code", models.CharField(max_length=60, verbose_name="code")),
                        (
                            "label",
                            models.CharField(max_length=200, verbose_name="label"),
                        ),
                        (
                            "kind",
                            models.CharField(
                                max_length=40, verbose_name="kind of evidence"
                            ),
                        ),
                        (
                            "parameters",
                            models.JSONField(
                                blank=True, default=dict, verbose_name="parameters"
                            ),
                        ),
                        (
                            "order",
                            models.PositiveSmallIntegerField(verbose_name="order"),
                        ),
                        (
                            "is_waivable",
                            models.BooleanField(
                                default=True, verbose_name="may be waived"
                            ),
                        ),
                        (
                            "waiver_role",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("owner", "owner"),
                                    ("team_lead", "team lead"),
                                    ("alliance_director", "alliance director"),
                                    ("executive", "executive (VP)"),
                                    ("legal", "legal"),
                                    ("technical_lead", "technical lead"),
                                ],
                                default="",
                                max_length=20,
                                verbose_name="waived by",
                            ),
                        ),
                        (
                            "rule",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="criteria",
                                to="partners.stagetransitionrule",
                                verbose_name="rule",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "gate criterion",
                        "verbose_name_plural": "gate criteria",
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("rule"),
                                models.F("code"),
                                name="gatecriterion_code_unique_in_rule",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "waiver_role__in",
                                        [
                                            "owner",
                                            "team_lead",
                                            "alliance_director",
                                            "executive",
                                            "legal",
                                            "technical_lead",
                                        ],
                                    )
                                ),
                                name="gatecriterion_waiver_role_is_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ImportRow",
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
                        (
                            "problems",
                            models.JSONField(default=list, verbose_name="problems"),
                        ),
                        (
                            "changes",
                            models.JSONField(default=dict, verbose_name="changes"),
                        ),
                        (
                            "version_after",
                            models.PositiveIntegerField(
                                blank=True, null=True, verbose_name="version"
                            ),
                        ),
                        (
                            "batch",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="rows",
                                to="partners.importbatch",
                                verbose_name="import",
                            ),
                        ),
                        (
                            "contact",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="import_rows",
                                to="partners.contact",
                                verbose_name="contact",
                            ),
                        ),
                        (
                            "partner",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="import_rows",
                                to="partners.partner",
                                verbose_name="partner",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "row of an import",
                        "verbose_name_plural": "rows of imports",
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("batch"),
                                models.F("line"),
                                name="importrow_line_unique",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Poc",
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
                            "hypothesis",
                            models.TextField(
                                blank=True, default="", verbose_name="hypothesis"
                            ),
                        ),
                        (
                            "decision_rule",
                            models.TextField(
                                blank=True,
                                default="",
                                help_text="What is decided upon which result, agreed before the start.",
                                verbose_name="decision rule",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("planned", "Planned"),
                                    ("running", "Running"),
                                    ("go", "Go"),
                                    ("no_go", "No-go"),
                                    ("cancelled", "Cancelled"),
                                ],
                                default="planned",
                                editable=False,
                                max_length=10,
                                verbose_name="status",
                            ),
                        ),
                        (
                            "planned_start_on",
                            models.DateField(verbose_name="planned start"),
                        ),
                        (
                            "planned_end_on",
                            models.DateField(verbose_name="planned end"),
                        ),
                        (
                            "started_on",
                            models.DateField(
                                blank=True, null=True, verbose_name="started on"
                            ),
                        ),
                        (
                            "ended_on",
                            models.DateField(
                                blank=True, null=True, verbose_name="ended on"
                            ),
                        ),
                        (
                            "credits_granted",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=20,
                                null=True,
                                verbose_name="credits granted",
                            ),
                        ),
                        (
                            "currency",
                            models.CharField(
                                default="CNY", max_length=3, verbose_name="currency"
                            ),
                        ),
                        (
                            "base_models",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=120),
                                blank=True,
                                default=list,
                                size=None,
                                verbose_name="base models",
                            ),
                        ),
                        (
                            "extension_count",
                            models.PositiveSmallIntegerField(
                                default=0, editable=False, verbose_name="extensions"
                            ),
                        ),
                        (
                            "extension_waiver",
                            models.TextField(
                                blank=True,
                                default="",
                                editable=False,
                                verbose_name="reason for more extensions",
                            ),
                        ),
                        (
                            "decided_at",
                            models.DateTimeField(
                                blank=True,
                                editable=False,
                                null=True,
                                verbose_name="decided at",
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
                                related_name="pocs",
                                to="partners.cooperation",
                                verbose_name="cooperation",
                            ),
                        ),
                        (
                            "decided_by",
                            models.ForeignKey(
                                blank=True,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="pocs_decided",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="decided by",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "PoC",
                        "verbose_name_plural": "PoCs",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "planned_end_on__gte",
                                        models.F("planned_start_on"),
                                    )
                                ),
                                name="poc_planned_end_after_start",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ended_on__isnull", True),
                                    ("ended_on__gte", models.F("started_on")),
                                    _connector="OR",
                                ),
                                name="poc_ended_after_start",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("status__in", ["planned", "cancelled"]),
                                    ("started_on__isnull", False),
                                    _connector="OR",
                                ),
                                name="poc_running_has_start",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("status__in", ["go", "no_go"]), _negated=True
                                    ),
                                    models.Q(
                                        ("decided_at__isnull", False),
                                        ("decided_by__isnull", False),
                                        ("ended_on__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="poc_decided_says_who_and_when",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("extension_count__lte", 2),
                                    models.Q(("extension_waiver", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="poc_extensions_are_limited",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("credits_granted__isnull", True),
                                    ("credits_granted__gte", 0),
                                    _connector="OR",
                                ),
                                name="poc_credits_are_not_negative",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "status__in",
                                        [
                                            "planned",
                                            "running",
                                            "go",
                                            "no_go",
                                            "cancelled",
                                        ],
                                    )
                                ),
                                name="poc_status_is_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Risk",
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
                            models.CharField(max_length=250, verbose_name="title"),
                        ),
                        (
                            "severity",
                            models.CharField(
                                choices=[
                                    ("low", "Low"),
                                    ("medium", "Medium"),
                                    ("high", "High"),
                                ],
                                default="medium",
                                max_length=10,
                                verbose_name="severity",
                            ),
                        ),
                        (
                            "likelihood",
                            models.CharField(
                                choices=[
                                    ("low", "Low"),
                                    ("medium", "Medium"),
                                    ("high", "High"),
                                ],
                                default="medium",
                                max_length=10,
                                verbose_name="likelihood",
                            ),
                        ),
                        (
                            "mitigation",
                            models.TextField(
                                blank=True, default="", verbose_name="mitigation"
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[("open", "Open"), ("closed", "Closed")],
                                default="open",
                                editable=False,
                                max_length=10,
                                verbose_name="status",
                            ),
                        ),
                        ("raised_at", models.DateTimeField(verbose_name="raised at")),
                        (
                            "closed_at",
                            models.DateTimeField(
                                blank=True,
                                editable=False,
                                null=True,
                                verbose_name="closed at",
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
                                related_name="risks",
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
                                related_name="risks",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="owner",
                            ),
                        ),
                        (
                            "partner",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="risks",
                                to="partners.partner",
                                verbose_name="partner",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "risk",
                        "verbose_name_plural": "risks",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("closed_at__isnull", True), ("status", "open")
                                    ),
                                    models.Q(
                                        ("closed_at__isnull", False),
                                        ("status", "closed"),
                                    ),
                                    _connector="OR",
                                ),
                                name="risk_closed_has_date",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("title", ""), _negated=True),
                                name="risk_has_title",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StageTransition",
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
                                    ("start", "start"),
                                    ("advance", "advance"),
                                    ("skip", "skip"),
                                    ("regress", "regress"),
                                    ("complete", "complete"),
                                    ("terminate", "terminate"),
                                    ("reopen", "reopen"),
                                    ("confirm", "confirm"),
                                ],
                                max_length=10,
                                verbose_name="kind",
                            ),
                        ),
                        ("entered_at", models.DateTimeField(verbose_name="entered at")),
                        (
                            "exited_at",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="exited at"
                            ),
                        ),
                        (
                            "held_seconds",
                            models.BigIntegerField(
                                default=0, verbose_name="seconds on hold"
                            ),
                        ),
                        (
                            "reason",
                            models.TextField(
                                blank=True, default="", verbose_name="reason"
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="stage_moves",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="by",
                            ),
                        ),
                        (
                            "cooperation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="transitions",
                                to="partners.cooperation",
                                verbose_name="cooperation",
                            ),
                        ),
                        (
                            "from_stage",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="transitions_from",
                                to="partners.stagedefinition",
                                to_field="code",
                                verbose_name="from",
                            ),
                        ),
                        (
                            "to_stage",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="transitions_to",
                                to="partners.stagedefinition",
                                to_field="code",
                                verbose_name="to",
                            ),
                        ),
                        (
                            "rule",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="transitions",
                                to="partners.stagetransitionrule",
                                verbose_name="rule",
                            ),
                        ),
                        (
                            "advanced_at",
                            models.DateTimeField(
                                blank=True,
                                editable=False,
                                help_text="When a later open stage was first reached by advancing.",
                                null=True,
                                verbose_name="went on at",
                            ),
                        ),
                        (
                            "lasted_seconds",
                            models.GeneratedField(
                                db_persist=True,
                                expression=django.db.models.expressions.CombinedExpression(
                                    models.Func(
                                        models.Value("epoch"),
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("exited_at"),
                                            "-",
                                            models.F("entered_at"),
                                        ),
                                        function="date_part",
                                        output_field=models.FloatField(),
                                    ),
                                    "-",
                                    models.F("held_seconds"),
                                ),
                                output_field=models.FloatField(),
                                verbose_name="seconds it lasted, without holds",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "stage move",
                        "verbose_name_plural": "stage moves",
                        "indexes": [
                            models.Index(
                                models.F("entered_at"),
                                models.F("id"),
                                name="stagetransition_by_time",
                            ),
                            models.Index(
                                models.F("to_stage"),
                                models.F("exited_at"),
                                include=("lasted_seconds", "cooperation"),
                                name="stagetransition_completed",
                            ),
                            models.Index(
                                models.F("to_stage"),
                                models.F("entered_at"),
                                include=("advanced_at", "cooperation"),
                                name="stagetransition_entered",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("cooperation"),
                                condition=models.Q(("exited_at__isnull", True)),
                                name="stagetransition_one_open",
                            ),
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                expressions=[
                                    ("cooperation", "="),
                                    (
                                        models.Func(
                                            "entered_at",
                                            "exited_at",
                                            function="tstzrange",
                                            output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField(),
                                        ),
                                        "&&",
                                    ),
                                ],
                                name="stagetransition_no_overlap",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("exited_at__isnull", True),
                                    ("exited_at__gte", models.F("entered_at")),
                                    _connector="OR",
                                ),
                                name="stagetransition_ends_after_start",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("held_seconds__gte", 0)),
                                name="stagetransition_held_is_positive",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("from_stage__isnull", True), ("kind", "start")
                                    ),
                                    models.Q(
                                        models.Q(("kind", "start"), _negated=True),
                                        ("from_stage__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="stagetransition_starts_from_nothing",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "kind__in",
                                        [
                                            "start",
                                            "advance",
                                            "skip",
                                            "regress",
                                            "complete",
                                            "terminate",
                                            "reopen",
                                        ],
                                    )
                                ),
                                name="stagetransition_kind_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("advanced_at__isnull", True),
                                    ("advanced_at__gte", models.F("entered_at")),
                                    _connector="OR",
                                ),
                                name="stagetransition_advanced_after_start",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Approval",
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
                            "role",
                            models.CharField(
                                choices=[
                                    ("owner", "owner"),
                                    ("team_lead", "team lead"),
                                    ("alliance_director", "alliance director"),
                                    ("executive", "executive (VP)"),
                                    ("legal", "legal"),
                                    ("technical_lead", "technical lead"),
                                ],
                                max_length=20,
                                verbose_name="as",
                            ),
                        ),
                        ("at", models.DateTimeField(verbose_name="at")),
                        (
                            "comment",
                            models.TextField(
                                blank=True, default="", verbose_name="comment"
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="approvals_given",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="by",
                            ),
                        ),
                        (
                            "cooperation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="approvals",
                                to="partners.cooperation",
                                verbose_name="cooperation",
                            ),
                        ),
                        (
                            "stay",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="approvals",
                                to="partners.stagetransition",
                                verbose_name="stay",
                            ),
                        ),
                        (
                            "rule",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="approvals",
                                to="partners.stagetransitionrule",
                                verbose_name="rule",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "approval",
                        "verbose_name_plural": "approvals",
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("stay"),
                                models.F("rule"),
                                models.F("role"),
                                name="approval_once_per_stay_rule_and_role",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "role__in",
                                        [
                                            "owner",
                                            "team_lead",
                                            "alliance_director",
                                            "executive",
                                            "legal",
                                            "technical_lead",
                                        ],
                                    )
                                ),
                                name="approval_role_is_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Attachment",
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
                            "purpose",
                            models.CharField(
                                choices=[
                                    ("minutes", "Minutes"),
                                    ("production_plan", "Production plan"),
                                    ("security_review", "Security review"),
                                    ("closing_review", "Closing review"),
                                    ("poc_report", "PoC report"),
                                    ("presentation", "Presentation"),
                                    ("other", "Other"),
                                ],
                                default="other",
                                max_length=20,
                                verbose_name="purpose",
                            ),
                        ),
                        (
                            "file_name",
                            models.CharField(max_length=200, verbose_name="file name"),
                        ),
                        (
                            "content_type",
                            models.CharField(
                                max_length=100, verbose_name="content type"
                            ),
                        ),
                        (
                            "size",
                            models.PositiveBigIntegerField(
                                verbose_name="size in bytes"
                            ),
                        ),
                        (
                            "sha256",
                            models.CharField(max_length=64, verbose_name="SHA-256"),
                        ),
                        (
                            "content",
                            models.FileField(
                                editable=False,
                                max_length=300,
                                upload_to="attachments/%Y/%m",
                                verbose_name="content",
                            ),
                        ),
                        (
                            "uploaded_at",
                            models.DateTimeField(verbose_name="uploaded at"),
                        ),
                        (
                            "removed_at",
                            models.DateTimeField(
                                blank=True,
                                editable=False,
                                null=True,
                                verbose_name="removed at",
                            ),
                        ),
                        (
                            "activity",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="attachments",
                                to="partners.activity",
                                verbose_name="activity",
                            ),
                        ),
                        (
                            "uploaded_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="attachments",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="uploaded by",
                            ),
                        ),
                        (
                            "cooperation",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="attachments",
                                to="partners.cooperation",
                                verbose_name="cooperation",
                            ),
                        ),
                        (
                            "partner",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="attachments",
                                to="partners.partner",
                                verbose_name="partner",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "attachment",
                        "verbose_name_plural": "attachments",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$")),
                                name="attachment_has_hash",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("file_name", ""), _negated=True),
                                name="attachment_has_name",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Hold",
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
                        ("began_at", models.DateTimeField(verbose_name="began at")),
                        (
                            "ended_at",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="ended at"
                            ),
                        ),
                        ("reason", models.TextField(verbose_name="reason")),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="holds_begun",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="by",
                            ),
                        ),
                        (
                            "cooperation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="holds",
                                to="partners.cooperation",
                                verbose_name="cooperation",
                            ),
                        ),
                        (
                            "ended_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="holds_ended",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="ended by",
                            ),
                        ),
                        (
                            "stay",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="holds",
                                to="partners.stagetransition",
                                verbose_name="stay",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "hold",
                        "verbose_name_plural": "holds",
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("cooperation"),
                                condition=models.Q(("ended_at__isnull", True)),
                                name="hold_one_open",
                            ),
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                expressions=[
                                    ("cooperation", "="),
                                    (
                                        models.Func(
                                            "began_at",
                                            "ended_at",
                                            function="tstzrange",
                                            output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField(),
                                        ),
                                        "&&",
                                    ),
                                ],
                                name="hold_no_overlap",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ended_at__isnull", True),
                                    ("ended_at__gte", models.F("began_at")),
                                    _connector="OR",
                                ),
                                name="hold_ends_after_start",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("reason", ""), _negated=True),
                                name="hold_has_reason",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PocDecision",
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
                                    ("go", "Go"),
                                    ("no_go", "No-go"),
                                    ("extend", "Extend"),
                                ],
                                max_length=10,
                                verbose_name="decision",
                            ),
                        ),
                        ("reason", models.TextField(verbose_name="reason")),
                        (
                            "new_end_on",
                            models.DateField(
                                blank=True, null=True, verbose_name="new end"
                            ),
                        ),
                        ("at", models.DateTimeField(verbose_name="at")),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="poc_decisions",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="by",
                            ),
                        ),
                        (
                            "poc",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="decisions",
                                to="partners.poc",
                                verbose_name="PoC",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "PoC decision",
                        "verbose_name_plural": "PoC decisions",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("reason", ""), _negated=True),
                                name="pocdecision_has_reason",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("kind", "extend"),
                                        ("new_end_on__isnull", False),
                                    ),
                                    models.Q(
                                        models.Q(("kind", "extend"), _negated=True),
                                        ("new_end_on__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="pocdecision_extension_has_new_end",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PocMetric",
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
                            "unit",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=40,
                                verbose_name="unit",
                            ),
                        ),
                        (
                            "direction",
                            models.CharField(
                                choices=[
                                    ("at_least", "at least"),
                                    ("at_most", "at most"),
                                ],
                                default="at_least",
                                max_length=10,
                                verbose_name="direction",
                            ),
                        ),
                        (
                            "baseline",
                            models.DecimalField(
                                blank=True,
                                decimal_places=6,
                                max_digits=24,
                                null=True,
                                verbose_name="baseline",
                            ),
                        ),
                        (
                            "target",
                            models.DecimalField(
                                decimal_places=6, max_digits=24, verbose_name="target"
                            ),
                        ),
                        (
                            "measured",
                            models.DecimalField(
                                blank=True,
                                decimal_places=6,
                                max_digits=24,
                                null=True,
                                verbose_name="measured",
                            ),
                        ),
                        (
                            "measured_on",
                            models.DateField(
                                blank=True, null=True, verbose_name="measured on"
                            ),
                        ),
                        (
                            "is_mandatory",
                            models.BooleanField(default=True, verbose_name="mandatory"),
                        ),
                        (
                            "poc",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="metrics",
                                to="partners.poc",
                                verbose_name="PoC",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "success metric",
                        "verbose_name_plural": "success metrics",
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("poc"),
                                models.F("name"),
                                name="pocmetric_name_unique_in_poc",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("measured__isnull", True),
                                        ("measured_on__isnull", True),
                                    ),
                                    models.Q(
                                        ("measured__isnull", False),
                                        ("measured_on__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="pocmetric_measured_has_date",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Proposal",
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
                                    ("gate_met", "The gate is now met"),
                                    ("shadow_production", "Shadow production"),
                                    ("regression", "Step back"),
                                ],
                                max_length=20,
                                verbose_name="kind",
                            ),
                        ),
                        ("words", models.TextField(verbose_name="in words")),
                        (
                            "evidence",
                            models.JSONField(default=dict, verbose_name="evidence"),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "Open"),
                                    ("accepted", "Accepted"),
                                    ("dismissed", "Dismissed"),
                                    ("lapsed", "Lapsed"),
                                ],
                                default="open",
                                max_length=10,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "proposed_at",
                            models.DateTimeField(verbose_name="proposed at"),
                        ),
                        (
                            "decided_at",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="decided at"
                            ),
                        ),
                        (
                            "reason",
                            models.TextField(
                                blank=True, default="", verbose_name="reason"
                            ),
                        ),
                        (
                            "cooperation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="proposals",
                                to="partners.cooperation",
                                verbose_name="cooperation",
                            ),
                        ),
                        (
                            "decided_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="proposals_decided",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="decided by",
                            ),
                        ),
                        (
                            "to_stage",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="proposals",
                                to="partners.stagedefinition",
                                to_field="code",
                                verbose_name="to",
                            ),
                        ),
                        (
                            "stay",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="proposals",
                                to="partners.stagetransition",
                                verbose_name="stay",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "proposal",
                        "verbose_name_plural": "proposals",
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("cooperation"),
                                models.F("kind"),
                                condition=models.Q(("state", "open")),
                                name="proposal_one_open_per_kind",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("decided_at__isnull", True), ("state", "open")
                                    ),
                                    models.Q(
                                        models.Q(("state", "open"), _negated=True),
                                        ("decided_at__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="proposal_decided_has_date",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state__in", ["open", "lapsed"]),
                                    models.Q(
                                        ("decided_by__isnull", False),
                                        models.Q(("reason", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="proposal_decided_by_a_person",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Waiver",
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
                            "role",
                            models.CharField(
                                choices=[
                                    ("owner", "owner"),
                                    ("team_lead", "team lead"),
                                    ("alliance_director", "alliance director"),
                                    ("executive", "executive (VP)"),
                                    ("legal", "legal"),
                                    ("technical_lead", "technical lead"),
                                ],
                                max_length=20,
                                verbose_name="as",
                            ),
                        ),
                        ("at", models.DateTimeField(verbose_name="at")),
                        ("reason", models.TextField(verbose_name="reason")),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="waivers_given",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="by",
                            ),
                        ),
                        (
                            "cooperation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="waivers",
                                to="partners.cooperation",
                                verbose_name="cooperation",
                            ),
                        ),
                        (
                            "criterion",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="waivers",
                                to="partners.gatecriterion",
                                verbose_name="criterion",
                            ),
                        ),
                        (
                            "stay",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="waivers",
                                to="partners.stagetransition",
                                verbose_name="stay",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "waiver",
                        "verbose_name_plural": "waivers",
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("stay"),
                                models.F("criterion"),
                                name="waiver_once_per_stay_and_criterion",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("reason", ""), _negated=True),
                                name="waiver_has_reason",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="BusinessReview",
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
                        ("held_on", models.DateField(verbose_name="held on")),
                        ("outcomes", models.TextField(verbose_name="outcomes")),
                        (
                            "next_due_on",
                            models.DateField(verbose_name="next review due on"),
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
                                help_text="Empty when all cooperations with the partner were reviewed.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="business_reviews",
                                to="partners.cooperation",
                                verbose_name="cooperation",
                            ),
                        ),
                        (
                            "meeting",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="business_review",
                                to="partners.activity",
                                verbose_name="meeting",
                            ),
                        ),
                        (
                            "pack",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="business_reviews",
                                to="partners.attachment",
                                verbose_name="review pack",
                            ),
                        ),
                        (
                            "partner",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="business_reviews",
                                to="partners.partner",
                                verbose_name="partner",
                            ),
                        ),
                        (
                            "recorded_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="business_reviews",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="recorded by",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "business review",
                        "verbose_name_plural": "business reviews",
                        "indexes": [
                            models.Index(
                                fields=["partner", "-held_on"],
                                name="businessreview_latest",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("next_due_on__gt", models.F("held_on"))
                                ),
                                name="businessreview_next_is_later",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("outcomes", ""), _negated=True),
                                name="businessreview_has_outcomes",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="GateCheck",
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
                        ("code", models.CharField(max_length=60, verbose_name="code")),
                        (
                            "found",
                            models.CharField(
                                choices=[
                                    ("passed", "passed"),
                                    ("missing", "missing"),
                                    ("waived", "waived"),
                                    ("unknown", "unknown"),
                                ],
                                max_length=10,
                                verbose_name="found",
                            ),
                        ),
                        (
                            "verdict",
                            models.CharField(
                                choices=[
                                    ("passed", "passed"),
                                    ("missing", "missing"),
                                    ("waived", "waived"),
                                    ("unknown", "unknown"),
                                ],
                                max_length=10,
                                verbose_name="verdict",
                            ),
                        ),
                        (
                            "words",
                            models.TextField(
                                blank=True, default="", verbose_name="in words"
                            ),
                        ),
                        (
                            "seen",
                            models.JSONField(default=dict, verbose_name="values seen"),
                        ),
                        ("attempt", models.UUIDField(verbose_name="attempt")),
                        ("at", models.DateTimeField(verbose_name="checked at")),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="gate_checks_made",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="checked by",
                            ),
                        ),
                        (
                            "cooperation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="gate_checks",
                                to="partners.cooperation",
                                verbose_name="cooperation",
                            ),
                        ),
                        (
                            "criterion",
                            models.ForeignKey(
                                blank=True,
                                help_text="Empty for the approval of a role.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="gate_checks",
                                to="partners.gatecriterion",
                                verbose_name="criterion",
                            ),
                        ),
                        (
                            "move",
                            models.ForeignKey(
                                blank=True,
                                help_text="The stay this attempt began; empty when it was refused.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="gate_results",
                                to="partners.stagetransition",
                                verbose_name="move",
                            ),
                        ),
                        (
                            "stay",
                            models.ForeignKey(
                                help_text="The stay that was to be left.",
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="gate_checks",
                                to="partners.stagetransition",
                                verbose_name="stay",
                            ),
                        ),
                        (
                            "rule",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="gate_checks",
                                to="partners.stagetransitionrule",
                                verbose_name="rule",
                            ),
                        ),
                        (
                            "waiver",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="gate_checks",
                                to="partners.waiver",
                                verbose_name="waiver",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "gate check",
                        "verbose_name_plural": "gate checks",
                        "indexes": [
                            models.Index(
                                fields=["cooperation", "-at"], name="gatecheck_latest"
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("attempt"),
                                models.F("code"),
                                name="gatecheck_once_per_attempt",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("found__in", ["passed", "missing", "unknown"])
                                ),
                                name="gatecheck_found_is_a_finding",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("verdict", models.F("found")),
                                        ("waiver__isnull", True),
                                    ),
                                    models.Q(
                                        ("verdict", "waived"),
                                        ("waiver__isnull", False),
                                        models.Q(("found", "passed"), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="gatecheck_waived_has_waiver",
                            ),
                        ],
                    },
                ),
            ]
        ),
    ]
