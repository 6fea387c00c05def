"""Let the database itself guard what no order of operations may break.

Each refusal carries SQLSTATE 23514 and a constraint name, so that Django reports it as an
IntegrityError like any other constraint.
"""

from django.db import migrations

REFUSE = """
CREATE FUNCTION partners_refuse(name text, words text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = '23514', CONSTRAINT = name,
        MESSAGE = format('violates "%s": %s', name, words);
END $$;
"""

ACYCLIC = """
CREATE FUNCTION partners_partner_acyclic() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.parent_id IS NULL THEN RETURN NEW; END IF;
    -- two people hanging two partners under each other at once wait for one another here
    PERFORM pg_advisory_xact_lock(hashtextextended('partners_partner.parent', 0));
    IF EXISTS (
        WITH RECURSIVE above(id) AS (
            SELECT NEW.parent_id
            UNION
            SELECT p.parent_id FROM partners_partner p JOIN above a ON p.id = a.id
            WHERE p.parent_id IS NOT NULL
        )
        SELECT FROM above WHERE id = NEW.id
    ) THEN
        PERFORM partners_refuse('partner_parent_acyclic', 'a partner cannot be above itself');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER partner_parent_acyclic BEFORE INSERT OR UPDATE OF parent_id
    ON partners_partner FOR EACH ROW EXECUTE FUNCTION partners_partner_acyclic();
"""

STANDING = """
CREATE FUNCTION partners_standing_holds(which bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    c partners_cooperation%ROWTYPE;
    stay partners_stagetransition%ROWTYPE;
    ends_as text;
    held_since timestamptz;
BEGIN
    SELECT * INTO c FROM partners_cooperation WHERE id = which;
    IF NOT FOUND THEN RETURN; END IF;
    SELECT * INTO stay FROM partners_stagetransition
        WHERE cooperation_id = which AND exited_at IS NULL;
    IF NOT FOUND THEN
        PERFORM partners_refuse('cooperation_has_open_stay', 'no open stage move');
    END IF;
    IF (c.stage_id, c.stage_entered_at) IS DISTINCT FROM (stay.to_stage_id, stay.entered_at) THEN
        PERFORM partners_refuse('cooperation_stage_follows_move',
            'the stage is not that of the open stage move');
    END IF;
    SELECT stage_type INTO ends_as FROM partners_stagedefinition WHERE code = c.stage_id;
    IF (ends_as = 'open') <> (c.closed_at IS NULL)
        OR c.closed_at IS DISTINCT FROM (CASE WHEN ends_as <> 'open' THEN stay.entered_at END)
        OR (ends_as <> 'open'
            AND (ends_as = 'completed') <> (c.closed_reason IN ('transformed', 'exited')))
    THEN
        PERFORM partners_refuse('cooperation_closed_follows_stage',
            'closing date and reason do not fit the stage');
    END IF;
    SELECT began_at INTO held_since FROM partners_hold
        WHERE cooperation_id = which AND ended_at IS NULL AND stay_id = stay.id;
    IF c.on_hold_since IS DISTINCT FROM held_since OR EXISTS (
        SELECT FROM partners_hold
        WHERE cooperation_id = which AND ended_at IS NULL AND stay_id <> stay.id
    ) THEN
        PERFORM partners_refuse('cooperation_hold_follows_span',
            'the hold is not that of the open span');
    END IF;
END $$;

CREATE FUNCTION partners_cooperation_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM partners_standing_holds(NEW.id);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER cooperation_stage_follows_move
    AFTER INSERT OR UPDATE ON partners_cooperation DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION partners_cooperation_stands();

CREATE FUNCTION partners_part_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM partners_standing_holds(NEW.cooperation_id);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER stagetransition_stands
    AFTER INSERT OR UPDATE ON partners_stagetransition DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION partners_part_stands();
CREATE CONSTRAINT TRIGGER hold_stands
    AFTER INSERT OR UPDATE ON partners_hold DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION partners_part_stands();
"""

