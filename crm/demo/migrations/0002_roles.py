"""Let administrators and auditors see whether demo data is in the database."""

from django.db import migrations

from crm.accounts import roles
from crm.accounts.roles import Role


class Migration(migrations.Migration):
    dependencies = [("demo", "0001_initial"), ("accounts", "0003_roles")]

    operations = [
        roles.granting({"demo.demoseed": {"view": (Role.ADMINISTRATOR, Role.AUDITOR)}})
    ]
