-- The schema as the migrations leave it, read back from the catalog: for reading and for comparing, not
-- for running. Rewritten by `npm run schema`; a test fails when it is stale.

CREATE EXTENSION btree_gin WITH SCHEMA public;

CREATE EXTENSION pg_trgm WITH SCHEMA public;

CREATE OR REPLACE FUNCTION rolecall.audit_content(organization_id text, sequence bigint, occurred_at timestamp with time zone, revision bigint, actor text, action text, subject text, before jsonb, after jsonb, request_id text, cause text)
 RETURNS bytea
 LANGUAGE sql
 STABLE PARALLEL SAFE
RETURN convert_to((((((((((((('rolecall.audit.1'::text || chr(10)) || rolecall.audit_field(organization_id)) || rolecall.audit_field((sequence)::text)) || rolecall.audit_field(((trunc((EXTRACT(epoch FROM occurred_at) * (1000)::numeric)))::bigint)::text)) || rolecall.audit_field((revision)::text)) || rolecall.audit_field(actor)) || rolecall.audit_field(action)) || rolecall.audit_field(subject)) || rolecall.audit_field((before)::text)) || rolecall.audit_field((after)::text)) || rolecall.audit_field(request_id)) || rolecall.audit_field(cause)), 'UTF8'::name);

CREATE OR REPLACE FUNCTION rolecall.audit_field(value text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN COALESCE(((octet_length(value) || ':'::text) || value), '-'::text);

CREATE OR REPLACE FUNCTION rolecall.audit_link(previous bytea, start bytea, content bytea)
 RETURNS bytea
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN sha256((COALESCE(previous, start) || content));

CREATE OR REPLACE FUNCTION rolecall.count_assignments()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION rolecall.count_live()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION rolecall.delete_legacy_twins()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  IF (SELECT e.legacy_state FROM rolecall.environment e) IN ('dual', 'cut_over') THEN
    DELETE FROM rolecall.legacy_grants l USING old_rows o
      WHERE l.organization_id = o.organization_id AND l.role_id = o.role_id AND l.scope = o.scope
        AND l.effect = o.effect AND l.resource_id = o.resource_id AND l.dimensions = o.dimensions;
  END IF;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION rolecall.drop_decision_days(oldest_kept date)
 RETURNS integer
 LANGUAGE plpgsql
AS $function$
DECLARE
  old regclass;
  dropped integer := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('rolecall decision days', 0));
  FOR old IN
    SELECT i.inhrelid::regclass FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
      WHERE i.inhparent = 'rolecall.decision_buckets'::regclass
        AND right(c.relname, 8) < to_char(oldest_kept, 'YYYYMMDD')
  LOOP
    EXECUTE format('DROP TABLE %s', old);
    dropped := dropped + 1;
  END LOOP;
  RETURN dropped;
END $function$;

CREATE OR REPLACE FUNCTION rolecall.ensure_decision_day(wanted date)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
DECLARE
  partition text := 'decision_buckets_' || to_char(wanted, 'YYYYMMDD');
