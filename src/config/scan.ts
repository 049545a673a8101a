import { type } from 'arktype'
import { compiledWhenHot } from '../compiled-when-hot.ts'
import { environment } from './environment.ts'
import { ConfigError } from './error.ts'

const scanVariables = environment.pick('SCAN_REGISTRY', 'SCAN_OSV', 'SCAN_FAIL_ON')

const readVariables = compiledWhenHot(scanVariables)

/** What a scan of any project goes by. */
export type ScanConfig = ReturnType<typeof readScanConfig>

/**
 * Reads what a scan needs, and nothing else: no database, and no key of production. An empty variable
 * counts as unset.
 *
 * @throws {ConfigError} with every fault at once
 */
export function readScanConfig(env: Readonly<Record<string, string | undefined>>) {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => (value ?? '') !== ''))
  const read = readVariables(given)
  if (read instanceof type.errors)
    throw new ConfigError(read.map((error) => `${error.path.join('.')} must be ${error.expected}`))
  return { registry: read.SCAN_REGISTRY, osv: read.SCAN_OSV, failOn: read.SCAN_FAIL_ON }
}
