/** JavaScript in a normal form, in which the ways to say the same thing look the same. */
export interface Script {
  /** Without white space, with strings joined and named properties written with a dot. */
  readonly code: string
  /** Functions that were called by a name in disguise: `self['al' + 'ert'](1)`. */
  readonly disguised: readonly string[]
}

interface Token {
  readonly kind: 'name' | 'string' | 'mark'
  readonly text: string
  /** Whether the name was escaped, put in brackets or made of a string. */
  readonly isDisguised?: boolean
}

/** Longer strings are taken for a quote by itself: prose has apostrophes. */
const longestString = 400

/** A piece of a name: letters and digits, or an escape that makes one. */
const namePiece =
  /[\w$\u00c0-\u1fff\u3041-\ud7ff\uf900-\ufaff]+|\\u(?:[0-9a-f]{4}|\{[0-9a-f]{1,8}\})|\\x[0-9a-f]{2}/y

/**
 * Reads a text as JavaScript, leniently: whatever cannot be read stands for itself. Linear.
 *
 * @param lower in lower case; names that differ in case only are one
 */
export function readScript(lower: string): Script {
  const reader = new Reader()
  let i = 0
  while (i < lower.length) i = reader.read(lower, i)
  return { code: reader.code(), disguised: reader.disguised }
}

/** Letters, digits, `$`, `_` and the backslash of an escape. */
const mayBeginName = (code: number): boolean =>
  (code >= 97 && code <= 122) ||
  (code >= 48 && code <= 57) ||
  code === 36 ||
  code === 92 ||
  code === 95 ||
  (code >= 65 && code <= 90) ||
  code >= 0xc0

const unescaped = (text: string): string =>
  text.includes('\\')
    ? text.replace(
        /\\(?:u\{([0-9a-f]{1,6})\}|u(0000[0-9a-f]{2}|[0-9a-f]{4})|x([0-9a-f]{2})|([0-7]{2,3})|(.))/g,
        (_, braced?: string, unit?: string, byte?: string, octal?: string, self?: string) =>
          self ??
          characterOf(Number.parseInt(braced ?? unit ?? byte ?? octal ?? '', octal ? 8 : 16)),
      )
    : text

const characterOf = (point: number): string =>
  point > 0 && point < 0x11_0000 ? String.fromCodePoint(point).toLowerCase() : ''

function endOfName(lower: string, from: number): number {
  let end = from
  for (namePiece.lastIndex = from; namePiece.test(lower); namePiece.lastIndex = end)
    end = namePiece.lastIndex
  return end
}

const isLiteral = (lower: string, from: number): boolean =>
  lower[from + 1] === '`' && !/[\w$)\]]/.test(lower[from - 1] ?? ' ')

class Reader {
  readonly disguised: string[] = []
  readonly #tokens: Token[] = []
  /** Where a comment or a string was looked for in vain: before that, none need be looked for. */
  readonly #unclosed = new Map<string, number>()

  /** Reads what begins at `i`, and says where it ends. */
  read(lower: string, i: number): number {
    const code = lower.charCodeAt(i)
    if (code <= 32) return i + 1
    if (mayBeginName(code)) {
      const name = endOfName(lower, i)
      if (name > i) return this.#name(lower.slice(i, name), name)
    }
    const character = lower.charAt(i)
    if (character === '"' || character === "'" || character === '`') return this.#string(lower, i)
    if (character === '/') return this.#slash(lower, i)
    const isOptional = character === '?' && lower[i + 1] === '.'
    this.#mark(isOptional ? (lower[i + 2] === '(' ? '?.' : '.') : character)
    return i + (isOptional ? 2 : 1)
  }

  code(): string {
    let code = ''
    let wasName = false
    for (const { kind, text } of this.#tokens) {
      const isName = kind === 'name'
      code += isName ? (wasName ? ` ${text}` : text) : kind === 'mark' ? text : `'${text}'`
      wasName = isName
    }
    return code
  }

