-- What all processes share about WorkOS: how much may be called, whether it answers, and which environment
-- of it this database belongs to.

-- One row. A token is the right to send one call; tokens come back with time, and a process takes a few at
-- once. `infinity` is a full bucket of whatever size. `term` numbers the times in which the circuit was
-- closed, so that a failure of an earlier time cannot open it again.
CREATE TABLE rolecall.workos_gate (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  all_tokens double precision NOT NULL DEFAULT 'infinity',
  user_read_tokens double precision NOT NULL DEFAULT 'infinity',
  user_write_tokens double precision NOT NULL DEFAULT 'infinity',
  refilled_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  paused_until timestamptz NOT NULL DEFAULT '-infinity',
  circuit text NOT NULL DEFAULT 'closed' CHECK (circuit IN ('closed', 'open', 'refused')),
  term bigint NOT NULL DEFAULT 1 CHECK (term >= 1),
  failed_probes integer NOT NULL DEFAULT 0 CHECK (failed_probes >= 0),
  retry_at timestamptz,
  refused_key text,
  probe_holder uuid,
  probe_until timestamptz,
  CONSTRAINT workos_gate_retry CHECK ((circuit = 'closed') = (retry_at IS NULL)),
  CONSTRAINT workos_gate_refused CHECK ((circuit = 'refused') = (refused_key IS NOT NULL)),
  CONSTRAINT workos_gate_probe
    CHECK ((probe_holder IS NULL) = (probe_until IS NULL) AND (circuit <> 'closed' OR probe_holder IS NULL))
) WITH (fillfactor = 50);
INSERT INTO rolecall.workos_gate DEFAULT VALUES;

-- Which environment of WorkOS this database belongs to, told by the ids of its environment roles, and what
-- has been found out about it. No row: it has never been connected to one. `multiple_roles` is whether a
-- membership may hold several; null until somebody has tried.
CREATE TABLE rolecall.workos_environment (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  role_ids text[] NOT NULL CHECK (cardinality(role_ids) > 0),
  multiple_roles boolean,
  multiple_roles_at timestamptz,
  pinned_at timestamptz NOT NULL DEFAULT now(),
  confirmed_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT workos_environment_multiple_roles
    CHECK ((multiple_roles IS NULL) = (multiple_roles_at IS NULL))
);
