-- The foundation: organizations and their people, roles and grants, and what every write leaves behind.
-- Every tenant table is keyed by organization first. What a constraint can forbid is forbidden here, so
-- that a wrong row cannot be inserted by hand either.

CREATE SCHEMA IF NOT EXISTS rolecall;
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
CREATE EXTENSION IF NOT EXISTS btree_gin WITH SCHEMA public;

-- An identifier chosen by the host: 1 to 255 characters, none of them a space or a control character.
-- `*` is the wildcard and never names anything. The length is not in the pattern: a counted repetition
-- costs sixty times as much, for every row of an import.
CREATE FUNCTION rolecall.is_identifier(value text) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN char_length(value) BETWEEN 1 AND 255 AND value !~ '[[:space:][:cntrl:]]' AND value <> '*';

-- What member search looks through. Each word also stands alone after a space, so that a pattern which
-- begins with a space finds word prefixes through the same trigram index as substrings.
CREATE FUNCTION rolecall.member_search_text(name text, email text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN ' ' || lower(coalesce(name, '')) || ' ' || lower(coalesce(email, '')) || ' '
    || regexp_replace(lower(coalesce(name, '') || ' ' || coalesce(email, '')), '[^[:alnum:]]+', ' ', 'g');

-- For triggers that forbid what a constraint cannot; the error names the trigger as its constraint.
CREATE FUNCTION rolecall.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is refused on %', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
END $$;

-- This database's own identity. The epoch changes when the data goes back in time (a restored backup),
-- so that revisions of two histories are never compared.
CREATE TABLE rolecall.environment (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  epoch uuid NOT NULL DEFAULT gen_random_uuid(),
  created_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO rolecall.environment DEFAULT VALUES;
CREATE TRIGGER environment_stays BEFORE DELETE OR TRUNCATE ON rolecall.environment
  FOR EACH STATEMENT EXECUTE FUNCTION rolecall.refuse_change();

---------------------------------------------------------------------------------------------- identity

CREATE TABLE rolecall.organizations (
  id text PRIMARY KEY CHECK (rolecall.is_identifier(id)),
  name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 255),
  workos_id text UNIQUE CHECK (rolecall.is_identifier(workos_id)),
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX organizations_page ON rolecall.organizations (created_at, id);

-- INVARIANT (one lock): every transaction that can change a decision of an organization first raises the
-- revision of this row, and so holds it. The row is revision order, last-admin guard and audit head at once.
CREATE TABLE rolecall.organization_state (
  organization_id text PRIMARY KEY REFERENCES rolecall.organizations (id),
  revision bigint NOT NULL DEFAULT 0 CHECK (revision >= 0),
  enforcement text NOT NULL CHECK (enforcement IN ('off', 'shadow', 'enforced')),
  no_admin boolean NOT NULL DEFAULT false,
  member_count bigint NOT NULL DEFAULT 0 CHECK (member_count >= 0),
  role_count bigint NOT NULL DEFAULT 0 CHECK (role_count >= 0),
  audit_sequence bigint NOT NULL DEFAULT 0 CHECK (audit_sequence >= 0)
) WITH (fillfactor = 50);

CREATE FUNCTION rolecall.refuse_lower_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'revision of organization % may not go from % to %',
    NEW.organization_id, OLD.revision, NEW.revision
    USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
END $$;
CREATE TRIGGER organization_state_revision_rises BEFORE UPDATE ON rolecall.organization_state
  FOR EACH ROW WHEN (NEW.revision < OLD.revision OR NEW.audit_sequence < OLD.audit_sequence)
  EXECUTE FUNCTION rolecall.refuse_lower_revision();
-- A state that is deleted and made anew would begin again at revision 0.
CREATE TRIGGER organization_state_stays BEFORE DELETE OR TRUNCATE ON rolecall.organization_state
  FOR EACH STATEMENT EXECUTE FUNCTION rolecall.refuse_change();
-- Checked at commit, because each of the two rows needs the other one.
ALTER TABLE rolecall.organizations ADD CONSTRAINT organizations_have_state
  FOREIGN KEY (id) REFERENCES rolecall.organization_state (organization_id)
  DEFERRABLE INITIALLY DEFERRED;

CREATE TABLE rolecall.users (
  id text PRIMARY KEY CHECK (rolecall.is_identifier(id)),
  workos_user_id text UNIQUE CHECK (rolecall.is_identifier(workos_user_id)),
  email text CHECK (char_length(email) BETWEEN 1 AND 320),
  name text CHECK (char_length(name) <= 255),
  photo_url text CHECK (char_length(photo_url) <= 2048),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  deleted_at timestamptz
);
-- Every load asks whether its user is deleted; the few who are make an index of a page or two.
CREATE INDEX users_deleted ON rolecall.users (id) WHERE deleted_at IS NOT NULL;

-- A membership outlives its deletion as a tombstone, because a known former member is denied even where
-- an unknown one is let through (enforcement `off` and `shadow`). It exists before its user is known.
CREATE TABLE rolecall.memberships (
  organization_id text NOT NULL REFERENCES rolecall.organizations (id),
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  user_id text REFERENCES rolecall.users (id),
  workos_membership_id text UNIQUE CHECK (rolecall.is_identifier(workos_membership_id)),
  status text NOT NULL CHECK (status IN ('pending', 'active', 'inactive')),
  directory_managed boolean NOT NULL DEFAULT false,
  email text CHECK (char_length(email) BETWEEN 1 AND 320),
  name text CHECK (char_length(name) <= 255),
  photo_url text CHECK (char_length(photo_url) <= 2048),
  joined_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  deleted_at timestamptz,
  live boolean NOT NULL GENERATED ALWAYS AS (deleted_at IS NULL) STORED,
  search_text text NOT NULL GENERATED ALWAYS AS (rolecall.member_search_text(name, email)) STORED,
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, id, live),
  UNIQUE (organization_id, id, joined_at, live),
  CONSTRAINT memberships_active_has_user CHECK (user_id IS NOT NULL OR status <> 'active')
);
CREATE UNIQUE INDEX memberships_one_life ON rolecall.memberships (organization_id, user_id)
  WHERE deleted_at IS NULL AND user_id IS NOT NULL;
-- The user comes first, so that it serves the foreign key too: a second index on the user alone would be
-- smaller, and the planner would take it to read all memberships of a user who has thousands.
CREATE INDEX memberships_load ON rolecall.memberships
  (user_id, organization_id, deleted_at DESC NULLS FIRST) INCLUDE (id, status);
CREATE INDEX memberships_page ON rolecall.memberships (organization_id, joined_at, id)
  WHERE deleted_at IS NULL;
CREATE INDEX memberships_of_status ON rolecall.memberships (organization_id, status, joined_at, id)
  WHERE deleted_at IS NULL;
CREATE INDEX memberships_email ON rolecall.memberships (organization_id, lower(email))
  WHERE deleted_at IS NULL;
CREATE INDEX memberships_search ON rolecall.memberships
  USING gin (organization_id, search_text gin_trgm_ops) WHERE deleted_at IS NULL;

------------------------------------------------------------------------------------------------- roles

-- Roles that every organization has. `admin` and `member` are the ones a policy knows; the others mirror
-- the environment roles of the identity provider.
CREATE TABLE rolecall.global_roles (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  slug text NOT NULL CHECK (char_length(slug) BETWEEN 1 AND 48),
  name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 48),
  description text CHECK (char_length(description) <= 150),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  deleted_at timestamptz
);
CREATE UNIQUE INDEX global_roles_slug ON rolecall.global_roles (slug) WHERE deleted_at IS NULL;
INSERT INTO rolecall.global_roles (slug, name, description) VALUES
  ('admin', 'Admin', 'Everything in the organization'),
  ('member', 'Member', 'What every member may do');

