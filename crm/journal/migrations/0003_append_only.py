from django.db import migrations

from crm.core.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("journal", "0002_commit_order_and_personal_values"),
    ]

    operations = [
        append_only("journal_event"),
        append_only("journal_personalvalue", refused=("UPDATE", "TRUNCATE")),
    ]
