"""Give sources a version against lost updates."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("usage", "0006_signals")]

    operations = [
        migrations.AddField(
            model_name="billingsource",
            name="version",
            field=models.PositiveIntegerField(default=1, verbose_name="version"),
        ),
    ]
