export { type AppCheck, type AppChecksOptions, appChecks } from './app-checks.ts'
export {
  type DatabaseHealth,
  type HealthReport,
  type HealthSources,
  healthChecks,
} from './checks.ts'
export { type Expose, expositionResponses } from './exposition.ts'
export { type OperatorsOptions, operatorsOnly } from './operators.ts'
export { type HealthRoutesOptions, healthRoutes, probeRoutes } from './routes.ts'
