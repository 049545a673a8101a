import type { Fault } from './harness/fault.ts'

/** SIGTERM, as at each release, and a new process on the same port. */
export const terminated: Fault = {
  name: 'SIGTERM',
  async begin({ caly }) {
    const leaving = caly()
    leaving.child.kill('SIGTERM')
    const code = await leaving.exited()
    if (code !== 0) throw new Error(`It ended with ${code}:\n${leaving.output().slice(-2000)}`)
  },
  end: ({ start }) => start(),
  serves: ['call', 'read', 'index', 'login', 'callback', 'refusal', 'live'],
  unready: true,
  // Whoever was heard is answered; a connection may be closed as its next request is on the way.
  breaks: 'unread',
}
