"""Let everyone who sees commitments see what exports say about them, and how far ledgers are."""

from django.db import migrations

from crm.accounts import roles

READ = {"view": roles.EVERYONE}


class Migration(migrations.Migration):
    dependencies = [("deals", "0006_commitment_roles"), ("accounts", "0003_roles")]

    operations = [
        roles.granting(
            {
                "deals.contractapplication": READ,
                "deals.contractreading": READ,
                "deals.drawdownstate": READ,
            }
        )
    ]
