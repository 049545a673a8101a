import { describe, expect, test } from 'bun:test'
import { Budget } from '../../../src/hooks/anomaly/budget.ts'
import { effortOf } from '../../../src/hooks/anomaly/effort.ts'
import { inspector } from '../../../src/hooks/anomaly/inspector.ts'
import { adversarialTexts } from './adversarial.ts'

const look = inspector()

/** The kinds that are told of a body, each once. */
const kindsIn = (body: unknown): readonly string[] => [
  ...new Set(
    look({ method: 'POST', target: '/calls', headers: new Headers(), body }).map(
      ({ kind }) => kind,
    ),
  ),
]

const attack = "x' or 7=7 -- "

/** A text of signs alone, different each time, so that none is known from before. */
const junk = (number: number): string => `<a b="'${number}\${{%27&lt;;|(${number}`

const code =
  "if (call.status !== 'done' && retries < limit) { await wait(2 ** retries * 100); log.info(call.id) }\n"

const sentence = "It's the customer's wish that we don't call before ten; she'd rather we'd write. "

describe('the work that a request may be', () => {
  test('suffices for 16,384 characters of code or prose', () => {
    expect(kindsIn({ note: code.repeat(160).slice(0, 16_384) })).toEqual([])
    expect(kindsIn({ note: sentence.repeat(202) })).toEqual([])
  })

  test('suffices for several blocks of code', () => {
    const blocks = Array.from({ length: 6 }, (_, i) => `${i}: ${code.repeat(8)}`)
    expect(kindsIn({ blocks })).toEqual([])
  })

  test('suffices for twenty snippets that look like nothing ordinary', () => {
    const snippets = Array.from({ length: 20 }, (_, i) => `const x${i} = [a, b].map((c) => c.id)`)
    expect(kindsIn({ snippets })).toEqual([])
  })

  test('is told as oversized where signs use it up, whatever stands behind them', () => {
    const padding = Array.from({ length: 400 }, (_, i) => junk(i))
    expect(kindsIn({ padding, note: attack })).toContain('oversized')
    expect(kindsIn({ note: attack, padding })).toContain('sql-injection')
  })

  test('is told as oversized for one text of signs, whose ends are looked at', () => {
    const signs = "<a b='".repeat(4000)
    expect(kindsIn({ note: signs })).toContain('oversized')
    expect(kindsIn({ note: `${attack}${signs}` })).toContain('sql-injection')
  })

  test('goes into texts that stand in a text of JSON', () => {
    const document = (texts: readonly string[]) => JSON.stringify(texts)
    expect(kindsIn({ note: document(['hello', attack]) })).toContain('sql-injection')
    const many = Array.from({ length: 400 }, (_, i) => junk(i))
    expect(kindsIn({ note: document(many) })).toContain('oversized')
  })

  test('finds in such a text what has to begin one', () => {
    expect(kindsIn({ note: '{"cell":"=cmd|\'/C calc\'!A0"}' })).toContain('formula-injection')
  })

  test('is more where encodings are taken off', () => {
    expect(effortOf('<a href=x>%27</a>')).toBeGreaterThan(2 * effortOf('<a href=x>"27</a>'))
    expect(effortOf('&lt;b&gt; ok; ok;')).toBeGreaterThan(2 * effortOf('& lt b & gt; ok; ok;'))
  })

  test('is for a bounded number of documents', () => {
    let cuts = 0
    const left = new Budget(32_768, 16_384, () => {
      cuts += 1
    })
    const opened = Array.from({ length: 200 }, () => left.mayOpen('[7, 8, 9]'))
    expect(opened.filter(Boolean).length).toBeWithin(50, 150)
    expect(cuts).toBe(opened.filter((may) => !may).length)
  })

  test('is told as oversized for hundreds of documents of JSON', () => {
    const documents = Array.from({ length: 500 }, (_, i) => JSON.stringify({ id: i, to: 'x' }))
    expect(kindsIn({ documents })).toContain('oversized')
  })

  test('is spent by no text that was looked at before', () => {
    expect(kindsIn({ notes: Array.from({ length: 200 }, () => junk(1)) })).not.toContain(
      'oversized',
    )
  })

  test('reaches into names', () => {
    expect(kindsIn({ ';id': 'x' })).toContain('command-injection')
    const kinds = look({ method: 'GET', target: '/calls?%3Bid=x', headers: new Headers() })
    expect(kinds.map(({ kind }) => kind)).toContain('command-injection')
  })

  test('reaches into each segment of a path, encoded or not', () => {
    const kinds = look({ method: 'GET', target: "/calls/eval('id')", headers: new Headers() })
    expect(kinds.map(({ kind }) => kind)).toContain('code-injection')
  })

  for (const { name, text } of adversarialTexts(65_536))
    test(`hides no attack behind pieces of ${name}`, () => {
      const pieces = Array.from(
        { length: 1000 },
        (_, i) => `${text.slice(i * 60, i * 60 + 60)}${i}`,
      )
      expect(kindsIn({ pieces, note: attack })).not.toEqual([])
    })
})
