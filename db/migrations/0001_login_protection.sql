-- Where users log in from, what is tried elsewhere, and how replicas hear of what has ended.

-- The longest life of a session ------------------------------------------------------------------

ALTER TABLE refresh_tokens ADD COLUMN session_started_at timestamptz(3);
UPDATE refresh_tokens SET session_started_at = created_at;
ALTER TABLE refresh_tokens ALTER COLUMN session_started_at SET NOT NULL;

-- Lockout ----------------------------------------------------------------------------------------

CREATE TABLE login_places (
  user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  place bytea NOT NULL,
  last_login_at timestamptz(3) NOT NULL,
  PRIMARY KEY (user_id, place)
);
CREATE INDEX login_places_age ON login_places (last_login_at);

CREATE TABLE login_attempts (
  key bytea PRIMARY KEY,
  user_id uuid,
  blocked_until timestamptz(3) NOT NULL,
  forgotten_at timestamptz(3) NOT NULL
);
CREATE INDEX login_attempts_forgotten ON login_attempts (forgotten_at);

-- Revocation -------------------------------------------------------------------------------------

CREATE TABLE auth_changes (
  id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  xact xid8 NOT NULL DEFAULT pg_current_xact_id(),
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  kind text NOT NULL,
  subject uuid NOT NULL
);
CREATE INDEX auth_changes_xact ON auth_changes (xact);
CREATE INDEX auth_changes_age ON auth_changes (created_at);

-- Told by the database itself, so that no statement can forget to: not a replica's, not the
-- command line's, not an operator's at a prompt. Whoever listens hears the notification; whoever
-- cannot (a transaction pooler is in between) reads the table. Both come with the commit.
CREATE FUNCTION caly_tell_of_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  gone record := COALESCE(NEW, OLD);
  what text := TG_ARGV[0];
  which uuid := (to_jsonb(gone) ->> TG_ARGV[1])::uuid;
BEGIN
  INSERT INTO auth_changes (kind, subject) VALUES (what, which);
  PERFORM pg_notify('caly_changes', what || ' ' || which);
  RETURN NULL;
END $$;

CREATE TRIGGER tell_of_change
  AFTER UPDATE OF role, disabled, session_epoch, client_id OR DELETE ON users
  FOR EACH ROW EXECUTE FUNCTION caly_tell_of_change('user', 'id');

CREATE TRIGGER tell_of_change
  AFTER UPDATE OF scopes, expires_at, revoked_at, secret_hash, created_by, client_id OR DELETE
  ON api_keys
  FOR EACH ROW EXECUTE FUNCTION caly_tell_of_change('key', 'id');

-- A family has one token that was not used yet: by it the session is told of once, not once for
-- each of the thousands of links that a month of refreshes leaves.
CREATE TRIGGER tell_of_change
  AFTER UPDATE OF revoked_at ON refresh_tokens
  FOR EACH ROW
  WHEN (NEW.revoked_at IS DISTINCT FROM OLD.revoked_at AND NEW.used_at IS NULL)
  EXECUTE FUNCTION caly_tell_of_change('session', 'family_id');
