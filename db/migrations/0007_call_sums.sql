-- Sums of calls by day, for statistics. db/schema/call-sums.ts tells what is in them,
-- src/calls/stats-fold.ts how changes become sums.

CREATE TABLE call_changes (
  client_id uuid NOT NULL,
  day date NOT NULL,
  direction text NOT NULL,
  status text NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY,
  seconds integer,
  calls integer NOT NULL,
  CONSTRAINT call_changes_pk PRIMARY KEY (client_id, day, id)
);

CREATE TABLE call_sums (
  client_id uuid NOT NULL,
  day date NOT NULL,
  direction text NOT NULL,
  status text NOT NULL,
  calls integer NOT NULL,
  seconds bigint NOT NULL,
  CONSTRAINT call_sums_pk PRIMARY KEY (client_id, day, direction, status)
);

CREATE TABLE call_classes (
  client_id uuid NOT NULL,
  day date NOT NULL,
  class smallint NOT NULL,
  calls integer NOT NULL,
  CONSTRAINT call_classes_pk PRIMARY KEY (client_id, day, class)
);

CREATE TABLE call_durations (
  client_id uuid NOT NULL,
  class smallint NOT NULL,
  day date NOT NULL,
  seconds integer NOT NULL,
  calls integer NOT NULL,
  CONSTRAINT call_durations_pk PRIMARY KEY (client_id, class, day, seconds)
);

-- The calls between a midnight and the end of a period are counted from the index alone.
DROP INDEX calls_client_created;
CREATE INDEX calls_client_created ON calls (client_id, created_at)
  INCLUDE (direction, status, duration_seconds);

-- Written down by the database itself, in the transaction of the change, so that no statement can
-- forget to. Rows are only added: writers of the same day do not wait for each other.
CREATE FUNCTION caly_count_call() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    INSERT INTO call_changes (client_id, day, direction, status, seconds, calls)
    VALUES (OLD.client_id, (OLD.created_at AT TIME ZONE 'UTC')::date, OLD.direction, OLD.status,
      CASE WHEN OLD.status = 'completed' THEN OLD.duration_seconds END, -1);
  END IF;
  IF TG_OP <> 'DELETE' THEN
    INSERT INTO call_changes (client_id, day, direction, status, seconds, calls)
    VALUES (NEW.client_id, (NEW.created_at AT TIME ZONE 'UTC')::date, NEW.direction, NEW.status,
      CASE WHEN NEW.status = 'completed' THEN NEW.duration_seconds END, 1);
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER count_call AFTER INSERT OR DELETE ON calls
  FOR EACH ROW EXECUTE FUNCTION caly_count_call();

CREATE TRIGGER count_changed_call
  AFTER UPDATE OF client_id, created_at, direction, status, duration_seconds ON calls
  FOR EACH ROW
  WHEN ((OLD.client_id, OLD.created_at, OLD.direction, OLD.status, OLD.duration_seconds)
    IS DISTINCT FROM
    (NEW.client_id, NEW.created_at, NEW.direction, NEW.status, NEW.duration_seconds))
  EXECUTE FUNCTION caly_count_call();

-- Counts everything anew. For calls that are older than the triggers, or that came while these were
-- off, as in a restore of one table. Nobody writes calls while it runs (some seconds a million).
CREATE FUNCTION caly_recount_calls() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  LOCK TABLE calls IN SHARE ROW EXCLUSIVE MODE;
  TRUNCATE call_changes, call_sums, call_classes, call_durations;
  INSERT INTO call_changes (client_id, day, direction, status, seconds, calls)
  SELECT client_id, (created_at AT TIME ZONE 'UTC')::date AS day, direction, status,
    CASE WHEN status = 'completed' THEN duration_seconds END AS seconds, count(*)
  FROM calls
  GROUP BY 1, 2, 3, 4, 5
  ORDER BY 1, 2;
END $$;
REVOKE EXECUTE ON FUNCTION caly_recount_calls() FROM PUBLIC;

CREATE FUNCTION caly_forget_call_sums() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  TRUNCATE call_changes, call_sums, call_classes, call_durations;
  RETURN NULL;
END $$;

CREATE TRIGGER forget_call_sums AFTER TRUNCATE ON calls
  FOR EACH STATEMENT EXECUTE FUNCTION caly_forget_call_sums();

-- As the other functions: whoever calls them finds what this schema has.
DO $$
DECLARE
  target text;
BEGIN
  FOREACH target IN ARRAY ARRAY['caly_count_call', 'caly_recount_calls', 'caly_forget_call_sums']
  LOOP
    EXECUTE format('ALTER FUNCTION %I() SET search_path = %I, pg_temp', target, current_schema());
  END LOOP;
END $$;

SELECT caly_recount_calls();
