/**
 * `bun run build`: makes `dist/`, what `npm pack` packs, of the plugins that package.json exports.
 * Of the sources only what they reach: JavaScript as any runtime takes it, with types beside it.
 */
import { spawnSync } from 'node:child_process'
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { Transpiler } from 'bun'
import manifest from '../package.json' with { type: 'json' }

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const dist = join(root, 'dist')

/** The sources that package.json exports, by the types that it names. */
const entries = Object.values(manifest.exports).flatMap((entry) =>
  typeof entry === 'string'
    ? []
    : [join(root, entry.types.replace('./dist/', '').replace('.d.ts', '.ts'))],
)

const transpiler = new Transpiler({ loader: 'ts', target: 'node' })

/** A module of ours, after `from`, `import` and `import(`. */
const specifier = /(\bfrom\s*|\bimport\s*\(?\s*)(["'])([.#][^"']+\.ts)\2/g

/** A file beside a module, as `new URL()` names it. */
const neighbour = /new URL\((["'`])(\.\/[^"'`$]*)\1/g

/** Where a module of ours stands, whatever names it. */
const locate = (name: string, from: string): string =>
  name.startsWith('#') ? join(root, name.slice(1)) : resolve(dirname(from), name)

/** Writes what a source becomes. @returns the sources that it names */
async function emit(source: string, extension: '.js' | '.d.ts'): Promise<readonly string[]> {
  const target = join(dist, relative(root, source)).replace(/\.ts$/, extension)
  const named: string[] = []
  const text =
    extension === '.js'
      ? transpiler.transformSync(await readFile(source, 'utf8'))
      : await readFile(target, 'utf8')
  const relinked = text.replace(specifier, (_, before: string, quote: string, name: string) => {
    const file = locate(name, source)
    named.push(file)
    const path = relative(dirname(source), file).replace(/\.ts$/, '.js')
    return `${before}${quote}${path.startsWith('.') ? path : `./${path}`}${quote}`
  })
  const placed = relinked.replace(neighbour, (found, _, name: string) => {
    if (!name.endsWith('.ts')) return found
    named.push(locate(name, source))
    return found.replace(/\.ts(?=.$)/, '.js')
  })
  await mkdir(dirname(target), { recursive: true })
  await writeFile(target, placed)
  for (const [, , name = ''] of extension === '.js' ? text.matchAll(neighbour) : [])
    if (!name.endsWith('.ts')) await copy(join(dirname(source), name))
  return named
}

const copy = (path: string): Promise<void> =>
  cp(path, join(dist, relative(root, path)), {
    recursive: true,
    // Snapshots of the schema are for those who make migrations.
    filter: (name) => !name.endsWith('_snapshot.json'),
  })

/** Writes everything that the entries reach. @returns the files, below `dist/` */
async function emitAll(extension: '.js' | '.d.ts'): Promise<ReadonlySet<string>> {
  const seen = new Set(entries)
  for (const source of seen) for (const named of await emit(source, extension)) seen.add(named)
  return new Set(Array.from(seen, (source) => relative(root, source).replace(/\.ts$/, extension)))
}

await rm(dist, { recursive: true, force: true })
const types = spawnSync(process.execPath, ['x', 'tsc', '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
})
if (types.status !== 0) process.exit(1)
const declarations = await emitAll('.d.ts')
for (const file of await readdir(dist, { recursive: true }))
  if (file.endsWith('.d.ts') && !declarations.has(file)) await rm(join(dist, file))
await emitAll('.js')
