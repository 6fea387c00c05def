"""Let the database itself guard lineage, the three state machines and whose model it is."""

from django.db import migrations

ACYCLIC = """
CREATE FUNCTION ai_lineage_acyclic() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.derived_id IS NULL THEN RETURN NEW; END IF;
    -- two people who make two models each other's parent at once wait for one another here
    PERFORM pg_advisory_xact_lock(hashtextextended('ai_modelparent', 0));
    IF EXISTS (
        WITH RECURSIVE above(id) AS (
            SELECT NEW.derived_id
            UNION
            SELECT p.derived_id FROM ai_modelparent p JOIN above a ON p.child_id = a.id
            WHERE p.derived_id IS NOT NULL
        )
        SELECT FROM above WHERE id = NEW.child_id
    ) THEN
        PERFORM partners_refuse('modelparent_acyclic', 'a model cannot descend from itself');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER modelparent_acyclic BEFORE INSERT OR UPDATE
    ON ai_modelparent FOR EACH ROW EXECUTE FUNCTION ai_lineage_acyclic();
"""

STEPS = """
CREATE FUNCTION ai_step_is_known() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    -- arguments: constraint, column, then every step as from>to
    was text := to_jsonb(OLD) ->> TG_ARGV[1];
    becomes text := to_jsonb(NEW) ->> TG_ARGV[1];
BEGIN
    IF was <> becomes AND NOT (was || '>' || becomes) = ANY (TG_ARGV[2:]) THEN
        PERFORM partners_refuse(TG_ARGV[0], format('no step from %s to %s', was, becomes));
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER derivedmodel_takes_known_steps BEFORE UPDATE OF lifecycle
    ON ai_derivedmodel FOR EACH ROW EXECUTE FUNCTION ai_step_is_known(
        'derivedmodel_takes_known_steps', 'lifecycle',
        'training>evaluated', 'training>retired', 'evaluated>staging',
        'evaluated>training', 'evaluated>retired', 'staging>production',
        'staging>evaluated', 'staging>retired', 'production>staging',
        'production>retired');
CREATE TRIGGER scenario_takes_known_steps BEFORE UPDATE OF status
    ON ai_scenario FOR EACH ROW EXECUTE FUNCTION ai_step_is_known(
        'scenario_takes_known_steps', 'status',
        'planned>live', 'planned>ended', 'live>ended', 'ended>live');
CREATE TRIGGER feedback_takes_known_steps BEFORE UPDATE OF state
    ON ai_feedback FOR EACH ROW EXECUTE FUNCTION ai_step_is_known(
        'feedback_takes_known_steps', 'state',
        'open>accepted', 'open>declined', 'accepted>shipped', 'accepted>declined',
        'shipped>verified', 'shipped>open', 'verified>open', 'declined>open');
"""

# at commit, so that a merge of partners may move model and cooperation one after the other
OWNER = """
CREATE FUNCTION ai_derived_of_partner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM ai_derivedmodel d JOIN partners_cooperation c ON c.id = d.cooperation_id
        WHERE d.id = NEW.id AND c.partner_id <> d.partner_id
    ) THEN
        PERFORM partners_refuse('derivedmodel_cooperation_of_partner',
            'the cooperation is with another partner');
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER derivedmodel_cooperation_of_partner
    AFTER INSERT OR UPDATE ON ai_derivedmodel DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION ai_derived_of_partner();
"""

UNDO = """
DROP TRIGGER modelparent_acyclic ON ai_modelparent;
DROP TRIGGER derivedmodel_takes_known_steps ON ai_derivedmodel;
DROP TRIGGER scenario_takes_known_steps ON ai_scenario;
DROP TRIGGER feedback_takes_known_steps ON ai_feedback;
DROP TRIGGER derivedmodel_cooperation_of_partner ON ai_derivedmodel;
DROP FUNCTION ai_lineage_acyclic();
DROP FUNCTION ai_step_is_known();
DROP FUNCTION ai_derived_of_partner();
"""


class Migration(migrations.Migration):
    dependencies = [("ai", "0001_initial"), ("partners", "0002_guards")]

    operations = [migrations.RunSQL(ACYCLIC + STEPS + OWNER, UNDO)]