CHAIN = """
CREATE FUNCTION partners_move_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.kind = 'start' THEN
        IF EXISTS (SELECT FROM partners_stagetransition
                   WHERE cooperation_id = NEW.cooperation_id AND id <> NEW.id
                   AND (entered_at < NEW.entered_at OR kind = 'start')) THEN
            PERFORM partners_refuse('stagetransition_starts_once', 'there is a move before it');
        END IF;
        RETURN NULL;
    END IF;
    IF NOT EXISTS (SELECT FROM partners_stagetransition
                   WHERE cooperation_id = NEW.cooperation_id AND id <> NEW.id
                   AND to_stage_id = NEW.from_stage_id AND exited_at = NEW.entered_at) THEN
        PERFORM partners_refuse('stagetransition_follows_previous',
            'no stay in the earlier stage ended at that instant');
    END IF;
    IF NOT EXISTS (SELECT FROM partners_stagetransitionrule r
                   WHERE r.id = NEW.rule_id AND r.source_id = NEW.from_stage_id
                   AND r.target_id = NEW.to_stage_id AND r.kind = NEW.kind) THEN
        PERFORM partners_refuse('stagetransition_obeys_its_rule', 'its rule allows another step');
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER stagetransition_follows_previous
    AFTER INSERT ON partners_stagetransition DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION partners_move_follows();
"""

APPEND_ONLY = """
CREATE FUNCTION partners_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM partners_refuse(TG_ARGV[0], 'these rows are never changed or deleted');
    RETURN NULL;
END $$;

CREATE FUNCTION partners_close_once() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    -- arguments: constraint, the column that is filled once, others filled with it
    was jsonb := to_jsonb(OLD);
    becomes jsonb := to_jsonb(NEW);
    open_columns text[] := TG_ARGV[1:];
BEGIN
    IF was -> TG_ARGV[1] <> 'null' OR becomes -> TG_ARGV[1] = 'null'
        OR (was - open_columns) <> (becomes - open_columns)
    THEN
        PERFORM partners_refuse(TG_ARGV[0], 'it may only be closed, once');
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION partners_held_fits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.held_seconds > extract(epoch FROM NEW.exited_at - NEW.entered_at) THEN
        PERFORM partners_refuse('stagetransition_held_fits_stay', 'held longer than it lasted');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER stagetransition_held_fits_stay BEFORE INSERT OR UPDATE
    ON partners_stagetransition FOR EACH ROW
    WHEN (NEW.exited_at >= NEW.entered_at) EXECUTE FUNCTION partners_held_fits();
"""

# a stay is closed once, and told once when the cooperation went on, also after it was closed
STAYS = """
CREATE FUNCTION partners_stay_changes() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    -- generated columns are not computed yet when this looks
    settled text[] := ARRAY['exited_at', 'held_seconds', 'advanced_at', 'lasted_seconds'];
    is_closing boolean := OLD.exited_at IS NULL AND NEW.exited_at IS NOT NULL;
BEGIN
    IF (to_jsonb(OLD) - settled) <> (to_jsonb(NEW) - settled)
        OR NOT is_closing AND (OLD.exited_at, OLD.held_seconds)
            IS DISTINCT FROM (NEW.exited_at, NEW.held_seconds)
        OR OLD.advanced_at IS NOT NULL AND OLD.advanced_at IS DISTINCT FROM NEW.advanced_at
    THEN
        PERFORM partners_refuse('stagetransition_closes_once', 'it may only be closed, once');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER stagetransition_closes_once BEFORE UPDATE ON partners_stagetransition
    FOR EACH ROW EXECUTE FUNCTION partners_stay_changes();
CREATE TRIGGER stagetransition_append_only BEFORE DELETE ON partners_stagetransition
    FOR EACH ROW EXECUTE FUNCTION partners_append_only('stagetransition_append_only');
"""

NEVER_CHANGED = ("gatecheck", "waiver", "approval", "pocdecision", "gatecriterion")
CLOSED_ONCE = {
    "hold": ("ended_at", "ended_by_id"),
    "stagetransitionrule": ("retired_at",),
}

