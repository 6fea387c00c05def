"""Make the tables of webhooks: where to, signed with what, what was tried."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from crm.core.tables import MakeTables


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("journal", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        MakeTables(
            [
                migrations.CreateModel(
                    name="WebhookEndpoint",
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
                            "description",
                            models.CharField(
                                help_text="What listens there.",
                                max_length=120,
                                verbose_name="description",
                            ),
                        ),
                        (
                            "url",
                            models.CharField(
                                help_text="https, on the public internet; redirects are not followed.",
                                max_length=2000,
                                verbose_name="address",
                            ),
                        ),
                        (
                            "kinds",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=80),
                                blank=True,
                                default=list,
                                help_text="Such as deal.won, or partner.* for all of a kind; none: all.",
                                size=None,
                                verbose_name="kinds",
                            ),
                        ),
                        (
                            "partner_ids",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.BigIntegerField(),
                                blank=True,
                                default=list,
                                help_text="Numbers of partners; none: all.",
                                size=None,
                                verbose_name="partners",
                            ),
                        ),
                        (
                            "is_active",
                            models.BooleanField(default=True, verbose_name="active"),
                        ),
                        (
                            "reason",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("person", "Switched off by a person"),
                                    ("gone", "It answered that it is gone (410)"),
                                    ("failing", "It failed for three days"),
                                ],
                                max_length=10,
                                verbose_name="why not",
                            ),
                        ),
                        (
                            "failing_since",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="failing since"
                            ),
                        ),
                        (
                            "paused_until",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="left alone until"
                            ),
                        ),
                        (
                            "notice",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("failing", "It has been failing for a day"),
                                    ("disabled", "It was switched off"),
                                ],
                                max_length=10,
                            ),
                        ),
                        (
                            "warned_at",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="owner warned at"
                            ),
                        ),
                        (
                            "read_transaction",
                            models.BigIntegerField(default=0, editable=False),
                        ),
                        (
                            "read_event",
                            models.BigIntegerField(default=0, editable=False),
                        ),
                        (
                            "version",
                            models.PositiveIntegerField(
                                default=1, editable=False, verbose_name="version"
                            ),
                        ),
                        ("created_at", models.DateTimeField(verbose_name="created at")),
                        (
                            "owner",
                            models.ForeignKey(
                                help_text="It gets what this person may see, and nothing else.",
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="webhook_endpoints",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="owner",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "webhook",
                        "verbose_name_plural": "webhooks",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("is_active", True), ("reason", "")),
                                    models.Q(
                                        ("is_active", False),
                                        models.Q(("reason", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="webhook_endpoint_says_why_it_is_off",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("kinds__len__lte", 100),
                                    ("partner_ids__len__lte", 1000),
                                ),
                                name="webhook_endpoint_filters_are_bounded",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="WebhookDelivery",
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
                                default=uuid.uuid4, unique=True, verbose_name="message"
                            ),
                        ),
                        ("kind", models.CharField(max_length=80, verbose_name="kind")),
                        (
                            "is_test",
                            models.BooleanField(default=False, verbose_name="test"),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("waiting", "Waiting"),
                                    ("sending", "Being sent"),
                                    ("delivered", "Delivered"),
                                    ("failed", "Given up"),
                                    (
                                        "withheld",
                                        "Withheld: the owner may not see it any more",
                                    ),
                                ],
                                default="waiting",
                                max_length=10,
                                verbose_name="state",
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
                            "fence",
                            models.PositiveIntegerField(default=0, editable=False),
                        ),
                        (
                            "lease_until",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="lease until"
                            ),
                        ),
                        ("planned_at", models.DateTimeField(verbose_name="planned at")),
                        (
                            "ended_at",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="ended at"
                            ),
                        ),
                        (
                            "event",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="journal.event",
                                verbose_name="journal entry",
                            ),
                        ),
                        (
                            "endpoint",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="deliveries",
                                to="webhooks.webhookendpoint",
                                verbose_name="webhook",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "webhook delivery",
                        "verbose_name_plural": "webhook deliveries",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state", "waiting")),
                                fields=["next_attempt_at", "id"],
                                name="webhook_delivery_waiting",
                            ),
                            models.Index(
                                condition=models.Q(("state", "sending")),
                                fields=["lease_until"],
                                name="webhook_delivery_leased",
                            ),
                            models.Index(
                                fields=["planned_at"], name="webhook_delivery_age"
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("endpoint"),
                                models.F("event"),
                                name="webhook_delivery_once_per_event",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("lease_until__isnull", False),
                                        ("state", "sending"),
                                    ),
                                    models.Q(
                                        models.Q(("state", "sending"), _negated=True),
                                        ("lease_until__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="webhook_delivery_leased_while_sending",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("ended_at__isnull", True),
                                        ("state__in", ["waiting", "sending"]),
                                    ),
                                    models.Q(
                                        models.Q(
                                            ("state__in", ["waiting", "sending"]),
                                            _negated=True,
                                        ),
                                        ("ended_at__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="webhook_delivery_ended_at_some_time",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="WebhookSecret",
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
                            "salt",
                            models.CharField(
                                editable=False, max_length=64, unique=True
                            ),
                        ),
                        ("created_at", models.DateTimeField(verbose_name="created at")),
                        (
                            "expires_at",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="expires at"
                            ),
                        ),
                        (
                            "endpoint",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="secrets",
                                to="webhooks.webhookendpoint",
                                verbose_name="webhook",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "webhook secret",
                        "verbose_name_plural": "webhook secrets",
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("endpoint"),
                                condition=models.Q(("expires_at__isnull", True)),
                                name="webhook_secret_one_without_end",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="WebhookAttempt",
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
                            models.PositiveSmallIntegerField(verbose_name="attempt"),
                        ),
                        ("at", models.DateTimeField(verbose_name="at")),
                        (
                            "took_ms",
                            models.PositiveIntegerField(verbose_name="took (ms)"),
                        ),
                        (
                            "status",
                            models.PositiveSmallIntegerField(
                                blank=True, null=True, verbose_name="HTTP status"
                            ),
                        ),
                        (
                            "fault",
                            models.CharField(
                                blank=True, max_length=200, verbose_name="fault"
                            ),
                        ),
                        (
                            "answer",
                            models.CharField(
                                blank=True, max_length=500, verbose_name="answer"
                            ),
                        ),
                        (
                            "delivery",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="log",
                                to="webhooks.webhookdelivery",
                                verbose_name="delivery",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "webhook attempt",
                        "verbose_name_plural": "webhook attempts",
                        "indexes": [
                            models.Index(
                                fields=["delivery", "id"], name="webhook_attempt_log"
                            )
                        ],
                    },
                ),
            ]
        ),
    ]
