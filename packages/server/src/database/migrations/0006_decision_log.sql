-- What was asked and answered, for people who look into it: denials, what shadow lets pass, and a sample of
-- what was allowed. Nothing decides by it.

-- One row for each thing that was asked in one day, however often. `key` is SHA-256 over principal, scope,
-- resource and dimensions, which together are too long for an index. A day is a partition, so that forgetting
-- one costs nothing.
CREATE TABLE rolecall.decision_buckets (
  organization_id text NOT NULL REFERENCES rolecall.organizations (id),
  outcome text NOT NULL CHECK (outcome IN ('denied', 'would_deny', 'allowed')),
  key bytea NOT NULL CHECK (octet_length(key) = 32),
  day date NOT NULL,
  principal text NOT NULL CHECK (char_length(principal) BETWEEN 1 AND 300),
  scope text NOT NULL CHECK (char_length(scope) BETWEEN 1 AND 100),
  resource_id text NOT NULL CHECK (char_length(resource_id) >= 1),
  dimensions jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(dimensions) = 'object'),
  reason text NOT NULL CHECK (reason ~ '^[a-z][a-z_]{0,62}$'),
  count bigint NOT NULL CHECK (count >= 1),
  first_at timestamptz(3) NOT NULL,
  last_at timestamptz(3) NOT NULL,
  PRIMARY KEY (organization_id, outcome, key, day),
  CONSTRAINT decision_buckets_times CHECK (first_at <= last_at)
) PARTITION BY RANGE (day);

-- How much is kept: days before today, and which share of what was allowed.
CREATE TABLE rolecall.decision_settings (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  retention_days integer NOT NULL DEFAULT 30 CHECK (retention_days BETWEEN 1 AND 3650),
  allow_sample_rate double precision NOT NULL DEFAULT 0 CHECK (allow_sample_rate BETWEEN 0 AND 1)
);
INSERT INTO rolecall.decision_settings DEFAULT VALUES;
CREATE TRIGGER decision_settings_stay BEFORE DELETE OR TRUNCATE ON rolecall.decision_settings
  FOR EACH STATEMENT EXECUTE FUNCTION rolecall.refuse_change();

-- Makes room for a day, once, whoever asks first.
CREATE FUNCTION rolecall.ensure_decision_day(wanted date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  partition text := 'decision_buckets_' || to_char(wanted, 'YYYYMMDD');
BEGIN
  IF to_regclass('rolecall.' || partition) IS NOT NULL THEN RETURN; END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('rolecall decision days', 0));
  EXECUTE format('CREATE TABLE IF NOT EXISTS rolecall.%I PARTITION OF rolecall.decision_buckets
    FOR VALUES FROM (%L) TO (%L)', partition, wanted, wanted + 1);
END $$;

-- Forgets the days before one; answers with how many there were.
CREATE FUNCTION rolecall.drop_decision_days(oldest_kept date) RETURNS integer LANGUAGE plpgsql AS $$
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
END $$;
