"""The database keeps the team tree and the identity of tokens.

Paths follow parents and circles are refused; a token keeps owner and secret for life.
"""

from django.db import migrations

TREE = """
CREATE FUNCTION accounts_team_keep_path() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    above text;
BEGIN
    IF TG_OP = 'INSERT' OR NEW.parent_id IS DISTINCT FROM OLD.parent_id THEN
        -- two moves at once could close a circle that neither sees
        PERFORM pg_advisory_xact_lock(hashtext('accounts_team.path'));
    END IF;
    IF NEW.parent_id IS NULL THEN
        above := '/';
    ELSIF NEW.parent_id = NEW.id THEN
        RAISE EXCEPTION 'team % cannot be above itself', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'team_has_no_circle', TABLE = 'accounts_team';
    ELSE
        SELECT path INTO above FROM accounts_team WHERE id = NEW.parent_id;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'team % does not exist', NEW.parent_id
                USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'team_parent_exists', TABLE = 'accounts_team';
        END IF;
        IF position('/' || NEW.id || '/' IN above) > 0 THEN
            RAISE EXCEPTION 'team % cannot stand below team %, which is below it', NEW.id, NEW.parent_id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'team_has_no_circle', TABLE = 'accounts_team';
        END IF;
    END IF;
    NEW.path := above || NEW.id || '/';
    RETURN NEW;
END $$;

CREATE FUNCTION accounts_team_move_children() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- each child reads its parent again, and its own children follow in turn
    UPDATE accounts_team SET path = NEW.path WHERE parent_id = NEW.id;
    RETURN NULL;
END $$;

CREATE TRIGGER team_keeps_path
    BEFORE INSERT OR UPDATE OF id, parent_id, path ON accounts_team
    FOR EACH ROW EXECUTE FUNCTION accounts_team_keep_path();

CREATE TRIGGER team_moves_children
    AFTER UPDATE ON accounts_team
    FOR EACH ROW WHEN (OLD.path IS DISTINCT FROM NEW.path)
    EXECUTE FUNCTION accounts_team_move_children();
"""

NO_TREE = """
DROP TRIGGER team_moves_children ON accounts_team;
DROP TRIGGER team_keeps_path ON accounts_team;
DROP FUNCTION accounts_team_move_children();
DROP FUNCTION accounts_team_keep_path();
"""

TOKENS = """
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

FREE_TOKENS = """
DROP TRIGGER api_token_keeps_identity ON accounts_apitoken;
DROP FUNCTION accounts_apitoken_keep_identity();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.RunSQL(TREE, NO_TREE),
        migrations.RunSQL(TOKENS, FREE_TOKENS),
    ]
