import { chmod } from 'node:fs/promises'
import { configured, type Mutant } from '../mutant.ts'

/** What a stop would lose. */
export const shutdownMutants: readonly Mutant[] = [
  configured('a SHUTDOWN_TIMEOUT of a second', ['shutdown.time'], { SHUTDOWN_TIMEOUT: '1s' }),
  configured('a stop that takes a minute', ['shutdown.time'], {
    SHUTDOWN_TIMEOUT: '30s',
    SHUTDOWN_DELAY: '30s',
  }),
  configured('a proxy, and no SHUTDOWN_DELAY', ['shutdown.delay'], { TRUSTED_PROXIES: '10.0.0.7' }),
  configured('a REQUEST_TIMEOUT of ten minutes', ['shutdown.request-timeout'], {
    REQUEST_TIMEOUT: '10m',
  }),
  configured('a CALY_DATA_DIR that is another one at each start', ['shutdown.data-folder'], {
    CALY_DATA_DIR: '.caly',
  }),
  {
    what: 'a CALY_DATA_DIR that anybody may read',
    reds: ['shutdown.data-folder'],
    async stage({ caly: { dataDir } }) {
      await chmod(dataDir, 0o755)
      return { context: {}, undo: () => chmod(dataDir, 0o700) }
    },
  },
]
