"""Make the table of answers kept for repeated API requests."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="KeptAnswer",
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
                    "caller",
                    models.CharField(
                        help_text="token:7 or user:7",
                        max_length=40,
                        verbose_name="caller",
                    ),
                ),
                ("key", models.CharField(max_length=255, verbose_name="key")),
                (
                    "fingerprint",
                    models.CharField(
                        help_text="SHA-256 of method, address and body.",
                        max_length=64,
                        verbose_name="fingerprint",
                    ),
                ),
                (
                    "status",
                    models.PositiveSmallIntegerField(verbose_name="HTTP status"),
                ),
                ("headers", models.JSONField(default=dict, verbose_name="headers")),
                ("body", models.BinaryField(verbose_name="body")),
                ("at", models.DateTimeField(db_index=True, verbose_name="at")),
            ],
            options={
                "verbose_name": "kept answer",
                "verbose_name_plural": "kept answers",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("caller", "key"), name="keptanswer_once_per_key"
                    )
                ],
            },
        ),
    ]