BEGIN
  IF to_regclass('rolecall.' || partition) IS NOT NULL THEN RETURN; END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('rolecall decision days', 0));
  EXECUTE format('CREATE TABLE IF NOT EXISTS rolecall.%I PARTITION OF rolecall.decision_buckets
    FOR VALUES FROM (%L) TO (%L)', partition, wanted, wanted + 1);
END $function$;

CREATE OR REPLACE FUNCTION rolecall.find_members(owner_id text, index_pattern text, pattern text, with_role uuid, with_status text, after_joined_at timestamp with time zone, after_id uuid, page_size bigint, hit_limit bigint)
 RETURNS TABLE(total bigint, membership_id uuid)
 LANGUAGE plpgsql
 STABLE
 SET enable_seqscan TO 'off'
 SET enable_indexscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET max_parallel_workers_per_gather TO '0'
 SET plan_cache_mode TO 'force_custom_plan'
AS $function$
BEGIN
  RETURN QUERY
    WITH hits AS MATERIALIZED (
      SELECT m.joined_at, m.id FROM rolecall.memberships m
        WHERE m.organization_id = owner_id AND m.deleted_at IS NULL AND m.search_text LIKE index_pattern
          -- An expression that is not the index's own keeps this pattern out of the index.
          AND (index_pattern = pattern OR m.search_text || '' LIKE pattern)
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
END $function$;

CREATE OR REPLACE FUNCTION rolecall.is_identifier(value text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN (((char_length(value) >= 1) AND (char_length(value) <= 255)) AND (value !~ '[[:space:][:cntrl:]]'::text) AND (value <> '*'::text));

CREATE OR REPLACE FUNCTION rolecall.lock_organization(locked_id text)
 RETURNS TABLE(revision bigint, enforcement text, no_admin boolean, linked boolean, admin_role_id uuid, member_role_id uuid)
 LANGUAGE plpgsql
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION rolecall.member_search_text(name text, email text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN (((((' '::text || lower(COALESCE(name, ''::text))) || ' '::text) || lower(COALESCE(email, ''::text))) || ' '::text) || regexp_replace(lower(((COALESCE(name, ''::text) || ' '::text) || COALESCE(email, ''::text))), '[^[:alnum:]]+'::text, ' '::text, 'g'::text));

CREATE OR REPLACE FUNCTION rolecall.name_legacy_roles()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  UPDATE rolecall.legacy_grants l SET role_id = s.role_id
    FROM new_rows n LEFT JOIN rolecall.role_slugs s
      ON s.organization_id = n.organization_id AND s.slug = n.slug
    WHERE l.organization_id = n.organization_id AND l.id = n.id AND NOT n.brought_over
      AND n.role_id IS DISTINCT FROM s.role_id;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION rolecall.note_linked_organization()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  INSERT INTO rolecall.sync_organizations (organization_id) VALUES (NEW.id) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION rolecall.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  RAISE EXCEPTION '% is refused on %', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
END $function$;

CREATE OR REPLACE FUNCTION rolecall.refuse_legacy_grants()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION rolecall.refuse_legacy_step()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION rolecall.refuse_lower_revision()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  RAISE EXCEPTION 'revision of organization % may not go from % to %',
    NEW.organization_id, OLD.revision, NEW.revision
    USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
END $function$;

CREATE OR REPLACE FUNCTION rolecall.refuse_unanchored_removal()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  IF EXISTS (SELECT FROM old_rows o LEFT JOIN rolecall.audit_anchors a USING (organization_id)
      WHERE a.sequence IS NULL OR o.sequence > a.sequence) THEN
    RAISE EXCEPTION '% is refused on %', TG_OP, TG_TABLE_NAME
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION rolecall.refuse_wrong_anchor()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  IF (TG_OP = 'UPDATE' AND NEW.sequence <= OLD.sequence)
      OR NOT EXISTS (SELECT FROM rolecall.audit_events e WHERE e.organization_id = NEW.organization_id
        AND e.sequence = NEW.sequence AND e.hash = NEW.hash) THEN
    RAISE EXCEPTION 'the history of organization % has no entry % to anchor at',
      NEW.organization_id, NEW.sequence
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION rolecall.rename_legacy_global_roles()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  IF (SELECT e.legacy_state FROM rolecall.environment e) = 'dual' THEN
    UPDATE rolecall.legacy_grants l SET role_id = named.role_id
      FROM rolecall.organizations o
      LEFT JOIN rolecall.role_slugs named ON named.organization_id = o.id AND named.slug = NEW.slug
      WHERE l.organization_id = o.id AND l.slug = NEW.slug AND NOT l.brought_over
        AND l.role_id IS DISTINCT FROM named.role_id;
  END IF;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION rolecall.rename_legacy_roles()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION rolecall.system_role_id(owner_id text, role_slug text)
 RETURNS uuid
 LANGUAGE plpgsql
 STABLE
AS $function$ -- not SQL, which would be planned anew by every lock
BEGIN
  RETURN (SELECT r.id FROM rolecall.global_roles g
            JOIN rolecall.roles r ON r.organization_id = owner_id AND r.id = g.id
            WHERE g.slug = role_slug AND g.deleted_at IS NULL AND r.deleted_at IS NULL);
END $function$;

CREATE OR REPLACE FUNCTION rolecall.tell_api_key_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  INSERT INTO rolecall.api_key_changes (api_key_id) VALUES (OLD.id) ON CONFLICT DO NOTHING;
  PERFORM pg_notify('rolecall', coalesce(OLD.organization_id, ''));
  RETURN NULL;
END $function$;

CREATE AGGREGATE rolecall.audit_chain(start bytea, content bytea) (SFUNC = rolecall.audit_link, STYPE = bytea);

CREATE TABLE rolecall.api_key_changes (
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  api_key_id uuid NOT NULL,
  CONSTRAINT api_key_changes_pkey PRIMARY KEY (xid, api_key_id)
);

CREATE TABLE rolecall.api_keys (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  organization_id text,
  scope text NOT NULL,
  name text NOT NULL,
  hash bytea NOT NULL,
  hint text NOT NULL,
  created_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  revoked_at timestamp with time zone,
  CONSTRAINT api_keys_pkey PRIMARY KEY (id),
  CONSTRAINT api_keys_hash_key UNIQUE (hash),
  CONSTRAINT api_keys_organization_id_id_key UNIQUE (organization_id, id),
  CONSTRAINT api_keys_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES rolecall.organizations(id),
  CONSTRAINT api_keys_hash_check CHECK ((octet_length(hash) = 32)),
  CONSTRAINT api_keys_hint_check CHECK ((char_length(hint) <= 8)),
  CONSTRAINT api_keys_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 100))),
  CONSTRAINT api_keys_scope_check CHECK ((scope = ANY (ARRAY['manage'::text, 'check'::text])))
);
CREATE INDEX api_keys_page ON rolecall.api_keys USING btree (created_at, id);
CREATE TRIGGER api_keys_stay_told BEFORE TRUNCATE ON rolecall.api_keys FOR EACH STATEMENT EXECUTE FUNCTION rolecall.refuse_change();
CREATE TRIGGER api_keys_tell_changes AFTER DELETE OR UPDATE ON rolecall.api_keys FOR EACH ROW EXECUTE FUNCTION rolecall.tell_api_key_change();

CREATE TABLE rolecall.assignments (
  organization_id text NOT NULL,
  membership_id uuid NOT NULL,
  role_id uuid NOT NULL,
  joined_at timestamp(3) with time zone NOT NULL,
  membership_live boolean NOT NULL DEFAULT true,
  role_live boolean NOT NULL DEFAULT true,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT assignments_pkey PRIMARY KEY (organization_id, membership_id, role_id),
  CONSTRAINT assignments_of_live_membership FOREIGN KEY (organization_id, membership_id, joined_at, membership_live) REFERENCES rolecall.memberships(organization_id, id, joined_at, live),
  CONSTRAINT assignments_of_live_role FOREIGN KEY (organization_id, role_id, role_live) REFERENCES rolecall.roles(organization_id, id, live),
  CONSTRAINT assignments_membership_live_check CHECK (membership_live),
  CONSTRAINT assignments_role_live_check CHECK (role_live)
);
CREATE INDEX assignments_of_role ON rolecall.assignments USING btree (organization_id, role_id, joined_at, membership_id);
CREATE TRIGGER assignments_counted_delete AFTER DELETE ON rolecall.assignments REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION rolecall.count_assignments();
CREATE TRIGGER assignments_counted_insert AFTER INSERT ON rolecall.assignments REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION rolecall.count_assignments();
CREATE TRIGGER assignments_immutable BEFORE UPDATE ON rolecall.assignments FOR EACH STATEMENT EXECUTE FUNCTION rolecall.refuse_change();
CREATE TRIGGER assignments_stay_counted BEFORE TRUNCATE ON rolecall.assignments FOR EACH STATEMENT EXECUTE FUNCTION rolecall.refuse_change();

CREATE TABLE rolecall.audit_anchors (
  organization_id text NOT NULL,
  sequence bigint NOT NULL,
  hash bytea NOT NULL,
  CONSTRAINT audit_anchors_pkey PRIMARY KEY (organization_id),
  CONSTRAINT audit_anchors_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES rolecall.organizations(id)
);
CREATE TRIGGER audit_anchors_hold BEFORE INSERT OR UPDATE ON rolecall.audit_anchors FOR EACH ROW EXECUTE FUNCTION rolecall.refuse_wrong_anchor();
CREATE TRIGGER audit_anchors_stay BEFORE DELETE OR TRUNCATE ON rolecall.audit_anchors FOR EACH STATEMENT EXECUTE FUNCTION rolecall.refuse_change();

CREATE TABLE rolecall.audit_events (
  organization_id text NOT NULL,
  sequence bigint NOT NULL,
  occurred_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  revision bigint NOT NULL,
  actor text NOT NULL,
  action text NOT NULL,
  subject text NOT NULL,
  before jsonb,
  after jsonb,
  request_id text,
  cause text,
  hash bytea NOT NULL,
  CONSTRAINT audit_events_pkey PRIMARY KEY (organization_id, sequence),
  CONSTRAINT audit_events_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES rolecall.organizations(id),
  CONSTRAINT audit_events_cause_check CHECK (rolecall.is_identifier(cause)),
  CONSTRAINT audit_events_hash_check CHECK ((octet_length(hash) = 32)),
  CONSTRAINT audit_events_revision_check CHECK ((revision >= 1)),
  CONSTRAINT audit_events_sequence_check CHECK ((sequence >= 1))
);
CREATE INDEX audit_events_by_action ON rolecall.audit_events USING btree (organization_id, action, sequence);
CREATE INDEX audit_events_by_actor ON rolecall.audit_events USING btree (organization_id, actor, sequence);
CREATE INDEX audit_events_by_subject ON rolecall.audit_events USING btree (organization_id, subject, sequence);
CREATE INDEX audit_events_by_time ON rolecall.audit_events USING btree (organization_id, occurred_at);
CREATE TRIGGER audit_events_anchored_removal AFTER DELETE ON rolecall.audit_events REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION rolecall.refuse_unanchored_removal();
CREATE TRIGGER audit_events_append_only BEFORE UPDATE OR TRUNCATE ON rolecall.audit_events FOR EACH STATEMENT EXECUTE FUNCTION rolecall.refuse_change();

CREATE TABLE rolecall.audit_retention (
  organization_id text NOT NULL,
  days integer,
  CONSTRAINT audit_retention_pkey PRIMARY KEY (organization_id),
  CONSTRAINT audit_retention_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES rolecall.organizations(id),
  CONSTRAINT audit_retention_days_check CHECK (((days >= 1) AND (days <= 36500)))
);

CREATE TABLE rolecall.changes (
  organization_id text NOT NULL,
  revision bigint NOT NULL,
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  what jsonb NOT NULL,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT changes_pkey PRIMARY KEY (organization_id, revision),
  CONSTRAINT changes_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES rolecall.organizations(id),
  CONSTRAINT changes_revision_check CHECK ((revision >= 1)),
  CONSTRAINT changes_what_check CHECK ((jsonb_typeof(what) = 'object'::text))
);
CREATE INDEX changes_age ON rolecall.changes USING btree (created_at);
CREATE INDEX changes_poll ON rolecall.changes USING btree (xid);

CREATE TABLE rolecall.decision_settings (
  singleton boolean NOT NULL DEFAULT true,
  retention_days integer NOT NULL DEFAULT 30,
  allow_sample_rate double precision NOT NULL DEFAULT 0,
  CONSTRAINT decision_settings_pkey PRIMARY KEY (singleton),
  CONSTRAINT decision_settings_allow_sample_rate_check CHECK (((allow_sample_rate >= (0)::double precision) AND (allow_sample_rate <= (1)::double precision))),
  CONSTRAINT decision_settings_retention_days_check CHECK (((retention_days >= 1) AND (retention_days <= 3650))),
  CONSTRAINT decision_settings_singleton_check CHECK (singleton)
);
CREATE TRIGGER decision_settings_stay BEFORE DELETE OR TRUNCATE ON rolecall.decision_settings FOR EACH STATEMENT EXECUTE FUNCTION rolecall.refuse_change();

CREATE TABLE rolecall.environment (
  singleton boolean NOT NULL DEFAULT true,
  epoch uuid NOT NULL DEFAULT gen_random_uuid(),
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  legacy_state text NOT NULL DEFAULT 'unused'::text,
  legacy_since timestamp with time zone,
  audit_retention_days integer,
  announcement_key uuid NOT NULL DEFAULT gen_random_uuid(),
  CONSTRAINT environment_pkey PRIMARY KEY (singleton),
  CONSTRAINT environment_audit_retention_check CHECK (((audit_retention_days >= 1) AND (audit_retention_days <= 36500))),
  CONSTRAINT environment_legacy_state_check CHECK ((legacy_state = ANY (ARRAY['unused'::text, 'dual'::text, 'cut_over'::text, 'purged'::text]))),
  CONSTRAINT environment_singleton_check CHECK (singleton)
);
CREATE TRIGGER environment_legacy_steps BEFORE UPDATE ON rolecall.environment FOR EACH ROW WHEN ((new.legacy_state <> old.legacy_state)) EXECUTE FUNCTION rolecall.refuse_legacy_step();
CREATE TRIGGER environment_stays BEFORE DELETE OR TRUNCATE ON rolecall.environment FOR EACH STATEMENT EXECUTE FUNCTION rolecall.refuse_change();

CREATE TABLE rolecall.environment_audit_events (
  sequence bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  occurred_at timestamp with time zone NOT NULL DEFAULT now(),
  actor text NOT NULL,
  action text NOT NULL,
  subject text NOT NULL,
  before jsonb,
  after jsonb,
  request_id text,
  cause text,
  CONSTRAINT environment_audit_events_pkey PRIMARY KEY (sequence),
  CONSTRAINT environment_audit_events_cause_check CHECK (rolecall.is_identifier(cause))
);
CREATE TRIGGER environment_audit_events_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON rolecall.environment_audit_events FOR EACH STATEMENT EXECUTE FUNCTION rolecall.refuse_change();

CREATE TABLE rolecall.global_roles (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  slug text NOT NULL,
  name text NOT NULL,
  description text,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  updated_at timestamp with time zone NOT NULL DEFAULT now(),
  deleted_at timestamp with time zone,
  CONSTRAINT global_roles_pkey PRIMARY KEY (id),
  CONSTRAINT global_roles_description_check CHECK ((char_length(description) <= 150)),
  CONSTRAINT global_roles_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 48))),
  CONSTRAINT global_roles_slug_check CHECK (((char_length(slug) >= 1) AND (char_length(slug) <= 48)))
);
CREATE UNIQUE INDEX global_roles_slug ON rolecall.global_roles USING btree (slug) WHERE (deleted_at IS NULL);
CREATE TRIGGER global_roles_end_a_slug AFTER UPDATE OF deleted_at ON rolecall.global_roles FOR EACH ROW WHEN ((new.deleted_at IS DISTINCT FROM old.deleted_at)) EXECUTE FUNCTION rolecall.rename_legacy_global_roles();

