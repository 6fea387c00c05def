"""Deliveries know which others most likely show the same run."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reports", "0003_grants")]

    operations = [
        migrations.AddField(
            model_name="reportdelivery",
            name="bundle",
            field=models.BigIntegerField(
                default=0,
                editable=False,
                help_text="What deliveries have in common that most likely show the same.",
                verbose_name="bundle",
            ),
        ),
        migrations.AddIndex(
            model_name="reportdelivery",
            index=models.Index(
                condition=models.Q(("state__in", ["due", "ready"])),
                fields=["bundle", "next_attempt_at", "id"],
                name="report_delivery_bundled",
            ),
        ),
    ]