-- One row per organization and role. Of a global role the organization keeps only what is its own:
-- grants and version. A deleted role stays as a tombstone; its id never comes back.
CREATE TABLE rolecall.roles (
  organization_id text NOT NULL REFERENCES rolecall.organizations (id),
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  kind text NOT NULL CHECK (kind IN ('global', 'organization')),
  global_role_id uuid GENERATED ALWAYS AS (CASE WHEN kind = 'global' THEN id END) STORED
    REFERENCES rolecall.global_roles (id),
  slug text CHECK (slug ~ '^org-.' AND char_length(slug) <= 48),
  name text CHECK (char_length(name) BETWEEN 1 AND 48),
  description text CHECK (char_length(description) <= 150),
  import_key text CHECK (rolecall.is_identifier(import_key)),
  version bigint NOT NULL DEFAULT 1 CHECK (version >= 1),
  member_count bigint NOT NULL DEFAULT 0 CHECK (member_count >= 0),
  slug_held boolean NOT NULL DEFAULT true,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  deleted_at timestamptz,
  live boolean NOT NULL GENERATED ALWAYS AS (deleted_at IS NULL) STORED,
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, id, live),
  CONSTRAINT roles_slug_is_own CHECK ((kind = 'organization') = (slug IS NOT NULL)),
  CONSTRAINT roles_name_is_own CHECK ((kind = 'organization') = (name IS NOT NULL)),
  CONSTRAINT roles_global_adds_nothing
    CHECK (kind = 'organization' OR (description IS NULL AND import_key IS NULL)),
  CONSTRAINT roles_live_holds_slug CHECK (slug_held OR deleted_at IS NOT NULL)
);
CREATE UNIQUE INDEX roles_slug ON rolecall.roles (organization_id, slug) WHERE slug_held;
CREATE UNIQUE INDEX roles_name ON rolecall.roles (organization_id, lower(name)) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX roles_import_key ON rolecall.roles (organization_id, import_key)
  WHERE deleted_at IS NULL;
