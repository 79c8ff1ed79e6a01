-- Trustworthy history: every entry carries the hash of itself and of everything before it, the newest hash is
-- kept apart, and what retention removes leaves an anchor.

-- What outside of Rolecall led to it: the id of an event of WorkOS.
ALTER TABLE rolecall.audit_events
  ADD COLUMN cause text CHECK (rolecall.is_identifier(cause)),
  ADD COLUMN hash bytea CHECK (octet_length(hash) = 32);
ALTER TABLE rolecall.environment_audit_events
  ADD COLUMN cause text CHECK (rolecall.is_identifier(cause));

-- The head of the chain: the hash of the newest entry. Before the first one it is 32 zero bytes.
ALTER TABLE rolecall.organization_state
  ADD COLUMN audit_hash bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex')
    CONSTRAINT organization_state_audit_hash_check CHECK (octet_length(audit_hash) = 32);

-- A field of an entry as it is hashed: its length in bytes, a colon, itself; a hyphen when it is null. No two
-- rows of fields have the same text. The form is read by `chain.ts` too, and never changes: another one gets
-- another first line.
CREATE FUNCTION rolecall.audit_field(value text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN coalesce(octet_length(value) || ':' || value, '-');

CREATE FUNCTION rolecall.audit_content(organization_id text, sequence bigint, occurred_at timestamptz,
    revision bigint, actor text, action text, subject text, before jsonb, after jsonb, request_id text,
    cause text) RETURNS bytea
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN convert_to('rolecall.audit.1' || chr(10)
    || rolecall.audit_field(organization_id)
    || rolecall.audit_field(sequence::text)
    || rolecall.audit_field(trunc(extract(epoch FROM occurred_at) * 1000)::bigint::text)
    || rolecall.audit_field(revision::text)
    || rolecall.audit_field(actor)
    || rolecall.audit_field(action)
    || rolecall.audit_field(subject)
    || rolecall.audit_field(before::text)
    || rolecall.audit_field(after::text)
    || rolecall.audit_field(request_id)
    || rolecall.audit_field(cause), 'UTF8');

-- Over entries in their order: each hash is that of the one before it, or of the start, and of the content.
CREATE FUNCTION rolecall.audit_link(previous bytea, start bytea, content bytea) RETURNS bytea
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN sha256(coalesce(previous, start) || content);
CREATE AGGREGATE rolecall.audit_chain(start bytea, content bytea)
  (SFUNC = rolecall.audit_link, STYPE = bytea);

-- What is there already is chained as it is.
ALTER TABLE rolecall.audit_events DISABLE TRIGGER audit_events_append_only;
UPDATE rolecall.audit_events e SET hash = chained.hash
  FROM (SELECT a.organization_id, a.sequence, rolecall.audit_chain(decode(repeat('00', 32), 'hex'),
            rolecall.audit_content(a.organization_id, a.sequence, a.occurred_at, a.revision, a.actor,
              a.action, a.subject, a.before, a.after, a.request_id, a.cause))
          OVER (PARTITION BY a.organization_id ORDER BY a.sequence) AS hash
        FROM rolecall.audit_events a) chained
  WHERE e.organization_id = chained.organization_id AND e.sequence = chained.sequence;
ALTER TABLE rolecall.audit_events ENABLE TRIGGER audit_events_append_only;
UPDATE rolecall.organization_state s SET audit_hash = e.hash
  FROM rolecall.audit_events e
  WHERE e.organization_id = s.organization_id AND e.sequence = s.audit_sequence;
ALTER TABLE rolecall.audit_events ALTER COLUMN hash SET NOT NULL;

-------------------------------------------------------------------------------------------- retention

-- How many days history is kept; for ever where it is null. An organization with a row of its own does not
-- follow the environment.
ALTER TABLE rolecall.environment ADD COLUMN audit_retention_days integer
  CONSTRAINT environment_audit_retention_check CHECK (audit_retention_days BETWEEN 1 AND 36500);
CREATE TABLE rolecall.audit_retention (
  organization_id text PRIMARY KEY REFERENCES rolecall.organizations (id),
  days integer CHECK (days BETWEEN 1 AND 36500)
);

-- The newest entry that retention removed: the chain goes on from its hash.
CREATE TABLE rolecall.audit_anchors (
  organization_id text PRIMARY KEY REFERENCES rolecall.organizations (id),
  sequence bigint NOT NULL,
  hash bytea NOT NULL
);

-- An anchor is set to an entry that is there, and moves forward only.
CREATE FUNCTION rolecall.refuse_wrong_anchor() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (TG_OP = 'UPDATE' AND NEW.sequence <= OLD.sequence)
      OR NOT EXISTS (SELECT FROM rolecall.audit_events e WHERE e.organization_id = NEW.organization_id
        AND e.sequence = NEW.sequence AND e.hash = NEW.hash) THEN
    RAISE EXCEPTION 'the history of organization % has no entry % to anchor at',
      NEW.organization_id, NEW.sequence
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER audit_anchors_hold BEFORE INSERT OR UPDATE ON rolecall.audit_anchors
  FOR EACH ROW EXECUTE FUNCTION rolecall.refuse_wrong_anchor();
CREATE TRIGGER audit_anchors_stay BEFORE DELETE OR TRUNCATE ON rolecall.audit_anchors
  FOR EACH STATEMENT EXECUTE FUNCTION rolecall.refuse_change();

-- INVARIANT (anchored removal): an entry is removed only when an anchor stands at it or after it.
CREATE FUNCTION rolecall.refuse_unanchored_removal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM old_rows o LEFT JOIN rolecall.audit_anchors a USING (organization_id)
      WHERE a.sequence IS NULL OR o.sequence > a.sequence) THEN
    RAISE EXCEPTION '% is refused on %', TG_OP, TG_TABLE_NAME
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END $$;
DROP TRIGGER audit_events_append_only ON rolecall.audit_events;
CREATE TRIGGER audit_events_append_only BEFORE UPDATE OR TRUNCATE ON rolecall.audit_events
  FOR EACH STATEMENT EXECUTE FUNCTION rolecall.refuse_change();
CREATE TRIGGER audit_events_anchored_removal AFTER DELETE ON rolecall.audit_events
  REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION rolecall.refuse_unanchored_removal();
