-- Reading the trail, and telling it of keys whose time is over.

-- Everything that the API filters by type, severity or kind of thing is one or more event types of one
-- client: each is read by this index, from its newest row on. No time is null: the order is one that
-- audit_logs_created has not, so that nobody's rows are looked for among everybody's.
CREATE INDEX audit_logs_client_event ON audit_logs
  (client_id, event_type, created_at DESC NULLS LAST);

ALTER TABLE api_keys ADD COLUMN expiry_told_at timestamptz(3);
CREATE INDEX api_keys_expiry ON api_keys (expires_at)
  WHERE expiry_told_at IS NULL AND revoked_at IS NULL;