CREATE INDEX roles_page ON rolecall.roles (organization_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX roles_of_global_role ON rolecall.roles (global_role_id) WHERE global_role_id IS NOT NULL;

-- `joined_at` is the membership's and never changes: it makes a role's members one ordered range.
-- The two `…_live` columns are always true, so a tombstone can neither be assigned nor keep assignments.
CREATE TABLE rolecall.assignments (
  organization_id text NOT NULL,
  membership_id uuid NOT NULL,
  role_id uuid NOT NULL,
  joined_at timestamptz(3) NOT NULL,
  membership_live boolean NOT NULL DEFAULT true CHECK (membership_live),
  role_live boolean NOT NULL DEFAULT true CHECK (role_live),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, membership_id, role_id),
  CONSTRAINT assignments_of_live_membership
    FOREIGN KEY (organization_id, membership_id, joined_at, membership_live)
    REFERENCES rolecall.memberships (organization_id, id, joined_at, live),
  CONSTRAINT assignments_of_live_role FOREIGN KEY (organization_id, role_id, role_live)
    REFERENCES rolecall.roles (organization_id, id, live)
);
CREATE INDEX assignments_of_role ON rolecall.assignments
  (organization_id, role_id, joined_at, membership_id);

-- Who can administer an organization: an active membership of a known user that holds `admin`.
CREATE VIEW rolecall.usable_admins AS
  SELECT a.organization_id, a.membership_id, m.user_id
    FROM rolecall.global_roles g
    JOIN rolecall.roles r ON r.id = g.id AND r.deleted_at IS NULL
    JOIN rolecall.assignments a ON a.organization_id = r.organization_id AND a.role_id = r.id
    JOIN rolecall.memberships m ON m.organization_id = a.organization_id AND m.id = a.membership_id
    JOIN rolecall.users u ON u.id = m.user_id
    WHERE g.slug = 'admin' AND g.deleted_at IS NULL
      AND m.status = 'active' AND m.deleted_at IS NULL AND u.deleted_at IS NULL;

-- Members that a search finds, by the search index and in no other way: what the planner knows of a word is
-- its share in all organizations together, and it would sooner read a large one from end to end than believe
-- that the word is rare there. `total` counts the hits, of which at most `hit_limit` are looked for; the page
-- is the first of them, in the order in which members joined, after a place in it.
CREATE FUNCTION rolecall.find_members(
    owner_id text, pattern text, with_role uuid, with_status text,
    after_joined_at timestamptz, after_id uuid, page_size bigint, hit_limit bigint)
  RETURNS TABLE (total bigint, membership_id uuid)
  LANGUAGE plpgsql STABLE
  SET enable_seqscan = off SET enable_indexscan = off SET enable_hashjoin = off SET enable_mergejoin = off
  SET max_parallel_workers_per_gather = 0 SET plan_cache_mode = force_custom_plan AS $$
