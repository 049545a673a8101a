import process from 'node:process'
import { type } from 'arktype'
import { compiledWhenHot } from '../compiled-when-hot.ts'
import { duration, durationFrom, httpUrl, ratio, wholeNumber } from '../config/fields.ts'
import {
  defaultExoPhone,
  type ExotelSimulator,
  type ExotelSimulatorOptions,
  exotelSimulator,
  type Fault,
  faults,
  isFault,
  type SimulatorEvent,
} from '../exotel-simulator/index.ts'
import { type Command, several, type Values } from './command.ts'
import { print } from './environment.ts'
import { UsageError } from './usage-error.ts'

/** `caly exotel-simulator` */
export const exotelSimulatorCommand: Command = {
  usage: '[--port 4010] [--step 1s] [--fault NAME=SHARE …] [--passthru URL] …',
  help: describe,
  options: {
    ...{ host: { type: 'string' }, port: { type: 'string' } },
    ...{ sid: { type: 'string' }, key: { type: 'string' }, token: { type: 'string' } },
    ...{ step: { type: 'string' }, settle: { type: 'string' }, 'slow-by': { type: 'string' } },
    ...{ seed: { type: 'string' }, fault: { type: 'string', multiple: true } },
    'caller-id': { type: 'string', multiple: true },
    passthru: { type: 'string' },
    'recording-redirect': { type: 'string' },
  },
  async run(values) {
    const simulator = await start(optionsOf(values))
    if (simulator === undefined) return 1
    announce(simulator, several(values, 'caller-id')[0] ?? defaultExoPhone)
    await new Promise<void>((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
    })
    await simulator.close()
    return 0
  },
}

/** @returns undefined where the port cannot be had, which has been said then */
async function start(options: ExotelSimulatorOptions): Promise<ExotelSimulator | undefined> {
  try {
    return await exotelSimulator({ ...options, onEvent: tell })
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message, { cause: error })
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (typeof code !== 'string') throw error
    process.stderr.write(`The port cannot be listened on: ${code}\n`)
    return undefined
  }
}

const text = type('string > 0').describe('a text that is not empty')

const given = compiledWhenHot(
  type({
    'host?': text,
    'port?': wholeNumber(0, 65_535),
    'sid?': text,
    'key?': text,
    'token?': text,
    'step?': durationFrom(1),
    'settle?': duration,
    'slow-by?': duration,
    'seed?': wholeNumber(0, 999_999_999),
    'passthru?': httpUrl,
    'recording-redirect?': httpUrl,
  }),
)

function optionsOf(values: Values): ExotelSimulatorOptions {
  const read = given(values)
  if (read instanceof type.errors) {
    // Not its whole message: that has the value, and an address may hold a secret.
    const [fault] = read
    throw new UsageError(`--${fault?.path} must be ${fault?.expected}`)
  }
  const { key, token, passthru, 'slow-by': slowBy, 'recording-redirect': redirect } = read
  const callerIds = several(values, 'caller-id')
  return {
    port: read.port ?? 4010,
    ...(read.host !== undefined && { host: read.host }),
    ...(read.sid !== undefined && { sid: read.sid }),
    ...(read.step !== undefined && { step: read.step }),
    ...(read.settle !== undefined && { settle: read.settle }),
    ...(read.seed !== undefined && { seed: read.seed }),
    ...(key !== undefined && { apiKey: key }),
    ...(token !== undefined && { apiToken: token }),
    ...(slowBy !== undefined && { slowBy }),
    ...(passthru !== undefined && { passthru }),
    ...(redirect !== undefined && { recordingRedirect: redirect }),
    ...(callerIds.length > 0 && { callerIds }),
    faults: Object.fromEntries(several(values, 'fault').map(faultOf)),
  }
}

/** `lost-answer=0.1` */
function faultOf(text: string): readonly [Fault | 'all', number] {
  const [name = '', share = ''] = text.split('=')
  const value = ratio(share)
  if ((name === 'all' || isFault(name)) && !(value instanceof type.errors)) return [name, value]
  throw new UsageError('--fault takes a name that --help lists and a share: lost-answer=0.1')
}

function announce({ url, sid, apiKey, apiToken }: ExotelSimulator, callerId: string): void {
  const lines = [
    `Exotel is simulated on ${url}`,
    'Start Caly against it with',
    `  EXOTEL_SID=${sid}`,
    `  EXOTEL_API_KEY=${apiKey}`,
    `  EXOTEL_API_TOKEN=${apiToken}`,
    `  EXOTEL_SUBDOMAIN=${url}`,
    `  EXOTEL_CALLER_ID=${callerId}`,
  ]
  for (const line of lines) print(line)
}

/** A line for each call and each fault. */
function tell(event: SimulatorEvent): void {
  if (event.type === 'ended') print(`call ${event.sid} ${event.direction} ${event.status}`)
  if (event.type === 'fault') print(`fault ${event.fault}: ${event.occasion}`)
  if (event.type === 'refused') print(`refused ${event.status}: ${event.message}`)
  if (event.type === 'undelivered') print(`undelivered ${event.sid} ${event.message}`)
}

function describe(): string {
  const width = Math.max(...Object.keys(faults).map((name) => name.length)) + 2
  return [
    'Answers as Exotel does, plays every call, and sends real callbacks. No telephone rings.',
    '  --port PORT, --host HOST  where it listens: 4010 on 127.0.0.1',
    '  --sid, --key, --token     the account and its credentials; the last two follow from the seed',
    '  --caller-id NUMBER        an ExoPhone of the account, several times for several. Default: any',
    '                            number is one',
    '  --step 1s                 between two states of a call',
    '  --settle 4s               from the end of a call until Call Details know its end, duration,',
    '                            price and recording. Default: four steps',
    '  --passthru URL            where incoming calls, and those from the dashboard, are reported',
    '  --recording-redirect URL  recordings answer 302 to this address',
    '  --fault NAME=SHARE        what goes wrong, and how often, 0 to 1; several times for several',
    '  --slow-by 2s              by how much late answers are late',
    '  --seed 1                  decides when faults hold: the same seed and the same requests in the',
    '                            same order repeat a run',
    '',
    "A call's end follows from the callee's last four digits: 0001 busy, 0002 no answer, 0003 failed,",
    '0004 completed but never reported, 0005 the agent hangs up while it rings, 0006 the agent does',
    'not answer, all others completed.',
    '',
    'Faults:',
    ...Object.entries(faults).map(([name, what]) => `  ${name.padEnd(width)}${what}`),
    `  ${'all'.padEnd(width)}every one of them that is not named`,
    '',
    'Beside the API, with the same credentials: GET /simulator/calls (what was played),',
    'POST /simulator/incoming {from, to, outcome?, agent?, digits?}, POST /simulator/dial {from, to}.',
  ].join('\n')
}
