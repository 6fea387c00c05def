"""Make the tables of agreements, deals, commitments and targets."""

import uuid

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.math
from django.conf import settings
from django.db import migrations, models

from crm.core.tables import MakeTables


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("partners", "0001_initial"),
        ("usage", "0001_initial"),
    ]

    operations = [
        MakeTables(
            [
                migrations.CreateModel(
                    name="Agreement",
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
                            "reference",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=80,
                                verbose_name="contract number",
                            ),
                        ),
                        (
                            "agreement_type",
                            models.CharField(
                                choices=[
                                    ("nda", "NDA"),
                                    ("mou", "MoU"),
                                    ("strategic", "Strategic cooperation agreement"),
                                    ("msa", "Master services agreement"),
                                    ("dpa", "Data processing agreement"),
                                    ("sow", "Statement of work"),
                                    ("order_form", "Order form"),
                                    ("amendment", "Amendment"),
                                ],
                                max_length=12,
                                verbose_name="type",
                            ),
                        ),
                        (
                            "is_binding",
                            models.BooleanField(default=True, verbose_name="binding"),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("draft", "draft"),
                                    ("in_review", "in review"),
                                    ("signed", "signed"),
                                    ("active", "active"),
                                    ("expired", "expired"),
                                    ("terminated", "terminated"),
                                    ("superseded", "superseded"),
                                ],
                                default="draft",
                                editable=False,
                                max_length=12,
                                verbose_name="status",
                            ),
                        ),
                        (
                            "status_since",
                            models.DateTimeField(
                                editable=False, verbose_name="in status since"
                            ),
                        ),
                        (
                            "signed_by_us_on",
                            models.DateField(
                                blank=True,
                                editable=False,
                                null=True,
                                verbose_name="signed by us on",
                            ),
                        ),
                        (
                            "signed_by_them_on",
                            models.DateField(
                                blank=True,
                                editable=False,
                                null=True,
                                verbose_name="signed by them on",
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
                            "ended_reason",
                            models.TextField(
                                blank=True,
                                default="",
                                editable=False,
                                verbose_name="ended because",
                            ),
                        ),
                        (
                            "notice_given_on",
                            models.DateField(
                                blank=True,
                                editable=False,
                                null=True,
                                verbose_name="notice given on",
                            ),
                        ),
                        (
                            "effective_on",
                            models.DateField(
                                blank=True, null=True, verbose_name="effective on"
                            ),
                        ),
                        (
                            "expires_on",
                            models.DateField(
                                blank=True,
                                help_text="The last day on which it holds.",
                                null=True,
                                verbose_name="expires on",
                            ),
                        ),
                        (
                            "auto_renews",
                            models.BooleanField(
                                default=False, verbose_name="renews by itself"
                            ),
                        ),
                        (
                            "renewal_months",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                null=True,
                                verbose_name="months of a renewal",
                            ),
                        ),
                        (
                            "notice_days",
                            models.PositiveSmallIntegerField(
                                blank=True, null=True, verbose_name="days of notice"
                            ),
                        ),
                        (
                            "notice_deadline_on",
                            models.GeneratedField(
                                db_persist=True,
                                expression=models.ExpressionWrapper(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("expires_on"),
                                        "-",
                                        models.F("notice_days"),
                                    ),
                                    output_field=models.DateField(),
                                ),
                                output_field=models.DateField(null=True),
                                verbose_name="notice deadline",
                            ),
                        ),
                        (
                            "value",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=20,
                                null=True,
                                verbose_name="value",
                            ),
                        ),
                        (
                            "currency",
                            models.CharField(
                                default="CNY", max_length=3, verbose_name="currency"
                            ),
                        ),
                        (
                            "amends",
                            models.JSONField(
                                blank=True,
                                default=dict,
                                editable=False,
                                help_text="Terms of the amended agreement, by field; applied when active.",
                                verbose_name="what it changes",
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
                            "cooperations",
                            models.ManyToManyField(
                                blank=True,
                                help_text="None means every cooperation with the partner.",
                                related_name="agreements",
                                to="partners.cooperation",
                                verbose_name="cooperations covered",
                            ),
                        ),
                        (
                            "our_signatory",
                            models.ForeignKey(
                                blank=True,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="agreements_signed",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="signed for us by",
                            ),
                        ),
                        (
                            "owner",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="agreements_owned",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="owner",
                            ),
                        ),
                        (
                            "parent",
                            models.ForeignKey(
                                blank=True,
                                help_text="What it amends, or the framework it hangs under.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="parts",
                                to="deals.agreement",
                                verbose_name="under",
                            ),
                        ),
                        (
                            "partner",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="agreements",
                                to="partners.partner",
                                verbose_name="partner",
                            ),
                        ),
                        (
                            "superseded_by",
                            models.ForeignKey(
                                blank=True,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="supersedes",
                                to="deals.agreement",
                                verbose_name="superseded by",
                            ),
                        ),
                        (
                            "team",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="agreements",
                                to="accounts.team",
                                verbose_name="team",
                            ),
                        ),
                        (
                            "their_signatory",
                            models.ForeignKey(
                                blank=True,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="agreements_signed",
                                to="partners.contact",
                                verbose_name="signed for them by",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "agreement",
                        "verbose_name_plural": "agreements",
                        "permissions": [
                            (
                                "sign_agreement",
                                "Can record signatures and end agreements",
                            )
                        ],
                        "indexes": [
                            models.Index(
                                models.F("title"), models.F("id"), name="agreement_list"
                            ),
                            models.Index(
                                models.F("expires_on"),
                                condition=models.Q(("status", "active")),
                                name="agreement_expiring",
                            ),
                            models.Index(
                                models.F("notice_deadline_on"),
                                condition=models.Q(("status", "active")),
                                name="agreement_notice",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("title", ""), _negated=True),
                                    models.Q(("code", ""), _negated=True),
                                ),
                                name="agreement_has_title",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "agreement_type__in",
                                        [
                                            "nda",
                                            "mou",
                                            "strategic",
                                            "msa",
                                            "dpa",
                                            "sow",
                                            "order_form",
                                            "amendment",
                                        ],
                                    )
                                ),
                                name="agreement_type_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "status__in",
                                        [
                                            "draft",
                                            "in_review",
                                            "signed",
                                            "active",
                                            "expired",
                                            "terminated",
                                            "superseded",
                                        ],
                                    )
                                ),
                                name="agreement_status_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("agreement_type", "amendment"), _negated=True
                                    ),
                                    ("parent__isnull", False),
                                    _connector="OR",
                                ),
                                name="agreement_amendment_has_parent",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        (
                                            "status__in",
                                            (
                                                "signed",
                                                "active",
                                                "expired",
                                                "superseded",
                                            ),
                                        ),
                                        _negated=True,
                                    ),
                                    models.Q(
                                        ("signed_by_them_on__isnull", False),
                                        ("signed_by_us_on__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="agreement_signed_has_both_signatures",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("effective_on__isnull", True),
                                        ("signed_by_us_on__isnull", True),
                                        (
                                            "effective_on__gte",
                                            models.F("signed_by_us_on"),
                                        ),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("effective_on__isnull", True),
                                        ("signed_by_them_on__isnull", True),
                                        (
                                            "effective_on__gte",
                                            models.F("signed_by_them_on"),
                                        ),
                                        _connector="OR",
                                    ),
                                ),
                                name="agreement_signed_before_effective",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("expires_on__isnull", True),
                                    ("effective_on__isnull", True),
                                    ("expires_on__gte", models.F("effective_on")),
                                    _connector="OR",
                                ),
                                name="agreement_effective_before_expiry",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("status__in", ["active", "expired"]),
                                        _negated=True,
                                    ),
                                    ("effective_on__isnull", False),
                                    _connector="OR",
                                ),
                                name="agreement_active_has_effective_date",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "expired"), _negated=True),
                                    ("expires_on__isnull", False),
                                    _connector="OR",
                                ),
                                name="agreement_expired_has_expiry",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("auto_renews", False),
                                    models.Q(
                                        ("expires_on__isnull", False),
                                        ("renewal_months__gt", 0),
                                    ),
                                    _connector="OR",
                                ),
                                name="agreement_renewal_has_term",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("ended_on__isnull", False),
                                        ("status", "terminated"),
                                        models.Q(("ended_reason", ""), _negated=True),
                                    ),
                                    models.Q(("status", "terminated"), _negated=True),
                                    _connector="OR",
                                ),
                                name="agreement_ended_has_reason",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("status", "superseded"),
                                        ("superseded_by__isnull", False),
                                    ),
                                    models.Q(
                                        models.Q(
                                            ("status", "superseded"), _negated=True
                                        ),
                                        ("superseded_by__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="agreement_superseded_names_successor",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("value__isnull", True),
                                    ("value__gte", 0),
                                    _connector="OR",
                                ),
                                name="agreement_value_is_not_negative",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("currency__regex", "^[A-Z]{3}$")),
                                name="agreement_currency_has_three_letters",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("parent", models.F("id")), _negated=True
                                ),
                                name="agreement_is_not_its_own_parent",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ContractApplication",
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
                            "contract_id",
                            models.CharField(max_length=300, verbose_name="contract"),
                        ),
                        (
                            "contract_commitment_id",
                            models.CharField(
                                max_length=300, verbose_name="contract commitment"
                            ),
                        ),
                        ("charge_month", models.DateField(verbose_name="charge month")),
                        (
                            "currency",
                            models.CharField(
                                max_length=3, verbose_name="billing currency"
                            ),
                        ),
                        (
                            "unit",
                            models.CharField(
                                blank=True, max_length=80, verbose_name="unit"
                            ),
                        ),
                        (
                            "cost",
                            models.DecimalField(
                                blank=True,
                                decimal_places=18,
                                max_digits=38,
                                null=True,
                                verbose_name="applied cost",
                            ),
                        ),
                        (
                            "quantity",
                            models.DecimalField(
                                blank=True,
                                decimal_places=18,
                                max_digits=38,
                                null=True,
                                verbose_name="applied quantity",
                            ),
                        ),
                        (
                            "row_count",
                            models.BigIntegerField(verbose_name="line items"),
                        ),
                        (
                            "delivery",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="usage.usagedelivery",
                                verbose_name="delivery",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "applied to a contract",
                        "verbose_name_plural": "applied to contracts",
                        "indexes": [
                            models.Index(
                                models.F("contract_commitment_id"),
                                models.F("charge_month"),
                                name="contractapplication_of",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("delivery"),
                                models.F("contract_id"),
                                models.F("contract_commitment_id"),
                                models.F("charge_month"),
                                models.F("currency"),
                                models.F("unit"),
                                name="contractapplication_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ContractReading",
                    fields=[
                        (
                            "delivery",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="+",
                                serialize=False,
                                to="usage.usagedelivery",
                                verbose_name="delivery",
                            ),
                        ),
                        ("read_at", models.DateTimeField(verbose_name="read at")),
                        (
                            "row_count",
                            models.BigIntegerField(
                                verbose_name="line items that apply"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "reading of applied contracts",
                        "verbose_name_plural": "readings of applied contracts",
                    },
                ),
                migrations.CreateModel(
                    name="DealStageWeight",
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
                                unique=True,
                                verbose_name="stage",
                            ),
                        ),
                        (
                            "probability",
                            models.PositiveSmallIntegerField(
                                help_text="Percent, 0 to 100.",
                                verbose_name="probability",
                            ),
                        ),
                        (
                            "category",
                            models.CharField(
                                choices=[
                                    ("omitted", "omitted"),
                                    ("pipeline", "pipeline"),
                                    ("best_case", "best case"),
                                    ("commit", "commit"),
                                    ("closed", "closed"),
                                ],
                                max_length=10,
                                verbose_name="forecast category",
                            ),
                        ),
                        (
                            "order",
                            models.PositiveSmallIntegerField(
                                editable=False, unique=True, verbose_name="order"
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
                        "verbose_name": "stage of deals",
                        "verbose_name_plural": "stages of deals",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("probability__lte", 100)),
                                name="dealstageweight_probability_to_100",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("category", "closed"), ("stage", "Launched")
                                    ),
                                    models.Q(
                                        models.Q(("category", "closed"), _negated=True),
                                        models.Q(("stage", "Launched"), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="dealstageweight_closed_is_launched",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DrawdownState",
                    fields=[
                        (
                            "partner_id",
                            models.BigIntegerField(
                                primary_key=True,
                                serialize=False,
                                verbose_name="partner",
                            ),
                        ),
                        (
                            "deliveries",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.BigIntegerField(),
                                default=list,
                                size=None,
                                verbose_name="deliveries posted",
                            ),
                        ),
                        (
                            "mark",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=200,
                                verbose_name="mark of accounts and terms",
                            ),
                        ),
                        (
                            "closed_until",
                            models.DateField(
                                blank=True,
                                null=True,
                                verbose_name="months closed until",
                            ),
                        ),
                        (
                            "posted_at",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="posted at"
                            ),
                        ),
                        (
                            "problem",
                            models.TextField(
                                blank=True,
                                default="",
                                verbose_name="why it could not be posted",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "state of drawdowns",
                        "verbose_name_plural": "states of drawdowns",
                    },
                ),
                migrations.CreateModel(
                    name="Target",
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
                            "metric",
                            models.CharField(
                                choices=[
                                    ("won", "won amount"),
                                    ("spend", "cloud spend"),
                                    ("ai_spend", "AI spend"),
                                ],
                                default="won",
                                max_length=10,
                                verbose_name="metric",
                            ),
                        ),
                        (
                            "region",
                            models.CharField(
                                blank=True,
                                default="",
                                help_text="Country of the partner, two letters; nothing means everywhere.",
                                max_length=2,
                                verbose_name="region",
                            ),
                        ),
                        ("start_on", models.DateField(verbose_name="from")),
                        (
                            "end_on",
                            models.DateField(
                                help_text="The first day that does not belong to it.",
                                verbose_name="before",
                            ),
                        ),
                        (
                            "amount",
                            models.DecimalField(
                                decimal_places=2, max_digits=20, verbose_name="amount"
                            ),
                        ),
                        (
                            "currency",
                            models.CharField(max_length=3, verbose_name="currency"),
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
                                related_name="targets",
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
                                related_name="targets",
                                to="accounts.team",
                                verbose_name="team",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "target",
                        "verbose_name_plural": "targets",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("end_on__gt", models.F("start_on"))
                                ),
                                name="target_ends_after_start",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("amount__gt", 0)),
                                name="target_amount_positive",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("owner__isnull", True),
                                        ("region", ""),
                                        ("team__isnull", False),
                                    ),
                                    models.Q(
                                        ("owner__isnull", False),
                                        ("region", ""),
                                        ("team__isnull", True),
                                    ),
                                    models.Q(
                                        ("owner__isnull", True),
                                        ("team__isnull", True),
                                        models.Q(("region", ""), _negated=True),
                                    ),
                                    models.Q(
                                        ("owner__isnull", True),
                                        ("region", ""),
                                        ("team__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="target_is_of_one_scope",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("currency__regex", "^[A-Z]{3}$")),
                                name="target_currency_has_three_letters",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("metric__in", ["won", "spend", "ai_spend"])
                                ),
                                name="target_metric_is_known",
                            ),
                            models.UniqueConstraint(
                                models.F("metric"),
                                models.F("team"),
                                models.F("owner"),
                                models.F("region"),
                                models.F("start_on"),
                                models.F("end_on"),
                                name="target_once",
                                nulls_distinct=False,
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AgreementReminder",
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
                                    ("expiry_180", "expires in 180 days"),
                                    ("expiry_90", "expires in 90 days"),
                                    ("expiry_60", "expires in 60 days"),
                                    ("expiry_30", "expires in 30 days"),
                                    (
                                        "notice_30",
                                        "notice must be given within 30 days",
                                    ),
                                    ("notice_7", "notice must be given within 7 days"),
                                ],
                                max_length=12,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "deadline_on",
                            models.DateField(
                                help_text="The end or the notice deadline it reminds of.",
                                verbose_name="date",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("due", "due"),
                                    ("sending", "being sent"),
                                    ("sent", "sent"),
                                    ("no_reader", "nobody to send it to"),
                                    ("failed", "failed"),
                                ],
                                default="due",
                                max_length=10,
                                verbose_name="state",
                            ),
                        ),
                        ("due_at", models.DateTimeField(verbose_name="fell due at")),
                        (
                            "claimed_until",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="claimed until"
                            ),
                        ),
                        (
                            "claimed_by",
                            models.UUIDField(
                                blank=True, null=True, verbose_name="claimed by"
                            ),
                        ),
                        (
                            "attempts",
                            models.PositiveSmallIntegerField(
                                default=0, verbose_name="attempts"
                            ),
                        ),
                        (
                            "sent_at",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="sent at"
                            ),
                        ),
                        (
                            "answer",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=250,
                                verbose_name="answer of the mail server",
                            ),
                        ),
                        (
                            "agreement",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="reminders",
                                to="deals.agreement",
                                verbose_name="agreement",
                            ),
                        ),
                        (
                            "recipient",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="agreement_reminders",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="sent to",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "reminder",
                        "verbose_name_plural": "reminders",
                        "indexes": [
                            models.Index(
                                models.F("due_at"),
                                condition=models.Q(("state__in", ["due", "sending"])),
                                name="agreementreminder_unsent",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("agreement"),
                                models.F("deadline_on"),
                                models.F("kind"),
                                name="agreementreminder_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("sent_at__isnull", False), ("state", "sent")
                                    ),
                                    models.Q(
                                        models.Q(("state", "sent"), _negated=True),
                                        ("sent_at__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="agreementreminder_sent_has_time",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AgreementStatusChange",
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
                            "from_status",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("draft", "draft"),
                                    ("in_review", "in review"),
                                    ("signed", "signed"),
                                    ("active", "active"),
                                    ("expired", "expired"),
                                    ("terminated", "terminated"),
                                    ("superseded", "superseded"),
                                ],
                                default="",
                                max_length=12,
                                verbose_name="from",
                            ),
                        ),
                        (
                            "to_status",
                            models.CharField(
                                choices=[
                                    ("draft", "draft"),
                                    ("in_review", "in review"),
                                    ("signed", "signed"),
                                    ("active", "active"),
                                    ("expired", "expired"),
                                    ("terminated", "terminated"),
                                    ("superseded", "superseded"),
                                ],
                                max_length=12,
                                verbose_name="to",
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
                            "reason",
                            models.TextField(
                                blank=True, default="", verbose_name="reason"
                            ),
                        ),
                        (
                            "agreement",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="status_changes",
                                to="deals.agreement",
                                verbose_name="agreement",
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                blank=True,
                                help_text="Nobody: the product itself, on the day.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="agreement_moves",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="by",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "status move of an agreement",
                        "verbose_name_plural": "status moves of agreements",
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("agreement"),
                                condition=models.Q(("exited_at__isnull", True)),
                                name="agreementstatuschange_one_open",
                            ),
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                expressions=[
                                    ("agreement", "="),
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
                                name="agreementstatuschange_no_overlap",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("exited_at__isnull", True),
                                    ("exited_at__gte", models.F("entered_at")),
                                    _connector="OR",
                                ),
                                name="agreementstatuschange_ends_after_start",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("from_status", ""), ("to_status", "draft")
                                    ),
                                    models.Q(
                                        ("from_status", "draft"),
                                        ("to_status", "in_review"),
                                    ),
                                    models.Q(
                                        ("from_status", "draft"),
                                        ("to_status", "terminated"),
                                    ),
                                    models.Q(
                                        ("from_status", "in_review"),
                                        ("to_status", "draft"),
                                    ),
                                    models.Q(
                                        ("from_status", "in_review"),
                                        ("to_status", "signed"),
                                    ),
                                    models.Q(
                                        ("from_status", "in_review"),
                                        ("to_status", "terminated"),
                                    ),
                                    models.Q(
                                        ("from_status", "signed"),
                                        ("to_status", "active"),
                                    ),
                                    models.Q(
                                        ("from_status", "signed"),
                                        ("to_status", "terminated"),
                                    ),
                                    models.Q(
                                        ("from_status", "signed"),
                                        ("to_status", "superseded"),
                                    ),
                                    models.Q(
                                        ("from_status", "active"),
                                        ("to_status", "expired"),
                                    ),
                                    models.Q(
                                        ("from_status", "active"),
                                        ("to_status", "terminated"),
                                    ),
                                    models.Q(
                                        ("from_status", "active"),
                                        ("to_status", "superseded"),
                                    ),
                                    _connector="OR",
                                ),
                                name="agreementstatuschange_step_is_allowed",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AgreementVersion",
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
                            "number",
                            models.PositiveSmallIntegerField(verbose_name="version"),
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
                                upload_to="agreements/%Y/%m",
                                verbose_name="content",
                            ),
                        ),
                        (
                            "note",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=250,
                                verbose_name="note",
                            ),
                        ),
                        (
                            "uploaded_at",
                            models.DateTimeField(verbose_name="uploaded at"),
                        ),
                        (
                            "agreement",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="versions",
                                to="deals.agreement",
                                verbose_name="agreement",
                            ),
                        ),
                        (
                            "uploaded_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="agreement_versions",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="uploaded by",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "version of an agreement",
                        "verbose_name_plural": "versions of agreements",
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("agreement"),
                                models.F("number"),
                                name="agreementversion_number_unique",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("number__gte", 1)),
                                name="agreementversion_counts_from_one",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$")),
                                name="agreementversion_has_hash",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("file_name", ""), _negated=True),
                                name="agreementversion_has_name",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Commitment",
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
                            "kind",
                            models.CharField(
                                choices=[
                                    ("spend", "spend"),
                                    ("gpu_reservation", "GPU reservation"),
                                    ("token_volume", "token volume"),
                                    ("minimum_purchase", "minimum purchase"),
                                ],
                                max_length=20,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "settlement",
                            models.CharField(
                                choices=[
                                    ("continuous", "use it or lose it per interval"),
                                    ("discontinuous", "true-up at the end"),
                                ],
                                default="discontinuous",
                                max_length=15,
                                verbose_name="settlement",
                            ),
                        ),
                        (
                            "interval",
                            models.CharField(
                                choices=[
                                    ("daily", "daily"),
                                    ("weekly", "weekly"),
                                    ("monthly", "monthly"),
                                    ("quarterly", "quarterly"),
                                    ("semi_annual", "half-yearly"),
                                    ("annual", "yearly"),
                                    ("full_period", "the whole term"),
                                ],
                                default="full_period",
                                help_text="How often an unused part is lost; only where it is lost.",
                                max_length=12,
                                verbose_name="interval",
                            ),
                        ),
                        (
                            "interval_amount",
                            models.DecimalField(
                                blank=True,
                                decimal_places=18,
                                max_digits=38,
                                null=True,
                                verbose_name="amount per interval",
                            ),
                        ),
                        (
                            "amount",
                            models.DecimalField(
                                decimal_places=18, max_digits=38, verbose_name="amount"
                            ),
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
                        (
                            "unit",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=20,
                                verbose_name="unit",
                            ),
                        ),
                        ("start_on", models.DateField(verbose_name="starts on")),
                        (
                            "end_on",
                            models.DateField(
                                help_text="The first day that does not belong to it.",
                                verbose_name="ends before",
                            ),
                        ),
                        (
                            "priority",
                            models.PositiveSmallIntegerField(
                                default=100,
                                help_text="Where several count the same usage, the lowest number draws first.",
                                verbose_name="priority",
                            ),
                        ),
                        (
                            "shortfall_policy",
                            models.CharField(
                                choices=[
                                    ("charge", "charged"),
                                    ("roll_over", "rolled over"),
                                    ("waive", "waived"),
                                ],
                                default="charge",
                                max_length=10,
                                verbose_name="a shortfall is",
                            ),
                        ),
                        (
                            "is_prepaid",
                            models.BooleanField(
                                default=False, verbose_name="prepaid pool"
                            ),
                        ),
                        (
                            "cost_column",
                            models.CharField(
                                choices=[
                                    ("billed", "billed cost"),
                                    ("contracted", "contracted cost"),
                                    ("effective", "effective cost"),
                                ],
                                default="effective",
                                max_length=12,
                                verbose_name="cost that counts",
                            ),
                        ),
                        (
                            "counts_credits",
                            models.BooleanField(
                                default=False, verbose_name="credits count"
                            ),
                        ),
                        (
                            "counts_refunds",
                            models.BooleanField(
                                default=False, verbose_name="refunds count"
                            ),
                        ),
                        (
                            "counts_purchases",
                            models.BooleanField(
                                default=False, verbose_name="purchases count"
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("scheduled", "scheduled"),
                                    ("active", "active"),
                                    ("completed", "completed"),
                                    ("expired", "expired"),
                                    ("cancelled", "cancelled"),
                                ],
                                default="scheduled",
                                editable=False,
                                max_length=10,
                                verbose_name="status",
                            ),
                        ),
                        (
                            "settled_at",
                            models.DateTimeField(
                                blank=True,
                                editable=False,
                                null=True,
                                verbose_name="settled at",
                            ),
                        ),
                        (
                            "ended_reason",
                            models.TextField(
                                blank=True,
                                default="",
                                editable=False,
                                verbose_name="ended because",
                            ),
                        ),
                        (
                            "note",
                            models.TextField(
                                blank=True, default="", verbose_name="note"
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
                            "agreement",
                            models.ForeignKey(
                                blank=True,
                                help_text="The paper that it stands on.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="commitments",
                                to="deals.agreement",
                                verbose_name="agreement",
                            ),
                        ),
                        (
                            "owner",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="commitments_owned",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="owner",
                            ),
                        ),
                        (
                            "partner",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="commitments",
                                to="partners.partner",
                                verbose_name="partner",
                            ),
                        ),
                        (
                            "rolled_into",
                            models.ForeignKey(
                                blank=True,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="rolled_from",
                                to="deals.commitment",
                                verbose_name="rolled into",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "commitment",
                        "verbose_name_plural": "commitments",
                        "permissions": [
                            ("settle_commitment", "Can settle and cancel commitments")
                        ],
                        "indexes": [
                            models.Index(
                                models.F("title"),
                                models.F("id"),
                                name="commitment_list",
                            ),
                            models.Index(
                                models.F("end_on"),
                                models.F("id"),
                                name="commitment_ending",
                            ),
                            models.Index(
                                models.F("partner"),
                                models.F("priority"),
                                models.F("id"),
                                name="commitment_of_partner",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("title", ""), _negated=True),
                                    models.Q(("code", ""), _negated=True),
                                ),
                                name="commitment_has_title",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("amount__gt", 0)),
                                name="commitment_amount_positive",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("end_on__gt", models.F("start_on"))
                                ),
                                name="commitment_ends_after_start",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "kind__in",
                                        [
                                            "spend",
                                            "gpu_reservation",
                                            "token_volume",
                                            "minimum_purchase",
                                        ],
                                    )
                                ),
                                name="commitment_kind_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "status__in",
                                        [
                                            "scheduled",
                                            "active",
                                            "completed",
                                            "expired",
                                            "cancelled",
                                        ],
                                    )
                                ),
                                name="commitment_status_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "shortfall_policy__in",
                                        ["charge", "roll_over", "waive"],
                                    )
                                ),
                                name="commitment_policy_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "cost_column__in",
                                        ["billed", "contracted", "effective"],
                                    )
                                ),
                                name="commitment_cost_column_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("kind__in", ("spend", "minimum_purchase")),
                                        ("unit", ""),
                                        models.Q(("currency", ""), _negated=True),
                                    ),
                                    models.Q(
                                        ("currency", ""),
                                        ("kind", "gpu_reservation"),
                                        ("unit", "GPU-Hours"),
                                    ),
                                    models.Q(
                                        ("currency", ""),
                                        ("kind", "token_volume"),
                                        ("unit", "Tokens"),
                                    ),
                                    _connector="OR",
                                ),
                                name="commitment_unit_fits_kind",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("currency", ""),
                                    ("currency__regex", "^[A-Z]{3}$"),
                                    _connector="OR",
                                ),
                                name="commitment_currency_has_three_letters",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        (
                                            "interval__in",
                                            [
                                                "daily",
                                                "weekly",
                                                "monthly",
                                                "quarterly",
                                                "semi_annual",
                                                "annual",
                                                "full_period",
                                            ],
                                        ),
                                        ("interval_amount__gt", 0),
                                        ("settlement", "continuous"),
                                    ),
                                    models.Q(
                                        ("interval", "full_period"),
                                        ("interval_amount__isnull", True),
                                        ("settlement", "discontinuous"),
                                    ),
                                    _connector="OR",
                                ),
                                name="commitment_continuous_has_interval",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("status__in", ["completed", "expired"]),
                                        _negated=True,
                                    ),
                                    ("settled_at__isnull", False),
                                    _connector="OR",
                                ),
                                name="commitment_ended_is_settled",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "cancelled"), _negated=True),
                                    models.Q(("ended_reason", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="commitment_cancelled_has_reason",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Deal",
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
                            "end_customer",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=250,
                                verbose_name="end customer",
                            ),
                        ),
                        (
                            "use_case",
                            models.TextField(
                                blank=True, default="", verbose_name="use case"
                            ),
                        ),
                        (
                            "deal_type",
                            models.CharField(
                                choices=[
                                    ("net_new", "Net new business"),
                                    ("expansion", "Expansion"),
                                    ("flat_renewal", "Flat renewal"),
                                ],
                                default="net_new",
                                max_length=15,
                                verbose_name="type",
                            ),
                        ),
                        (
                            "origin",
                            models.CharField(
                                choices=[("ours", "We"), ("partner", "The partner")],
                                default="ours",
                                max_length=10,
                                verbose_name="found by",
                            ),
                        ),
                        (
                            "involvement",
                            models.CharField(
                                choices=[
                                    ("co_sell", "Co-sell"),
                                    ("visibility_only", "For visibility only"),
                                ],
                                default="co_sell",
                                max_length=20,
                                verbose_name="involvement",
                            ),
                        ),
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
                                default="Prospect",
                                editable=False,
                                max_length=30,
                                verbose_name="stage",
                            ),
                        ),
                        (
                            "stage_entered_at",
                            models.DateTimeField(
                                editable=False, verbose_name="in stage since"
                            ),
                        ),
                        (
                            "category",
                            models.CharField(
                                choices=[
                                    ("omitted", "omitted"),
                                    ("pipeline", "pipeline"),
                                    ("best_case", "best case"),
                                    ("commit", "commit"),
                                    ("closed", "closed"),
                                ],
                                editable=False,
                                max_length=10,
                                verbose_name="forecast category",
                            ),
                        ),
                        (
                            "probability",
                            models.PositiveSmallIntegerField(
                                editable=False,
                                help_text="Percent, 0 to 100.",
                                verbose_name="probability",
                            ),
                        ),
                        (
                            "overridden_at",
                            models.DateTimeField(
                                blank=True,
                                editable=False,
                                null=True,
                                verbose_name="overridden at",
                            ),
                        ),
                        (
                            "override_reason",
                            models.TextField(
                                blank=True,
                                default="",
                                editable=False,
                                verbose_name="reason for the override",
                            ),
                        ),
                        (
                            "closed_on",
                            models.DateField(
                                blank=True,
                                editable=False,
                                null=True,
                                verbose_name="closed on",
                            ),
                        ),
                        (
                            "won_reason",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("product_fit", "Product fit"),
                                    ("price", "Price"),
                                    ("relationship", "Relationship"),
                                    ("proof", "Convinced by the proof"),
                                    ("incumbent", "Continues what is there"),
                                    ("other", "Other"),
                                ],
                                default="",
                                editable=False,
                                max_length=20,
                                verbose_name="won because",
                            ),
                        ),
                        (
                            "lost_reason",
                            models.CharField(
                                blank=True,
                                choices=[
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
                                    ("duplicate", "Duplicate"),
                                    (
                                        "administrative",
                                        "Closed for administrative reasons",
                                    ),
                                ],
                                default="",
                                editable=False,
                                max_length=20,
                                verbose_name="lost because",
                            ),
                        ),
                        (
                            "closing_note",
                            models.TextField(
                                blank=True,
                                default="",
                                editable=False,
                                verbose_name="note at the end",
                            ),
                        ),
                        (
                            "amount",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=20,
                                null=True,
                                verbose_name="total contract value",
                            ),
                        ),
                        (
                            "monthly_spend",
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
                            "contract_months",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                help_text="1 to 144",
                                null=True,
                                verbose_name="contract months",
                            ),
                        ),
                        (
                            "target_close_on",
                            models.DateField(
                                blank=True, null=True, verbose_name="target close"
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
                            "next_step",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=250,
                                verbose_name="next step",
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
                            "agreement",
                            models.ForeignKey(
                                blank=True,
                                help_text="The paper it is won on.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="deals",
                                to="deals.agreement",
                                verbose_name="agreement",
                            ),
                        ),
                        (
                            "cooperation",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="deals",
                                to="partners.cooperation",
                                verbose_name="cooperation",
                            ),
                        ),
                        (
                            "overridden_by",
                            models.ForeignKey(
                                blank=True,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="deals_overridden",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="overridden by",
                            ),
                        ),
                        (
                            "owner",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="deals_owned",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="owner",
                            ),
                        ),
                        (
                            "partner",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="deals",
                                to="partners.partner",
                                verbose_name="partner",
                            ),
                        ),
                        (
                            "renews",
                            models.ForeignKey(
                                blank=True,
                                help_text="The agreement whose end this deal follows.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="renewal_deals",
                                to="deals.agreement",
                                verbose_name="renews",
                            ),
                        ),
                        (
                            "team",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="deals",
                                to="accounts.team",
                                verbose_name="team",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "deal",
                        "verbose_name_plural": "deals",
                        "permissions": [
                            ("override_deal", "Can override probability and category"),
                            ("reopen_deal", "Can reopen closed deals"),
                        ],
                        "indexes": [
                            models.Index(
                                models.F("title"), models.F("id"), name="deal_list"
                            ),
                            models.Index(
                                models.F("stage"),
                                models.F("target_close_on"),
                                models.F("id"),
                                name="deal_board",
                            ),
                            models.Index(
                                models.F("closed_on"),
                                condition=models.Q(
                                    ("stage__in", ("Launched", "Closed Lost"))
                                ),
                                name="deal_decided",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("title", ""), _negated=True),
                                    models.Q(("code", ""), _negated=True),
                                ),
                                name="deal_has_title",
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
                                name="deal_stage_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "category__in",
                                        [
                                            "omitted",
                                            "pipeline",
                                            "best_case",
                                            "commit",
                                            "closed",
                                        ],
                                    )
                                ),
                                name="deal_category_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("category", "closed"), ("stage", "Launched")
                                    ),
                                    models.Q(
                                        models.Q(("category", "closed"), _negated=True),
                                        models.Q(("stage", "Launched"), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="deal_closed_category_is_won",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("probability__lte", 100)),
                                name="deal_probability_to_100",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("overridden_at__isnull", False),
                                        ("overridden_by__isnull", False),
                                        models.Q(
                                            ("override_reason", ""), _negated=True
                                        ),
                                    ),
                                    models.Q(
                                        ("overridden_at__isnull", True),
                                        ("overridden_by__isnull", True),
                                        ("override_reason", ""),
                                    ),
                                    _connector="OR",
                                ),
                                name="deal_override_has_author_and_reason",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "stage__in",
                                        (
                                            "Prospect",
                                            "Qualified",
                                            "Technical Validation",
                                            "Business Validation",
                                            "Committed",
                                        ),
                                    ),
                                    ("overridden_at__isnull", True),
                                    _connector="OR",
                                ),
                                name="deal_closed_is_not_overridden",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        (
                                            "stage__in",
                                            (
                                                "Prospect",
                                                "Qualified",
                                                "Technical Validation",
                                                "Business Validation",
                                                "Committed",
                                            ),
                                        ),
                                        _negated=True,
                                    ),
                                    models.Q(
                                        ("closed_on__isnull", True),
                                        ("lost_reason", ""),
                                        ("won_reason", ""),
                                    ),
                                    _connector="OR",
                                ),
                                name="deal_open_is_not_closed",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("stage", "Launched"), _negated=True),
                                    models.Q(
                                        ("agreement__isnull", False),
                                        ("amount__gt", 0),
                                        ("closed_on__isnull", False),
                                        ("lost_reason", ""),
                                        (
                                            "won_reason__in",
                                            [
                                                "product_fit",
                                                "price",
                                                "relationship",
                                                "proof",
                                                "incumbent",
                                                "other",
                                            ],
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                name="deal_won_has_amount_date_and_agreement",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("stage", "Closed Lost"), _negated=True),
                                    models.Q(
                                        ("closed_on__isnull", False),
                                        (
                                            "lost_reason__in",
                                            [
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
                                                "duplicate",
                                                "administrative",
                                            ],
                                        ),
                                        ("won_reason", ""),
                                    ),
                                    _connector="OR",
                                ),
                                name="deal_lost_has_reason_and_date",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("lost_reason", "competitor"), _negated=True
                                    ),
                                    models.Q(("competitor", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="deal_names_competitor",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("amount__isnull", True),
                                        ("amount__gte", 0),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("monthly_spend__isnull", True),
                                        ("monthly_spend__gte", 0),
                                        _connector="OR",
                                    ),
                                ),
                                name="deal_money_is_not_negative",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("contract_months__isnull", True),
                                    models.Q(
                                        ("contract_months__gte", 1),
                                        ("contract_months__lte", 144),
                                    ),
                                    _connector="OR",
                                ),
                                name="deal_contract_of_1_to_144_months",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("currency__regex", "^[A-Z]{3}$")),
                                name="deal_currency_has_three_letters",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AttributionCredit",
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
                                    ("sourced", "sourced"),
                                    ("influenced", "influenced"),
                                ],
                                max_length=10,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "percent",
                            models.DecimalField(
                                decimal_places=2, max_digits=5, verbose_name="percent"
                            ),
                        ),
                        ("evidence", models.TextField(verbose_name="evidence")),
                        ("given_at", models.DateTimeField(verbose_name="given at")),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="credits_given",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="by",
                            ),
                        ),
                        (
                            "partner",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="attribution_credits",
                                to="partners.partner",
                                verbose_name="credited partner",
                            ),
                        ),
                        (
                            "deal",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="credits",
                                to="deals.deal",
                                verbose_name="deal",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "attribution",
                        "verbose_name_plural": "attributions",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("percent__gt", 0), ("percent__lte", 100)
                                ),
                                name="attributioncredit_percent_to_100",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("kind__in", ["sourced", "influenced"])
                                ),
                                name="attributioncredit_kind_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("evidence", ""), _negated=True),
                                name="attributioncredit_has_evidence",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CommitmentAmendment",
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
                            "number",
                            models.PositiveSmallIntegerField(verbose_name="number"),
                        ),
                        ("old", models.JSONField(default=dict, verbose_name="before")),
                        ("new", models.JSONField(default=dict, verbose_name="after")),
                        ("reason", models.TextField(verbose_name="reason")),
                        ("at", models.DateTimeField(verbose_name="at")),
                        (
                            "agreement",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="commitment_amendments",
                                to="deals.agreement",
                                verbose_name="by agreement",
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="commitment_amendments",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="by",
                            ),
                        ),
                        (
                            "commitment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="amendments",
                                to="deals.commitment",
                                verbose_name="commitment",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "amendment of a commitment",
                        "verbose_name_plural": "amendments of commitments",
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("commitment"),
                                models.F("number"),
                                name="commitmentamendment_number_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("reason", ""), _negated=True),
                                name="commitmentamendment_has_reason",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("new", models.F("old")), _negated=True
                                ),
                                name="commitmentamendment_changes_something",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CommitmentEligibility",
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
                            "dimension",
                            models.CharField(
                                choices=[
                                    ("service_category", "service category"),
                                    ("service", "service"),
                                    ("region", "region"),
                                    ("account", "account"),
                                    ("ai", "AI or not"),
                                ],
                                max_length=20,
                                verbose_name="dimension",
                            ),
                        ),
                        (
                            "value",
                            models.CharField(max_length=300, verbose_name="value"),
                        ),
                        (
                            "is_excluded",
                            models.BooleanField(
                                default=False, verbose_name="does not count"
                            ),
                        ),
                        (
                            "commitment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="eligibility",
                                to="deals.commitment",
                                verbose_name="commitment",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "what counts",
                        "verbose_name_plural": "what counts",
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("commitment"),
                                models.F("dimension"),
                                models.F("value"),
                                name="commitmenteligibility_value_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("value", ""), _negated=True),
                                name="commitmenteligibility_has_value",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "dimension__in",
                                        [
                                            "service_category",
                                            "service",
                                            "region",
                                            "account",
                                            "ai",
                                        ],
                                    )
                                ),
                                name="commitmenteligibility_dimension_is_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CommitmentMilestone",
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
                            "due_on",
                            models.DateField(
                                help_text="The first day that is not counted any more.",
                                verbose_name="due before",
                            ),
                        ),
                        (
                            "target",
                            models.DecimalField(
                                decimal_places=18,
                                max_digits=38,
                                verbose_name="cumulative target",
                            ),
                        ),
                        (
                            "commitment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="milestones",
                                to="deals.commitment",
                                verbose_name="commitment",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "milestone",
                        "verbose_name_plural": "milestones",
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("commitment"),
                                models.F("due_on"),
                                name="commitmentmilestone_one_a_day",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("target__gt", 0)),
                                name="commitmentmilestone_target_positive",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ContractCommitment",
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
                            "contract_id",
                            models.CharField(max_length=300, verbose_name="contract"),
                        ),
                        (
                            "contract_commitment_id",
                            models.CharField(
                                max_length=300, verbose_name="contract commitment"
                            ),
                        ),
                        (
                            "issuer",
                            models.CharField(
                                blank=True,
                                max_length=200,
                                verbose_name="invoice issuer",
                            ),
                        ),
                        (
                            "focus_version",
                            models.CharField(
                                max_length=10, verbose_name="FOCUS version"
                            ),
                        ),
                        (
                            "category",
                            models.CharField(max_length=20, verbose_name="category"),
                        ),
                        (
                            "commitment_type",
                            models.CharField(
                                blank=True, max_length=200, verbose_name="type"
                            ),
                        ),
                        (
                            "description",
                            models.TextField(blank=True, verbose_name="description"),
                        ),
                        ("starts_at", models.DateTimeField(verbose_name="starts at")),
                        ("ends_at", models.DateTimeField(verbose_name="ends at")),
                        (
                            "cost",
                            models.DecimalField(
                                blank=True,
                                decimal_places=18,
                                max_digits=38,
                                null=True,
                                verbose_name="cost",
                            ),
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
                            "unit",
                            models.CharField(
                                blank=True, max_length=80, verbose_name="unit"
                            ),
                        ),
                        (
                            "currency",
                            models.CharField(
                                max_length=3, verbose_name="billing currency"
                            ),
                        ),
                        (
                            "model",
                            models.CharField(
                                blank=True, max_length=30, verbose_name="model"
                            ),
                        ),
                        (
                            "interval",
                            models.CharField(
                                blank=True,
                                max_length=30,
                                verbose_name="fulfillment interval",
                            ),
                        ),
                        (
                            "lifecycle",
                            models.CharField(
                                blank=True,
                                max_length=30,
                                verbose_name="lifecycle status",
                            ),
                        ),
                        (
                            "row",
                            models.JSONField(
                                default=dict, verbose_name="the row as delivered"
                            ),
                        ),
                        (
                            "file_name",
                            models.CharField(max_length=250, verbose_name="file"),
                        ),
                        (
                            "sha256",
                            models.CharField(max_length=64, verbose_name="SHA-256"),
                        ),
                        (
                            "imported_at",
                            models.DateTimeField(verbose_name="imported at"),
                        ),
                        (
                            "version",
                            models.PositiveIntegerField(
                                default=1, editable=False, verbose_name="version"
                            ),
                        ),
                        (
                            "commitment",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="contract_rows",
                                to="deals.commitment",
                                verbose_name="our commitment",
                            ),
                        ),
                        (
                            "partner",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="contract_commitments",
                                to="partners.partner",
                                verbose_name="partner",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "FOCUS commitment",
                        "verbose_name_plural": "FOCUS commitments",
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("issuer"),
                                models.F("contract_id"),
                                models.F("contract_commitment_id"),
                                name="contractcommitment_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("contract_id", ""), _negated=True),
                                    models.Q(
                                        ("contract_commitment_id", ""), _negated=True
                                    ),
                                ),
                                name="contractcommitment_named",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("commitment__isnull", True),
                                    ("partner__isnull", False),
                                    _connector="OR",
                                ),
                                name="contractcommitment_linked_has_partner",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DealExternalId",
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
                            "deal",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="external_ids",
                                to="deals.deal",
                                verbose_name="deal",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "external id of a deal",
                        "verbose_name_plural": "external ids of deals",
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("system"),
                                models.F("value"),
                                name="dealexternalid_unique_in_system",
                            ),
                            models.UniqueConstraint(
                                models.F("deal"),
                                models.F("system"),
                                name="dealexternalid_one_per_system",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("system", ""), _negated=True),
                                    models.Q(("value", ""), _negated=True),
                                ),
                                name="dealexternalid_is_complete",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DealLine",
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
                            "position",
                            models.PositiveSmallIntegerField(verbose_name="position"),
                        ),
                        (
                            "product",
                            models.CharField(max_length=200, verbose_name="product"),
                        ),
                        (
                            "service_category",
                            models.CharField(
                                blank=True,
                                default="",
                                help_text="As in the billing export, for example AI and Machine Learning.",
                                max_length=80,
                                verbose_name="service category",
                            ),
                        ),
                        (
                            "quantity",
                            models.DecimalField(
                                decimal_places=4, max_digits=20, verbose_name="quantity"
                            ),
                        ),
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
                            "unit_price",
                            models.DecimalField(
                                decimal_places=6,
                                max_digits=20,
                                verbose_name="unit price",
                            ),
                        ),
                        (
                            "amount",
                            models.GeneratedField(
                                db_persist=True,
                                expression=django.db.models.functions.math.Round(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("quantity"),
                                        "*",
                                        models.F("unit_price"),
                                    ),
                                    precision=2,
                                ),
                                output_field=models.DecimalField(
                                    decimal_places=2, max_digits=20
                                ),
                                verbose_name="amount",
                            ),
                        ),
                        (
                            "deal",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="lines",
                                to="deals.deal",
                                verbose_name="deal",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "line of a deal",
                        "verbose_name_plural": "lines of deals",
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("deal"),
                                models.F("position"),
                                name="dealline_position_unique",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("product", ""), _negated=True),
                                name="dealline_has_product",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("quantity__gt", 0), ("unit_price__gte", 0)
                                ),
                                name="dealline_is_not_negative",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DealSnapshot",
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
                            "week_on",
                            models.DateField(
                                help_text="Its Monday; the week ends before the next one.",
                                verbose_name="week",
                            ),
                        ),
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
                                verbose_name="stage",
                            ),
                        ),
                        (
                            "category",
                            models.CharField(
                                choices=[
                                    ("omitted", "omitted"),
                                    ("pipeline", "pipeline"),
                                    ("best_case", "best case"),
                                    ("commit", "commit"),
                                    ("closed", "closed"),
                                ],
                                max_length=10,
                                verbose_name="forecast category",
                            ),
                        ),
                        (
                            "probability",
                            models.PositiveSmallIntegerField(
                                verbose_name="probability"
                            ),
                        ),
                        (
                            "amount",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=20,
                                null=True,
                                verbose_name="amount",
                            ),
                        ),
                        (
                            "monthly_spend",
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
                            models.CharField(max_length=3, verbose_name="currency"),
                        ),
                        (
                            "target_close_on",
                            models.DateField(
                                blank=True, null=True, verbose_name="target close"
                            ),
                        ),
                        (
                            "closed_on",
                            models.DateField(
                                blank=True, null=True, verbose_name="closed on"
                            ),
                        ),
                        ("taken_at", models.DateTimeField(verbose_name="taken at")),
                        (
                            "deal",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="snapshots",
                                to="deals.deal",
                                verbose_name="deal",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "weekly snapshot of a deal",
                        "verbose_name_plural": "weekly snapshots of deals",
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("week_on"),
                                models.F("deal"),
                                name="dealsnapshot_one_per_week",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("week_on__iso_week_day", 1)),
                                name="dealsnapshot_week_is_a_monday",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DealStageChange",
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
                            "from_stage",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("Prospect", "Prospect"),
                                    ("Qualified", "Qualified"),
                                    ("Technical Validation", "Technical validation"),
                                    ("Business Validation", "Business validation"),
                                    ("Committed", "Committed"),
                                    ("Launched", "Launched"),
                                    ("Closed Lost", "Closed lost"),
                                ],
                                default="",
                                max_length=30,
                                verbose_name="from",
                            ),
                        ),
                        (
                            "to_stage",
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
                                verbose_name="to",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("start", "start"),
                                    ("move", "move"),
                                    ("win", "won"),
                                    ("lose", "lost"),
                                    ("reopen", "reopened"),
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
                            "reason",
                            models.TextField(
                                blank=True, default="", verbose_name="reason"
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="deal_moves",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="by",
                            ),
                        ),
                        (
                            "deal",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="stage_changes",
                                to="deals.deal",
                                verbose_name="deal",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "stage move of a deal",
                        "verbose_name_plural": "stage moves of deals",
                        "indexes": [
                            models.Index(
                                models.F("entered_at"),
                                models.F("id"),
                                name="dealstagechange_by_time",
                            ),
                            models.Index(
                                models.F("to_stage"),
                                models.F("deal"),
                                name="dealstagechange_reached",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("deal"),
                                condition=models.Q(("exited_at__isnull", True)),
                                name="dealstagechange_one_open",
                            ),
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                expressions=[
                                    ("deal", "="),
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
                                name="dealstagechange_no_overlap",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("exited_at__isnull", True),
                                    ("exited_at__gte", models.F("entered_at")),
                                    _connector="OR",
                                ),
                                name="dealstagechange_ends_after_start",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("from_stage", ""),
                                        ("kind", "start"),
                                        (
                                            "to_stage__in",
                                            (
                                                "Prospect",
                                                "Qualified",
                                                "Technical Validation",
                                                "Business Validation",
                                                "Committed",
                                            ),
                                        ),
                                    ),
                                    models.Q(
                                        (
                                            "from_stage__in",
                                            (
                                                "Prospect",
                                                "Qualified",
                                                "Technical Validation",
                                                "Business Validation",
                                                "Committed",
                                            ),
                                        ),
                                        ("kind", "move"),
                                        (
                                            "to_stage__in",
                                            (
                                                "Prospect",
                                                "Qualified",
                                                "Technical Validation",
                                                "Business Validation",
                                                "Committed",
                                            ),
                                        ),
                                        models.Q(
                                            ("from_stage", models.F("to_stage")),
                                            _negated=True,
                                        ),
                                    ),
                                    models.Q(
                                        ("from_stage", "Committed"),
                                        ("kind", "win"),
                                        ("to_stage", "Launched"),
                                    ),
                                    models.Q(
                                        (
                                            "from_stage__in",
                                            (
                                                "Prospect",
                                                "Qualified",
                                                "Technical Validation",
                                                "Business Validation",
                                                "Committed",
                                            ),
                                        ),
                                        ("kind", "lose"),
                                        ("to_stage", "Closed Lost"),
                                    ),
                                    models.Q(
                                        ("from_stage__in", ("Launched", "Closed Lost")),
                                        ("kind", "reopen"),
                                        (
                                            "to_stage__in",
                                            (
                                                "Prospect",
                                                "Qualified",
                                                "Technical Validation",
                                                "Business Validation",
                                                "Committed",
                                            ),
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                name="dealstagechange_step_is_allowed",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("kind", "reopen"), _negated=True),
                                    models.Q(("reason", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="dealstagechange_reopening_has_reason",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DrawdownEntry",
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
                        ("number", models.PositiveIntegerField(verbose_name="number")),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("opening", "opened"),
                                    ("usage", "usage"),
                                    ("reversal", "reversed"),
                                    ("expiry", "not used in its interval"),
                                    ("amendment", "amended"),
                                    ("settlement", "settled"),
                                ],
                                max_length=10,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "source_line",
                            models.CharField(
                                help_text="What it comes from; posted once.",
                                max_length=80,
                                verbose_name="source line",
                            ),
                        ),
                        (
                            "period_on",
                            models.DateField(
                                blank=True,
                                help_text="First day of the days that it covers, within one month.",
                                null=True,
                                verbose_name="period",
                            ),
                        ),
                        (
                            "amount",
                            models.DecimalField(
                                decimal_places=18, max_digits=38, verbose_name="amount"
                            ),
                        ),
                        (
                            "overage",
                            models.DecimalField(
                                decimal_places=18,
                                default=0,
                                help_text="Eligible usage beyond what was left; it draws nothing.",
                                max_digits=38,
                                verbose_name="overage",
                            ),
                        ),
                        (
                            "balance_after",
                            models.DecimalField(
                                decimal_places=18, max_digits=38, verbose_name="balance"
                            ),
                        ),
                        ("posted_at", models.DateTimeField(verbose_name="posted at")),
                        (
                            "note",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=300,
                                verbose_name="note",
                            ),
                        ),
                        (
                            "commitment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="entries",
                                to="deals.commitment",
                                verbose_name="commitment",
                            ),
                        ),
                        (
                            "delivery",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="usage.usagedelivery",
                                verbose_name="delivery",
                            ),
                        ),
                        (
                            "reversal_of",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reversed_by",
                                to="deals.drawdownentry",
                                verbose_name="reverses",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "drawdown",
                        "verbose_name_plural": "drawdowns",
                        "indexes": [
                            models.Index(
                                models.F("commitment"),
                                models.F("period_on"),
                                name="drawdownentry_by_period",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("commitment"),
                                models.F("source_line"),
                                name="drawdownentry_source_line_once",
                            ),
                            models.UniqueConstraint(
                                models.F("commitment"),
                                models.F("number"),
                                name="drawdownentry_number_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("number__gte", 1)),
                                name="drawdownentry_counts_from_one",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "kind__in",
                                        [
                                            "opening",
                                            "usage",
                                            "reversal",
                                            "expiry",
                                            "amendment",
                                            "settlement",
                                        ],
                                    )
                                ),
                                name="drawdownentry_kind_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("kind", "usage"), _negated=True),
                                    models.Q(
                                        ("delivery__isnull", False),
                                        ("period_on__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="drawdownentry_usage_has_delivery",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("kind", "reversal"),
                                        ("reversal_of__isnull", False),
                                    ),
                                    models.Q(
                                        models.Q(("kind", "reversal"), _negated=True),
                                        ("reversal_of__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="drawdownentry_reversal_says_of_what",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("overage", 0),
                                    ("kind__in", ["usage", "reversal"]),
                                    _connector="OR",
                                ),
                                name="drawdownentry_overage_comes_from_usage",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("balance_after__gt", 0),
                                        ("kind", "opening"),
                                        ("number", 1),
                                    ),
                                    models.Q(
                                        models.Q(("kind", "opening"), _negated=True),
                                        ("number__gt", 1),
                                    ),
                                    _connector="OR",
                                ),
                                name="drawdownentry_opens_with_the_first",
                            ),
                        ],
                    },
                ),
            ]
        ),
    ]
