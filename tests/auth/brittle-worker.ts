/** A stand-in for the password thread that breaks over certain passwords. */
import process from 'node:process'
import { parentPort } from 'node:worker_threads'

parentPort?.on('message', ({ password }: { password: string }) => {
  if (password === 'crash')
    setTimeout(() => {
      throw new Error('broken')
    })
  else if (password === 'exit') process.exit(3)
  else parentPort?.postMessage({ value: `hash of ${password.length}` })
})
