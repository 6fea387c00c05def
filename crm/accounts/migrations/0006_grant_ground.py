"""What roles may do with the packages that stand below accounts and so cannot grant it themselves."""

from django.db import migrations

from crm.accounts import roles
from crm.accounts.roles import Role

OVERSEERS = (Role.ADMINISTRATOR, Role.AUDITOR)
# the page of the journal shows all entries, also about partners one may not see
OTHERS = tuple(role for role in Role.values if role not in OVERSEERS)

GRANTS = {
    "journal.personalvalue": {"view": OVERSEERS},
    "rates.fxrate": {
        "view": roles.EVERYONE,
        "add": (Role.FINANCE, Role.ADMINISTRATOR),
        "change": (Role.FINANCE, Role.ADMINISTRATOR),
    },
    "rates.rateload": {
        "view": roles.EVERYONE,
        "add": (Role.FINANCE, Role.ADMINISTRATOR),
    },
    "core.heartbeat": {"view": OVERSEERS},
    "core.tickclaim": {"view": OVERSEERS},
}


def narrow_journal(apps, schema_editor):
    roles.withdraw(apps, schema_editor, {"journal.event": {"view": OTHERS}})


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_guard_tokens_and_grant"),
        ("core", "0001_heartbeat"),
        ("journal", "0002_commit_order_and_personal_values"),
        ("rates", "0001_exchange_rates"),
    ]

    operations = [
        migrations.RunPython(narrow_journal, migrations.RunPython.noop),
        roles.granting(GRANTS),
    ]
