"""Say who may do what with agreements, deals, commitments and targets."""

from django.db import migrations

from crm.accounts import roles
from crm.accounts.roles import Role

ALLIANCE = (Role.ALLIANCE_MANAGER, Role.ALLIANCE_DIRECTOR)
WRITERS = (*ALLIANCE, Role.INTEGRATION)
PAPER = (*ALLIANCE, Role.LEGAL)
PROMISERS = (*WRITERS, Role.FINANCE)
FINANCE = (Role.FINANCE, Role.ALLIANCE_DIRECTOR)
IMPORTERS = (Role.FINANCE, Role.INTEGRATION)
READ = {"view": roles.EVERYONE}


class Migration(migrations.Migration):
    dependencies = [
        ("deals", "0004_stage_weights"),
        ("accounts", "0003_roles"),
    ]

    operations = [
        roles.granting(
            {
                "deals.agreement": {
                    **READ,
                    "add": PAPER,
                    "change": PAPER,
                    "sign": (Role.ALLIANCE_DIRECTOR, Role.LEGAL),
                },
                "deals.agreementversion": {**READ, "add": PAPER},
                "deals.agreementstatuschange": READ,
                "deals.agreementreminder": READ,
                "deals.deal": {
                    **READ,
                    "add": WRITERS,
                    "change": WRITERS,
                    "override": ALLIANCE,
                    "reopen": (Role.ALLIANCE_DIRECTOR, Role.EXECUTIVE),
                },
                "deals.dealline": {**READ, "add": WRITERS, "change": WRITERS},
                "deals.dealstagechange": READ,
                "deals.dealsnapshot": READ,
                "deals.dealstageweight": {**READ, "change": (Role.ADMINISTRATOR,)},
                "deals.attributioncredit": {**READ, "add": WRITERS, "change": WRITERS},
                "deals.dealexternalid": READ,
                "deals.commitment": {
                    **READ,
                    "add": PROMISERS,
                    "change": PROMISERS,
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
                "deals.contractapplication": READ,
                "deals.contractreading": READ,
                "deals.drawdownstate": READ,
            }
        )
    ]
