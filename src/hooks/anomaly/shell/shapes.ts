import { meaningOf } from './commands.ts'

/** A form that is an attack wherever it stands. */
interface Form {
  /** What it cannot be without: far quicker to look for. */
  readonly needs: string
  readonly pattern: RegExp
  /** How sure it is. */
  readonly score: number
}

const forms: readonly Form[] = [
  // A shell whose input and output are a connection.
  { needs: '/dev/', pattern: /\/dev\/(?:tcp|udp)\/[\w$.{]/, score: 0.95 },
  {
    needs: 'nc',
    pattern:
      /\bnc(?:at)?(?:\.\w{1,12})?\s[^\n;|&]{0,64}(?<=\s)-[a-z]{0,4}[ec]\s{1,4}\S{0,16}(?:sh|cmd)\b/,
    score: 0.95,
  },
  { needs: ' -i', pattern: /\b(?:ba|z|k)?sh\s{1,4}-i\s{0,4}[<>\d]{0,3}[<>]&/, score: 0.95 },
  { needs: 'mkfifo', pattern: /\bmkfifo\s[^\n]{1,64}\b(?:nc|ncat|openssl|telnet)\s/, score: 0.9 },
  {
    needs: 'socket.socket(',
    pattern: /socket\.socket\([^\n]{0,256}\b(?:dup2|subprocess|pty)\b/,
    score: 0.9,
  },
  {
    needs: 'fsockopen(',
    pattern: /fsockopen\([^\n]{0,128}\b(?:exec|proc_open|system)\(/,
    score: 0.9,
  },
  // Functions smuggled through the environment (CVE-2014-6271), and those that call themselves twice.
  {
    needs: '()',
    pattern: /^\s{0,8}\(\)\s{0,4}\{|\(\)\s{0,4}\{\s{0,4}(?::|_)\s{0,4};\s{0,4}\}\s{0,4};/,
    score: 0.95,
  },
  {
    needs: '()',
    pattern: /(?:^|[\s;])([\w:.]{1,16})\(\)\s{0,4}\{\s{0,4}\1\s{0,4}\|\s{0,4}\1\s{0,4}&/,
    score: 0.95,
  },
  // The blank that no filter sees; sums that prove that a shell has read them.
  { needs: 'IFS', pattern: /[\w}\]]\$(?:IFS|\{IFS[^}\n]{0,16}\})/, score: 0.9 },
  {
    needs: '$((',
    pattern: /\becho\b[^\n]{0,64}\$\(\(\s{0,4}\d{1,9}\s{0,4}[-+*%]\s{0,4}\d{1,9}\s{0,4}\)\)/,
    score: 0.85,
  },
  // A script that nobody can read, for PowerShell.
  {
    needs: ' -',
    pattern:
      /\b(?:powershell|pwsh)(?:\.exe)?\s[^\n;|]{0,96}(?<=\s)-e(?:nc|ncodedcommand)?\s{1,4}[\w+/=]{16}/i,
    score: 0.9,
  },
  // Steps to a folder whose path nobody is to see.
  { needs: 'cd ', pattern: /\bcd\s{1,4}\/?\s{0,4}[;&]{1,2}\s{0,4}cd\s/, score: 0.7 },
  // Whatever shell this is.
  { needs: '$', pattern: /\|\s{0,4}\$(?:0|SHELL)\b/, score: 0.8 },
  // A command line of several commands, handed to a function that runs it.
  {
    needs: '(',
    pattern:
      /(?<![.\w])(?:system|passthru|shell_exec|popen)\(\s?["'][^"'\n]{1,96}[;|&]\s{0,4}[a-z/]/,
    score: 0.7,
  },
  // The loops of cmd.exe.
  {
    needs: '%',
    pattern: /\bfor\s{1,4}(?:\/[fdlr]\s{1,4}[^\n%]{0,64})?%{1,2}\S{1,24}\s{1,4}in\s{0,4}\(/i,
    score: 0.7,
  },
]

/** `{cat,/etc/hosts}`, `{l,-a}s`, and lists with an empty end that leave one word: `{,id,}`. */
const braces = /\{(,?)\$?"?([\w./?*-]{1,48})"?,([^{}\s]{0,128})\}(\w{0,16})/g

/** How surely a text holds a form that only attacks have. */
export function shapes(text: string): number {
  let score = 0
  for (const form of forms)
    if (form.score > score && text.includes(form.needs) && form.pattern.test(text))
      score = form.score
  return Math.max(score, runsBraces(text), runsVariable(text))
}

function runsBraces(text: string): number {
  if (!text.includes('{')) return 0
  for (const [, empty, name = '', rest = '', behind = ''] of text.matchAll(braces)) {
    const single = rest === '' && empty === ','
    const known = meaningOf(name + behind)
    if (single && (known === 'command' || /^\/.*[?*]/.test(name))) return 0.9
    // The second is an option, a path or an address.
    if (known !== undefined && /^(?:[-/~]|[a-z]{2,8}:\/\/|\d{1,3}\.\d)/i.test(rest)) return 0.9
  }
  return 0
}

/** A variable where a command should be. */
const variable = /[;&|]\s{0,4}\$\{?([a-z_]\w{0,15})/gi

/** Whether a text puts a command into a variable, and runs that. */
function runsVariable(text: string): number {
  if (!text.includes('$') || !text.includes('=')) return 0
  let count = 0
  for (const { 1: name = '', index } of text.matchAll(variable)) {
    const set = text.lastIndexOf(`${name}=`, index)
    if (set >= 0 && !/[\w$]/.test(text[set - 1] ?? '')) return 0.85
    if (++count === 8) break
  }
  return 0
}