BEGIN
  RETURN QUERY
    WITH hits AS MATERIALIZED (
      SELECT m.joined_at, m.id FROM rolecall.memberships m
        WHERE m.organization_id = owner_id AND m.deleted_at IS NULL AND m.search_text LIKE pattern
          AND (with_status IS NULL OR m.status = with_status)
          AND (with_role IS NULL OR EXISTS (
            SELECT FROM rolecall.assignments a
              WHERE a.organization_id = owner_id AND a.membership_id = m.id AND a.role_id = with_role))
        LIMIT hit_limit
    )
    SELECT counted.total, page.id
      FROM (SELECT count(*) AS total FROM hits) counted
      LEFT JOIN (
        SELECT h.id FROM hits h WHERE (h.joined_at, h.id) > (after_joined_at, after_id)
          ORDER BY h.joined_at, h.id LIMIT page_size
      ) page ON true;
END $$;

-- The system role that an organization has under this slug; null when it has none.
CREATE FUNCTION rolecall.system_role_id(owner_id text, role_slug text) RETURNS uuid
  LANGUAGE plpgsql STABLE AS $$ -- not SQL, which would be planned anew by every lock
BEGIN
  RETURN (SELECT r.id FROM rolecall.global_roles g
            JOIN rolecall.roles r ON r.organization_id = owner_id AND r.id = g.id
            WHERE g.slug = role_slug AND g.deleted_at IS NULL AND r.deleted_at IS NULL);
END $$;

-- INVARIANT (one lock): the way to hold an organization. Whoever waits here for another transaction goes on
-- with what that one committed, because the second statement takes a snapshot of its own.
CREATE FUNCTION rolecall.lock_organization(locked_id text)
  RETURNS TABLE (revision bigint, enforcement text, no_admin boolean, linked boolean,
                 admin_role_id uuid, member_role_id uuid)
  LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  UPDATE rolecall.organization_state s SET revision = s.revision + 1
    WHERE s.organization_id = locked_id;
  RETURN QUERY
    SELECT s.revision, s.enforcement, s.no_admin, o.workos_id IS NOT NULL,
           rolecall.system_role_id(locked_id, 'admin'), rolecall.system_role_id(locked_id, 'member')
      FROM rolecall.organization_state s
      JOIN rolecall.organizations o ON o.id = s.organization_id
      WHERE s.organization_id = locked_id;
END $$;

---------------------------------------------------------------------------------------------- api keys

-- A key's secret is random enough that one SHA-256 hides it; only the hash is kept.
CREATE TABLE rolecall.api_keys (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id text REFERENCES rolecall.organizations (id),
  scope text NOT NULL CHECK (scope IN ('manage', 'check')),
  name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 100),
  hash bytea NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
  hint text NOT NULL CHECK (char_length(hint) <= 8),
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  revoked_at timestamptz,
  UNIQUE (organization_id, id)
);
CREATE INDEX api_keys_page ON rolecall.api_keys (created_at, id);

------------------------------------------------------------------------------------------------ grants

-- One row is one selector. The resource kind is the scope's, so it is not stored a second time.
-- A role's grants outlive its tombstone (a role deleted by the other side can be restored with them).
CREATE TABLE rolecall.grants (
  organization_id text NOT NULL REFERENCES rolecall.organizations (id),
  id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  role_id uuid,
  membership_id uuid,
  api_key_id uuid,
  membership_live boolean GENERATED ALWAYS AS (CASE WHEN membership_id IS NOT NULL THEN true END) STORED,
  scope text NOT NULL CHECK (scope ~ '^[a-z][a-z0-9_-]*:[a-z][a-z0-9_-]*$' AND char_length(scope) <= 100),
  effect text NOT NULL CHECK (effect IN ('allow', 'deny')),
  resource_id text NOT NULL CHECK (resource_id = '*' OR rolecall.is_identifier(resource_id)),
  dimensions jsonb NOT NULL DEFAULT '{}'
    CHECK (jsonb_typeof(dimensions) = 'object' AND octet_length(dimensions::text) <= 1024),
  -- A dimension given as `*` says nothing and is dropped before it is stored.
  CONSTRAINT grants_dimensions_are_named CHECK
    (NOT jsonb_path_exists(dimensions,
      'strict $.* ? (@.type() != "string" || @ == "*" || @ == "")', vars => '{}', silent => true)),
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  CONSTRAINT grants_of_a_role
    FOREIGN KEY (organization_id, role_id) REFERENCES rolecall.roles (organization_id, id),
  CONSTRAINT grants_of_an_api_key
    FOREIGN KEY (organization_id, api_key_id) REFERENCES rolecall.api_keys (organization_id, id),
  CONSTRAINT grants_of_a_live_membership FOREIGN KEY (organization_id, membership_id, membership_live)
    REFERENCES rolecall.memberships (organization_id, id, live),
  CONSTRAINT grants_have_one_holder CHECK (num_nonnulls(role_id, membership_id, api_key_id) = 1),
  CONSTRAINT grants_deny_no_org CHECK (NOT (effect = 'deny' AND split_part(scope, ':', 1) = 'org'))
);
CREATE UNIQUE INDEX grants_of_role ON rolecall.grants
  (organization_id, role_id, scope, effect, resource_id, dimensions) INCLUDE (id) WHERE role_id IS NOT NULL;
