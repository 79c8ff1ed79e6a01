-- Grants keyed by the slug of a role, as other systems keep them, and the road from there to grants keyed by
-- the role's id. They have a table of their own: what reads and writes one key only never meets them.

-- States of the environment:
--   unused    nothing is keyed by slugs, and nothing was
--   dual      both keys are read; grants keyed by slugs may come in
--   cut_over  one key is read; what was keyed by slugs is kept, so that this can be taken back
--   purged    it is gone, for good
ALTER TABLE rolecall.environment
  ADD COLUMN legacy_state text NOT NULL DEFAULT 'unused'
    CHECK (legacy_state IN ('unused', 'dual', 'cut_over', 'purged')),
  ADD COLUMN legacy_since timestamptz;

-- One row is one selector, as in `grants`. `role_id` is the role that the slug names, null while it names none.
-- A row that has been brought over is read no more: the role has a grant that says the same. `grant_id` is that
-- grant where it was made for the row, and null where the role had it already.
CREATE TABLE rolecall.legacy_grants (
  organization_id text NOT NULL REFERENCES rolecall.organizations (id),
  id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  slug text NOT NULL CHECK (slug ~ '^[a-z0-9][a-z0-9_-]*$' AND char_length(slug) <= 255),
  role_id uuid,
  brought_over boolean NOT NULL DEFAULT false,
  grant_id bigint,
  scope text NOT NULL CHECK (scope ~ '^[a-z][a-z0-9_-]*:[a-z][a-z0-9_-]*$' AND char_length(scope) <= 100),
  effect text NOT NULL CHECK (effect IN ('allow', 'deny')),
  resource_id text NOT NULL CHECK (resource_id = '*' OR rolecall.is_identifier(resource_id)),
  dimensions jsonb NOT NULL DEFAULT '{}'
    CHECK (jsonb_typeof(dimensions) = 'object' AND octet_length(dimensions::text) <= 1024),
  CONSTRAINT legacy_grants_dimensions_are_named CHECK
    (NOT jsonb_path_exists(dimensions,
      'strict $.* ? (@.type() != "string" || @ == "*" || @ == "")', vars => '{}', silent => true)),
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, slug, scope, effect, resource_id, dimensions),
  CONSTRAINT legacy_grants_of_a_role
    FOREIGN KEY (organization_id, role_id) REFERENCES rolecall.roles (organization_id, id),
  CONSTRAINT legacy_grants_brought_to_a_role CHECK (role_id IS NOT NULL OR NOT brought_over),
  CONSTRAINT legacy_grants_made_for_a_row CHECK (brought_over OR grant_id IS NULL),
  CONSTRAINT legacy_grants_deny_no_org CHECK (NOT (effect = 'deny' AND split_part(scope, ':', 1) = 'org'))
);
-- Whole rows, so that a load needs the index alone.
CREATE INDEX legacy_grants_of_role ON rolecall.legacy_grants
  (organization_id, role_id, brought_over, scope, effect, resource_id, dimensions);
CREATE INDEX legacy_grants_left ON rolecall.legacy_grants (organization_id, slug) WHERE NOT brought_over;
-- Every life of a slug, the ended ones too.
CREATE INDEX roles_lives_of_slug ON rolecall.roles (organization_id, slug) WHERE slug IS NOT NULL;

-- INVARIANT (one meaning of a slug): which role `role:<slug>` names in an organization, the same everywhere. The
-- organization's own roles go before the global ones. A slug that has named more than one role of that rank,
-- living or deleted, names none: whose grants they were cannot be known, and unknown means no.
CREATE VIEW rolecall.role_slugs AS
  SELECT r.organization_id, r.id AS role_id, r.kind, coalesce(g.slug, r.slug) AS slug
    FROM rolecall.roles r
    LEFT JOIN rolecall.global_roles g ON g.id = r.global_role_id
    WHERE r.deleted_at IS NULL AND g.deleted_at IS NULL
      AND NOT EXISTS (
        SELECT FROM rolecall.roles own
          WHERE own.organization_id = r.organization_id AND own.slug = coalesce(g.slug, r.slug)
            AND own.id <> r.id)
      AND NOT EXISTS (
        SELECT FROM rolecall.global_roles other
          WHERE other.slug = g.slug AND other.id <> r.global_role_id);

-- A row that comes in is given the role that its slug names.
CREATE FUNCTION rolecall.name_legacy_roles() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE rolecall.legacy_grants l SET role_id = s.role_id
    FROM new_rows n LEFT JOIN rolecall.role_slugs s
      ON s.organization_id = n.organization_id AND s.slug = n.slug
    WHERE l.organization_id = n.organization_id AND l.id = n.id AND NOT n.brought_over
      AND n.role_id IS DISTINCT FROM s.role_id;
  RETURN NULL;
END $$;
CREATE TRIGGER legacy_grants_named AFTER INSERT ON rolecall.legacy_grants
  REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION rolecall.name_legacy_roles();

-- When a role begins or ends, its slug may come to name another one, or none.
CREATE FUNCTION rolecall.rename_legacy_roles() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  changed_slug text;
BEGIN
  IF (SELECT e.legacy_state FROM rolecall.environment e) <> 'dual' THEN
    RETURN NULL;
  END IF;
  changed_slug := coalesce(NEW.slug, (SELECT g.slug FROM rolecall.global_roles g WHERE g.id = NEW.id));
  UPDATE rolecall.legacy_grants l SET role_id = named.role_id
    FROM (VALUES (NEW.organization_id, changed_slug)) AS changed (organization_id, slug)
    LEFT JOIN rolecall.role_slugs named
      ON named.organization_id = changed.organization_id AND named.slug = changed.slug
    WHERE l.organization_id = changed.organization_id AND l.slug = changed.slug AND NOT l.brought_over
      AND l.role_id IS DISTINCT FROM named.role_id;
  RETURN NULL;
