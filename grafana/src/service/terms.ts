/** Words that several parts of the dashboard use. */
import { requests } from '../promql.ts'

/** The histogram of requests. */
export const durations = 'http_server_request_duration_seconds'

/** Requests that failed here, and not for what they asked. */
export const failed = `${requests},http_response_status_code=~"5.."`
