/** What is known against the packages that the service is made of. */

import { scanStanding } from '../../scans/index.ts'
import { check, looked } from '../check.ts'

/** Days after which a scan says nothing any more. */
const mostDays = 2

const day = 86_400_000

/** Whether an address is asked in a way that nobody on the way can answer. */
const isSafe = (where: URL | string | undefined): boolean =>
  !(where instanceof URL) ||
  where.protocol === 'https:' ||
  /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(where.hostname)

/** Dependencies. */
export const dependencyChecks = [
  check({
    id: 'dependencies.scheduled',
    title: 'The service looks for known vulnerabilities by itself',
    why: 'Most holes are found in packages that were deployed long before',
    fix: 'Leave SCAN_SCHEDULE out, or set a cron line',
    ...{ api: [9], asvs: ['V15.2.1'], needs: ['config'] },
    run: ({ config: { scan } }) => [
      looked('SCAN_SCHEDULE', scan.schedule ?? 'off', scan.schedule !== undefined),
    ],
  }),
  check({
    id: 'dependencies.scanned',
    title: `The last complete scan is ${mostDays} days old at most`,
    why: 'Nobody knows what is open',
    fix: 'POST /api/scans scans at once; where it fails, open the way to the registry, or name a mirror: SCAN_REGISTRY, SCAN_OSV',
    ...{ api: [9], asvs: ['V15.2.1'], needs: ['database'] },
    async run({ database }) {
      const { lastComplete } = await scanStanding(database.db)
      const age = lastComplete === undefined ? undefined : Date.now() - lastComplete.getTime()
      const told = age === undefined ? 'there is none' : `${(age / day).toFixed(1)} days old`
      return [looked('the last complete scan', told, age !== undefined && age < mostDays * day)]
    },
  }),
  check({
    id: 'dependencies.last-scan',
    title: 'The last scan that ended came to its end',
    why: 'A scan that is cut short finds nothing, and looks like one that found nothing',
    fix: 'GET /api/scans says why: most often a registry that is not reached',
    ...{ api: [9], asvs: ['V15.2.1'], needs: ['database'] },
    async run({ database }) {
      const { rows } = await database.client.query(`
        select status from scans where status <> 'running' order by id desc limit 1`)
      const [last] = rows as readonly { readonly status: string }[]
      return [looked('the last scan', last?.status ?? 'none', last?.status === 'complete')]
    },
  }),
  check({
    id: 'dependencies.nothing-open',
    title: 'No critical or high vulnerability is open',
    why: 'What is known can be used by anybody who reads of it',
    fix: 'GET /api/vulnerabilities has what removes each; ignore with a reason and a date what does not concern you (docs/scans.md)',
    ...{ api: [8, 9], asvs: ['V15.2.1'], needs: ['database'] },
    async run({ database }) {
      const { open } = await scanStanding(database.db)
      const told = `${open.critical} critical, ${open.high} high`
      return [looked('open vulnerabilities', told, open.critical + open.high === 0)]
    },
  }),
  check({
    id: 'dependencies.sources',
    title: 'Advisories come over HTTPS',
    why: 'Whoever is on the way could say that nothing is known',
    fix: 'Give SCAN_REGISTRY and SCAN_OSV addresses that begin with https://',
    ...{ api: [10], asvs: ['V15.2.4', 'V12.3.1'], needs: ['config'] },
    run: ({ config: { scan } }) => [
      looked('SCAN_REGISTRY', scan.registry?.protocol ?? 'https:', isSafe(scan.registry)),
      looked('SCAN_OSV', scan.osv instanceof URL ? scan.osv.protocol : 'https:', isSafe(scan.osv)),
    ],
  }),
] as const
