import type { Fault } from './harness/fault.ts'

/** Somebody holds a table, so that every connection waits for it, and others wait for a connection. */
export function poolExhausted(): Fault {
  let release = () => {}
  let released: Promise<void> | undefined
  return {
    name: 'pool exhausted',
    begin: ({ rows }) =>
      new Promise((holds, fails) => {
        released = rows.holding('lock table calls in access exclusive mode', () => {
          holds()
          return new Promise<void>((resolve) => {
            release = resolve
          })
        })
        released.catch(fails)
      }),
    async end() {
      release()
      await released
    },
    serves: ['index', 'live', 'ready'],
    load: 4,
    sign: { metric: 'db_client_connection_timeouts_total', is: 'up' },
  }
}
