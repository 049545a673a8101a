import { serverSideInclude } from '../../../src/hooks/anomaly/detectors/server-side-include.ts'
import { detectorSuite } from './detector-suite.ts'

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

detectorSuite((text) => score(text), { attacks, honest, repeated })