  /** The token that is so far from the end. */
  #last(back = 1): Token | undefined {
    return this.#tokens[this.#tokens.length - back]
  }

  #is(back: number, text: string): boolean {
    const token = this.#last(back)
    return token?.kind === 'mark' && token.text === text
  }

  #replace(count: number, ...tokens: Token[]): void {
    this.#tokens.length -= count
    this.#tokens.push(...tokens)
  }

  #name(raw: string, end: number): number {
    const text = unescaped(raw)
    this.#tokens.push({ kind: 'name', text, isDisguised: raw.includes('\\') })
    if (text.includes('(')) this.disguised.push(text.slice(0, text.indexOf('(')))
    return end
  }

  #string(lower: string, from: number): number {
    const quote = lower[from] ?? ''
    if (from < (this.#unclosed.get(quote) ?? 0)) return this.#lone(quote, from)
    const stop = Math.min(lower.length, from + longestString)
    if (quote === '`' && isLiteral(lower, from)) return this.#literal(lower, from, stop)
    let i = from + 1
    for (; i < stop; i += 1) {
      if (lower[i] === '\\') i += 1
      else if (lower[i] === quote) {
        const isTag = quote === '`' && !/\s/.test(lower[from - 1] ?? ' ')
        this.#text(unescaped(lower.slice(from + 1, i)), isTag)
        return i + 1
      } else if (lower[i] === '\n' && quote !== '`') break
    }
    this.#unclosed.set(quote, i)
    return this.#lone(quote, from)
  }

  /** Code that prose quotes in double backticks: no tag, whatever stands before it. */
  #literal(lower: string, from: number, stop: number): number {
    const length = lower.slice(from + 2, stop).indexOf('``')
    if (length < 0) return this.#lone('``', from)
    this.#text(lower.slice(from + 2, from + 2 + length), false)
    return from + length + 4
  }

  #lone(quote: string, from: number): number {
    this.#mark(quote)
    return from + quote.length
  }

  /** A string: the rest of the one that it is added to, or the argument of a tag. */
  #text(text: string, isTag: boolean): void {
    if (this.#is(1, '+') && this.#last(2)?.kind === 'string')
      this.#replace(2, { kind: 'string', text: `${this.#last(2)?.text}${text}` })
    else if (isTag && this.#last()?.kind === 'name') {
      this.disguised.push(this.#last()?.text ?? '')
      this.#tokens.push({ kind: 'mark', text: '(' }, { kind: 'string', text })
      this.#tokens.push({ kind: 'mark', text: ')' })
    } else this.#tokens.push({ kind: 'string', text })
  }

  /** A comment, a regular expression whose source is taken as a string, or a division. */
  #slash(lower: string, from: number): number {
    if (lower[from + 1] === '*') {
      const isUnclosed = from < (this.#unclosed.get('/*') ?? 0)
      const close = isUnclosed ? -1 : lower.indexOf('*/', from + 2)
      if (close < 0) this.#unclosed.set('/*', lower.length)
      return close < 0 ? from + 2 : close + 2
    }
    const source = /\/([\w$ .|-]{1,32})\/\.source\b/y
    source.lastIndex = from
    const found = source.exec(lower)
    if (found === null) this.#mark('/')
    else this.#text(found[1] ?? '', false)
    return found === null ? from + 1 : source.lastIndex
  }

  #mark(text: string): void {
    if (text === ']' && this.#last()?.kind === 'string' && this.#is(2, '[')) this.#property()
    else if (text === '(') this.#call()
    else this.#tokens.push({ kind: 'mark', text })
  }

  /** `['x']` is `.x` behind a value, and 'x' itself where a name is wanted. */
  #property(): void {
    const text = this.#last()?.text ?? ''
    const owner = this.#last(3)
    if (this.#is(3, '[')) this.#replace(2, { kind: 'string', text })
    else if (owner !== undefined && (owner.kind !== 'mark' || /[\])}]/.test(owner.text)))
      this.#replace(2, { kind: 'mark', text: '.' }, { kind: 'name', text, isDisguised: true })
    else this.#tokens.push({ kind: 'mark', text: ']' })
  }

  /** `(f)(` and `(0, f)(` are `f(`. */
  #call(): void {
    if (this.#is(1, '?.')) {
      this.#replace(1)
      this.disguised.push(this.#last()?.text ?? '')
    }
    const name = this.#last(2)
    if (this.#is(1, ')') && name?.kind === 'name') {
      const open = this.#is(3, '(') ? 3 : this.#is(3, ',') && this.#is(5, '(') ? 5 : 0
      const before = this.#last(open + 1)
      if (open > 0 && before?.kind !== 'name' && !/[\])]/.test(before?.text ?? ''))
        this.#replace(open, { ...name, isDisguised: true })
    }
    const callee = this.#last()
    if (callee?.kind === 'name' && callee.isDisguised === true) this.disguised.push(callee.text)
    this.#tokens.push({ kind: 'mark', text: '(' })
  }
}
