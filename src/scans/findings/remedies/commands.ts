/** What a person types to make the moves of a remedy, in the project's own package manager. */
import semver from 'semver'
import { specOf } from '../../metadata/index.ts'
import type { DependencyKind, Project } from '../../model.ts'
import type { Step } from './steps.ts'

/** How a package manager is told. */
interface Manager {
  /** Up to the names that are to be had in other versions. */
  ask(place: {
    readonly path: string
    readonly kind: DependencyKind
    readonly exact: boolean
  }): string
  /** Up to the names that are to be updated. */
  update(inWorkspace: boolean): string
  /** The version of what is asked for, spelled so that the manifest gets a range or a version. */
  version(version: string, exact: boolean): string
  readonly install: string
}

const flags = (words: Readonly<Record<string, boolean | string>>): string =>
  Object.entries(words)
    .filter(([, value]) => value !== false && value !== '')
    .map(([word, value]) => (value === true ? ` ${word}` : ` ${word} ${value}`))
    .join('')

/** What each was seen to do: npm 11 and Bun 1.4. */
const managers: Readonly<Record<Project['format'], Manager | undefined>> = {
  'package-lock.json': {
    ask: ({ path, kind, exact }) =>
      `npm install${flags({
        '--workspace': path,
        '--save-dev': kind === 'development',
        '--save-optional': kind === 'optional',
        '--save-peer': kind === 'peer',
        '--save-exact': exact,
      })}`,
    update: () => 'npm update',
    version: (version) => version,
    install: 'npm install',
  },
  'bun.lock': {
    ask: ({ path, kind, exact }) =>
      `bun add${flags({
        '--cwd': path,
        '--dev': kind === 'development',
        '--optional': kind === 'optional',
        '--peer': kind === 'peer',
        '--exact': exact,
      })}`,
    // Names that the root does not want itself are refused where it has workspaces.
    update: (inWorkspace) => `bun update${flags({ '--recursive': inWorkspace })}`,
    version: (version, exact) => (exact ? version : `^${version}`),
    install: 'bun install',
  },
  CycloneDX: undefined,
}

// What a lockfile says is not believed: a name with a blank in it would be another command.
const plainName = /^(?:@[\w~][\w.~-]*\/)?[\w~][\w.~-]*$/
const plainPath = /^(?:[\w@][\w@./-]*)?$/

/**
 * The commands, in the order in which they are run: other ranges first, then overrides, then updates.
 *
 * @returns none for an SBOM, and where a name, a path or a version would not be a word of a shell
 */
export function commandsOf(
  format: Project['format'],
  steps: readonly Step[],
  hasOverride: boolean,
): readonly string[] {
  const manager = managers[format]
  if (manager === undefined || !steps.every(isPlain)) return []
  const asked = new Map<string, Set<string>>()
  const updated = new Set<string>()
  for (const { want, package: moved, version } of steps) {
    if (want === undefined) updated.add(moved.name)
    else {
      const exact = semver.valid(specOf(want.edge.name, want.edge.range)?.range ?? '') !== null
      const command = manager.ask({ path: want.by.path, kind: want.edge.kind, exact })
      const isAlias = want.edge.name !== moved.name
      const name = isAlias ? `${want.edge.name}@npm:${moved.name}` : moved.name
      const words = asked.get(command) ?? new Set()
      asked.set(command, words.add(quoted(`${name}@${manager.version(version, exact)}`)))
    }
  }
  const inWorkspace = steps.some((step) => step.want === undefined && step.inWorkspace)
  return [
    ...[...asked].map(([command, words]) => `${command} ${[...words].join(' ')}`),
    ...(hasOverride ? [manager.install] : []),
    ...(updated.size > 0 ? [`${manager.update(inWorkspace)} ${[...updated].join(' ')}`] : []),
  ]
}

const isPlain = ({ want, package: moved, version }: Step): boolean =>
  plainName.test(moved.name) &&
  plainName.test(want?.edge.name ?? moved.name) &&
  plainPath.test(want?.by.path ?? '') &&
  semver.valid(version) !== null

/** A caret is a word's own everywhere but in the shell of Windows. */
const quoted = (word: string): string => (word.includes('^') ? `"${word}"` : word)