CREATE TABLE rolecall.grants (
  organization_id text NOT NULL,
  id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  role_id uuid,
  membership_id uuid,
  api_key_id uuid,
  membership_live boolean GENERATED ALWAYS AS (CASE WHEN (membership_id IS NOT NULL) THEN true ELSE NULL::boolean END) STORED,
  scope text NOT NULL,
  effect text NOT NULL,
  resource_id text NOT NULL,
  dimensions jsonb NOT NULL DEFAULT '{}'::jsonb,
  created_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  CONSTRAINT grants_pkey PRIMARY KEY (organization_id, id),
  CONSTRAINT grants_of_a_live_membership FOREIGN KEY (organization_id, membership_id, membership_live) REFERENCES rolecall.memberships(organization_id, id, live),
  CONSTRAINT grants_of_a_role FOREIGN KEY (organization_id, role_id) REFERENCES rolecall.roles(organization_id, id),
  CONSTRAINT grants_of_an_api_key FOREIGN KEY (organization_id, api_key_id) REFERENCES rolecall.api_keys(organization_id, id),
  CONSTRAINT grants_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES rolecall.organizations(id),
  CONSTRAINT grants_deny_no_org CHECK ((NOT ((effect = 'deny'::text) AND (split_part(scope, ':'::text, 1) = 'org'::text)))),
  CONSTRAINT grants_dimensions_are_named CHECK ((NOT jsonb_path_exists(dimensions, 'strict $.*?((@.type() != "string" || @ == "*") || @ == "")'::jsonpath, vars => '{}'::jsonb, silent => true))),
  CONSTRAINT grants_dimensions_check CHECK (((jsonb_typeof(dimensions) = 'object'::text) AND (octet_length((dimensions)::text) <= 1024))),
  CONSTRAINT grants_effect_check CHECK ((effect = ANY (ARRAY['allow'::text, 'deny'::text]))),
  CONSTRAINT grants_have_one_holder CHECK ((num_nonnulls(role_id, membership_id, api_key_id) = 1)),
  CONSTRAINT grants_resource_id_check CHECK (((resource_id = '*'::text) OR rolecall.is_identifier(resource_id))),
  CONSTRAINT grants_scope_check CHECK (((scope ~ '^[a-z][a-z0-9_-]*:[a-z][a-z0-9_-]*$'::text) AND (char_length(scope) <= 100)))
);
CREATE INDEX grants_direct ON rolecall.grants USING btree (organization_id, id) WHERE (role_id IS NULL);
CREATE UNIQUE INDEX grants_of_api_key ON rolecall.grants USING btree (organization_id, api_key_id, scope, effect, resource_id, dimensions) INCLUDE (id) WHERE (api_key_id IS NOT NULL);
CREATE UNIQUE INDEX grants_of_membership ON rolecall.grants USING btree (organization_id, membership_id, scope, effect, resource_id, dimensions) INCLUDE (id) WHERE (membership_id IS NOT NULL);
CREATE UNIQUE INDEX grants_of_role ON rolecall.grants USING btree (organization_id, role_id, scope, effect, resource_id, dimensions) INCLUDE (id) WHERE (role_id IS NOT NULL);
CREATE TRIGGER grants_delete_legacy_twins AFTER DELETE ON rolecall.grants REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION rolecall.delete_legacy_twins();

