import type { Source } from './source.ts'
import { type Token, tokenAt, tokenBehind } from './tokens.ts'
import { constants, isAttackCall, isFunction } from './words.ts'

/** Tokens that are looked at: an attack that is broken on purpose is a short one. */
const mostTokens = 120

/** Comments and strings without an end that are looked into. */
const mostDives = 2

/** What is enough. */
export const enough = 4

const links = /^(?:and|or|xor|\|\||&&|having|where|when|if|iif)$/
const comparing = /^(?:[=<>]|<=|>=|<>|!=|==|<=>|like|rlike|regexp|glob|ilike|is)$/
const leading = /^(?:\(|not|[-+~!])$/
const sets = /^(?:union|except|intersect)$/
/** Keywords before which a comment is no comment. */
const veils = /^(?:union|select|and|or|all|distinct|from|where)$/
const betweenSets = /^(?:\(|all|distinct|distinctrow)$/
const starting =
  /^(?:select|insert|update|delete|drop|create|alter|exec|execute|declare|waitfor|shutdown|if|truncate)$/

/** Tables that a database describes itself in. */
const catalogue =
  /^(?:information_schema|mysql|sysibm|syscat|pg_catalog|msysobjects|performance_schema)(?:\.|$)|^sys\.(?:objects|tables|columns|databases|schemas|user)|^(?:sysobjects|syscolumns|sysusers|sqlite_master|sqlite_schema|all_tables|all_users|user_tables|dba_users|pg_user|pg_shadow|v\$version)$|^master\.\.|^rdb\$/

/**
 * How much speaks for an injection in a text that no SQL can be, as its junk is for filters that
 * look for SQL: `1 <@<@ union select 1 -- 1`. What is looked for is what attacks go on with, in any
 * order, and to be told it takes more than one thing of the kind.
 */
export function lookLoosely(source: Source, first: Token): number {
  const seen = new Set<string>()
  let points = 0
  const count = (what: string, worth: number): void => {
    if (worth > 0 && !seen.has(what)) points += worth
    if (worth > 0) seen.add(what)
  }
  let token = first
  let dives = 0
  for (let i = 0; i < mostTokens && token.kind !== 'end' && token.kind !== 'cut'; i += 1) {
    const next = tokenBehind(source, token)
    count(...worthOf(source, token, next))
    if (token.veiled) count('veil', veils.test(token.text) ? 2 : 0)
    if (token.kind === 'comment' || token.open) {
      const inner = insideOf(source, token)
      if (inner === undefined || dives === mostDives) break
      dives += 1
      token = inner
    } else token = next
  }
  return points
}

/** What an open string or a comment to the end says: a filter may have been made to take it so. */
const insideOf = (source: Source, { end, text }: Token): Token | undefined =>
  text.length > 8 ? tokenAt(source, end - text.length) : undefined

function worthOf(source: Source, token: Token, next: Token): readonly [string, number] {
  const { kind, text } = token
  if (kind === 'comment') return ['end', text.length < 24 ? 1 : 0]
  if (kind === 'string') return ['end', token.open && text.length < 24 ? 1 : 0]
  if (kind === 'variable') return ['variable', text.startsWith('@@') ? 1 : 0]
  if (kind === 'number') return ['hex', /^0x[\da-f]{4}/.test(text) ? 1 : 0]
  if (text === ';') return ['statement', starting.test(next.text) ? 1 : 0]
  if (kind === 'operator') return worthOfLink(source, token)
  return kind === 'word' ? worthOfWord(source, token, next) : ['', 0]
}

function worthOfWord(source: Source, token: Token, next: Token): readonly [string, number] {
  const { text } = token
  if (sets.test(text)) return ['union', worthOfSet(source, next)]
  if (links.test(text)) return worthOfLink(source, token)
  if (text === 'into' && /^(?:outfile|dumpfile)$/.test(next.text)) return ['into', 3]
  if (/^(?:order|group)$/.test(text) && next.text === 'by')
    return ['order', tokenBehind(source, next).kind === 'number' ? 1 : 0]
  if (next.text === '(' && isAttackCall(text)) return ['attack', 3]
  if (next.text === '(' && isFunction(text)) return [text, 1]
  if (text === 'select') return ['select', 1]
  return ['catalogue', catalogue.test(text) ? 2 : 0]
}

function worthOfSet(source: Source, behind: Token): number {
  let token = behind
  for (let i = 0; i < 8 && betweenSets.test(token.text); i += 1) token = tokenBehind(source, token)
  if (!token.text.startsWith('select') || token.kind !== 'word') return token.kind === 'end' ? 1 : 0
  const listed = tokenBehind(source, token)
  return isConstant(listed) || listed.text === '(' || listed.kind === 'operator' ? 3 : 2
}

function worthOfLink(source: Source, token: Token): readonly [string, number] {
  if (!links.test(token.text)) return ['', 0]
  let left = tokenBehind(source, token)
  for (let i = 0; i < 6 && leading.test(left.text); i += 1) left = tokenBehind(source, left)
  let sign = tokenBehind(source, left)
  if (sign.text === 'not') sign = tokenBehind(source, sign)
  const right = tokenBehind(source, sign)
  if (!comparing.test(sign.text) || !isConstant(right)) return ['', 0]
  return isConstant(left) ? ['constants', 2] : ['compared', left.kind === 'word' ? 1 : 0]
}

const isConstant = ({ kind, text }: Token): boolean =>
  kind === 'number' || kind === 'string' || kind === 'variable' || constants.has(text)
