"""A token keeps owner and secret for life; who may handle invitations, sessions and tokens."""

from django.db import migrations

from crm.accounts import roles
from crm.accounts.roles import Role

GUARD = """
CREATE FUNCTION accounts_apitoken_keep_identity() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.owner_id, NEW.public, NEW.digest, NEW.issued_at)
       IS DISTINCT FROM (OLD.owner_id, OLD.public, OLD.digest, OLD.issued_at) THEN
        RAISE EXCEPTION 'owner and secret of API token % never change', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'api_token_keeps_owner', TABLE = 'accounts_apitoken';
    END IF;
    IF OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS NULL THEN
        RAISE EXCEPTION 'API token % is revoked for good', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'api_token_stays_revoked', TABLE = 'accounts_apitoken';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER api_token_keeps_identity BEFORE UPDATE ON accounts_apitoken
    FOR EACH ROW EXECUTE FUNCTION accounts_apitoken_keep_identity();
"""

UNGUARD = """
DROP TRIGGER api_token_keeps_identity ON accounts_apitoken;
DROP FUNCTION accounts_apitoken_keep_identity();
"""

GRANTS = {
    "accounts.user": {
        "change_roles": (Role.ADMINISTRATOR,),
        "deactivate": (Role.ADMINISTRATOR,),
        "hand_over": (Role.ADMINISTRATOR,),
    },
    "accounts.invitation": {
        "view": (Role.ADMINISTRATOR, Role.AUDITOR),
        "add": (Role.ADMINISTRATOR,),
        "change": (Role.ADMINISTRATOR,),
    },
    "accounts.browsersession": {"view": roles.EVERYONE, "change": roles.EVERYONE},
    "accounts.apitoken": {
        "view": (Role.INTEGRATION, Role.ADMINISTRATOR, Role.AUDITOR),
        "add": (Role.INTEGRATION, Role.ADMINISTRATOR),
        "change": (Role.INTEGRATION, Role.ADMINISTRATOR),
    },
}


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_people_invited_and_tokens")]

    operations = [
        migrations.RunSQL(GUARD, UNGUARD),
        roles.granting(GRANTS),
    ]
