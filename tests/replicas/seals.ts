import { expect, test } from 'bun:test'
import { runCommand } from '../support/command.ts'
import type { Caly } from '../support/process.ts'
import type { OpenTrio, Replica, Trio } from './trio.ts'

/** The place in the chain of the last seal that a process made; -1 where it made none. */
export const lastSealOf = (caly: Caly): number => Math.max(-1, ...sealsOf(caly))

/** Which replica made the last seal. */
export const lastSealer = ({ replicas }: Trio): Replica =>
  replicas.reduce((last, replica) =>
    lastSealOf(replica.caly()) > lastSealOf(last.caly()) ? replica : last,
  )

/** The places of all seals that a process told its log. */
function sealsOf(caly: Caly): number[] {
  const lines = caly.output().matchAll(/^\{.*"msg":"audit seal".*$/gm)
  return [...lines].map(([line]) => Number((JSON.parse(line) as { position: unknown }).position))
}

/** The events of all replicas are one log. */
export function sealSuite(trio: OpenTrio): void {
  test('what three replicas did, died ones included, is one sealed log without a fork', async () => {
    const [{ caly }] = trio().replicas
    const verified = await runCommand(caly(), ['audit', 'verify'])
    expect([verified.code, verified.error]).toEqual([0, ''])
    const places = await trio().rows.query('select position from audit_seals order by position')
    expect(places.map(({ position }) => Number(position))).toEqual(
      places.map((_, index) => index + 1),
    )
    const origins = await trio().rows.query(
      `select event_type from audit_logs where event_type in ('SERVICE_STARTED', 'SERVICE_STOPPED')`,
    )
    expect(origins.length).toBeGreaterThan(trio().replicas.length)
  })
}
