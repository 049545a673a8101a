import { type } from 'arktype'
import type { Database } from '#db/database.ts'
import type { Jobs } from '#db/jobs.ts'
import { type AuditTrail, recordGrant, requestOrigin } from '../../audit/index.ts'
import { NotFoundError } from '../../errors.ts'
import { decodeCursor, encodeCursor } from '../../hooks/validation/index.ts'
import type { ScanContext } from './context.ts'
import { positionOf, scanQueries } from './queries.ts'
import type {
  Scan,
  ScanListQuery,
  ScanPage,
  VulnerabilityListQuery,
  VulnerabilityPage,
} from './schemas.ts'
import { startScan } from './start.ts'
import { scanView, vulnerabilityView } from './view.ts'

/** What scans need of the house. */
export interface ScanServiceOptions extends Pick<ScanContext, 'scan' | 'platformClientId'> {
  readonly database: Database
  readonly jobs: Jobs
  readonly audit: AuditTrail
  /** Milliseconds that a scan may take. @default 10 minutes */
  readonly timeLimit?: number
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number
  /** Hears of each scan that ended in this process. @default nobody */
  readonly onFinished?: ScanContext['onFinished']
}

/** Scans of the service's own project, for one process. */
export type ScanService = ReturnType<typeof scanService>

const scanPosition = type({ id: 'string.uuid' })

const vulnerabilityPosition = type({
  id: 'string.uuid',
  fixed: '0 | 1',
  rank: '1 <= number.integer <= 5',
})

/** The scans of the platform's own client: another client has none, and may see none. */
export function scanService(options: ScanServiceOptions) {
  const { database, timeLimit = 600_000, now = Date.now, onFinished = () => {} } = options
  const queries = scanQueries(database.db)
  const context: ScanContext = { ...options, queries, timeLimit, now, onFinished }
  const seen = () => recordGrant(context.audit, 'scans:read')

  return {
    /** For the jobs of this feature; nobody else's business. */
    context,

    /** Begins a scan, or tells of the one that runs. */
    async start(clientId: string): Promise<Scan> {
      return scanView(
        await startScan(context, { clientId, trigger: 'api', origin: requestOrigin() }),
      )
    },

    /** @throws {NotFoundError} if the client has no such scan */
    async get(clientId: string, id: string): Promise<Scan> {
      // Whatever is no UUID would fail in the database instead of not being there.
      const row = uuid.test(id) ? await queries.find(clientId, id) : undefined
      if (row === undefined) throw new NotFoundError('There is no such scan')
      await seen()
      return scanView(row)
    },

    /** One page, newest first. @throws {ValidationError} if the cursor is not of this list */
    async list(clientId: string, { limit, cursor }: ScanListQuery): Promise<ScanPage> {
      const list = { list: 'scans', clientId }
      const before = cursor && decodeCursor(cursor, scanPosition, list).id
      const page = pageOf(await queries.list(clientId, limit + 1, before), limit)
      await seen()
      return {
        items: page.shown.map(scanView),
        nextCursor: page.last ? encodeCursor({ id: page.last.id }, list) : null,
      }
    },

    /** One page, open ones only unless asked otherwise. @throws {ValidationError} as {@linkcode list} does */
    async vulnerabilities(
      clientId: string,
      { limit, cursor, status = 'open', ...narrowed }: VulnerabilityListQuery,
    ): Promise<VulnerabilityPage> {
      const list = { list: 'vulnerabilities', clientId, status, ...narrowed }
      const after = cursor === undefined ? cursor : readPosition(cursor, list)
      const selection = { clientId, status, ...narrowed, after, limit: limit + 1 }
      const page = pageOf(await queries.vulnerabilities(selection), limit)
      await seen()
      return {
        items: page.shown.map(vulnerabilityView),
        nextCursor: page.last ? encodeCursor(positionOf(page.last), list) : null,
      }
    },
  }
}

const readPosition = (cursor: string, list: object) =>
  decodeCursor(cursor, vulnerabilityPosition, list)

/** Rows were read up to one more than the limit, which tells whether there is another page. */
function pageOf<Row>(rows: readonly Row[], limit: number) {
  const shown = rows.slice(0, limit)
  return { shown, last: rows.length > limit ? shown.at(-1) : undefined }
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
