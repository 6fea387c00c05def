"""Let an undone import take its deals with it, and say who imports.

A stay is still never deleted from a deal that exists; it goes only together with a deal
that an import had made and that the undoing of that import removes.
"""

from django.db import migrations

from crm.accounts import roles
from crm.accounts.roles import Role

WRITERS = (Role.ALLIANCE_MANAGER, Role.ALLIANCE_DIRECTOR, Role.INTEGRATION)
NAMERS = (Role.ADMINISTRATOR, Role.INTEGRATION, Role.ALLIANCE_DIRECTOR)
READ = {"view": roles.EVERYONE}
READ_BY_IMPORTERS = {"view": (*WRITERS, Role.ADMINISTRATOR, Role.AUDITOR)}

GUARD = """
CREATE FUNCTION deals_stay_goes_with_its_deal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM deals_deal WHERE id = OLD.deal_id) OR NOT EXISTS (
        SELECT FROM deals_dealimportrow r JOIN deals_dealimport b ON b.id = r.batch_id
        WHERE r.removed_id = OLD.deal_id AND r.outcome = 'create' AND b.status = 'undone')
    THEN
        PERFORM partners_refuse('dealstagechange_append_only',
            'a stay goes only with a deal that an undone import had made');
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER dealstagechange_append_only ON deals_dealstagechange;
CREATE CONSTRAINT TRIGGER dealstagechange_append_only AFTER DELETE ON deals_dealstagechange
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    EXECUTE FUNCTION deals_stay_goes_with_its_deal();
"""
BACK = """
DROP TRIGGER dealstagechange_append_only ON deals_dealstagechange;
CREATE TRIGGER dealstagechange_append_only BEFORE DELETE ON deals_dealstagechange
    FOR EACH ROW EXECUTE FUNCTION partners_append_only('dealstagechange_append_only');
DROP FUNCTION deals_stay_goes_with_its_deal();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("deals", "0008_stage_names"),
        ("deals", "0005_roles"),
        ("accounts", "0003_roles"),
    ]

    operations = [
        migrations.RunSQL(GUARD, BACK),
        roles.granting(
            {
                "deals.dealimport": {
                    **READ_BY_IMPORTERS,
                    "add": WRITERS,
                    "change": WRITERS,
                },
                "deals.dealimportrow": READ_BY_IMPORTERS,
                "deals.dealstagename": {
                    **READ,
                    "add": NAMERS,
                    "change": NAMERS,
                    "delete": NAMERS,
                },
            }
        ),
    ]
