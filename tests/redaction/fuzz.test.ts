/** Secrets of every kind, at random places of random values: none gets out. */
import { expect, test } from 'bun:test'
import { Buffer } from 'node:buffer'
import process from 'node:process'
import { redact } from '../../src/redaction/index.ts'
import { byForm, type Chance, chance, type Plant, secretNames, sentence } from './plants.ts'

const rounds = 10_000
const seed = Number(process.env['CALY_FUZZ_SEED'] ?? Date.now() % 2 ** 31)

/** A text that holds the secret, alone or among words. */
function textWith(random: Chance, plants: Plant[]): string {
  const plant = random.below(3) === 0 ? sentence(random) : random.pick(byForm)(random)
  plants.push(plant)
  if (plant.kind.startsWith('named')) return plant.value
  return random.pick([
    plant.value,
    `${plant.value} was refused`,
    `it was ${plant.value}`,
    `got "${plant.value}", expected another`,
    `<${plant.value}>`,
    `(${plant.value})`,
    `value: ${plant.value}`,
    `a\n${plant.value}\nb`,
  ])
}

/** A value under a secret's name: whatever it is, nothing of it gets out. */
function namedSecret(random: Chance, plants: Plant[]): [string, unknown] {
  const name = random.pick(secretNames)
  const canary = random.text(12)
  plants.push({ kind: `under ${name}`, value: canary, canary })
  return [name, random.pick<unknown>([canary, [canary], { inner: canary }, { a: [{ b: canary }] }])]
}

function wrap(random: Chance, value: unknown, plants: Plant[]): unknown {
  const key = random.pick(['data', 'item', 'x', 'request', 'a-b', 'Count'])
  switch (random.below(13)) {
    case 0:
      return { [key]: value, id: 7 }
    case 1:
      return [1, value, null]
    case 2:
      return new Map<unknown, unknown>([[key, value]])
    case 3:
      return new Set([value])
    case 4:
      return new Error(typeof value === 'string' ? value : 'it failed', { cause: value })
    case 5:
      return new AggregateError([value, new Error(textWith(random, plants))], 'several')
    case 6:
      return isJson(value) ? JSON.stringify({ [key]: value }) : { [key]: value }
    case 7:
      return {
        get [key]() {
          return value
        },
      }
    case 8:
      return new Proxy({ [key]: value }, {})
    case 9:
      return Object.fromEntries([namedSecret(random, plants), [key, value]])
    case 10:
      return new Map<unknown, unknown>([namedSecret(random, plants), [value, key]])
    case 11: {
      const [name, secret] = namedSecret(random, plants)
      return { headers: [{ name, value: secret }], [key]: value }
    }
    default:
      return Object.assign(Object.create(null), { [key]: value, bytes: Buffer.from('abc') })
  }
}

const isJson = (value: unknown): boolean => {
  try {
    return JSON.stringify(value) !== undefined && !JSON.stringify(value).includes('\\\\\\\\\\\\')
  } catch {
    return false
  }
}

test(`none of the secrets in ${rounds} random values gets out (CALY_FUZZ_SEED=${seed})`, () => {
  const random = chance(seed)
  for (let round = 0; round < rounds; round++) {
    const plants: Plant[] = []
    let value: unknown = textWith(random, plants)
    for (let depth = random.below(8); depth > 0; depth--) value = wrap(random, value, plants)
    const shown = JSON.stringify(redact(value)) ?? ''
    for (const { kind, value: planted, canary } of plants)
      if (shown.includes(canary) || shown.includes(JSON.stringify(canary).slice(1, -1)))
        throw new Error(`seed ${seed}, round ${round}: ${kind} got out\n${planted}\n${shown}`)
  }
  expect(rounds).toBe(10_000)
}, 60_000)
