/** Words that several parts of the dashboard use. */

/** Where logins are seen. */
export const logins = { title: 'Traces of logins', operation: 'POST /api/auth/login' }

/** Requests that were answered with a status. */
export const refused = (status: number) => ({
  title: `Requests answered ${status}`,
  tags: `http.response.status_code=${status}`,
})

/** Where scans for vulnerabilities are seen. */
export const scanning = { title: 'Traces of scans', operation: 'process scans.run' }

/** Requests of whatever kind, where the panel is about none in particular. */
export const anyRequests = { title: 'Requests' }

/** One row of the trail stands for as many events as it says in `suppressed`. */
export const times = "sum(coalesce((details ->> 'suppressed')::bigint, 1))"