CREATE UNIQUE INDEX grants_of_membership ON rolecall.grants
  (organization_id, membership_id, scope, effect, resource_id, dimensions) INCLUDE (id)
  WHERE membership_id IS NOT NULL;
CREATE INDEX grants_direct ON rolecall.grants (organization_id, id) WHERE role_id IS NULL;
CREATE UNIQUE INDEX grants_of_api_key ON rolecall.grants
  (organization_id, api_key_id, scope, effect, resource_id, dimensions) INCLUDE (id)
  WHERE api_key_id IS NOT NULL;

----------------------------------------------------------------------- what every write leaves behind

-- What a deciding transaction changed, for nodes that keep states in memory. `what` names roles and
-- users: {"roles": [id, …], "users": [id, …]} or {"organization": true}. A poll reads `xid >= low`.
CREATE TABLE rolecall.changes (
  organization_id text NOT NULL REFERENCES rolecall.organizations (id),
  revision bigint NOT NULL CHECK (revision >= 1),
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  what jsonb NOT NULL CHECK (jsonb_typeof(what) = 'object'),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, revision)
);
CREATE INDEX changes_poll ON rolecall.changes (xid);
CREATE INDEX changes_age ON rolecall.changes (created_at);

CREATE TABLE rolecall.audit_events (
  organization_id text NOT NULL REFERENCES rolecall.organizations (id),
  sequence bigint NOT NULL CHECK (sequence >= 1),
  occurred_at timestamptz(3) NOT NULL DEFAULT now(),
  revision bigint NOT NULL CHECK (revision >= 1),
  actor text NOT NULL,
  action text NOT NULL,
  subject text NOT NULL,
  before jsonb,
  after jsonb,
  request_id text,
  PRIMARY KEY (organization_id, sequence)
);
CREATE INDEX audit_events_by_time ON rolecall.audit_events (organization_id, occurred_at);
CREATE INDEX audit_events_by_actor ON rolecall.audit_events (organization_id, actor, sequence);
CREATE INDEX audit_events_by_subject ON rolecall.audit_events (organization_id, subject, sequence);
CREATE INDEX audit_events_by_action ON rolecall.audit_events (organization_id, action, sequence);

-- What concerns the whole environment and no organization: its API keys.
CREATE TABLE rolecall.environment_audit_events (
  sequence bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  occurred_at timestamptz NOT NULL DEFAULT now(),
  actor text NOT NULL,
  action text NOT NULL,
  subject text NOT NULL,
  before jsonb,
  after jsonb,
  request_id text
);

CREATE TRIGGER audit_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON rolecall.audit_events
  FOR EACH STATEMENT EXECUTE FUNCTION rolecall.refuse_change();
CREATE TRIGGER environment_audit_events_append_only
  BEFORE UPDATE OR DELETE OR TRUNCATE ON rolecall.environment_audit_events
  FOR EACH STATEMENT EXECUTE FUNCTION rolecall.refuse_change();

-- The outbox is the entities whose `pushed_version` is behind their `local_version`. A row names a thing
-- to be kept equal, never a call to be made.
CREATE TABLE rolecall.sync_entities (
  organization_id text NOT NULL REFERENCES rolecall.organizations (id),
  id uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
  kind text NOT NULL CHECK (kind IN ('organization_role', 'membership_roles', 'external_id')),
  subject_id text NOT NULL,
  local_version bigint NOT NULL CHECK (local_version >= 1),
  pushed_version bigint NOT NULL DEFAULT 0 CHECK (pushed_version >= 0),
  priority smallint NOT NULL CHECK (priority BETWEEN 0 AND 3),
  changed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, kind, subject_id),
  CONSTRAINT sync_entities_push_what_is CHECK (pushed_version <= local_version)
);
CREATE INDEX sync_entities_pending ON rolecall.sync_entities (organization_id, priority, changed_at)
  WHERE pushed_version < local_version;

