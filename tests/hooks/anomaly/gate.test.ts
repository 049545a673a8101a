import { expect, test } from 'bun:test'
import { isOrdinary } from '../../../src/hooks/anomaly/gate.ts'

const ordinary: readonly [what: string, text: string][] = [
  ['a name', 'Priya Raghunathan'],
  ['a name with an apostrophe', "Maeve O'Sullivan"],
  ['a sentence', 'Please call me back tomorrow at 10:30, I will be at home.'],
  ['a sentence with contractions', "It's late and I don't know what they're doing (yet)."],
  ['a phrase in quotes', 'try the office: "Rao & Sons", and Don\'t wait (please)'],
  ['a name between capitals', "Asha D'Souza says it's fine"],
  ['what goes on', 'ticket 48213 / Bengaluru; second attempt & no more'],
  ['a word', 'outbound'],
  ['words that are joined', 'renewals-2026-Q2'],
  ['a sentence that ends in the name of an object', 'Sign the document. Close the window.'],
  ['a price', 'it was $20 or about 15 % less'],
  ['a telephone number', '+49 30 1234567'],
  ['a date', '2025-03-01T08:15:00.000Z'],
  ['a UUID', '3f1c2a9e-7d44-4b0c-9c55-0a5b1f6c7e21'],
  ['an e-mail address', 'jane.doe+calls@example.com'],
  ['an address of the web', 'https://shop.example.com/items/shoes?size=42&colour=dark-red'],
  [
    'a browser',
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0',
  ],
  ['a list of media types', 'text/html,application/xml;q=0.9,image/*;q=0.8'],
  ['a list of languages', 'en-GB,en;q=0.7,hi;q=0.3'],
  ['Hindi', 'कृपया मुझे कल सुबह दस बजे फ़ोन करें'],
  ['Tamil', 'நாளை காலை என்னை அழைக்கவும்'],
  ['Hindi with joiners', 'क्\u200dषमा'],
  ['Chinese', '你好，请明天（周三）给我打电话！'],
  ['Arabic', 'اتصل بي غدا من فضلك'],
  ['an emoji', 'Thank you ❤\ufe0f 👩\u200d💻'],
  ['much plain text', 'every word of this is plain and '.repeat(4000)],
]

for (const [what, text] of ordinary)
  test(`${what} passes with one look`, () => {
    expect(isOrdinary(text)).toBe(true)
  })

const noted: readonly [what: string, text: string][] = [
  ['a quote that closes', "x' or '1"],
  ['a query after a number', '7 union all select 1'],
  ['a query in a parameter of a form', '7+UNION+SELECT+1'],
  ['a query at the end of a long text', `${'word '.repeat(2000)}union select 1`],
  ['a query behind a long gap', `1${' '.repeat(5000)}union select 1${' '.repeat(5000)}`],
  ['a made-up condition', '1 or 2'],
  ['a made-up condition behind a word', 'id or true like true'],
  ['a variable of a server', '@@version'],
  ['a comment that is no media type', 'drop/*x*/y'],
  ['a word at the end of a sentence, and its object', 'see document.cookie'],
  ['a quote that opens a condition', 'x "or y" z'],
  ['two quotes that are no names', "x'y or z'y"],
  ['a command behind an ampersand', 'x & whoami'],
  ['a statement behind a semicolon', 'call me; drop everything'],
  ['a command behind a quote', '"x"; ls'],
  ['dots in numbers', '0x2e0x2e0x2fx'],
  ['an option of a mailer', 'a@b.example -X/tmp/x'],
  ['a tag', '<b>'],
  ['a tag of full width', '＜b＞'],
  ['a word hidden by a joiner', 'un\u200dion se\u200dlect'],
  ['a word in mathematical letters', '𝘂𝗻𝗶𝗼𝗻'],
  ['a command behind a semicolon', '1;id'],
  ['a command in a second line', 'x\nid'],
  ['a substitution', '$(id)'],
  ['a path up', '../x'],
  ['a path in other spellings', '0x2e0x2e0x2fx'],
  ['a hidden file', '.htaccess'],
  ['an absolute path', '/etc/hosts'],
  ['a path inside a parameter', 'https://example.com/?f=../../x'],
  ['an address inside', 'http://localhost/'],
  ['an address by number', 'http://3232235521/'],
  ['an address inside a parameter', 'https://example.com/?u=http://10.0.0.1'],
  ['percent-encoding', '%3Cb%3E'],
  ['a null byte', 'x\0.png'],
  ['a prototype', '__proto__'],
  ['the bytes of a header field as ideographs', 'x嘊嘍Location: y'],
]

for (const [what, text] of noted)
  test(`${what} is looked at`, () => {
    expect(isOrdinary(text)).toBe(false)
  })

test('no text takes long, however it repeats', () => {
  for (const unit of [
    '=',
    ' ',
    'a',
    '1',
    '.',
    '/',
    '-',
    '(',
    ';a=b',
    ' a/1',
    '&a=b',
    "a'",
    '，',
    '\u200d',
    'or ',
  ])
    isOrdinary(unit.repeat(1_000_000))
})
