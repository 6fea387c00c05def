"""Say who may do what with commitments, targets and what exports say about them."""

from django.db import migrations

from crm.accounts import roles
from crm.accounts.roles import Role

READ = {"view": roles.EVERYONE}
WRITERS = (
    Role.ALLIANCE_MANAGER,
    Role.ALLIANCE_DIRECTOR,
    Role.FINANCE,
    Role.INTEGRATION,
)
FINANCE = (Role.FINANCE, Role.ALLIANCE_DIRECTOR)
IMPORTERS = (Role.FINANCE, Role.INTEGRATION)


class Migration(migrations.Migration):
    dependencies = [
        ("deals", "0005_commitment_guards"),
        ("accounts", "0003_roles"),
    ]

    operations = [
        roles.granting(
            {
                "deals.commitment": {
                    **READ,
                    "add": WRITERS,
                    "change": WRITERS,
                    "settle": FINANCE,
                },
                "deals.commitmentmilestone": READ,
                "deals.commitmenteligibility": READ,
                "deals.drawdownentry": READ,
                "deals.commitmentamendment": READ,
                "deals.contractcommitment": {
                    **READ,
                    "add": IMPORTERS,
                    "change": (*IMPORTERS, Role.ALLIANCE_DIRECTOR),
                },
                "deals.target": {
                    **READ,
                    "add": FINANCE,
                    "change": FINANCE,
                    "delete": FINANCE,
                },
            }
        )
    ]