CREATE TABLE rolecall.idempotency_keys (
  api_key_id uuid NOT NULL,
  fingerprint bytea NOT NULL,
  request_hash bytea NOT NULL,
  response jsonb,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT idempotency_keys_pkey PRIMARY KEY (api_key_id, fingerprint),
  CONSTRAINT idempotency_keys_api_key_id_fkey FOREIGN KEY (api_key_id) REFERENCES rolecall.api_keys(id),
  CONSTRAINT idempotency_keys_fingerprint_check CHECK ((octet_length(fingerprint) = 32)),
  CONSTRAINT idempotency_keys_request_hash_check CHECK ((octet_length(request_hash) = 32))
);
CREATE INDEX idempotency_keys_age ON rolecall.idempotency_keys USING btree (created_at);

CREATE TABLE rolecall.legacy_grants (
  organization_id text NOT NULL,
  id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  slug text NOT NULL,
  role_id uuid,
  brought_over boolean NOT NULL DEFAULT false,
  grant_id bigint,
  scope text NOT NULL,
  effect text NOT NULL,
  resource_id text NOT NULL,
  dimensions jsonb NOT NULL DEFAULT '{}'::jsonb,
  created_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  CONSTRAINT legacy_grants_pkey PRIMARY KEY (organization_id, id),
  CONSTRAINT legacy_grants_organization_id_slug_scope_effect_resource_id_key UNIQUE (organization_id, slug, scope, effect, resource_id, dimensions),
  CONSTRAINT legacy_grants_of_a_role FOREIGN KEY (organization_id, role_id) REFERENCES rolecall.roles(organization_id, id),
  CONSTRAINT legacy_grants_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES rolecall.organizations(id),
  CONSTRAINT legacy_grants_brought_to_a_role CHECK (((role_id IS NOT NULL) OR (NOT brought_over))),
  CONSTRAINT legacy_grants_deny_no_org CHECK ((NOT ((effect = 'deny'::text) AND (split_part(scope, ':'::text, 1) = 'org'::text)))),
  CONSTRAINT legacy_grants_dimensions_are_named CHECK ((NOT jsonb_path_exists(dimensions, 'strict $.*?((@.type() != "string" || @ == "*") || @ == "")'::jsonpath, vars => '{}'::jsonb, silent => true))),
  CONSTRAINT legacy_grants_dimensions_check CHECK (((jsonb_typeof(dimensions) = 'object'::text) AND (octet_length((dimensions)::text) <= 1024))),
  CONSTRAINT legacy_grants_effect_check CHECK ((effect = ANY (ARRAY['allow'::text, 'deny'::text]))),
  CONSTRAINT legacy_grants_made_for_a_row CHECK ((brought_over OR (grant_id IS NULL))),
  CONSTRAINT legacy_grants_resource_id_check CHECK (((resource_id = '*'::text) OR rolecall.is_identifier(resource_id))),
  CONSTRAINT legacy_grants_scope_check CHECK (((scope ~ '^[a-z][a-z0-9_-]*:[a-z][a-z0-9_-]*$'::text) AND (char_length(scope) <= 100))),
  CONSTRAINT legacy_grants_slug_check CHECK (((slug ~ '^[a-z0-9][a-z0-9_-]*$'::text) AND (char_length(slug) <= 255)))
);
CREATE INDEX legacy_grants_left ON rolecall.legacy_grants USING btree (organization_id, slug) WHERE (NOT brought_over);
CREATE INDEX legacy_grants_of_role ON rolecall.legacy_grants USING btree (organization_id, role_id, brought_over, scope, effect, resource_id, dimensions);
CREATE TRIGGER legacy_grants_change_while_dual AFTER UPDATE ON rolecall.legacy_grants REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION rolecall.refuse_legacy_grants();
CREATE TRIGGER legacy_grants_come_in_while_dual AFTER INSERT ON rolecall.legacy_grants REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION rolecall.refuse_legacy_grants();
CREATE TRIGGER legacy_grants_named AFTER INSERT ON rolecall.legacy_grants REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION rolecall.name_legacy_roles();

CREATE TABLE rolecall.memberships (
  organization_id text NOT NULL,
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  user_id text,
  workos_membership_id text,
  status text NOT NULL,
  directory_managed boolean NOT NULL DEFAULT false,
  email text,
  name text,
  photo_url text,
  joined_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  updated_at timestamp with time zone NOT NULL DEFAULT now(),
  deleted_at timestamp with time zone,
  live boolean NOT NULL GENERATED ALWAYS AS ((deleted_at IS NULL)) STORED,
  search_text text NOT NULL GENERATED ALWAYS AS (rolecall.member_search_text(name, email)) STORED,
  CONSTRAINT memberships_pkey PRIMARY KEY (organization_id, id),
  CONSTRAINT memberships_organization_id_id_joined_at_live_key UNIQUE (organization_id, id, joined_at, live),
  CONSTRAINT memberships_organization_id_id_live_key UNIQUE (organization_id, id, live),
  CONSTRAINT memberships_workos_membership_id_key UNIQUE (workos_membership_id),
  CONSTRAINT memberships_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES rolecall.organizations(id),
  CONSTRAINT memberships_user_id_fkey FOREIGN KEY (user_id) REFERENCES rolecall.users(id),
  CONSTRAINT memberships_active_has_user CHECK (((user_id IS NOT NULL) OR (status <> 'active'::text))),
  CONSTRAINT memberships_email_check CHECK (((char_length(email) >= 1) AND (char_length(email) <= 320))),
  CONSTRAINT memberships_name_check CHECK ((char_length(name) <= 255)),
  CONSTRAINT memberships_photo_url_check CHECK ((char_length(photo_url) <= 2048)),
  CONSTRAINT memberships_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'active'::text, 'inactive'::text]))),
  CONSTRAINT memberships_workos_membership_id_check CHECK (rolecall.is_identifier(workos_membership_id))
);
CREATE INDEX memberships_email ON rolecall.memberships USING btree (organization_id, lower(email)) WHERE (deleted_at IS NULL);
CREATE INDEX memberships_load ON rolecall.memberships USING btree (user_id, organization_id, deleted_at DESC) INCLUDE (id, status);
CREATE INDEX memberships_of_status ON rolecall.memberships USING btree (organization_id, status, joined_at, id) WHERE (deleted_at IS NULL);
CREATE UNIQUE INDEX memberships_one_life ON rolecall.memberships USING btree (organization_id, user_id) WHERE ((deleted_at IS NULL) AND (user_id IS NOT NULL));
CREATE INDEX memberships_page ON rolecall.memberships USING btree (organization_id, joined_at, id) WHERE (deleted_at IS NULL);
CREATE INDEX memberships_search ON rolecall.memberships USING gin (organization_id, search_text public.gin_trgm_ops) WHERE (deleted_at IS NULL);
CREATE TRIGGER memberships_counted_delete AFTER DELETE ON rolecall.memberships REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION rolecall.count_live('member_count');
CREATE TRIGGER memberships_counted_insert AFTER INSERT ON rolecall.memberships REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION rolecall.count_live('member_count');
CREATE TRIGGER memberships_counted_update AFTER UPDATE ON rolecall.memberships REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION rolecall.count_live('member_count');
CREATE TRIGGER memberships_stay_counted BEFORE TRUNCATE ON rolecall.memberships FOR EACH STATEMENT EXECUTE FUNCTION rolecall.refuse_change();

