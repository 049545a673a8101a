-- What makes the trail tamper-evident, and lets a person be forgotten by it. docs/audit.md tells the
-- format; db/schema/audit.ts what each column means.

-- Rows ---------------------------------------------------------------------------------------------

-- Nobody writes from here to the commit: where the seals begin must be known to the transaction.
LOCK TABLE audit_logs IN ACCESS EXCLUSIVE MODE;

ALTER TABLE audit_logs
  ADD COLUMN personal_salt bytea,
  ADD COLUMN personal_commitment bytea,
  ADD COLUMN mac bytea,
  ADD COLUMN erasure bytea;

-- Rows that are there already get their commitment (src/audit/sealed-form.ts has the same), so that
-- their persons can be forgotten too. None of them has personal details.
CREATE FUNCTION pg_temp.committed(value text) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(
    int4send(octet_length(convert_to(value, 'UTF8'))) || convert_to(value, 'UTF8'),
    '\xffffffff'::bytea)
$$;
ALTER TABLE audit_logs DISABLE TRIGGER append_only;
UPDATE audit_logs SET
  personal_salt = fresh.salt,
  personal_commitment = sha256(
    convert_to('caly audit personal 1', 'UTF8') || '\x00'::bytea || fresh.salt ||
    pg_temp.committed(ip) || pg_temp.committed(user_agent) || pg_temp.committed(actor_id) ||
    '\xffffffff'::bytea)
FROM (SELECT id, created_at, uuid_send(gen_random_uuid()) AS salt FROM audit_logs) AS fresh
WHERE audit_logs.id = fresh.id AND audit_logs.created_at = fresh.created_at;
ALTER TABLE audit_logs ENABLE TRIGGER append_only;
DROP FUNCTION pg_temp.committed(text);

ALTER TABLE audit_logs
  ALTER COLUMN personal_commitment SET NOT NULL,
  ADD CONSTRAINT audit_logs_commitment CHECK (octet_length(personal_commitment) = 32);
CREATE INDEX audit_logs_written ON audit_logs (written_by, id);
CREATE INDEX audit_logs_erasure ON audit_logs (erasure) WHERE erasure IS NOT NULL;

-- Seals --------------------------------------------------------------------------------------------

-- Nothing was ever sealed in it.
DROP TABLE audit_seals;
CREATE TABLE audit_seals (
  position bigint PRIMARY KEY,
  version integer NOT NULL,
  kind text NOT NULL,
  created_at timestamptz(3) NOT NULL,
  month text NOT NULL,
  from_xid xid8 NOT NULL,
  to_xid xid8 NOT NULL,
  row_count bigint NOT NULL,
  forged_count bigint NOT NULL,
  total_count bigint NOT NULL,
  root bytea NOT NULL,
  previous_hash bytea NOT NULL,
  key_id text NOT NULL,
  signature bytea NOT NULL
);

CREATE TABLE audit_seal_leaves (
  position bigint PRIMARY KEY,
  leaves bytea NOT NULL
);
-- Hashes do not get smaller by compression.
ALTER TABLE audit_seal_leaves ALTER COLUMN leaves SET STORAGE EXTERNAL;

CREATE TABLE audit_seal_keys (
  key_id text PRIMARY KEY,
  public_key bytea NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now()
);

CREATE TABLE audit_seal_start (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  xid xid8 NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now()
);
INSERT INTO audit_seal_start (xid) SELECT pg_snapshot_xmax(pg_current_snapshot());

