-- Keeping both sides equal: what is known of the other side, what is under way, who works on what, and what
-- has been read of the stream of events.

-- An entity is due when `next_attempt_at` has come; null when there is nothing to do. `base` is the remote side
-- as last observed, its id included; null when the two sides were never equal. `linking`: found when its
-- organization was linked and not compared since.
ALTER TABLE rolecall.sync_entities
  ADD COLUMN state text NOT NULL DEFAULT 'pending' CONSTRAINT sync_entities_state_check CHECK
    (state IN ('idle', 'pending', 'waiting', 'parked', 'blocked', 'conflict', 'quarantined', 'planned')),
  ADD COLUMN reason text CONSTRAINT sync_entities_reason_check CHECK (reason ~ '^[a-z][a-z_]{0,62}$'),
  ADD COLUMN base jsonb CONSTRAINT sync_entities_base_check CHECK (jsonb_typeof(base) = 'object'),
  ADD COLUMN linking boolean NOT NULL DEFAULT false,
  ADD COLUMN failures integer NOT NULL DEFAULT 0 CONSTRAINT sync_entities_failures_check CHECK (failures >= 0),
  ADD COLUMN next_attempt_at timestamptz DEFAULT now(),
  ADD COLUMN observed_at timestamptz,
  ADD CONSTRAINT sync_entities_of_organization UNIQUE (organization_id, id),
  ADD CONSTRAINT sync_entities_idle_is_settled
    CHECK (state <> 'idle' OR (pushed_version = local_version AND reason IS NULL));
CREATE INDEX sync_entities_due ON rolecall.sync_entities (next_attempt_at, organization_id)
  WHERE next_attempt_at IS NOT NULL;
CREATE INDEX sync_entities_seen ON rolecall.sync_entities (state, organization_id)
  WHERE state IN ('parked', 'blocked', 'conflict', 'quarantined', 'planned');

-- Calls that were sent and never answered. A row is written before its call, and deleted with the answer.
CREATE TABLE rolecall.sync_attempts (
  organization_id text NOT NULL,
  id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  entity_id uuid NOT NULL,
  value jsonb NOT NULL CHECK (jsonb_typeof(value) = 'object'),
  sent_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  deadline timestamptz NOT NULL,
  PRIMARY KEY (organization_id, id),
  CONSTRAINT sync_attempts_of_entity FOREIGN KEY (organization_id, entity_id)
    REFERENCES rolecall.sync_entities (organization_id, id),
  CONSTRAINT sync_attempts_end CHECK (deadline >= sent_at)
);
CREATE INDEX sync_attempts_entity ON rolecall.sync_attempts (organization_id, entity_id);

-- One worker at a time for each linked organization. INVARIANT (fencing): every take-over raises the epoch, and
-- nothing is written under an epoch that has passed.
CREATE TABLE rolecall.sync_organizations (
  organization_id text PRIMARY KEY REFERENCES rolecall.organizations (id),
  epoch bigint NOT NULL DEFAULT 0 CHECK (epoch >= 0),
  holder uuid,
  held_until timestamptz,
  snapshot_wanted bigint NOT NULL DEFAULT 1 CHECK (snapshot_wanted >= 1),
  snapshot_done bigint NOT NULL DEFAULT 0 CHECK (snapshot_done >= 0),
  compared_at timestamptz,
  CONSTRAINT sync_organizations_held CHECK ((holder IS NULL) = (held_until IS NULL)),
  CONSTRAINT sync_organizations_done CHECK (snapshot_done <= snapshot_wanted)
);

-- Remote things to be looked at. A mark that is raised while it is being looked at stays.
CREATE TABLE rolecall.sync_marks (
  organization_id text NOT NULL REFERENCES rolecall.organizations (id),
  kind text NOT NULL CHECK (kind IN ('organization_role', 'membership')),
  key text NOT NULL CHECK (rolecall.is_identifier(key)),
  raised bigint NOT NULL DEFAULT 1 CHECK (raised >= 1),
  failures integer NOT NULL DEFAULT 0 CHECK (failures >= 0),
  next_attempt_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, kind, key)
);
CREATE INDEX sync_marks_due ON rolecall.sync_marks (next_attempt_at, organization_id);

-- The same for what belongs to no single organization.
CREATE TABLE rolecall.sync_environment_marks (
  kind text NOT NULL CHECK (kind IN ('user', 'environment_role', 'organization')),
  key text NOT NULL CHECK (rolecall.is_identifier(key)),
  raised bigint NOT NULL DEFAULT 1 CHECK (raised >= 1),
  failures integer NOT NULL DEFAULT 0 CHECK (failures >= 0),
  next_attempt_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (kind, key)
);

-- How far each stream has been read. INVARIANT (cursor): it moves by compare-and-set only, in the transaction
-- that stores what was read.
CREATE TABLE rolecall.sync_cursors (
  stream text PRIMARY KEY CHECK (stream ~ '^[a-z][a-z_]*$'),
  position text CHECK (rolecall.is_identifier(position)),
  moved_at timestamptz NOT NULL DEFAULT now()
);

-- Every event that was read. A parked one waits for an organization to be linked.
CREATE TABLE rolecall.sync_inbox (
  event_id text PRIMARY KEY CHECK (rolecall.is_identifier(event_id)),
  type text NOT NULL CHECK (char_length(type) BETWEEN 1 AND 255),
  happened_at timestamptz NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now(),
  data jsonb NOT NULL,
  state text NOT NULL CHECK (state IN ('taken', 'parked', 'quarantined', 'unknown')),
  waits_for text CHECK (rolecall.is_identifier(waits_for)),
  reason text CHECK (reason ~ '^[a-z][a-z_]{0,62}$'),
  CONSTRAINT sync_inbox_parked CHECK ((state = 'parked') = (waits_for IS NOT NULL)),
  CONSTRAINT sync_inbox_quarantined CHECK ((state = 'quarantined') = (reason IS NOT NULL))
);
CREATE INDEX sync_inbox_waiting ON rolecall.sync_inbox (waits_for) WHERE state = 'parked';
CREATE INDEX sync_inbox_age ON rolecall.sync_inbox (received_at);

-- Two wills that met, and which one counted. Kept for people; nothing reads it to decide.
CREATE TABLE rolecall.sync_conflicts (
  organization_id text NOT NULL,
  id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  entity_id uuid NOT NULL,
  happened_at timestamptz NOT NULL DEFAULT now(),
  reason text NOT NULL CHECK (reason ~ '^[a-z][a-z_]{0,62}$'),
  ours jsonb,
  theirs jsonb,
  PRIMARY KEY (organization_id, id),
  CONSTRAINT sync_conflicts_of_entity FOREIGN KEY (organization_id, entity_id)
    REFERENCES rolecall.sync_entities (organization_id, id)
);
CREATE INDEX sync_conflicts_entity ON rolecall.sync_conflicts (organization_id, entity_id);

-- What an operator decides about the whole environment. `observe_only`: everything is looked at, nothing sent.
CREATE TABLE rolecall.sync_settings (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  mode text NOT NULL DEFAULT 'adopt' CHECK (mode IN ('adopt', 'enforce')),
  observe_only boolean NOT NULL DEFAULT false
);
INSERT INTO rolecall.sync_settings DEFAULT VALUES;
