import { adminOf, type Client } from './client.ts'
import { createScratchDatabase } from './database.ts'
import { type Caly, startCaly } from './process.ts'
import { type TcpProxy, tcpProxy } from './tcp-proxy.ts'

/** A Caly whose way to PostgreSQL can be broken. */
export interface ProxiedCaly {
  readonly caly: Caly
  readonly admin: Client
  readonly proxy: TcpProxy
  /** Its database, past the proxy. */
  readonly databaseUrl: string
  close(): Promise<void>
}

/** Starts Caly with all limits at their defaults, on a database behind a proxy. */
export async function startProxiedCaly(
  env: Readonly<Record<string, string>> = {},
): Promise<ProxiedCaly> {
  const scratch = await createScratchDatabase()
  if (scratch === undefined) throw new Error('TEST_DATABASE_URL is missing')
  const proxy = await tcpProxy(scratch.url)
  const caly = await startCaly({ env: { ...env, DATABASE_URL: proxy.through(scratch.url) } })
  return {
    caly,
    admin: await adminOf(caly),
    proxy,
    databaseUrl: scratch.url,
    async close() {
      await caly.stop()
      await proxy.close()
      await scratch.drop()
    },
  }
}