POC = """
CREATE FUNCTION partners_poc_is_measured() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    which bigint;
BEGIN
    IF TG_TABLE_NAME = 'partners_poc' THEN which := NEW.id;
    ELSE which := NEW.poc_id;
    END IF;
    IF EXISTS (SELECT FROM partners_poc p JOIN partners_pocmetric m ON m.poc_id = p.id
               WHERE p.id = which AND p.status = 'go' AND m.is_mandatory
               AND m.measured IS NULL) THEN
        PERFORM partners_refuse('poc_go_has_measures', 'a mandatory metric is not measured');
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER poc_go_has_measures AFTER INSERT OR UPDATE ON partners_poc
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION partners_poc_is_measured();
CREATE CONSTRAINT TRIGGER pocmetric_go_has_measures AFTER INSERT OR UPDATE ON partners_pocmetric
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION partners_poc_is_measured();
"""

SAME_PARTNER = """
CREATE FUNCTION partners_same_partner() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    differs boolean;
BEGIN
    EXECUTE format(
        'SELECT EXISTS (SELECT FROM %I t JOIN partners_cooperation c ON c.id = t.cooperation_id '
        'WHERE t.id = $1 AND t.partner_id <> c.partner_id)', TG_TABLE_NAME)
        INTO differs USING NEW.id;
    IF differs THEN
        PERFORM partners_refuse(TG_ARGV[0], 'the cooperation belongs to another partner');
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION partners_cooperation_moves_whole() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM partners_cooperation c JOIN (
            SELECT cooperation_id, partner_id FROM partners_activity
            UNION ALL SELECT cooperation_id, partner_id FROM partners_actionitem
            UNION ALL SELECT cooperation_id, partner_id FROM partners_risk
            UNION ALL SELECT cooperation_id, partner_id FROM partners_attachment
        ) t ON t.cooperation_id = c.id
        WHERE c.id = NEW.id AND t.partner_id <> c.partner_id
    ) THEN
        PERFORM partners_refuse('cooperation_moves_whole', 'something stays with the old partner');
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER cooperation_moves_whole AFTER UPDATE OF partner_id
    ON partners_cooperation DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION partners_cooperation_moves_whole();
"""
WITH_COOPERATION = ("activity", "actionitem", "risk", "attachment")


def triggers():
    """One statement per guarded table."""
    for table in NEVER_CHANGED:
        yield (
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE "
            f"ON partners_{table} FOR EACH ROW "
            f"EXECUTE FUNCTION partners_append_only('{table}_append_only');"
        )
    for table, columns in CLOSED_ONCE.items():
        filled = ", ".join(f"'{column}'" for column in columns)
        yield (
            f"CREATE TRIGGER {table}_append_only BEFORE DELETE "
            f"ON partners_{table} FOR EACH ROW "
            f"EXECUTE FUNCTION partners_append_only('{table}_append_only');"
        )
        yield (
            f"CREATE TRIGGER {table}_closes_once BEFORE UPDATE "
            f"ON partners_{table} FOR EACH ROW "
            f"EXECUTE FUNCTION partners_close_once('{table}_closes_once', {filled});"
        )
    for table in WITH_COOPERATION:
        name = f"{table}_cooperation_is_of_partner"
        yield (
            f"CREATE CONSTRAINT TRIGGER {name} AFTER INSERT OR UPDATE "
            f"ON partners_{table} DEFERRABLE INITIALLY DEFERRED FOR EACH ROW "
            f"WHEN (NEW.cooperation_id IS NOT NULL) "
            f"EXECUTE FUNCTION partners_same_partner('{name}');"
        )


FUNCTIONS = (
    "partners_stay_changes()",
    "partners_cooperation_moves_whole()",
    "partners_same_partner()",
    "partners_poc_is_measured()",
    "partners_held_fits()",
    "partners_close_once()",
    "partners_append_only()",
    "partners_move_follows()",
    "partners_part_stands()",
    "partners_cooperation_stands()",
    "partners_standing_holds(bigint)",
    "partners_partner_acyclic()",
    "partners_refuse(text, text)",
)


class Migration(migrations.Migration):
    dependencies = [("partners", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "\n".join(
                [
                    REFUSE,
                    ACYCLIC,
                    STANDING,
                    CHAIN,
                    APPEND_ONLY,
                    STAYS,
                    POC,
                    SAME_PARTNER,
                    *triggers(),
                ]
            ),
            "\n".join(f"DROP FUNCTION {name} CASCADE;" for name in FUNCTIONS),
        )
    ]
