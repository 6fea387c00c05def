"""Say who records business reviews."""

from django.db import migrations

from crm.accounts import roles
from crm.accounts.roles import Role

ALLIANCE = (Role.ALLIANCE_MANAGER, Role.ALLIANCE_DIRECTOR)
WRITERS = (*ALLIANCE, Role.INTEGRATION)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_roles"),
        ("partners", "0011_business_reviews"),
    ]

    operations = [
        roles.granting(
            {
                "partners.businessreview": {
                    "view": roles.EVERYONE,
                    "add": WRITERS,
                    "change": WRITERS,
                },
            }
        )
    ]
