/** Words that several parts of the dashboard use. */
import { scraped } from '../promql.ts'

/** The histogram of statements. */
export const operations = 'db_client_operation_duration_seconds'

/** Statements that reached the database: those that got no connection only waited. */
export const reached = `${scraped},error_type!="DatabaseUnavailableError"`

/** What the metrics of the pool begin with. */
export const connection = 'db_client_connection'

/** The histogram of jobs. */
export const jobs = 'messaging_process_duration_seconds'
