/** What a decision of a rate limit costs in memory and in time, without HTTP around it. */
import process from 'node:process'
import { memoryStore, type Policy, quota } from '../../src/hooks/rate-limit/index.ts'

const keys = 100_000
const decisions = 2_000_000

/** Stores that are filled to tell what a key takes: one alone is lost in the noise of the process. */
const stores = 20

const policy = (name: string): Policy => ({ name, quota: quota(1000, 60_000) })

const address = (i: number): string => `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`

const perDecision = (take: (i: number) => void): number => {
  const startedAt = performance.now()
  for (let i = 0; i < decisions; i++) take(i)
  return Math.round(((performance.now() - startedAt) / decisions) * 1e6)
}

/** Runs it, and prints its figures. */
export function benchLimits(): void {
  const known = Array.from({ length: keys }, (_, i) => address(i))
  const before = process.memoryUsage.rss()
  const store = memoryStore()
  for (let name = 0; name < stores; name++)
    for (const key of known) void store.take(policy(`policy-${name}`), key, 1)
  const bytes = (process.memoryUsage.rss() - before) / (stores * keys)

  const first = policy('policy-0')
  const pick = (i: number) => known[(i * 7919) % keys] ?? ''
  perDecision((i) => void store.take(first, pick(i), 1))
  const knownKey = perDecision((i) => void store.take(first, pick(i), 1))
  // Every one of them finds the table full, and takes the place of another.
  const newKey = perDecision((i) => void store.take(first, `11${address(i)}`, 1))
  process.stdout.write(
    [
      `Rate limits in memory, ${keys} keys a policy, ${decisions} decisions`,
      '',
      `ns a decision, known key: ${knownKey}`,
      `ns a decision, new key in a full table: ${newKey}`,
      `bytes a key: ${Math.round(bytes)}`,
      '',
    ].join('\n'),
  )
}
