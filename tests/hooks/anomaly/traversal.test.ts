import { expect, test } from 'bun:test'
import { viewsOf } from '../../../src/hooks/anomaly/decode/index.ts'
import { pathTraversal } from '../../../src/hooks/anomaly/detectors/path-traversal.ts'
import type { Place } from '../../../src/hooks/anomaly/finding.ts'

const score = (text: string, place: Place = 'body'): number =>
  Math.max(...viewsOf(text, place).map((view) => pathTraversal(view)))

const attacks: readonly [what: string, text: string][] = [
  ['UTF-8 that is broken', '..%c0%9v..%c0%9vetc'],
  ['a log of a server', '/usr/local/apache2/logs/error_log'],
  ['the settings of a database', 'c:\\mysql\\data\\mysql.err'],
  ['a log of the system', '/var/log/messages.1'],
  ['the registry of Windows', 'type %SYSTEMROOT%\\repair\\sam'],
  ['a drive that is shared', '\\\\192.0.2.7\\c$\\users'],
  ['a secret, shown first', 'cat /etc/passwd; a'],
  ['a place for a name', '..//..//..//{FILE}'],
  ['steps up', '../../../../secret'],
  ['steps up with backslashes', '..\\..\\..\\secret.txt'],
  ['steps up behind a folder', 'images/../../../secret'],
  ['percent-encoded steps', '%2e%2e%2f%2e%2e%2fsecret'],
  ['steps that are encoded twice', '..%252f..%252fsecret'],
  ['UTF-8 that is too long', '%c0%ae%c0%ae%c0%afsecret'],
  ['steps of full width', '．．／．．／secret'],
  ['steps that survive a filter', '....//....//secret'],
  ['steps behind a parameter of the path', '/app/..;/manager'],
  ['hexadecimal dots', '0x2e0x2e0x2f0x2e0x2e0x2fsecret'],
  ['dots that a filter parts', '..\u0001/..\u0001/secret'],
  ['a hidden file one folder up', '../.bash_history'],
  ['the file of passwords', '/etc/passwd'],
  ['the file of passwords without its root', 'etc/shadow'],
  ['the environment of the process', '/proc/self/environ'],
  ['a file of Windows', 'C:\\Windows\\win.ini'],
  ['a folder of Java', 'WEB-INF/web.xml'],
  ['a repository', '.git/config'],
  ['an address of a file', 'file:///srv/x'],
  ['a null byte', 'x.php%00.png'],
  ['a command that shows a secret', 'cat /etc/shadow'],
  ['steps in a request', 'GET /../../etc/passwd HTTP/1.1'],
  ['a padding that cuts off the name', `${'./'.repeat(40)}x`],
]

for (const [what, text] of attacks)
  test(`${what} is found`, () => {
    expect(score(text)).toBeGreaterThanOrEqual(0.5)
  })

const honest = [
  '../lib/x.js',
  'cd ../..',
  "import x from '../../lib/x.js'",
  'The page links to ../images/a.png and ./a.css',
  'edit /etc/hosts and restart',
  'On Unix the file /etc/passwd lists the users of the machine',
  'Log is in /var/log/app/x.log',
  'C:\\Users\\anna\\cv.pdf',
  '/home/anna/x.txt',
  'wait... what? and/or... so on',
  '…/lib/x and .../lib/y',
  'a .env file in /srv',
  '50%00',
  'at Object.<anonymous> (../../../app/src/index.js:3:5)',
]

for (const text of honest)
  test(`${text} is honest`, () => {
    expect(score(text)).toBeLessThan(0.5)
  })

test('one step up is honest in a note, and none in a path', () => {
  expect(score('../report', 'body')).toBeLessThan(0.5)
  expect(score('../report', 'path')).toBeGreaterThanOrEqual(0.5)
})

test('no text takes long, however it repeats', () => {
  for (const unit of [
    '.',
    '..',
    '../',
    './',
    '/',
    '\\',
    '%c0',
    '0x2e',
    '/ ',
    '"/"',
    '....//',
    'etc/',
  ])
    expect(score(unit.repeat(Math.ceil(100_000 / unit.length)))).toBeLessThanOrEqual(1)
})