CREATE TABLE rolecall.migrations (
  name text NOT NULL,
  sha256 text NOT NULL,
  applied_at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT migrations_pkey PRIMARY KEY (name)
);

CREATE TABLE rolecall.organization_state (
  organization_id text NOT NULL,
  revision bigint NOT NULL DEFAULT 0,
  enforcement text NOT NULL,
  no_admin boolean NOT NULL DEFAULT false,
  member_count bigint NOT NULL DEFAULT 0,
  role_count bigint NOT NULL DEFAULT 0,
  audit_sequence bigint NOT NULL DEFAULT 0,
  audit_hash bytea NOT NULL DEFAULT decode(repeat('00'::text, 32), 'hex'::text),
  CONSTRAINT organization_state_pkey PRIMARY KEY (organization_id),
  CONSTRAINT organization_state_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES rolecall.organizations(id),
  CONSTRAINT organization_state_audit_hash_check CHECK ((octet_length(audit_hash) = 32)),
  CONSTRAINT organization_state_audit_sequence_check CHECK ((audit_sequence >= 0)),
  CONSTRAINT organization_state_enforcement_check CHECK ((enforcement = ANY (ARRAY['off'::text, 'shadow'::text, 'enforced'::text]))),
  CONSTRAINT organization_state_member_count_check CHECK ((member_count >= 0)),
  CONSTRAINT organization_state_revision_check CHECK ((revision >= 0)),
  CONSTRAINT organization_state_role_count_check CHECK ((role_count >= 0))
) WITH (fillfactor=50);
CREATE TRIGGER organization_state_revision_rises BEFORE UPDATE ON rolecall.organization_state FOR EACH ROW WHEN (((new.revision < old.revision) OR (new.audit_sequence < old.audit_sequence))) EXECUTE FUNCTION rolecall.refuse_lower_revision();
CREATE TRIGGER organization_state_stays BEFORE DELETE OR TRUNCATE ON rolecall.organization_state FOR EACH STATEMENT EXECUTE FUNCTION rolecall.refuse_change();

CREATE TABLE rolecall.organizations (
  id text NOT NULL,
  name text NOT NULL,
  workos_id text,
  created_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  updated_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT organizations_pkey PRIMARY KEY (id),
  CONSTRAINT organizations_workos_id_key UNIQUE (workos_id),
  CONSTRAINT organizations_have_state FOREIGN KEY (id) REFERENCES rolecall.organization_state(organization_id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT organizations_id_check CHECK (rolecall.is_identifier(id)),
  CONSTRAINT organizations_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 255))),
  CONSTRAINT organizations_workos_id_check CHECK (rolecall.is_identifier(workos_id))
);
CREATE INDEX organizations_page ON rolecall.organizations USING btree (created_at, id);
CREATE TRIGGER organizations_linked AFTER INSERT OR UPDATE OF workos_id ON rolecall.organizations FOR EACH ROW WHEN ((new.workos_id IS NOT NULL)) EXECUTE FUNCTION rolecall.note_linked_organization();

CREATE TABLE rolecall.roles (
  organization_id text NOT NULL,
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  kind text NOT NULL,
  global_role_id uuid GENERATED ALWAYS AS (CASE WHEN (kind = 'global'::text) THEN id ELSE NULL::uuid END) STORED,
  slug text,
  name text,
  description text,
  import_key text,
  version bigint NOT NULL DEFAULT 1,
  member_count bigint NOT NULL DEFAULT 0,
  slug_held boolean NOT NULL DEFAULT true,
  created_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  updated_at timestamp with time zone NOT NULL DEFAULT now(),
  deleted_at timestamp with time zone,
  live boolean NOT NULL GENERATED ALWAYS AS ((deleted_at IS NULL)) STORED,
  CONSTRAINT roles_pkey PRIMARY KEY (organization_id, id),
  CONSTRAINT roles_organization_id_id_live_key UNIQUE (organization_id, id, live),
  CONSTRAINT roles_global_role_id_fkey FOREIGN KEY (global_role_id) REFERENCES rolecall.global_roles(id),
  CONSTRAINT roles_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES rolecall.organizations(id),
  CONSTRAINT roles_description_check CHECK ((char_length(description) <= 150)),
  CONSTRAINT roles_global_adds_nothing CHECK (((kind = 'organization'::text) OR ((description IS NULL) AND (import_key IS NULL)))),
  CONSTRAINT roles_import_key_check CHECK (rolecall.is_identifier(import_key)),
  CONSTRAINT roles_kind_check CHECK ((kind = ANY (ARRAY['global'::text, 'organization'::text]))),
  CONSTRAINT roles_live_holds_slug CHECK ((slug_held OR (deleted_at IS NOT NULL))),
  CONSTRAINT roles_member_count_check CHECK ((member_count >= 0)),
  CONSTRAINT roles_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 48))),
  CONSTRAINT roles_name_is_own CHECK (((kind = 'organization'::text) = (name IS NOT NULL))),
  CONSTRAINT roles_slug_check CHECK (((slug ~ '^org-.'::text) AND (char_length(slug) <= 48))),
  CONSTRAINT roles_slug_is_own CHECK (((kind = 'organization'::text) = (slug IS NOT NULL))),
  CONSTRAINT roles_version_check CHECK ((version >= 1))
);
CREATE UNIQUE INDEX roles_import_key ON rolecall.roles USING btree (organization_id, import_key) WHERE (deleted_at IS NULL);
CREATE INDEX roles_lives_of_slug ON rolecall.roles USING btree (organization_id, slug) WHERE (slug IS NOT NULL);
CREATE UNIQUE INDEX roles_name ON rolecall.roles USING btree (organization_id, lower(name)) WHERE (deleted_at IS NULL);
CREATE INDEX roles_of_global_role ON rolecall.roles USING btree (global_role_id) WHERE (global_role_id IS NOT NULL);
CREATE INDEX roles_page ON rolecall.roles USING btree (organization_id, created_at, id) WHERE (deleted_at IS NULL);
CREATE UNIQUE INDEX roles_slug ON rolecall.roles USING btree (organization_id, slug) WHERE slug_held;
CREATE TRIGGER roles_begin_a_slug AFTER INSERT ON rolecall.roles FOR EACH ROW EXECUTE FUNCTION rolecall.rename_legacy_roles();
CREATE TRIGGER roles_counted_delete AFTER DELETE ON rolecall.roles REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION rolecall.count_live('role_count');
CREATE TRIGGER roles_counted_insert AFTER INSERT ON rolecall.roles REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION rolecall.count_live('role_count');
CREATE TRIGGER roles_counted_update AFTER UPDATE ON rolecall.roles REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION rolecall.count_live('role_count');
CREATE TRIGGER roles_end_a_slug AFTER UPDATE OF deleted_at ON rolecall.roles FOR EACH ROW WHEN ((new.deleted_at IS DISTINCT FROM old.deleted_at)) EXECUTE FUNCTION rolecall.rename_legacy_roles();
CREATE TRIGGER roles_stay_counted BEFORE TRUNCATE ON rolecall.roles FOR EACH STATEMENT EXECUTE FUNCTION rolecall.refuse_change();

