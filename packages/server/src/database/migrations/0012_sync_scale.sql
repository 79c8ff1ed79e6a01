-- What keeps the sync's statements short beside very many organizations, memberships and events.

-- Marks of people come by the thousand when a directory is imported; twenty are taken at a time.
CREATE INDEX sync_environment_marks_due ON rolecall.sync_environment_marks (next_attempt_at);

-- Parked events are listed in the order in which they happened, among all that were ever read.
CREATE INDEX sync_inbox_parked_events ON rolecall.sync_inbox (event_id) WHERE state = 'parked';

-- A linked organization is due until it was compared for the first time. Its row is there from the link on, so
-- that a sweep reads the open ones alone, and not every organization to find one without a row.
CREATE FUNCTION rolecall.note_linked_organization() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO rolecall.sync_organizations (organization_id) VALUES (NEW.id) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER organizations_linked AFTER INSERT OR UPDATE OF workos_id ON rolecall.organizations
  FOR EACH ROW WHEN (NEW.workos_id IS NOT NULL)
  EXECUTE FUNCTION rolecall.note_linked_organization();
INSERT INTO rolecall.sync_organizations (organization_id)
  SELECT id FROM rolecall.organizations WHERE workos_id IS NOT NULL ON CONFLICT DO NOTHING;
