import { expect, test } from 'bun:test'
import { readdir } from 'node:fs/promises'
import { eventually } from '../support/process.ts'
import { type OpenTrio, sum } from './trio.ts'

/** What a start of three replicas at once on an empty database leaves. */
export function startSuite(trio: OpenTrio): void {
  test('three replicas that start at the same moment on an empty database set it up once, and all are ready', async () => {
    const { rows, replicas } = trio()
    const migrations = (await readdir('db/migrations')).filter((name) => name.endsWith('.sql'))
    const count = async (text: string) => sum(await rows.query(`select count(*) as n from ${text}`))
    expect(await count('caly_migrations')).toBe(migrations.length)
    expect(await count('clients')).toBe(1)
    expect(await count('users')).toBe(1)
    // A start is recorded while it serves already.
    await eventually(
      () => count(`audit_logs where event_type = 'SERVICE_STARTED'`),
      (starts) => starts === replicas.length,
    )
  })

  test('the server’s own limit on statements is missed until the role has one', async () => {
    const { replicas, administer, bouncer, role } = trio()
    const looks = replicas.map((replica) => async () => {
      const answer = await fetch(new URL('/health/detailed', replica.caly().baseUrl))
      return (await answer.json()) as Detailed
    })
    for (const [index, look] of looks.entries()) {
      const { status, runtime, checks } = await look()
      expect(runtime.toLowerCase()).toStartWith(replicas[index]?.runtime ?? 'none')
      // Still served: the client gives up by itself.
      expect([status, checks.statementTimeout.status]).toEqual(['warn', 'warn'])
    }
    await administer(`alter role ${role} set statement_timeout = '30s'`)
    await bouncer.command('RECONNECT')
    for (const look of looks)
      await eventually(look, ({ checks }) => checks.statementTimeout.status === 'pass')
  })
}

interface Detailed {
  readonly status: string
  readonly runtime: string
  readonly checks: { readonly statementTimeout: { readonly status: string } }
}
