import { configured, inDatabase, type Mutant } from '../mutant.ts'

/** What is not looked for, or not mended. */
export const dependencyMutants: readonly Mutant[] = [
  configured('SCAN_SCHEDULE=off', ['dependencies.scheduled'], { SCAN_SCHEDULE: 'off' }),
  inDatabase(
    'a scan of last week',
    ['dependencies.scanned'],
    `update scans set finished_at = finished_at - interval '7 days'`,
    `update scans set finished_at = finished_at + interval '7 days'`,
  ),
  inDatabase(
    'a scan that failed',
    ['dependencies.last-scan'],
    `insert into scans (id, client_id, status, trigger, finished_at)
     select 'ffffffff-ffff-7fff-bfff-ffffffffffff', id, 'failed', 'api', now() from clients where is_platform`,
    `delete from scans where status = 'failed'`,
  ),
  inDatabase(
    'a critical vulnerability',
    ['dependencies.nothing-open'],
    `insert into vulnerabilities
       (id, client_id, package, version, severity, advisory, aliases, title, path, dev)
     select gen_random_uuid(), id, 'made-up', '1.0.0', 'critical', 'GHSA-0000', '{}', 'It is', '{made-up}', false
     from clients where is_platform`,
    `delete from vulnerabilities`,
  ),
  configured('advisories over plain HTTP', ['dependencies.sources'], {
    SCAN_OSV: 'http://osv.example',
  }),
]
