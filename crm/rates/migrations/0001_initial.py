"""Make the tables of exchange rates and of their loads."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="RateLoad",
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
                ("file_name", models.CharField(max_length=255, verbose_name="file")),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("at", models.DateTimeField(verbose_name="loaded at")),
                ("new_count", models.PositiveIntegerField(verbose_name="new rates")),
                (
                    "changed_count",
                    models.PositiveIntegerField(verbose_name="corrected rates"),
                ),
                (
                    "same_count",
                    models.PositiveIntegerField(verbose_name="unchanged rates"),
                ),
            ],
            options={
                "verbose_name": "load of exchange rates",
                "verbose_name_plural": "loads of exchange rates",
            },
        ),
        migrations.CreateModel(
            name="FxRate",
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
                ("date", models.DateField(verbose_name="date")),
                (
                    "base",
                    models.CharField(
                        help_text="One unit of this.", max_length=3, verbose_name="from"
                    ),
                ),
                ("quote", models.CharField(max_length=3, verbose_name="to")),
                (
                    "rate",
                    models.DecimalField(
                        decimal_places=18,
                        help_text="So much of the second currency is one unit of the first.",
                        max_digits=38,
                        verbose_name="rate",
                    ),
                ),
                ("source", models.CharField(max_length=60, verbose_name="source")),
                (
                    "load",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rates",
                        to="rates.rateload",
                        verbose_name="load",
                    ),
                ),
            ],
            options={
                "verbose_name": "exchange rate",
                "verbose_name_plural": "exchange rates",
                "constraints": [
                    models.UniqueConstraint(
                        models.F("base"),
                        models.F("quote"),
                        models.F("date"),
                        name="fx_rate_once_per_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("rate__gt", 0)), name="fx_rate_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("base", models.F("quote")), _negated=True),
                        name="fx_rate_of_two_currencies",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("base__regex", "^[A-Z]{3}$"),
                            ("quote__regex", "^[A-Z]{3}$"),
                        ),
                        name="fx_rate_currency_codes",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("source", ""), _negated=True),
                        name="fx_rate_names_its_source",
                    ),
                ],
            },
        ),
    ]
