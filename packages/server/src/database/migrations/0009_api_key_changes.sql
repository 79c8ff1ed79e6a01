-- API keys that are kept in memory are let go of as soon as their row changes, whoever changes it. A poll
-- reads `xid >= low`, as of `changes`; rows are deleted when nobody can need them any more.
CREATE TABLE rolecall.api_key_changes (
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  api_key_id uuid NOT NULL,
  PRIMARY KEY (xid, api_key_id)
);

-- INVARIANT (no lost change): no statement changes or removes a key without saying so. The notification is
-- the one of a command that revokes a key of an organization, so there is never more than one.
CREATE FUNCTION rolecall.tell_api_key_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO rolecall.api_key_changes (api_key_id) VALUES (OLD.id) ON CONFLICT DO NOTHING;
  PERFORM pg_notify('rolecall', coalesce(OLD.organization_id, ''));
  RETURN NULL;
END $$;
CREATE TRIGGER api_keys_tell_changes AFTER UPDATE OR DELETE ON rolecall.api_keys
  FOR EACH ROW EXECUTE FUNCTION rolecall.tell_api_key_change();
CREATE TRIGGER api_keys_stay_told BEFORE TRUNCATE ON rolecall.api_keys
  FOR EACH STATEMENT EXECUTE FUNCTION rolecall.refuse_change();
