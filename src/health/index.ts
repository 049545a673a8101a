export {
  type DatabaseHealth,
  type HealthReport,
  type HealthSources,
  healthChecks,
} from './checks.ts'
export { type OperatorsOptions, operatorsOnly } from './operators.ts'
export { type HealthRoutesOptions, healthRoutes } from './routes.ts'
