"""Say who may do what with sources, deliveries, accounts and usage."""

from django.db import migrations

from crm.accounts import roles
from crm.accounts.roles import Role

KEEPERS = (Role.FINANCE, Role.INTEGRATION)
OVERSEERS = (*KEEPERS, Role.EXECUTIVE, Role.AUDITOR, Role.ADMINISTRATOR)
COUNTERS = (
    *KEEPERS,
    Role.ALLIANCE_MANAGER,
    Role.ALLIANCE_DIRECTOR,
    Role.ADMINISTRATOR,
)
READ = {"view": roles.EVERYONE}
GRANTS = {
    "usage.billingsource": {
        "view": (*OVERSEERS, Role.ALLIANCE_DIRECTOR),
        "add": (Role.FINANCE, Role.ADMINISTRATOR),
        "change": (Role.FINANCE, Role.ADMINISTRATOR),
    },
    "usage.usageload": {"view": OVERSEERS, "add": KEEPERS, "change": KEEPERS},
    "usage.usageupload": {"view": OVERSEERS, "add": KEEPERS, "change": KEEPERS},
    "usage.usagearrival": {"view": OVERSEERS},
    "usage.usagereroll": {"view": OVERSEERS},
    "usage.usagedelivery": {"view": OVERSEERS, "change": (Role.FINANCE,)},
    "usage.cloudaccount": {**READ, "change": KEEPERS},
    "usage.accountassignment": {**READ, "add": KEEPERS, "change": KEEPERS},
    "usage.accountownership": READ,
    "usage.usagemeter": READ,
    "usage.dailyusage": READ,
    "usage.monthlyusage": READ,
    "usage.cooperationusage": {**READ, "add": COUNTERS, "delete": COUNTERS},
    "usage.meteredevent": {
        **READ,
        "add": (Role.INTEGRATION, Role.ADMINISTRATOR, Role.MODEL_TEAM),
    },
    "usage.usagesignal": READ,
}


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_roles"), ("usage", "0002_guards")]

    operations = [roles.granting(GRANTS)]
