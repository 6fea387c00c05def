"""The database keeps the team tree: paths follow parents, circles are refused."""

from django.db import migrations

FORWARD = """
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

UPDATE accounts_team SET path = path WHERE parent_id IS NULL;
"""

BACKWARD = """
DROP TRIGGER team_moves_children ON accounts_team;
DROP TRIGGER team_keeps_path ON accounts_team;
DROP FUNCTION accounts_team_move_children();
DROP FUNCTION accounts_team_keep_path();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