END $$;
CREATE TRIGGER roles_begin_a_slug AFTER INSERT ON rolecall.roles
  FOR EACH ROW EXECUTE FUNCTION rolecall.rename_legacy_roles();
CREATE TRIGGER roles_end_a_slug AFTER UPDATE OF deleted_at ON rolecall.roles
  FOR EACH ROW WHEN (NEW.deleted_at IS DISTINCT FROM OLD.deleted_at)
  EXECUTE FUNCTION rolecall.rename_legacy_roles();

CREATE FUNCTION rolecall.rename_legacy_global_roles() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT e.legacy_state FROM rolecall.environment e) = 'dual' THEN
    UPDATE rolecall.legacy_grants l SET role_id = named.role_id
      FROM rolecall.organizations o
      LEFT JOIN rolecall.role_slugs named ON named.organization_id = o.id AND named.slug = NEW.slug
      WHERE l.organization_id = o.id AND l.slug = NEW.slug AND NOT l.brought_over
        AND l.role_id IS DISTINCT FROM named.role_id;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER global_roles_end_a_slug AFTER UPDATE OF deleted_at ON rolecall.global_roles
  FOR EACH ROW WHEN (NEW.deleted_at IS DISTINCT FROM OLD.deleted_at)
  EXECUTE FUNCTION rolecall.rename_legacy_global_roles();

-- The grants of a role, by whichever key: those keyed by its id, and those read by its slug that say more.
CREATE VIEW rolecall.role_grants AS
  SELECT g.organization_id, g.role_id, g.id, false AS legacy, g.scope, g.effect, g.resource_id, g.dimensions
    FROM rolecall.grants g WHERE g.role_id IS NOT NULL
  UNION ALL
  SELECT l.organization_id, l.role_id, l.id, true, l.scope, l.effect, l.resource_id, l.dimensions
    FROM rolecall.legacy_grants l
    WHERE l.role_id IS NOT NULL AND NOT l.brought_over AND NOT EXISTS (
      SELECT FROM rolecall.grants g
        WHERE g.organization_id = l.organization_id AND g.role_id = l.role_id AND g.scope = l.scope
          AND g.effect = l.effect AND g.resource_id = l.resource_id AND g.dimensions = l.dimensions);

-- INVARIANT (old form refused): nothing is keyed by a slug outside of `dual`. The share lock lets nobody cut over
-- between this look at the state and the commit.
CREATE FUNCTION rolecall.refuse_legacy_grants() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  state text;
BEGIN
  IF NOT EXISTS (SELECT FROM new_rows) THEN
    RETURN NULL;
  END IF;
  SELECT e.legacy_state INTO state FROM rolecall.environment e FOR SHARE;
  IF state <> 'dual' THEN
    RAISE EXCEPTION 'grants keyed by slugs are refused in the state %', state
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER legacy_grants_come_in_while_dual AFTER INSERT ON rolecall.legacy_grants
  REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION rolecall.refuse_legacy_grants();
CREATE TRIGGER legacy_grants_change_while_dual AFTER UPDATE ON rolecall.legacy_grants
  REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION rolecall.refuse_legacy_grants();

-- INVARIANT (neutral steps): the state changes only while no grant is read by its slug, so that no step changes
-- a decision, and a node need not hear of one to answer rightly.
CREATE FUNCTION rolecall.refuse_legacy_step() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  step text := OLD.legacy_state || ' to ' || NEW.legacy_state;
BEGIN
  IF step NOT IN ('unused to dual', 'dual to cut_over', 'cut_over to dual', 'cut_over to purged')
    OR EXISTS (SELECT FROM rolecall.legacy_grants WHERE NOT brought_over)
    OR (NEW.legacy_state = 'purged' AND EXISTS (SELECT FROM rolecall.legacy_grants))
  THEN
    RAISE EXCEPTION 'the legacy state may not go from %', step
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  NEW.legacy_since = now();
  RETURN NEW;
END $$;
CREATE TRIGGER environment_legacy_steps BEFORE UPDATE ON rolecall.environment
  FOR EACH ROW WHEN (NEW.legacy_state <> OLD.legacy_state)
  EXECUTE FUNCTION rolecall.refuse_legacy_step();

-- INVARIANT (deletes remove both): a grant of a role that goes takes with it whatever says the same by the role's
-- slug, in every state, so that taking back the cut-over brings no right back.
CREATE FUNCTION rolecall.delete_legacy_twins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT e.legacy_state FROM rolecall.environment e) IN ('dual', 'cut_over') THEN
    DELETE FROM rolecall.legacy_grants l USING old_rows o
      WHERE l.organization_id = o.organization_id AND l.role_id = o.role_id AND l.scope = o.scope
        AND l.effect = o.effect AND l.resource_id = o.resource_id AND l.dimensions = o.dimensions;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER grants_delete_legacy_twins AFTER DELETE ON rolecall.grants
  REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION rolecall.delete_legacy_twins();
