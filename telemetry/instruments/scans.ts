import type { Meter } from '@opentelemetry/api'
import { counter } from './counter.ts'

/** How bad a vulnerability is, as the contract has it. */
type VulnerabilitySeverity = 'critical' | 'high' | 'moderate' | 'low' | 'unknown'

/** Scans for vulnerabilities, and what they found. */
export const scanInstruments = (meter: Meter) => ({
  /** By how they ended, in this process: 3 series. */
  scans: counter<{ 'caly.scan.status': 'complete' | 'incomplete' | 'failed' }>(
    meter,
    'caly.scans',
    '{scan}',
    'Scans for vulnerabilities that ended.',
    [
      { 'caly.scan.status': 'complete' },
      { 'caly.scan.status': 'incomplete' },
      { 'caly.scan.status': 'failed' },
    ],
  ),

  /** Alarm where it is more than a day or two: nobody knows what is open then. Absent before the first. */
  scanAge: meter.createObservableGauge('caly.scan.age', {
    unit: 's',
    description: 'Seconds since the last complete scan for vulnerabilities ended.',
  }),

  /** By severity: 5 series. The same on every replica, which look once a minute. */
  openVulnerabilities: meter.createObservableGauge<{
    'caly.vulnerability.severity': VulnerabilitySeverity
  }>('caly.vulnerabilities.open', {
    unit: '{vulnerability}',
    description: 'Vulnerabilities that were found, are not fixed and not ignored.',
  }),

  /** Both by severity, of the scans that ended in this process: 5 series each. */
  foundVulnerabilities: vulnerabilities(
    meter,
    'caly.vulnerabilities.found',
    'Vulnerabilities that a scan found and that were not open before.',
  ),
  fixedVulnerabilities: vulnerabilities(
    meter,
    'caly.vulnerabilities.fixed',
    'Vulnerabilities that were open and that a complete scan did not find any more.',
  ),
})

const vulnerabilities = (meter: Meter, name: string, description: string) =>
  counter<{ 'caly.vulnerability.severity': VulnerabilitySeverity }>(
    meter,
    name,
    '{vulnerability}',
    description,
    [
      { 'caly.vulnerability.severity': 'critical' },
      { 'caly.vulnerability.severity': 'high' },
      { 'caly.vulnerability.severity': 'moderate' },
      { 'caly.vulnerability.severity': 'low' },
      { 'caly.vulnerability.severity': 'unknown' },
    ],
  )
