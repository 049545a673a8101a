/** What inspection costs: each figure is the difference to the same app that does not inspect. */
import { Elysia } from 'elysia'
import { type AnomalyOptions, anomalyInspection } from '../../../src/hooks/anomaly/index.ts'
import { adversarialTexts, megabyte } from '../../hooks/anomaly/adversarial.ts'
import { appOf, requestOf } from '../../hooks/anomaly/corpus/inspector.ts'
import { ordinaryRequest } from './ordinary.ts'

/** Short ones, so that most are over before the machine turns to something else. */
const rounds = 1001
const requestsOfRound = 20
const warmUp = 100

/** Strings of one request that share a megabyte. */
const pieces = 1000

/** What it takes to judge a megabyte of one thing, in milliseconds. */
export interface WorstCase {
  readonly name: string
  readonly ms: number
}

/** What inspection costs. */
export interface Cost {
  /** Microseconds for an ordinary request of 1 KB: the median over the rounds. */
  readonly ordinary: number
  /** The same in the quickest rounds: what a busy machine adds is the least there. */
  readonly ordinaryAtBest: number
  /** The same request without inspection, to compare with. */
  readonly without: number
  /** A megabyte in one string, the slowest first. */
  readonly oneString: readonly WorstCase[]
  /** A megabyte in a thousand strings, the slowest first. */
  readonly manyStrings: readonly WorstCase[]
}

type App = ReturnType<typeof appOf>

/** Measures it. Takes about a minute. */
export async function costOfInspection(): Promise<Cost> {
  const inspecting = appOf({ mode: 'monitor' })
  const bare = appOf({ mode: 'off' })
  const inspected: number[] = []
  const ordinary: number[] = []
  const without: number[] = []
  // In turns, so that what else the machine does falls on both.
  for (let round = -warmUp; round < rounds; round += 1) {
    const one = await timeOfMany(inspecting)
    const other = await timeOfMany(bare)
    if (round < 0) continue
    inspected.push(one)
    ordinary.push(one - other)
    without.push(other)
  }
  const slow = async (bodyOf: (text: string) => unknown) => {
    const cases: WorstCase[] = []
    for (const { name, text } of adversarialTexts())
      cases.push({ name, ms: await quickestDifference(bodyOf(text)) })
    return cases.sort((one, other) => other.ms - one.ms)
  }
  return {
    ordinary: median(ordinary),
    ordinaryAtBest: Math.min(...inspected) - Math.min(...without),
    without: median(without),
    oneString: await slow((value) => ({ value })),
    manyStrings: await slow((text) => ({ values: inPieces(text) })),
  }
}

/** Microseconds a request, over a round of them. */
async function timeOfMany(app: App): Promise<number> {
  const requests = Array.from({ length: requestsOfRound }, ordinaryRequest)
  const began = performance.now()
  for (const request of requests) await app.handle(request)
  return ((performance.now() - began) * 1000) / requestsOfRound
}

/** Turns of each: one is often disturbed. */
const turns = 15

/**
 * Milliseconds that inspection adds: the difference of the quickest of several, since what else the
 * machine does only ever adds. The body is read already, for that takes longer than the inspection.
 */
async function quickestDifference(body: unknown): Promise<number> {
  const inspecting = readAppOf({ mode: 'monitor' }, body)
  const bare = readAppOf({ mode: 'off' }, body)
  let inspected = Number.POSITIVE_INFINITY
  let without = Number.POSITIVE_INFINITY
  for (let turn = 0; turn < turns; turn += 1) {
    inspected = Math.min(inspected, await timeOf(inspecting))
    without = Math.min(without, await timeOf(bare))
  }
  return inspected - without
}

/** An app whose every request has that body. */
const readAppOf = (options: AnomalyOptions, body: unknown) =>
  new Elysia()
    .onParse(() => body)
    .use(anomalyInspection(options))
    .post('/body', ({ body: read }) => typeof read)

async function timeOf(app: ReturnType<typeof readAppOf>): Promise<number> {
  const request = new Request(requestOf('body', ''), { body: '{}' })
  const began = performance.now()
  await app.handle(request)
  return performance.now() - began
}

const inPieces = (text: string): readonly string[] => {
  const length = Math.ceil(megabyte / pieces)
  return Array.from({ length: pieces }, (_, i) => text.slice(i * length, (i + 1) * length))
}

const median = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[values.length >> 1] ?? Number.NaN
