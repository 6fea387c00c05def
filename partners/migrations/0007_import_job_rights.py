"""Say who sees how far a long import is: those who see the import."""

from django.db import migrations

from crm.accounts import roles
from crm.accounts.roles import Role

READERS = (
    Role.ALLIANCE_MANAGER,
    Role.ALLIANCE_DIRECTOR,
    Role.INTEGRATION,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
)


class Migration(migrations.Migration):
    dependencies = [
        ("partners", "0006_updated_at"),
        ("accounts", "0003_roles"),
    ]

    operations = [roles.granting({"partners.importjob": {"view": READERS}})]
