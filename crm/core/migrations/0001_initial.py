"""Make the tables of signs of life and of claimed ticks."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Heartbeat",
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
                    models.CharField(max_length=120, unique=True, verbose_name="name"),
                ),
                ("at", models.DateTimeField(verbose_name="at")),
            ],
            options={
                "verbose_name": "sign of life",
                "verbose_name_plural": "signs of life",
            },
        ),
        migrations.CreateModel(
            name="TickClaim",
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
                    "slot",
                    models.CharField(
                        help_text="A label such as 2026-W47.",
                        max_length=60,
                        verbose_name="slot",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="claimed at")),
            ],
            options={
                "verbose_name": "claimed tick",
                "verbose_name_plural": "claimed ticks",
                "constraints": [
                    models.UniqueConstraint(
                        models.F("name"),
                        models.F("slot"),
                        name="tick_claim_once_per_slot",
                    )
                ],
            },
        ),
    ]