CREATE TABLE rolecall.sync_attempts (
  organization_id text NOT NULL,
  id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  entity_id uuid NOT NULL,
  value jsonb NOT NULL,
  sent_at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
  deadline timestamp with time zone NOT NULL,
  CONSTRAINT sync_attempts_pkey PRIMARY KEY (organization_id, id),
  CONSTRAINT sync_attempts_of_entity FOREIGN KEY (organization_id, entity_id) REFERENCES rolecall.sync_entities(organization_id, id),
  CONSTRAINT sync_attempts_end CHECK ((deadline >= sent_at)),
  CONSTRAINT sync_attempts_value_check CHECK ((jsonb_typeof(value) = 'object'::text))
);
CREATE INDEX sync_attempts_entity ON rolecall.sync_attempts USING btree (organization_id, entity_id);
CREATE INDEX sync_attempts_life ON rolecall.sync_attempts USING btree (organization_id, ((value ->> 'remoteId'::text))) WHERE (value ? 'remoteId'::text);

CREATE TABLE rolecall.sync_brakes (
  organization_id text NOT NULL,
  direction text NOT NULL,
  kind text NOT NULL,
  began_at timestamp with time zone NOT NULL DEFAULT now(),
  removals bigint NOT NULL DEFAULT 0,
  tripped_at timestamp with time zone,
  released_until timestamp with time zone,
  released_by text,
  CONSTRAINT sync_brakes_pkey PRIMARY KEY (organization_id, direction, kind),
  CONSTRAINT sync_brakes_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES rolecall.organizations(id),
  CONSTRAINT sync_brakes_direction_check CHECK ((direction = ANY (ARRAY['to_workos'::text, 'from_workos'::text]))),
  CONSTRAINT sync_brakes_kind_check CHECK ((kind = ANY (ARRAY['organization_role'::text, 'membership_roles'::text]))),
  CONSTRAINT sync_brakes_released_by_check CHECK (((char_length(released_by) >= 1) AND (char_length(released_by) <= 255))),
  CONSTRAINT sync_brakes_removals_check CHECK ((removals >= 0))
);
CREATE INDEX sync_brakes_tripped ON rolecall.sync_brakes USING btree (organization_id) WHERE (tripped_at IS NOT NULL);

CREATE TABLE rolecall.sync_conflicts (
  organization_id text NOT NULL,
  id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  entity_id uuid NOT NULL,
  happened_at timestamp with time zone NOT NULL DEFAULT now(),
  reason text NOT NULL,
  ours jsonb,
  theirs jsonb,
  CONSTRAINT sync_conflicts_pkey PRIMARY KEY (organization_id, id),
  CONSTRAINT sync_conflicts_of_entity FOREIGN KEY (organization_id, entity_id) REFERENCES rolecall.sync_entities(organization_id, id),
  CONSTRAINT sync_conflicts_reason_check CHECK ((reason ~ '^[a-z][a-z_]{0,62}$'::text))
);
CREATE INDEX sync_conflicts_entity ON rolecall.sync_conflicts USING btree (organization_id, entity_id);

CREATE TABLE rolecall.sync_cursors (
  stream text NOT NULL,
  "position" text,
  moved_at timestamp with time zone NOT NULL DEFAULT now(),
  read_at timestamp with time zone,
  CONSTRAINT sync_cursors_pkey PRIMARY KEY (stream),
  CONSTRAINT sync_cursors_position_check CHECK (rolecall.is_identifier("position")),
  CONSTRAINT sync_cursors_stream_check CHECK ((stream ~ '^[a-z][a-z_]*$'::text))
);

CREATE TABLE rolecall.sync_entities (
  organization_id text NOT NULL,
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  kind text NOT NULL,
  subject_id text NOT NULL,
  local_version bigint NOT NULL,
  pushed_version bigint NOT NULL DEFAULT 0,
  priority smallint NOT NULL,
  changed_at timestamp with time zone NOT NULL DEFAULT now(),
  state text NOT NULL DEFAULT 'pending'::text,
  reason text,
  base jsonb,
  linking boolean NOT NULL DEFAULT false,
  failures integer NOT NULL DEFAULT 0,
  next_attempt_at timestamp with time zone DEFAULT now(),
  observed_at timestamp with time zone,
  settled_at timestamp with time zone,
  CONSTRAINT sync_entities_pkey PRIMARY KEY (organization_id, kind, subject_id),
  CONSTRAINT sync_entities_id_key UNIQUE (id),
  CONSTRAINT sync_entities_of_organization UNIQUE (organization_id, id),
  CONSTRAINT sync_entities_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES rolecall.organizations(id),
  CONSTRAINT sync_entities_base_check CHECK ((jsonb_typeof(base) = 'object'::text)),
  CONSTRAINT sync_entities_failures_check CHECK ((failures >= 0)),
  CONSTRAINT sync_entities_idle_is_settled CHECK (((state <> 'idle'::text) OR ((pushed_version = local_version) AND (reason IS NULL)))),
  CONSTRAINT sync_entities_kind_check CHECK ((kind = ANY (ARRAY['organization_role'::text, 'membership_roles'::text, 'external_id'::text]))),
  CONSTRAINT sync_entities_local_version_check CHECK ((local_version >= 1)),
  CONSTRAINT sync_entities_priority_check CHECK (((priority >= 0) AND (priority <= 3))),
  CONSTRAINT sync_entities_push_what_is CHECK ((pushed_version <= local_version)),
  CONSTRAINT sync_entities_pushed_version_check CHECK ((pushed_version >= 0)),
  CONSTRAINT sync_entities_reason_check CHECK ((reason ~ '^[a-z][a-z_]{0,62}$'::text)),
  CONSTRAINT sync_entities_state_check CHECK ((state = ANY (ARRAY['idle'::text, 'pending'::text, 'waiting'::text, 'parked'::text, 'blocked'::text, 'conflict'::text, 'quarantined'::text, 'planned'::text])))
);
CREATE INDEX sync_entities_due ON rolecall.sync_entities USING btree (next_attempt_at, organization_id) WHERE (next_attempt_at IS NOT NULL);
CREATE INDEX sync_entities_open ON rolecall.sync_entities USING btree (organization_id, id) INCLUDE (state, kind) WHERE (state <> 'idle'::text);
CREATE INDEX sync_entities_pending ON rolecall.sync_entities USING btree (organization_id, priority, changed_at) WHERE (pushed_version < local_version);
CREATE INDEX sync_entities_reason ON rolecall.sync_entities USING btree (organization_id, reason) WHERE (reason IS NOT NULL);
CREATE INDEX sync_entities_seen ON rolecall.sync_entities USING btree (state, organization_id) WHERE (state = ANY (ARRAY['parked'::text, 'blocked'::text, 'conflict'::text, 'quarantined'::text, 'planned'::text]));
CREATE INDEX sync_entities_work ON rolecall.sync_entities USING btree (organization_id, priority, next_attempt_at) WHERE (next_attempt_at IS NOT NULL);

