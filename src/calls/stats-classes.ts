import { type SQL, sql } from 'drizzle-orm'

/**
 * The least talk time of each class but the first, in seconds. As many classes as a class of a busy
 * day has seconds, so that finding the class and finding the second in it read as many rows. Whoever
 * changes them has `caly_recount_calls()` run in a migration.
 */
const bounds = [
  10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 135, 150, 165, 180, 200, 220, 240, 270, 300,
  330, 360, 420, 480, 600, 750, 900, 1200, 1800,
]

/** The class of a talk time, from 1 up. */
export const durationClass = (seconds: SQL): SQL =>
  sql`(1 + width_bucket(${seconds}, ${sql.raw(`'{${bounds.join()}}'::int[]`)}))::smallint`
