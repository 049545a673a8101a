/** Where scans ask when nobody names another place. Nothing else of a scan leaves the machine. */

/** The npm registry: advisories in bulk, and what it knows of a package. `SCAN_REGISTRY` names another. */
export const defaultRegistry = 'https://registry.npmjs.org'

/** OSV's API (https://google.github.io/osv.dev/api/): advisories of all ecosystems. */
export const defaultOsvApi = 'https://api.osv.dev'