CREATE TABLE rolecall.sync_environment_marks (
  kind text NOT NULL,
  key text NOT NULL,
  raised bigint NOT NULL DEFAULT 1,
  failures integer NOT NULL DEFAULT 0,
  next_attempt_at timestamp with time zone NOT NULL DEFAULT now(),
  state text NOT NULL DEFAULT 'pending'::text,
  reason text,
  event_id text,
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  CONSTRAINT sync_environment_marks_pkey PRIMARY KEY (kind, key),
  CONSTRAINT sync_environment_marks_id_key UNIQUE (id),
  CONSTRAINT sync_environment_marks_event_id_check CHECK (rolecall.is_identifier(event_id)),
  CONSTRAINT sync_environment_marks_failures_check CHECK ((failures >= 0)),
  CONSTRAINT sync_environment_marks_key_check CHECK (rolecall.is_identifier(key)),
  CONSTRAINT sync_environment_marks_kind_check CHECK ((kind = ANY (ARRAY['user'::text, 'environment_role'::text, 'organization'::text]))),
  CONSTRAINT sync_environment_marks_raised_check CHECK ((raised >= 1)),
  CONSTRAINT sync_environment_marks_reason_check CHECK ((reason ~ '^[a-z][a-z_]{0,62}$'::text)),
  CONSTRAINT sync_environment_marks_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'quarantined'::text])))
);
CREATE INDEX sync_environment_marks_due ON rolecall.sync_environment_marks USING btree (next_attempt_at);

CREATE TABLE rolecall.sync_inbox (
  event_id text NOT NULL,
  type text NOT NULL,
  happened_at timestamp with time zone NOT NULL,
  received_at timestamp with time zone NOT NULL DEFAULT now(),
  data jsonb NOT NULL,
  state text NOT NULL,
  waits_for text,
  reason text,
  CONSTRAINT sync_inbox_pkey PRIMARY KEY (event_id),
  CONSTRAINT sync_inbox_event_id_check CHECK (rolecall.is_identifier(event_id)),
  CONSTRAINT sync_inbox_parked CHECK (((state = 'parked'::text) = (waits_for IS NOT NULL))),
  CONSTRAINT sync_inbox_quarantined CHECK (((state = 'quarantined'::text) = (reason IS NOT NULL))),
  CONSTRAINT sync_inbox_reason_check CHECK ((reason ~ '^[a-z][a-z_]{0,62}$'::text)),
  CONSTRAINT sync_inbox_state_check CHECK ((state = ANY (ARRAY['taken'::text, 'parked'::text, 'quarantined'::text, 'unknown'::text]))),
  CONSTRAINT sync_inbox_type_check CHECK (((char_length(type) >= 1) AND (char_length(type) <= 255))),
  CONSTRAINT sync_inbox_waits_for_check CHECK (rolecall.is_identifier(waits_for))
);
CREATE INDEX sync_inbox_age ON rolecall.sync_inbox USING btree (received_at);
CREATE INDEX sync_inbox_parked_events ON rolecall.sync_inbox USING btree (event_id) WHERE (state = 'parked'::text);
CREATE INDEX sync_inbox_quarantined ON rolecall.sync_inbox USING btree (event_id) WHERE (state = 'quarantined'::text);
CREATE INDEX sync_inbox_waiting ON rolecall.sync_inbox USING btree (waits_for) WHERE (state = 'parked'::text);

CREATE TABLE rolecall.sync_marks (
  organization_id text NOT NULL,
  kind text NOT NULL,
  key text NOT NULL,
  raised bigint NOT NULL DEFAULT 1,
  failures integer NOT NULL DEFAULT 0,
  next_attempt_at timestamp with time zone NOT NULL DEFAULT now(),
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  state text NOT NULL DEFAULT 'pending'::text,
  reason text,
  event_id text,
  marked_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT sync_marks_pkey PRIMARY KEY (organization_id, kind, key),
  CONSTRAINT sync_marks_id_key UNIQUE (id),
  CONSTRAINT sync_marks_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES rolecall.organizations(id),
  CONSTRAINT sync_marks_event_id_check CHECK (rolecall.is_identifier(event_id)),
  CONSTRAINT sync_marks_failures_check CHECK ((failures >= 0)),
  CONSTRAINT sync_marks_key_check CHECK (rolecall.is_identifier(key)),
  CONSTRAINT sync_marks_kind_check CHECK ((kind = ANY (ARRAY['organization_role'::text, 'membership'::text]))),
  CONSTRAINT sync_marks_raised_check CHECK ((raised >= 1)),
  CONSTRAINT sync_marks_reason_check CHECK ((reason ~ '^[a-z][a-z_]{0,62}$'::text)),
  CONSTRAINT sync_marks_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'blocked'::text, 'quarantined'::text])))
);
CREATE INDEX sync_marks_due ON rolecall.sync_marks USING btree (next_attempt_at, organization_id);
CREATE INDEX sync_marks_seen ON rolecall.sync_marks USING btree (organization_id, state) WHERE (state <> 'pending'::text);
CREATE INDEX sync_marks_work ON rolecall.sync_marks USING btree (organization_id, next_attempt_at);

CREATE TABLE rolecall.sync_organizations (
  organization_id text NOT NULL,
  epoch bigint NOT NULL DEFAULT 0,
  holder uuid,
  held_until timestamp with time zone,
  snapshot_wanted bigint NOT NULL DEFAULT 1,
  snapshot_done bigint NOT NULL DEFAULT 0,
  compared_at timestamp with time zone,
  differing bigint NOT NULL DEFAULT 0,
  marked_revision bigint,
  marked_at timestamp with time zone,
  CONSTRAINT sync_organizations_pkey PRIMARY KEY (organization_id),
  CONSTRAINT sync_organizations_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES rolecall.organizations(id),
  CONSTRAINT sync_organizations_differing_check CHECK ((differing >= 0)),
  CONSTRAINT sync_organizations_done CHECK ((snapshot_done <= snapshot_wanted)),
  CONSTRAINT sync_organizations_epoch_check CHECK ((epoch >= 0)),
  CONSTRAINT sync_organizations_held CHECK (((holder IS NULL) = (held_until IS NULL))),
  CONSTRAINT sync_organizations_marked_revision_check CHECK ((marked_revision >= 0)),
  CONSTRAINT sync_organizations_snapshot_done_check CHECK ((snapshot_done >= 0)),
  CONSTRAINT sync_organizations_snapshot_wanted_check CHECK ((snapshot_wanted >= 1))
);
CREATE INDEX sync_organizations_open ON rolecall.sync_organizations USING btree (organization_id) WHERE (snapshot_done < snapshot_wanted);

CREATE TABLE rolecall.sync_seen (
  organization_id text NOT NULL,
  remote_id text NOT NULL,
  CONSTRAINT sync_seen_pkey PRIMARY KEY (organization_id, remote_id),
  CONSTRAINT sync_seen_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES rolecall.sync_organizations(organization_id)
);

CREATE TABLE rolecall.sync_settings (
  singleton boolean NOT NULL DEFAULT true,
  mode text NOT NULL DEFAULT 'adopt'::text,
  observe_only boolean NOT NULL DEFAULT false,
  brake_count integer NOT NULL DEFAULT 50,
  brake_percent integer NOT NULL DEFAULT 10,
  retention_days integer NOT NULL DEFAULT 30,
  marker boolean NOT NULL DEFAULT true,
  restored jsonb,
  replaced_epochs uuid[] NOT NULL DEFAULT '{}'::uuid[],
  CONSTRAINT sync_settings_pkey PRIMARY KEY (singleton),
  CONSTRAINT sync_settings_brake_count_check CHECK ((brake_count >= 0)),
  CONSTRAINT sync_settings_brake_percent_check CHECK (((brake_percent >= 0) AND (brake_percent <= 100))),
  CONSTRAINT sync_settings_mode_check CHECK ((mode = ANY (ARRAY['adopt'::text, 'enforce'::text]))),
  CONSTRAINT sync_settings_restored_check CHECK ((jsonb_typeof(restored) = 'object'::text)),
  CONSTRAINT sync_settings_retention_days_check CHECK (((retention_days >= 1) AND (retention_days <= 365))),
  CONSTRAINT sync_settings_singleton_check CHECK (singleton)
);

