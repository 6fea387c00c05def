"""Which roles may do what with webhooks; of whose is decided by `visible_to` and the operations."""

from django.db import migrations

from crm.accounts import roles
from crm.accounts.roles import Role

MAKERS = (Role.INTEGRATION, Role.ADMINISTRATOR, Role.ALLIANCE_DIRECTOR)
READERS = (*MAKERS, Role.AUDITOR)
GRANTS = {
    "webhooks.webhookendpoint": {
        "view": READERS,
        "add": MAKERS,
        "change": MAKERS,
        "delete": MAKERS,
    },
    "webhooks.webhookdelivery": {"view": READERS},
    "webhooks.webhookattempt": {"view": READERS},
    "webhooks.webhooksecret": {"view": (Role.ADMINISTRATOR, Role.AUDITOR)},
}


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_roles"),
        ("webhooks", "0001_initial"),
    ]

    operations = [roles.granting(GRANTS)]
