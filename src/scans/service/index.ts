/** Scans in the running service: when they run, what is kept of them, who is shown what. */

export type { FinishedScan } from './finished-scan.ts'
export { registerScanJobs } from './jobs.ts'
export { type OwnScanOptions, ownScan } from './own-scan.ts'
export { type ScanStanding, scanStanding } from './queries.ts'
export { type ScanRoutesOptions, scanRoutes } from './routes.ts'
export { type ScanService, scanService } from './service.ts'
export type { SeverityCounts } from './severity-counts.ts'
