"""Say who may look at steps of imports of deals: who may look at the imports."""

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
    dependencies = [("deals", "0012_import_jobs"), ("accounts", "0003_roles")]

    operations = [roles.granting({"deals.dealimportjob": {"view": READERS}})]
