/** The data sources that provisioning/datasources/caly.yml makes, by the ids that it gives them. */
export const prometheus = { type: 'prometheus', uid: 'prometheus' } as const

/** Jaeger: the traces that every panel leads to. */
export const jaeger = { type: 'jaeger', uid: 'jaeger' } as const

/** PostgreSQL, as a role that reads what deploy/compose/reader.sql grants and nothing else. */
export const postgres = { type: 'grafana-postgresql-datasource', uid: 'postgres' } as const
