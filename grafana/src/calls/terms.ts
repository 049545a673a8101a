/** Words that several parts of the dashboard use. */
import { scraped } from '../promql.ts'

/** The counter of calls that came to a status. */
export const changes = 'caly_call_status_changes_total'

/** Of those, the statuses that a call ends with. */
export const final = `${scraped},caly_call_status=~"completed|busy|no-answer|failed|canceled"`

/** Where the placing of calls is seen. */
export const placing = { title: 'Traces of placing', operation: 'process calls.place' }

/** Where the callbacks of the provider are seen. */
export const callbacks = {
  title: 'Traces of callbacks',
  operation: 'POST /api/webhooks/exotel/:secret',
}
