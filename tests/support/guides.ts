/** What there is to read, and the commands in it. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's folder. */
export const root = fileURLToPath(new URL('../../', import.meta.url))

/** A fenced block of a page. */
export interface Block {
  readonly page: string
  /** The heading that it stands under. */
  readonly chapter: string
  readonly language: string
  readonly text: string
}

/** A command as it is typed, over several lines where it goes on. */
export interface Command {
  readonly page: string
  readonly chapter: string
  readonly text: string
}

/** Every page that people read. */
export const pages: readonly string[] = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'],
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => `docs/${name}`),
]

/** What stands in a page. */
export const textOf = (page: string): string => readFileSync(join(root, page), 'utf8')

/** The fenced blocks of a page, in their order, without what they are indented by. */
export function blocksOf(page: string): Block[] {
  const blocks: Block[] = []
  let chapter = ''
  let open: { language: string; indent: number; lines: string[] } | undefined
  for (const line of textOf(page).split('\n')) {
    const [, indent = '', language = ''] = /^( *)```(\w*)$/.exec(line) ?? []
    const isFence = /^ *```\w*$/.test(line)
    if (isFence && open === undefined) open = { language, indent: indent.length, lines: [] }
    else if (isFence && open !== undefined) {
      const text = open.lines.map((each) => `${each}\n`).join('')
      blocks.push({ page, chapter, language: open.language, text })
      open = undefined
    } else if (open !== undefined) open.lines.push(line.slice(open.indent))
    else chapter = /^#+ (.+)$/.exec(line)?.[1] ?? chapter
  }
  return blocks
}

/** The commands of a block: lines that end in a backslash, or within quotes, go on. */
export function commandsOf({ page, chapter, text }: Block): Command[] {
  const commands: Command[] = []
  let lines: string[] = []
  for (const line of text.split('\n')) {
    if (lines.length === 0 && (line.trim() === '' || line.startsWith('#'))) continue
    lines.push(line)
    const whole = lines.join('\n')
    if (line.endsWith('\\') || isWithinQuotes(whole)) continue
    commands.push({ page, chapter, text: whole })
    lines = []
  }
  return commands
}

function isWithinQuotes(text: string): boolean {
  let quote = ''
  for (const letter of text.replace(/(^|\s)#.*$/gm, '$1'))
    if (quote === '' && (letter === '"' || letter === "'")) quote = letter
    else if (letter === quote) quote = ''
  return quote !== ''
}

/** The commands that a page has its readers type. */
export const shellCommandsOf = (page: string): Command[] =>
  blocksOf(page)
    .filter(({ language }) => language === 'sh')
    .flatMap(commandsOf)

/** A command without the remark behind it. */
export const bare = ({ text }: Command): string => text.replace(/\s+# .*$/gm, '').trim()
