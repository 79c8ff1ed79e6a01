-- What keeps the two sides from harming each other: the brake on mass removal, the notice of a restored
-- database, comparisons that go on where they were cut off, and marks that cannot be worked on.

-- `brake_count`, `brake_percent`: how much may be removed in an hour without asking, whichever is more.
-- `retention_days`: how long WorkOS keeps events. `marker`: whether this database leaves its mark in WorkOS.
-- `restored`: what showed that this database was restored or copied; null when nothing did, or a person has
-- confirmed it. `replaced_epochs`: epochs of databases that this one has taken the place of.
ALTER TABLE rolecall.sync_settings
  ADD COLUMN brake_count integer NOT NULL DEFAULT 50 CHECK (brake_count >= 0),
  ADD COLUMN brake_percent integer NOT NULL DEFAULT 10 CHECK (brake_percent BETWEEN 0 AND 100),
  ADD COLUMN retention_days integer NOT NULL DEFAULT 30 CHECK (retention_days BETWEEN 1 AND 365),
  ADD COLUMN marker boolean NOT NULL DEFAULT true,
  ADD COLUMN restored jsonb CHECK (jsonb_typeof(restored) = 'object'),
  ADD COLUMN replaced_epochs uuid[] NOT NULL DEFAULT '{}';

-- What was removed in one direction since `began_at`. A brake that was tripped lets nothing pass until a
-- person releases it; INVARIANT (mass removal).
CREATE TABLE rolecall.sync_brakes (
  organization_id text NOT NULL REFERENCES rolecall.organizations (id),
  direction text NOT NULL CHECK (direction IN ('to_workos', 'from_workos')),
  kind text NOT NULL CHECK (kind IN ('organization_role', 'membership_roles')),
  began_at timestamptz NOT NULL DEFAULT now(),
  removals bigint NOT NULL DEFAULT 0 CHECK (removals >= 0),
  tripped_at timestamptz,
  released_until timestamptz,
  released_by text CHECK (char_length(released_by) BETWEEN 1 AND 255),
  PRIMARY KEY (organization_id, direction, kind)
);
CREATE INDEX sync_brakes_tripped ON rolecall.sync_brakes (organization_id) WHERE tripped_at IS NOT NULL;

-- A comparison that is under way, and how far it has come. `target` is the wanted comparison that it answers.
CREATE TABLE rolecall.sync_snapshots (
  organization_id text PRIMARY KEY REFERENCES rolecall.sync_organizations (organization_id),
  target bigint NOT NULL CHECK (target >= 1),
  stage text NOT NULL DEFAULT 'linking'
    CHECK (stage IN ('linking', 'roles', 'memberships', 'sweep', 'clear')),
  position text,
  listed bigint NOT NULL DEFAULT 0 CHECK (listed >= 0),
  differing bigint NOT NULL DEFAULT 0 CHECK (differing >= 0),
  began_at timestamptz NOT NULL DEFAULT now()
);

-- Memberships that the comparison under way has seen in WorkOS.
CREATE TABLE rolecall.sync_seen (
  organization_id text NOT NULL REFERENCES rolecall.sync_organizations (organization_id),
  remote_id text NOT NULL,
  PRIMARY KEY (organization_id, remote_id)
);

-- `differing`: how much differed, with nothing pending, in the last comparison. `marked_revision`: the revision
-- that the mark in WorkOS shows.
ALTER TABLE rolecall.sync_organizations
  ADD COLUMN differing bigint NOT NULL DEFAULT 0 CHECK (differing >= 0),
  ADD COLUMN marked_revision bigint CHECK (marked_revision >= 0),
  ADD COLUMN marked_at timestamptz;
CREATE INDEX sync_organizations_open ON rolecall.sync_organizations (organization_id)
  WHERE snapshot_done < snapshot_wanted;

-- What people see of a mark that cannot be worked on, and the event that raised it last.
ALTER TABLE rolecall.sync_marks
  ADD COLUMN id uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
  ADD COLUMN state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'blocked', 'quarantined')),
  ADD COLUMN reason text CHECK (reason ~ '^[a-z][a-z_]{0,62}$'),
  ADD COLUMN event_id text CHECK (rolecall.is_identifier(event_id)),
  ADD COLUMN marked_at timestamptz NOT NULL DEFAULT now();
CREATE INDEX sync_marks_seen ON rolecall.sync_marks (organization_id, state) WHERE state <> 'pending';
ALTER TABLE rolecall.sync_environment_marks
  ADD COLUMN state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'quarantined')),
  ADD COLUMN reason text CHECK (reason ~ '^[a-z][a-z_]{0,62}$'),
  ADD COLUMN event_id text CHECK (rolecall.is_identifier(event_id));

-- When the stream was last read to its end: what is older than that was read.
ALTER TABLE rolecall.sync_cursors ADD COLUMN read_at timestamptz;

-- The work of one organization without reading the organization.
CREATE INDEX sync_entities_work ON rolecall.sync_entities (organization_id, priority, next_attempt_at)
  WHERE next_attempt_at IS NOT NULL;
CREATE INDEX sync_entities_reason ON rolecall.sync_entities (organization_id, reason)
  WHERE reason IS NOT NULL;
CREATE INDEX sync_marks_work ON rolecall.sync_marks (organization_id, next_attempt_at);
CREATE INDEX sync_inbox_quarantined ON rolecall.sync_inbox (event_id) WHERE state = 'quarantined';
