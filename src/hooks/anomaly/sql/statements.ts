import { stronger } from './evidence.ts'
import type { Reader } from './reader.ts'
import { selectList } from './selecting.ts'
import { reachesOut } from './words.ts'

type Test = (reader: Reader) => boolean

const objects =
  /^(?:table|database|schema|view|index|user|login|role|function|procedure|trigger|sequence|extension|server|assembly|or|unique|temporary|temp|global|materialized|type|aggregate|language|proc|job)$/

/** What ends a name in a short statement, so that no prose goes on behind it. */
const endsName = (reader: Reader, at: number, words: RegExp): boolean => {
  if (reader.peek(at).kind !== 'word') return false
  const { kind, text } = reader.peek(at + 1)
  if (kind === 'end' || kind === 'comment') return true
  return kind === 'mark' || kind === 'operator' ? /^[;(),*]$/.test(text) : words.test(text)
}

const definition: Test = (reader) => {
  if (!objects.test(reader.peek(1).text)) return false
  if (/^(?:if|replace|temporary|temp|unique|global)$/.test(reader.peek(2).text)) return true
  return endsName(
    reader,
    2,
    /^(?:as|is|add|drop|modify|alter|rename|with|from|identified|cascade|set|on|returns|return|begin|authid|after|before|default|using)$/,
  )
}

const isOperand = (reader: Reader, at: number): boolean =>
  /^(?:number|string|variable)$/.test(reader.peek(at).kind) || reader.peek(at).text === '('

/** How statements go on behind their first word, told by so many tokens that prose fails. */
const statements: Readonly<Record<string, Test>> = {
  insert: (reader) =>
    reader.follows('insert', 'into') && endsName(reader, 2, /^(?:values|select|set|default)$/),
  replace: (reader) =>
    reader.follows('replace', 'into') && endsName(reader, 2, /^(?:values|select|set)$/),
  update: (reader) => reader.peek(2).text === 'set' && reader.peek(4).text === '=',
  delete: (reader) =>
    (reader.follows('delete', 'from') && endsName(reader, 2, /^(?:where|using)$/)) ||
    (/^(?:low_priority|quick|ignore)$/.test(reader.peek(1).text) && reader.peek(2).text === 'from'),
  merge: (reader) => reader.follows('merge', 'into') && reader.peek(2).kind === 'word',
  drop: definition,
  create: definition,
  alter: definition,
  truncate: (reader) => reader.follows('truncate', 'table') && reader.peek(2).kind === 'word',
  exec: (reader) => isOperand(reader, 1) || /[._]/.test(reader.peek(1).text),
  execute: (reader) =>
    isOperand(reader, 1) ||
    /[._]/.test(reader.peek(1).text) ||
    reader.follows('execute', 'immediate') ||
    reader.follows('execute', 'as', 'login'),
  declare: (reader) => reader.peek(1).kind === 'variable' || reader.peek(2).text === 'varchar',
  set: (reader) => reader.peek(1).kind === 'variable' && reader.peek(2).text !== '',
  waitfor: (reader) =>
    /^(?:delay|time)$/.test(reader.peek(1).text) && !/^(?:word|end)$/.test(reader.peek(2).kind),
  shutdown: (reader) =>
    /^(?:comment|end)$/.test(reader.peek(1).kind) ||
    reader.peek(1).text === ';' ||
    reader.peek(1).text === 'with',
  begin: (reader) =>
    reader.peek(2).text === '(' ||
    reader.follows('begin', 'declare') ||
    reader.follows('begin', 'shutdown') ||
    reachesOut(reader.peek(1).text),
  call: (reader) => reader.peek(2).text === '(',
  do: (reader) =>
    reader.peek(1).text === '(' ||
    reader.peek(2).text === '(' ||
    reader.peek(1).text.startsWith('$'),
  copy: (reader) => reader.peek(1).text === '(' || /^(?:from|to|\()$/.test(reader.peek(2).text),
  grant: (reader) => /^(?:on|to|privileges|,)$/.test(reader.peek(2).text),
  attach: (reader) => reader.follows('attach', 'database') || reader.peek(1).kind === 'string',
  load: (reader) =>
    /^(?:data|xml)$/.test(reader.peek(1).text) || reader.follows('load', 'extension'),
  prepare: (reader) => reader.peek(2).text === 'from' && isOperand(reader, 3),
  handler: (reader) => reader.peek(2).text === 'open',
  pragma: (reader) =>
    /^[=(;]$/.test(reader.peek(2).text) || /^(?:end|comment)$/.test(reader.peek(2).kind),
  backup: (reader) => /^(?:database|log)$/.test(reader.peek(1).text),
  vacuum: (reader) => reader.follows('vacuum', 'into'),
  with: (reader) =>
    reader.follows('as') || (reader.peek(2).text === 'as' && reader.peek(3).text === '('),
}

/** Whether a statement other than a SELECT begins with the next token. */
export function beginsStatement(reader: Reader): boolean {
  const { text } = reader.peek()
  return Object.hasOwn(statements, text) && statements[text]?.(reader) === true
}

/** Statements that an English sentence may begin like; a comment at the end tells. */
const lesser =
  /^(?:use|kill|bulk|vacuum|show|describe|desc|rename|lock|unlock|reset|flush|begin|commit|rollback|savepoint|print|return|analyze|explain|set|create|drop|alter|delete|update|insert|replace|truncate|exec|execute|call|raise|go|start|stop|purge|optimize|repair|revoke|deny|dump|restore|reconfigure|checkpoint|help|listen|notify|discard|reindex|cluster|comment|values|table|try|while|if)$/
const endsInComment = /(?:--|#|\/\*)[\s+-]*$/

const mostSemicolons = 8

/** Reads on behind a semicolon: the end, or another statement. */
export function readStatement(reader: Reader): boolean {
  for (let i = 0; i < mostSemicolons && reader.follows(';'); i += 1) reader.take()
  const { kind, text } = reader.peek()
  if (kind === 'end' || kind === 'comment') {
    reader.evidence.ends = kind === 'comment'
    return true
  }
  if (/^(?:and|or|xor|&&|\|\|)$/.test(text)) return true
  reader.restart()
  if (text === 'select') {
    reader.evidence.subquery = stronger(reader.evidence.subquery, selectList(reader))
    return true
  }
  // What the condition is tells SQL from JavaScript and the like: it is read on.
  if (text === 'if') return reader.take() && reader.separate(true)
  if (text === '(' || text === 'iif') return true
  reader.evidence.statement =
    beginsStatement(reader) ||
    (lesser.test(text) && endsInComment.test(reader.source.text.slice(-64)))
  return reader.evidence.statement
}
