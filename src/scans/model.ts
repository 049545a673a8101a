/** What a scan is about, in plain data: a project as its lockfile has it, advisories, findings. */

/** The worst first. `unknown` is what no source has rated. */
export const severities = ['critical', 'high', 'moderate', 'low', 'unknown'] as const

/** How bad an advisory is. */
export type Severity = (typeof severities)[number]

/** A package by the names that advisories know it under. */
export interface PackageId {
  /** As OSV spells it: `npm`, `PyPI`, `Maven`, …; empty where advisories know none: nobody can be asked. */
  readonly ecosystem: string
  readonly name: string
  /** Empty where it is not known, or the project's own folder: nobody can be asked. */
  readonly version: string
}

/** What a dependency is for, as the manifest that wants it says. */
export type DependencyKind = 'production' | 'development' | 'optional' | 'peer'

/** One package wants another one. */
export interface Edge {
  /** The name that it is wanted by, which an alias makes another than the package's own. */
  readonly name: string
  /** The versions that would do, as the manifest has them; empty where nobody says. */
  readonly range: string
  readonly kind: DependencyKind
  /** The {@linkcode InstalledPackage.key} of what it got; undefined where nothing is installed for it. */
  readonly to: string | undefined
}

/** A package where it is installed: the same version may be in a tree several times. */
export interface InstalledPackage extends PackageId {
  /** Its place in the lockfile, of which there is one: `node_modules/a/node_modules/b`, `a/b`, a bom-ref. */
  readonly key: string
  readonly dependencies: readonly Edge[]
  /** The machines that it is for; left out for all. */
  readonly platform?: Platform
}

/**
 * Machines by the names that Node.js has for them; none means all, `!` before one leaves it out. Lockfiles
 * hold packages for other machines than this one too, which npm and Bun then don't install.
 */
export interface Platform {
  readonly os: readonly string[]
  readonly cpu: readonly string[]
  /** `glibc` or `musl`, on Linux. */
  readonly libc: readonly string[]
}

/** A package of the project itself: the root, or a workspace. It is not asked about. */
export interface Manifest {
  /** Empty for a root without a name. */
  readonly name: string
  /** From the root; empty for the root itself. */
  readonly path: string
  readonly dependencies: readonly Edge[]
}

/** A project by its lockfile. */
export interface Project {
  readonly format: 'bun.lock' | 'package-lock.json' | 'CycloneDX'
  /** The file that was read, relative to the folder that was scanned. */
  readonly file: string
  /** The root first, then the workspaces. */
  readonly manifests: readonly Manifest[]
  /** By key. */
  readonly packages: ReadonlyMap<string, InstalledPackage>
  /**
   * What of the file nobody can be asked about, and why; sentences for an operator: a component without
   * a version, a git checkout. Not the project's own folders.
   */
  readonly gaps?: readonly string[]
  /**
   * What the file should have and has not, sentences for an operator: a dependency that is wanted and
   * nowhere in it. A scan of it is not complete.
   */
  readonly missing?: readonly string[]
}

/** Versions that an advisory is about, between two points of one line of versions. */
export interface VersionRange {
  /** The first that is affected; `0` for all before the end. */
  readonly introduced: string
  /** The first that is not any more. */
  readonly fixed?: string
  /** The last that is, where nobody knows of a fix. */
  readonly lastAffected?: string
}

/** What is known of a vulnerability in one package. */
export interface Advisory {
  /** A GHSA id where there is one, else a CVE, else the source's own. */
  readonly id: string
  /** All other ids of the same vulnerability. */
  readonly aliases: readonly string[]
  readonly ecosystem: string
  readonly package: string
  readonly title: string
  readonly url: string | undefined
  readonly severity: Severity
  readonly cvss: { readonly vector: string; readonly score: number } | undefined
  /** Any of them. */
  readonly ranges: readonly VersionRange[]
  /** Versions that are affected whatever the ranges say. */
  readonly versions: readonly string[]
  /** RFC 3339; a withdrawn advisory makes no finding. */
  readonly withdrawn: string | undefined
  /** Who says so. */
  readonly sources: readonly string[]
}

/** What a source knows of the packages that it was asked about. */
export interface SourceAnswer {
  readonly advisories: readonly Advisory[]
  /** Why it could not tell all of it; sentences for an operator. Empty where it could. */
  readonly problems: readonly string[]
}

/** Where advisories come from. */
export interface AdvisorySource {
  readonly name: string
  /**
   * Leaves out npm packages whose version is none, of which whoever asks tells. Never rejects for what a
   * network or another machine does: that is a problem of the answer.
   */
  ask(packages: readonly PackageId[], signal: AbortSignal): Promise<SourceAnswer>
}

/** The smallest change that removes a finding. */
export interface Remedy {
  /**
   * `update`: the ranges allow a fixed version already. `direct`: another range for a dependency of the
   * project's own. `parent`: a newer version of what wants it. `override`: nothing on the way allows a
   * fixed version.
   */
  readonly kind: 'update' | 'direct' | 'parent' | 'override'
  /** What is changed, and to which version. */
  readonly package: string
  readonly version: string
  /** Whether the change crosses a major version. */
  readonly breaking: boolean
  /** What to put into the root's `package.json` first, as it stands there; undefined where nothing. */
  readonly write: { readonly overrides: Overrides } | undefined
  /** What to run in the root, in this order, in the project's own package manager; none for an SBOM. */
  readonly commands: readonly string[]
  /** Ids of what is known against the new version itself. */
  readonly leaves: readonly string[]
}

/** What npm and Bun read as `overrides`: a version by name, or by who wants it and name. */
export interface Overrides {
  readonly [name: string]: string | Overrides
}

/** A vulnerability in an installed package. */
export interface Finding {
  readonly package: PackageId
  readonly advisory: Advisory
  /** From the project's own dependency to the package, by names with versions; the shortest first. */
  readonly paths: readonly (readonly string[])[]
  /** How many such paths there are; counting stops at 100. */
  readonly pathCount: number
  /** Whether only development gets there. */
  readonly development: boolean
  /** The lowest version above that is not affected; undefined where there is none. */
  readonly fixedIn: string | undefined
  readonly remedy: Remedy | undefined
  /** Why it does not count; undefined where it does. */
  readonly ignored: { readonly reason: string; readonly expires: string | undefined } | undefined
}

/** A dependency of the project's own that is not the newest. */
export interface OutdatedPackage {
  readonly name: string
  readonly version: string
  /** The newest that the manifest's range allows. */
  readonly wanted: string
  readonly latest: string
  readonly majorsBehind: number
  /** What its maintainers say of it; undefined where it is not deprecated. */
  readonly deprecated: string | undefined
  /** RFC 3339 of the installed version's release. */
  readonly releasedAt: string | undefined
}

/** What a scan found out. */
export interface ScanReport {
  /** `failed` where nothing can be said, `incomplete` where something is missing: never a clean bill. */
  readonly status: 'complete' | 'incomplete' | 'failed'
  /** Undefined where the project could not be read. */
  readonly project: Pick<Project, 'format' | 'file'> | undefined
  /** Installed packages, each place once. */
  readonly packages: number
  /** Packages that nobody was asked about, since their names are private. */
  readonly withheld: number
  readonly findings: readonly Finding[]
  readonly outdated: readonly OutdatedPackage[]
  /** Why it is not complete; sentences for an operator. */
  readonly problems: readonly string[]
  /** What an operator should know that takes nothing from it: an ignore that has expired. */
  readonly notes: readonly string[]
  /** RFC 3339. */
  readonly startedAt: string
  readonly finishedAt: string
}
