"""Make the table that tells whether demo data is in the database."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="DemoSeed",
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
                ("seed", models.IntegerField(verbose_name="seed")),
                ("filled_at", models.DateTimeField(verbose_name="filled at")),
                (
                    "is_only",
                    models.BooleanField(default=True, editable=False, unique=True),
                ),
            ],
            options={
                "verbose_name": "demo data",
                "verbose_name_plural": "demo data",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("is_only", True)), name="demoseed_is_only"
                    )
                ],
            },
        ),
    ]
