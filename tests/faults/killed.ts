import type { Fault } from './harness/fault.ts'

/** SIGKILL, as the kernel does it for want of memory, and a new process on the same port. */
export const killed: Fault = {
  name: 'SIGKILL',
  async begin({ caly }) {
    const dying = caly()
    dying.child.kill('SIGKILL')
    await dying.exited()
  },
  end: ({ start }) => start(),
  serves: [],
  breaks: 'any',
}
