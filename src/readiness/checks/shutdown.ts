/** Whether a stop loses anything. */
import { stat } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import { check, looked } from '../check.ts'

/** Milliseconds that Kubernetes and others give before they kill, by default. */
const grace = 30_000

/** Shutdown. */
export const shutdownChecks = [
  check({
    id: 'shutdown.time',
    title: 'A stop has time for the requests under way, and is over before it is cut off',
    why: 'A request that is cut off leaves its client not knowing whether the call was placed',
    fix: 'Set SHUTDOWN_TIMEOUT to 5 s or more, so that it and SHUTDOWN_DELAY stay below the 30 s after which most orchestrators kill',
    ...{ api: [8], asvs: ['V16.5.3'], needs: ['config'] },
    run({ config: { shutdown } }) {
      const { timeout, delay } = shutdown
      return [
        looked('SHUTDOWN_TIMEOUT', `${timeout} ms`, timeout >= 5000),
        looked(
          'SHUTDOWN_DELAY and SHUTDOWN_TIMEOUT',
          `${delay + timeout} ms`,
          delay + timeout < grace,
        ),
      ]
    },
  }),
  check({
    id: 'shutdown.delay',
    title: 'Behind a proxy, a stop waits until nobody sends it anything any more',
    why: 'A load balancer learns a moment late that the service is going, and its clients get errors for that long',
    fix: 'Set SHUTDOWN_DELAY to a few seconds: as long as your load balancer takes to notice /health/ready',
    ...{ api: [8], asvs: ['V16.5.3'], needs: ['config'] },
    run({ config: { proxies, shutdown } }) {
      const behind = proxies.trusted.length > 0
      const told = `${shutdown.delay} ms, ${behind ? 'behind a proxy' : 'no proxy'}`
      return [looked('SHUTDOWN_DELAY', told, !behind || shutdown.delay >= 1000)]
    },
  }),
  check({
    id: 'shutdown.request-timeout',
    title: 'No request may take longer than a minute',
    why: 'It would outlast the stop, and hold its memory and its place for as long',
    fix: 'Set REQUEST_TIMEOUT to a minute or less, or leave it out',
    ...{ api: [4], asvs: ['V15.2.2'], needs: ['config'] },
    run: ({ config: { requestTimeout } }) => [
      looked('REQUEST_TIMEOUT', `${requestTimeout} ms`, requestTimeout <= 60_000),
    ],
  }),
  check({
    id: 'shutdown.data-folder',
    title: 'What waits on disk at a stop is found again, and by nobody else',
    why: 'Audit events that the database has not taken yet are in this folder: a relative path is another folder at the next start',
    fix: 'Set CALY_DATA_DIR to a whole path on a volume that stays, with rights for the service alone (chmod 700)',
    ...{ api: [8], asvs: ['V16.4.2', 'V13.3.2'], needs: ['config'] },
    async run({ config: { dataDir } }) {
      const found = await stat(dataDir).catch(() => undefined)
      const open = found === undefined ? 0 : found.mode & 0o007
      return [
        looked(
          'CALY_DATA_DIR',
          isAbsolute(dataDir) ? 'a whole path' : 'relative',
          isAbsolute(dataDir),
        ),
        looked(
          'its folder',
          found?.isDirectory() === true ? 'there' : 'not there',
          found?.isDirectory() === true,
        ),
        looked('its rights', open === 0 ? 'none for others' : 'others may in', open === 0),
      ]
    },
  }),
] as const
