import { meaningOf } from './commands.ts'
import { forms } from './forms.ts'
import { plainWord } from './words.ts'

/** `{cat,/etc/hosts}`, `{l,-a}s`, and lists with an empty end that leave one word: `{,id,}`. */
const braces = /\{(,?)\$?"?([\w./?*$'-]{1,48})"?,([^{}\s]{0,128})\}(\w{0,16})/g

/** How surely a text holds a form that only attacks have. */
export function shapes(text: string): number {
  let score = 0
  for (const form of forms)
    if (form.score > score && text.includes(form.needs) && form.pattern.test(text))
      score = form.score
  return Math.max(score, runsBraces(text), runsVariable(text))
}

/** Nothing but the braces, with an empty end: `{,ifconfig,eth0}`, `{id,}`. */
const alone = /^\s{0,4}\{(?:,([\w./-]{1,32})(?:,[^{}\s]{0,48})?|([\w./-]{1,32}),)\}\s{0,4}$/

function runsBraces(text: string): number {
  if (!text.includes('{')) return 0
  const [, last, first] = alone.exec(text) ?? []
  if (meaningOf(last ?? first ?? '') !== undefined) return 0.8
  for (const [, empty, name = '', rest = '', behind = ''] of text.matchAll(braces)) {
    const single = rest === '' && empty === ','
    const known = meaningOf(plainWord(name + behind))
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
    const compared = text[set + name.length + 1] === '='
    if (set >= 0 && !compared && !/[\w$]/.test(text[set - 1] ?? '')) return 0.85
    if (++count === 8) break
  }
  return 0
}
