/** Scans for vulnerabilities: what a project has installed, what is known of it, what to do about it. */
export { type Severity, severities } from './model.ts'
export {
  type FinishedScan,
  type OwnScanOptions,
  ownScan,
  registerScanJobs,
  type ScanRoutesOptions,
  type ScanService,
  type ScanStanding,
  type SeverityCounts,
  scanRoutes,
  scanService,
  scanStanding,
} from './service/index.ts'
