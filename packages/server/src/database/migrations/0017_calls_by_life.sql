-- Calls that were sent to a membership before anybody here knew whose it is are found by its remote id. They are very
-- few: other calls are found by their entity.
CREATE INDEX sync_attempts_life ON rolecall.sync_attempts (organization_id, (value ->> 'remoteId'))
  WHERE value ? 'remoteId';
