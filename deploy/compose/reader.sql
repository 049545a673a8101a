-- The role that Grafana reads with: the audit trail without what proves it, scans and runs of
-- `caly readiness`, and what these found.
-- Not calls, callbacks, users, keys or sessions. As the owner of the tables, after each migration that
-- touches these:
--   psql "$DATABASE_OWNER_URL" -v password=… -f deploy/compose/reader.sql
-- It may be run again: nothing is made twice.
\set ON_ERROR_STOP on
\if :{?role}
\else
  \set role caly_reader
\endif

select format('create role %I', :'role')
  where not exists (select from pg_roles where rolname = :'role') \gexec
alter role :"role" login password :'password' connection limit 10
  nosuperuser nocreatedb nocreaterole noreplication nobypassrls;
alter role :"role" set default_transaction_read_only = on;
-- A dashboard that nobody waits for any more holds up nothing.
alter role :"role" set statement_timeout = '15s';

begin;
revoke all on all tables in schema public from :"role";
grant usage on schema public to :"role";
grant select (id, created_at, event_type, severity, outcome, client_id, actor_type, actor_id, ip,
  request_id, trace_id, method, path, status_code, resource_type, resource_id, details)
  on audit_logs to :"role";
grant select on scans, vulnerabilities, readiness_runs to :"role";
commit;
