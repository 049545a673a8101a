-- Every table of the contract. db/schema has the same in TypeScript, and tells what each column
-- means; what drizzle has no words for (partitions, triggers) is only here.

-- Tenants ------------------------------------------------------------------------------------

CREATE TABLE clients (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  is_platform boolean NOT NULL DEFAULT false,
  created_at timestamptz(3) NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX clients_one_platform ON clients (is_platform) WHERE is_platform;

CREATE TABLE client_numbers (
  number text PRIMARY KEY,
  client_id uuid NOT NULL REFERENCES clients (id),
  created_at timestamptz(3) NOT NULL DEFAULT now()
);
CREATE INDEX client_numbers_client ON client_numbers (client_id);

-- Who ----------------------------------------------------------------------------------------

CREATE TABLE users (
  id uuid PRIMARY KEY,
  client_id uuid NOT NULL REFERENCES clients (id),
  email text NOT NULL,
  name text NOT NULL,
  role text NOT NULL,
  password_hash text NOT NULL,
  session_epoch integer NOT NULL DEFAULT 0,
  disabled boolean NOT NULL DEFAULT false,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  last_login_at timestamptz(3),
  CONSTRAINT users_email_lower CHECK (email = lower(email)),
  CONSTRAINT users_role CHECK (role IN ('admin', 'operator', 'auditor'))
);
CREATE UNIQUE INDEX users_email ON users (email);
CREATE INDEX users_client ON users (client_id, id);

CREATE TABLE refresh_tokens (
  id uuid PRIMARY KEY,
  family_id uuid NOT NULL,
  user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  token_hash bytea NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  expires_at timestamptz(3) NOT NULL,
  used_at timestamptz(3),
  revoked_at timestamptz(3)
);
CREATE UNIQUE INDEX refresh_tokens_hash ON refresh_tokens (token_hash);
CREATE INDEX refresh_tokens_family ON refresh_tokens (family_id);
CREATE INDEX refresh_tokens_user ON refresh_tokens (user_id);
CREATE INDEX refresh_tokens_expiry ON refresh_tokens (expires_at);

CREATE TABLE api_keys (
  id uuid PRIMARY KEY,
  client_id uuid NOT NULL REFERENCES clients (id),
  name text NOT NULL,
  prefix text NOT NULL,
  secret_hash bytea NOT NULL,
  scopes text[] NOT NULL,
  created_by uuid,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  expires_at timestamptz(3),
  revoked_at timestamptz(3),
  last_used_at timestamptz(3)
);
CREATE UNIQUE INDEX api_keys_prefix ON api_keys (prefix);
CREATE INDEX api_keys_client ON api_keys (client_id, id);

-- Calls --------------------------------------------------------------------------------------

CREATE TABLE calls (
  id uuid PRIMARY KEY,
  client_id uuid NOT NULL REFERENCES clients (id),
  status text NOT NULL,
  direction text NOT NULL,
  provider text NOT NULL,
  provider_call_id text,
  sealed bytea,
  from_index bytea,
  to_index bytea,
  record boolean NOT NULL DEFAULT false,
  tags text[] NOT NULL DEFAULT '{}',
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  dispatched_at timestamptz(3),
  started_at timestamptz(3),
  answered_at timestamptz(3),
  ended_at timestamptz(3),
  duration_seconds integer,
  recording_available boolean NOT NULL DEFAULT false,
  failure_reason text,
  last_heard_at timestamptz(3) NOT NULL DEFAULT now(),
  erased_at timestamptz(3),
  CONSTRAINT calls_status CHECK (status IN
    ('queued', 'ringing', 'in-progress', 'completed', 'busy', 'no-answer', 'failed', 'canceled')),
  CONSTRAINT calls_direction CHECK (direction IN ('outbound', 'inbound'))
);
CREATE INDEX calls_client ON calls (client_id, id);
CREATE INDEX calls_client_status ON calls (client_id, status, id);
CREATE INDEX calls_client_direction ON calls (client_id, direction, id);
CREATE INDEX calls_client_created ON calls (client_id, created_at);
CREATE INDEX calls_client_from ON calls (client_id, from_index, id);
CREATE INDEX calls_client_to ON calls (client_id, to_index, id);
CREATE UNIQUE INDEX calls_provider_id ON calls (provider, provider_call_id)
  WHERE provider_call_id IS NOT NULL;
CREATE INDEX calls_open ON calls (last_heard_at)
  WHERE status IN ('queued', 'ringing', 'in-progress');

CREATE TABLE call_events (
  id uuid PRIMARY KEY,
  call_id uuid NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
  status text NOT NULL,
  source text NOT NULL,
  at timestamptz(3) NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  webhook_event_id uuid
);
CREATE INDEX call_events_call ON call_events (call_id, id);

CREATE TABLE webhook_events (
  id uuid PRIMARY KEY,
  provider text NOT NULL,
  client_id uuid REFERENCES clients (id),
  call_id uuid,
  fingerprint bytea NOT NULL,
  sealed bytea,
  state text NOT NULL DEFAULT 'received',
  reason text,
  deliveries integer NOT NULL DEFAULT 1,
  received_at timestamptz(3) NOT NULL DEFAULT now(),
  processed_at timestamptz(3)
);
CREATE UNIQUE INDEX webhook_events_fingerprint ON webhook_events (provider, fingerprint);
CREATE INDEX webhook_events_call ON webhook_events (call_id);
CREATE INDEX webhook_events_state ON webhook_events (state, received_at);

CREATE TABLE idempotency_keys (
  client_id uuid NOT NULL REFERENCES clients (id),
  key_hash bytea NOT NULL,
  request_hash bytea NOT NULL,
  call_id uuid,
  status_code integer,
  sealed bytea,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  expires_at timestamptz(3) NOT NULL,
  CONSTRAINT idempotency_keys_pk PRIMARY KEY (client_id, key_hash)
);
CREATE INDEX idempotency_keys_expiry ON idempotency_keys (expires_at);

-- Scans and readiness ------------------------------------------------------------------------

CREATE TABLE scans (
  id uuid PRIMARY KEY,
  client_id uuid NOT NULL REFERENCES clients (id),
  status text NOT NULL,
  trigger text NOT NULL,
  started_at timestamptz(3) NOT NULL DEFAULT now(),
  finished_at timestamptz(3),
  packages integer,
  counts jsonb,
  new_findings integer,
  fixed_findings integer,
  outdated integer,
  error text
);
CREATE INDEX scans_client ON scans (client_id, started_at);

CREATE TABLE vulnerabilities (
  id uuid PRIMARY KEY,
  client_id uuid NOT NULL REFERENCES clients (id),
  package text NOT NULL,
  version text NOT NULL,
  severity text NOT NULL,
  advisory text NOT NULL,
  aliases text[] NOT NULL,
  title text NOT NULL,
  url text,
  path text[] NOT NULL,
  dev boolean NOT NULL,
  fixed_in text,
  remedy text,
  first_seen_at timestamptz(3) NOT NULL DEFAULT now(),
  last_seen_at timestamptz(3) NOT NULL DEFAULT now(),
  fixed_at timestamptz(3),
  last_scan_id uuid REFERENCES scans (id),
  created_at timestamptz(3) NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX vulnerabilities_finding
  ON vulnerabilities (client_id, package, version, advisory);
CREATE INDEX vulnerabilities_open ON vulnerabilities (client_id, fixed_at, severity);

CREATE TABLE readiness_runs (
  id uuid PRIMARY KEY,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  target text NOT NULL,
  version text NOT NULL,
  percent real NOT NULL,
  passed integer NOT NULL,
  total integer NOT NULL,
  checks jsonb NOT NULL
);

-- The audit trail ----------------------------------------------------------------------------

CREATE TABLE audit_logs (
  id uuid NOT NULL,
  created_at timestamptz(3) NOT NULL,
  event_type text NOT NULL,
  severity text NOT NULL,
  outcome text NOT NULL,
  client_id uuid NOT NULL,
  actor_type text NOT NULL,
  actor_id text,
  ip text,
  user_agent text,
  request_id text,
  trace_id text,
  method text,
  path text,
  status_code integer,
  resource_type text,
  resource_id text,
  details jsonb NOT NULL DEFAULT '{}',
  written_by xid8 NOT NULL DEFAULT pg_current_xact_id(),
  CONSTRAINT audit_logs_pk PRIMARY KEY (id, created_at)
) PARTITION BY RANGE (created_at);
-- Read backwards, these give ORDER BY created_at DESC without a sort.
CREATE INDEX audit_logs_created ON audit_logs (created_at);
CREATE INDEX audit_logs_client ON audit_logs (client_id, created_at);
CREATE INDEX audit_logs_event ON audit_logs (event_type text_pattern_ops, created_at);
CREATE INDEX audit_logs_severity ON audit_logs (severity, created_at);
CREATE INDEX audit_logs_actor ON audit_logs (actor_id, created_at);
CREATE INDEX audit_logs_resource ON audit_logs (resource_type, resource_id, created_at);
CREATE INDEX audit_logs_request ON audit_logs (request_id);

CREATE TABLE audit_seals (
  id uuid PRIMARY KEY,
  position bigint NOT NULL CONSTRAINT audit_seals_position_unique UNIQUE,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  month text NOT NULL,
  first_row_id uuid NOT NULL,
  last_row_id uuid NOT NULL,
  row_count integer NOT NULL,
  total_count bigint NOT NULL,
  root bytea NOT NULL,
  previous_hash bytea NOT NULL,
  signature bytea NOT NULL,
  key_id text NOT NULL,
  sealed_until timestamptz(3) NOT NULL
);

CREATE FUNCTION caly_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'audit_logs is append-only: % is refused', TG_OP
    USING ERRCODE = 'insufficient_privilege';
END $$;

-- By statement, not by row: an UPDATE that matches nothing fails too. Triggers of the parent speak
-- for statements on the parent only, so each partition gets its own.
CREATE FUNCTION caly_make_append_only(target regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format(
    'CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %s
       FOR EACH STATEMENT EXECUTE FUNCTION caly_refuse_change()', target);
END $$;

SELECT caly_make_append_only('audit_logs');

-- Makes the partitions of the current month (UTC) and of the months after it, named
-- audit_logs_YYYY_MM, where they are missing. Called by every start and by a job: a row whose month
-- is missing fails its transaction.
CREATE FUNCTION caly_ensure_audit_partitions(months_ahead integer) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
  month date;
  name text;
  made integer := 0;
BEGIN
  -- One maker at a time: two would both find the month missing.
  PERFORM pg_advisory_xact_lock(1667329145, 1);
  FOR ahead IN 0 .. months_ahead LOOP
    month := date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => ahead);
    name := 'audit_logs_' || to_char(month, 'YYYY_MM');
    CONTINUE WHEN to_regclass(format('%I', name)) IS NOT NULL;
    -- Made apart and then attached: PARTITION OF would lock out every reader and writer, and wait
    -- for each of them first.
    EXECUTE format('CREATE TABLE %I (LIKE audit_logs INCLUDING DEFAULTS)', name);
    EXECUTE format(
      'ALTER TABLE audit_logs ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name,
      to_char(month, 'YYYY-MM-DD') || ' 00:00:00+00',
      to_char(month + interval '1 month', 'YYYY-MM-DD') || ' 00:00:00+00');
    PERFORM caly_make_append_only(format('%I', name)::regclass);
    made := made + 1;
  END LOOP;
  RETURN made;
END $$;
