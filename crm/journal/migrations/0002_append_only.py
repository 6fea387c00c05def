"""Let no journal entry be changed or deleted; personal values may be erased."""

from django.db import migrations

from crm.core.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("journal", "0001_initial"),
    ]

    operations = [
        append_only("journal_event"),
        append_only("journal_personalvalue", refused=("UPDATE", "TRUNCATE")),
    ]
