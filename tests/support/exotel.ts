/** Exotel on this machine, for a service that places its calls over it. */
import { createServer, type Server } from 'node:http'
import { type ExotelSimulator, exotelSimulator } from '../../src/exotel-simulator/index.ts'

/** A provider whose recordings lie on a host of their own. */
export interface ExotelStandIn {
  readonly simulator: ExotelSimulator
  /** What a service is told to place its calls over it; `PUBLIC_URL` is its own. */
  readonly env: Readonly<Record<string, string>>
  /** What the recordings' host answers from now on. @default 200 */
  recordingStatus: number
  close(): Promise<void>
}

/** The ExoPhone that calls are placed from. */
export const callerId = '+918047112345'

/** The variables of a service that places its calls over a simulator. */
export const exotelEnv = ({ sid, apiKey, apiToken, url }: ExotelSimulator) => ({
  CALY_PROVIDER: 'exotel',
  EXOTEL_SID: sid,
  EXOTEL_API_KEY: apiKey,
  EXOTEL_API_TOKEN: apiToken,
  EXOTEL_SUBDOMAIN: url,
  EXOTEL_CALLER_ID: callerId,
  EXOTEL_WEBHOOK_SECRET: 'a-secret-of-this-provider',
})

export async function exotelStandIn(
  options: Parameters<typeof exotelSimulator>[0] = {},
): Promise<ExotelStandIn> {
  const storage: Server = createServer((_, response) => {
    const status = standIn.recordingStatus
    if (status === 200) response.writeHead(200, { 'content-type': 'audio/mpeg' }).end('sound')
    else response.writeHead(status).end()
  })
  await new Promise<void>((resolve) => storage.listen(0, '127.0.0.1', resolve))
  const address = storage.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const simulator = await exotelSimulator({
    step: 100,
    recordingRedirect: `http://127.0.0.1:${port}/sound`,
    ...options,
  })
  const standIn: ExotelStandIn = {
    simulator,
    env: exotelEnv(simulator),
    recordingStatus: 200,
    async close() {
      await simulator.close()
      storage.close()
    },
  }
  return standIn
}