DO $$
BEGIN
  EXECUTE format(
    'ALTER TABLE audit_logs ADD CONSTRAINT audit_logs_mac
       CHECK (mac IS NOT NULL OR written_by < %L::xid8)', (SELECT xid FROM audit_seal_start));
END $$;

-- Above what src/audit/row.ts makes: whoever may only insert must not make pages that nobody can
-- read. Rows without a MAC are older than this.
ALTER TABLE audit_logs ADD CONSTRAINT audit_logs_bounds CHECK (
  mac IS NULL OR (
    octet_length(details::text) <= 131072 AND
    greatest(
      octet_length(event_type), octet_length(severity), octet_length(outcome),
      octet_length(actor_type), octet_length(actor_id), octet_length(ip), octet_length(user_agent),
      octet_length(request_id), octet_length(trace_id), octet_length(method), octet_length(path),
      octet_length(resource_type), octet_length(resource_id)) <= 2048 AND
    octet_length(mac) <= 64 AND coalesce(octet_length(personal_salt), 0) <= 64));

-- What the owner of the tables says, and the service's role only reads.
CREATE TABLE audit_settings (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  retention_days integer NOT NULL DEFAULT 365 CHECK (retention_days BETWEEN 1 AND 36500)
);
INSERT INTO audit_settings DEFAULT VALUES;

-- Append-only --------------------------------------------------------------------------------------

-- Two functions of this file may change what nothing else may; the row's own trigger holds the first
-- to emptying. Whoever owns the tables can do away with all of this: the seals then tell.
CREATE OR REPLACE FUNCTION caly_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  stack text;
BEGIN
  GET DIAGNOSTICS stack = PG_CONTEXT;
  IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'audit_logs'
     AND stack ~ '\nPL/pgSQL function (\w+\.)?caly_erase_audit_rows\(' THEN
    RETURN NULL;
  END IF;
  IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'audit_seal_leaves'
     AND stack ~ '\nPL/pgSQL function (\w+\.)?caly_drop_audit_month\(' THEN
    RETURN NULL;
  END IF;
  RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP
    USING ERRCODE = 'insufficient_privilege';
END $$;

SELECT caly_make_append_only('audit_seals');
SELECT caly_make_append_only('audit_seal_leaves');
SELECT caly_make_append_only('audit_seal_keys');
SELECT caly_make_append_only('audit_seal_start');

-- A seal that stands apart from the chain would keep the next one from being added to it.
CREATE FUNCTION caly_only_next() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.position <> (SELECT coalesce(max(position), 0) + 1 FROM audit_seals) THEN
    RAISE EXCEPTION 'A seal takes the position after the last one'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER only_next BEFORE INSERT ON audit_seals
  FOR EACH ROW EXECUTE FUNCTION caly_only_next();

CREATE FUNCTION caly_only_empty() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  emptied CONSTANT text[] := '{ip,user_agent,actor_id,details,personal_salt,erasure}';
BEGIN
  IF to_jsonb(NEW) - emptied IS DISTINCT FROM to_jsonb(OLD) - emptied
     OR NEW.details IS DISTINCT FROM OLD.details - 'personal'
     OR num_nonnulls(NEW.ip, NEW.user_agent, NEW.actor_id, NEW.personal_salt, OLD.erasure) > 0
     OR NEW.erasure IS NULL THEN
    RAISE EXCEPTION 'audit_logs is append-only: an erasure empties the personal fields, once'
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER only_empty BEFORE UPDATE ON audit_logs
  FOR EACH ROW EXECUTE FUNCTION caly_only_empty();

-- Empties the personal fields of what an actor did in one month (YYYY-MM), and of what strangers did
-- to them, and marks the rows with the digest of the erasure's event, which the same transaction must
-- have written. Gives their number.
CREATE FUNCTION caly_erase_audit_rows(actor text, month text, digest bytea) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  begins CONSTANT timestamp := to_date(month, 'YYYY-MM');
  emptied integer;
  computed bytea;
BEGIN
  WITH erased AS (
    UPDATE audit_logs SET
      ip = NULL, user_agent = NULL, actor_id = NULL, personal_salt = NULL,
      details = details - 'personal', erasure = digest
    WHERE created_at >= begins AT TIME ZONE 'UTC'
      AND created_at < (begins + interval '1 month') AT TIME ZONE 'UTC'
      AND erasure IS NULL
      AND (actor_id = actor OR
        (actor_type = 'anonymous' AND resource_type = 'user' AND resource_id = actor))
    RETURNING id
  )
  SELECT count(*), sha256(coalesce(string_agg(uuid_send(id), ''::bytea ORDER BY id), ''))
    INTO emptied, computed FROM erased;
  IF computed IS DISTINCT FROM digest OR NOT EXISTS (
    SELECT FROM audit_logs
    WHERE written_by = pg_current_xact_id() AND event_type = 'AUDIT_ERASED'
      AND details @> jsonb_build_object(
        'month', month, 'rows', emptied, 'digest', encode(digest, 'hex'))
  ) THEN
    RAISE EXCEPTION 'An erasure empties the rows that its event tells of, and no others'
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN emptied;
END $$;

-- Partitions ---------------------------------------------------------------------------------------

-- As before; new are the constraints, which a partition must have, and the owner's rights, so that a
-- service that owns nothing can still make the months ahead.
CREATE OR REPLACE FUNCTION caly_ensure_audit_partitions(months_ahead integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  month date;
  name text;
  made integer := 0;
BEGIN
  -- One maker at a time: two would both find the month missing.
  PERFORM pg_advisory_xact_lock(1667329145, 1);
  FOR ahead IN 0 .. least(months_ahead, 12) LOOP
    month := date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => ahead);
    name := 'audit_logs_' || to_char(month, 'YYYY_MM');
    CONTINUE WHEN to_regclass(format('%I.%I', current_schema(), name)) IS NOT NULL;
    -- Made apart and then attached: PARTITION OF would lock out every reader and writer, and wait
    -- for each of them first.
    EXECUTE format(
      'CREATE TABLE %I (LIKE audit_logs INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
    EXECUTE format(
      'ALTER TABLE audit_logs ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name,
      to_char(month, 'YYYY-MM-DD') || ' 00:00:00+00',
      to_char(month + interval '1 month', 'YYYY-MM-DD') || ' 00:00:00+00');
    PERFORM caly_make_append_only(format('%I', name)::regclass);
    made := made + 1;
  END LOOP;
  RETURN made;
END $$;

-- Drops a month (YYYY-MM) that the owner says is old enough, by the clock here, once a seal says so,
-- with the leaves of its seals.
CREATE FUNCTION caly_drop_audit_month(gone text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  IF gone !~ '^\d{4}-(0[1-9]|1[0-2])$' OR
     (to_date(gone, 'YYYY-MM') + interval '1 month') AT TIME ZONE 'UTC' >
       now() - make_interval(days => (SELECT retention_days FROM audit_settings)) THEN
    RAISE EXCEPTION 'Only a month that is older than audit_settings asks for can be dropped'
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF NOT EXISTS (SELECT FROM audit_seals WHERE kind = 'drop' AND month = gone) THEN
    RAISE EXCEPTION 'No seal says that this month is dropped'
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  EXECUTE format(
    'DROP TABLE IF EXISTS %I.%I', current_schema(), 'audit_logs_' || replace(gone, '-', '_'));
  DELETE FROM audit_seal_leaves
    WHERE position IN (SELECT position FROM audit_seals WHERE month = gone);
END $$;

-- Rights -------------------------------------------------------------------------------------------

-- What a service needs that does not own the tables. Called by migrations that run as their owner
-- (DATABASE_OWNER_URL), after every one of them.
CREATE FUNCTION caly_grant_service(service text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  target record;
  -- Who wrote a row, and who emptied it, is not for the service to say.
  columns CONSTANT text := (
    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
    WHERE attrelid = 'audit_logs'::regclass AND attnum > 0 AND NOT attisdropped
      AND attname NOT IN ('written_by', 'erasure'));
BEGIN
  EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM PUBLIC, %I', current_schema(), service);
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), service);
  FOR target IN
    SELECT relname AS name FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')
  LOOP
    EXECUTE format('REVOKE ALL ON %I FROM PUBLIC, %I', target.name, service);
    -- A right on a partition would be a way round the rights on the whole.
    CONTINUE WHEN target.name ~ '^audit_logs_\d';
    EXECUTE format('GRANT %s ON %I TO %I', CASE
      WHEN target.name IN ('caly_migrations', 'audit_seal_start', 'audit_settings') THEN 'SELECT'
      WHEN target.name = 'audit_logs' THEN format('SELECT, INSERT (%s)', columns)
      WHEN target.name ~ '^audit_' THEN 'SELECT, INSERT'
      ELSE 'SELECT, INSERT, UPDATE, DELETE' END, target.name, service);
  END LOOP;
  EXECUTE format('GRANT EXECUTE ON FUNCTION caly_ensure_audit_partitions(integer) TO %I', service);
  EXECUTE format('GRANT EXECUTE ON FUNCTION caly_drop_audit_month(text) TO %I', service);
  EXECUTE format(
    'GRANT EXECUTE ON FUNCTION caly_erase_audit_rows(text, text, bytea) TO %I', service);
  -- The job queue makes its own tables (db/jobs.ts). The right to make schemas would be too much.
  IF to_regnamespace('pgboss') IS NULL THEN
    CREATE SCHEMA pgboss;
  END IF;
  IF EXISTS (SELECT FROM pg_namespace
             WHERE nspname = 'pgboss' AND pg_get_userbyid(nspowner) = current_user) THEN
    EXECUTE format('GRANT USAGE, CREATE ON SCHEMA pgboss TO %I', service);
  END IF;
END $$;

REVOKE EXECUTE ON FUNCTION
  caly_make_append_only(regclass),
  caly_ensure_audit_partitions(integer),
  caly_drop_audit_month(text),
  caly_erase_audit_rows(text, text, bytea),
  caly_grant_service(text)
FROM PUBLIC;

-- Whoever calls them finds the same things: what pg_catalog has, then what this schema has. Named last,
-- temporary tables shadow nothing.
DO $$
DECLARE
  target regprocedure;
BEGIN
  FOR target IN
    SELECT oid FROM pg_proc
    WHERE pronamespace = current_schema()::regnamespace AND proname ~ '^caly_'
  LOOP
    EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', target, current_schema());
  END LOOP;
END $$;
