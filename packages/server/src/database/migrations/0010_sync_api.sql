-- What people are shown of keeping WorkOS equal, found at a million entities as at ten: those that are not idle
-- are few, are listed by organization and id, and counted by state.
CREATE INDEX sync_entities_open ON rolecall.sync_entities (organization_id, id) INCLUDE (state, kind)
  WHERE state <> 'idle';