-- The answer to a write is kept under its Idempotency-Key, in the write's own transaction. The
-- fingerprint is SHA-256 over actor, method, path and key.
CREATE TABLE rolecall.idempotency_keys (
  api_key_id uuid NOT NULL REFERENCES rolecall.api_keys (id),
  fingerprint bytea NOT NULL CHECK (octet_length(fingerprint) = 32),
  request_hash bytea NOT NULL CHECK (octet_length(request_hash) = 32),
  response jsonb,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (api_key_id, fingerprint)
);
CREATE INDEX idempotency_keys_age ON rolecall.idempotency_keys (created_at);

---------------------------------------------------------------------------------------------- counters

-- INVARIANT (exact counters): member_count and role_count equal the number of live rows they count. They
-- are kept by statement, so a bulk write costs one update, and under the organization's lock, so they
-- never contend.
CREATE FUNCTION rolecall.count_live() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  counter text := TG_ARGV[0];
  signed_rows text := CASE TG_OP
    WHEN 'INSERT' THEN 'SELECT organization_id, 1 AS sign FROM new_rows WHERE live'
    WHEN 'DELETE' THEN 'SELECT organization_id, -1 AS sign FROM old_rows WHERE live'
    ELSE 'SELECT organization_id, 1 AS sign FROM new_rows WHERE live
          UNION ALL SELECT organization_id, -1 FROM old_rows WHERE live' END;
BEGIN
  EXECUTE format(
    'UPDATE rolecall.organization_state s SET %1$I = s.%1$I + d.delta
       FROM (SELECT organization_id, sum(sign) AS delta FROM (%2$s) signed_rows GROUP BY 1) d
       WHERE s.organization_id = d.organization_id AND d.delta <> 0', counter, signed_rows);
  RETURN NULL;
END $$;
CREATE TRIGGER memberships_stay_counted BEFORE TRUNCATE ON rolecall.memberships
  FOR EACH STATEMENT EXECUTE FUNCTION rolecall.refuse_change();
CREATE TRIGGER memberships_counted_insert AFTER INSERT ON rolecall.memberships
  REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION rolecall.count_live('member_count');
CREATE TRIGGER memberships_counted_update AFTER UPDATE ON rolecall.memberships
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION rolecall.count_live('member_count');
CREATE TRIGGER memberships_counted_delete AFTER DELETE ON rolecall.memberships
  REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION rolecall.count_live('member_count');
CREATE TRIGGER roles_stay_counted BEFORE TRUNCATE ON rolecall.roles
  FOR EACH STATEMENT EXECUTE FUNCTION rolecall.refuse_change();
CREATE TRIGGER roles_counted_insert AFTER INSERT ON rolecall.roles
  REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION rolecall.count_live('role_count');
CREATE TRIGGER roles_counted_update AFTER UPDATE ON rolecall.roles
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION rolecall.count_live('role_count');
CREATE TRIGGER roles_counted_delete AFTER DELETE ON rolecall.roles
  REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION rolecall.count_live('role_count');

-- Assignments are inserted and deleted, never changed.
CREATE FUNCTION rolecall.count_assignments() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    UPDATE rolecall.roles r SET member_count = r.member_count + d.delta
      FROM (SELECT organization_id, role_id, count(*) AS delta FROM new_rows GROUP BY 1, 2) d
      WHERE r.organization_id = d.organization_id AND r.id = d.role_id;
  ELSE
    UPDATE rolecall.roles r SET member_count = r.member_count - d.delta
      FROM (SELECT organization_id, role_id, count(*) AS delta FROM old_rows GROUP BY 1, 2) d
      WHERE r.organization_id = d.organization_id AND r.id = d.role_id;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER assignments_stay_counted BEFORE TRUNCATE ON rolecall.assignments
  FOR EACH STATEMENT EXECUTE FUNCTION rolecall.refuse_change();
CREATE TRIGGER assignments_counted_insert AFTER INSERT ON rolecall.assignments
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION rolecall.count_assignments();
CREATE TRIGGER assignments_counted_delete AFTER DELETE ON rolecall.assignments
  REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION rolecall.count_assignments();
CREATE TRIGGER assignments_immutable BEFORE UPDATE ON rolecall.assignments
  FOR EACH STATEMENT EXECUTE FUNCTION rolecall.refuse_change();
