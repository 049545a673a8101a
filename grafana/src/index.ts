/** The dashboards, as files that Grafana reads. */
import { dashboard } from './board.ts'
import { calls } from './calls/index.ts'
import { database } from './database/index.ts'
import { security } from './security/index.ts'
import { service } from './service/index.ts'

/** A dashboard's file. */
export interface DashboardFile {
  /** Without `.json`. */
  readonly name: string
  readonly json: string
}

/** All of them, as they lie in grafana/dashboards. */
export const dashboards = (): readonly DashboardFile[] =>
  Object.entries({ service, database, security, calls }).map(([name, board]) => ({
    name,
    json: `${JSON.stringify(dashboard(board), null, 2)}\n`,
  }))
