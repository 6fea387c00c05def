"""The ten roles, and what they may do with people and with the ground that cannot grant itself.

Journal, rates and core stand below accounts, so their grants are here.
"""

from django.db import migrations

from crm.accounts import roles
from crm.accounts.roles import Role

OVERSEERS = (Role.ADMINISTRATOR, Role.AUDITOR)
TOKENS = (Role.INTEGRATION, Role.ADMINISTRATOR)
RATES = (Role.FINANCE, Role.ADMINISTRATOR)

GRANTS = {
    "accounts.user": {
        "view": roles.EVERYONE,
        "add": (Role.ADMINISTRATOR,),
        "change": (Role.ADMINISTRATOR,),
        "change_roles": (Role.ADMINISTRATOR,),
        "deactivate": (Role.ADMINISTRATOR,),
        "hand_over": (Role.ADMINISTRATOR,),
    },
    "accounts.team": {
        "view": roles.EVERYONE,
        "add": (Role.ADMINISTRATOR,),
        "change": (Role.ADMINISTRATOR,),
    },
    "accounts.invitation": {
        "view": OVERSEERS,
        "add": (Role.ADMINISTRATOR,),
        "change": (Role.ADMINISTRATOR,),
    },
    "accounts.browsersession": {"view": roles.EVERYONE, "change": roles.EVERYONE},
    "accounts.apitoken": {
        "view": (*TOKENS, Role.AUDITOR),
        "add": TOKENS,
        "change": TOKENS,
    },
    "auth.group": {"view": OVERSEERS},
    # the page of the journal shows all entries, also about partners one may not see
    "journal.event": {"view": OVERSEERS},
    "journal.personalvalue": {"view": OVERSEERS},
    "rates.fxrate": {"view": roles.EVERYONE, "add": RATES, "change": RATES},
    "rates.rateload": {"view": roles.EVERYONE, "add": RATES},
    "core.heartbeat": {"view": OVERSEERS},
    "core.tickclaim": {"view": OVERSEERS},
}


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_guards"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("core", "0001_initial"),
        ("journal", "0001_initial"),
        ("rates", "0001_initial"),
    ]

    operations = [
        migrations.RunPython(roles.create_roles, migrations.RunPython.noop),
        roles.granting(GRANTS),
    ]
