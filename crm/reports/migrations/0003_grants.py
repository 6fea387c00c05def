"""Which roles may do what with reports."""

from django.db import migrations

from crm.accounts import roles
from crm.accounts.roles import Role

MANAGERS = (Role.ADMINISTRATOR, Role.ALLIANCE_DIRECTOR)
GRANTS = {
    "reports.reportdefinition": {
        "view": roles.EVERYONE,
        "add": MANAGERS,
        "change": MANAGERS,
    },
    "reports.reportsubscription": {
        "view": roles.EVERYONE,
        "add": roles.EVERYONE,
        "change": roles.EVERYONE,
    },
    "reports.reportrun": {"view": roles.EVERYONE},
    "reports.reportdelivery": {"view": roles.EVERYONE, "change": MANAGERS},
    "reports.suppression": {
        "view": (*MANAGERS, Role.AUDITOR),
        "change": (Role.ADMINISTRATOR,),
    },
    "reports.sendingplace": {
        "view": (*MANAGERS, Role.AUDITOR),
        "change": (Role.ADMINISTRATOR,),
    },
}


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_roles"),
        ("reports", "0002_guards"),
    ]

    operations = [roles.granting(GRANTS)]