CREATE TABLE rolecall.sync_snapshots (
  organization_id text NOT NULL,
  target bigint NOT NULL,
  stage text NOT NULL DEFAULT 'linking'::text,
  "position" text,
  listed bigint NOT NULL DEFAULT 0,
  differing bigint NOT NULL DEFAULT 0,
  began_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT sync_snapshots_pkey PRIMARY KEY (organization_id),
  CONSTRAINT sync_snapshots_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES rolecall.sync_organizations(organization_id),
  CONSTRAINT sync_snapshots_differing_check CHECK ((differing >= 0)),
  CONSTRAINT sync_snapshots_listed_check CHECK ((listed >= 0)),
  CONSTRAINT sync_snapshots_stage_check CHECK ((stage = ANY (ARRAY['linking'::text, 'roles'::text, 'memberships'::text, 'sweep'::text, 'clear'::text]))),
  CONSTRAINT sync_snapshots_target_check CHECK ((target >= 1))
);

CREATE TABLE rolecall.users (
  id text NOT NULL,
  workos_user_id text,
  email text,
  name text,
  photo_url text,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  updated_at timestamp with time zone NOT NULL DEFAULT now(),
  deleted_at timestamp with time zone,
  CONSTRAINT users_pkey PRIMARY KEY (id),
  CONSTRAINT users_workos_user_id_key UNIQUE (workos_user_id),
  CONSTRAINT users_email_check CHECK (((char_length(email) >= 1) AND (char_length(email) <= 320))),
  CONSTRAINT users_id_check CHECK (rolecall.is_identifier(id)),
  CONSTRAINT users_name_check CHECK ((char_length(name) <= 255)),
  CONSTRAINT users_photo_url_check CHECK ((char_length(photo_url) <= 2048)),
  CONSTRAINT users_workos_user_id_check CHECK (rolecall.is_identifier(workos_user_id))
);
CREATE INDEX users_deleted ON rolecall.users USING btree (id) WHERE (deleted_at IS NOT NULL);

CREATE TABLE rolecall.workos_environment (
  singleton boolean NOT NULL DEFAULT true,
  role_ids text[] NOT NULL,
  multiple_roles boolean,
  multiple_roles_at timestamp with time zone,
  pinned_at timestamp with time zone NOT NULL DEFAULT now(),
  confirmed_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT workos_environment_pkey PRIMARY KEY (singleton),
  CONSTRAINT workos_environment_multiple_roles CHECK (((multiple_roles IS NULL) = (multiple_roles_at IS NULL))),
  CONSTRAINT workos_environment_role_ids_check CHECK ((cardinality(role_ids) > 0)),
  CONSTRAINT workos_environment_singleton_check CHECK (singleton)
);

CREATE TABLE rolecall.workos_gate (
  singleton boolean NOT NULL DEFAULT true,
  all_tokens double precision NOT NULL DEFAULT 'Infinity'::double precision,
  user_read_tokens double precision NOT NULL DEFAULT 'Infinity'::double precision,
  user_write_tokens double precision NOT NULL DEFAULT 'Infinity'::double precision,
  refilled_at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
  paused_until timestamp with time zone NOT NULL DEFAULT '-infinity'::timestamp with time zone,
  circuit text NOT NULL DEFAULT 'closed'::text,
  term bigint NOT NULL DEFAULT 1,
  failed_probes integer NOT NULL DEFAULT 0,
  retry_at timestamp with time zone,
  refused_key text,
  probe_holder uuid,
  probe_until timestamp with time zone,
  CONSTRAINT workos_gate_pkey PRIMARY KEY (singleton),
  CONSTRAINT workos_gate_circuit_check CHECK ((circuit = ANY (ARRAY['closed'::text, 'open'::text, 'refused'::text]))),
  CONSTRAINT workos_gate_failed_probes_check CHECK ((failed_probes >= 0)),
  CONSTRAINT workos_gate_probe CHECK ((((probe_holder IS NULL) = (probe_until IS NULL)) AND ((circuit <> 'closed'::text) OR (probe_holder IS NULL)))),
  CONSTRAINT workos_gate_refused CHECK (((circuit = 'refused'::text) = (refused_key IS NOT NULL))),
  CONSTRAINT workos_gate_retry CHECK (((circuit = 'closed'::text) = (retry_at IS NULL))),
  CONSTRAINT workos_gate_singleton_check CHECK (singleton),
  CONSTRAINT workos_gate_term_check CHECK ((term >= 1))
) WITH (fillfactor=50);

CREATE VIEW rolecall.role_grants AS
 SELECT g.organization_id,
    g.role_id,
    g.id,
    false AS legacy,
    g.scope,
    g.effect,
    g.resource_id,
    g.dimensions
   FROM rolecall.grants g
  WHERE g.role_id IS NOT NULL
UNION ALL
 SELECT l.organization_id,
    l.role_id,
    l.id,
    true AS legacy,
    l.scope,
    l.effect,
    l.resource_id,
    l.dimensions
   FROM rolecall.legacy_grants l
  WHERE l.role_id IS NOT NULL AND NOT l.brought_over AND NOT (EXISTS ( SELECT
           FROM rolecall.grants g
          WHERE g.organization_id = l.organization_id AND g.role_id = l.role_id AND g.scope = l.scope AND g.effect = l.effect AND g.resource_id = l.resource_id AND g.dimensions = l.dimensions));

CREATE VIEW rolecall.role_slugs AS
 SELECT r.organization_id,
    r.id AS role_id,
    r.kind,
    COALESCE(g.slug, r.slug) AS slug
   FROM rolecall.roles r
     LEFT JOIN rolecall.global_roles g ON g.id = r.global_role_id
  WHERE r.deleted_at IS NULL AND g.deleted_at IS NULL AND NOT (EXISTS ( SELECT
           FROM rolecall.roles own
          WHERE own.organization_id = r.organization_id AND own.slug = COALESCE(g.slug, r.slug) AND own.id <> r.id)) AND NOT (EXISTS ( SELECT
           FROM rolecall.global_roles other
          WHERE other.slug = g.slug AND other.id <> r.global_role_id));

CREATE VIEW rolecall.usable_admins AS
 SELECT a.organization_id,
    a.membership_id,
    m.user_id
   FROM rolecall.global_roles g
     JOIN rolecall.roles r ON r.id = g.id AND r.deleted_at IS NULL
     JOIN rolecall.assignments a ON a.organization_id = r.organization_id AND a.role_id = r.id
     JOIN rolecall.memberships m ON m.organization_id = a.organization_id AND m.id = a.membership_id
     JOIN rolecall.users u ON u.id = m.user_id
  WHERE g.slug = 'admin'::text AND g.deleted_at IS NULL AND m.status = 'active'::text AND m.deleted_at IS NULL AND u.deleted_at IS NULL;
