/** `caly/health`: `/health/live` and `/health/ready`. */
import type { AnyElysia } from 'elysia'
import { type AppChecksOptions, appChecks, probeRoutes } from '../health/index.ts'
import { hasRoute } from '../hooks/everywhere.ts'

export type { AppCheck, AppChecksOptions as HealthOptions, HealthReport } from '../health/index.ts'

/**
 * Adds `/health/live`, which touches nothing, and `/health/ready`, which looks at what the app names:
 * 503 where something of it fails (draft-inadarei-api-health-check-06).
 */
export function health(options: AppChecksOptions = {}) {
  const plugin = probeRoutes(appChecks(options))
  // Elysia puts a later route in the place of one that has its path: the first checks are the app's.
  return (app: AnyElysia): typeof plugin =>
    (hasRoute(app, '/health/ready') ? app : app.use(plugin)) as typeof plugin
}
