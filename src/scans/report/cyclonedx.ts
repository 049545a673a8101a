/** For programs that keep inventories: CycloneDX 1.6 (ECMA-424) with vulnerabilities. */
import { version } from '../../version.ts'
import { graphOf } from '../findings/index.ts'
import type {
  Finding,
  InstalledPackage,
  Manifest,
  PackageId,
  Project,
  ScanReport,
} from '../model.ts'
import { vulnerabilitiesOf } from './cyclonedx-vulnerabilities.ts'
import { jsonText, plain } from './plain.ts'
import { purlOf } from './purl.ts'

/** How a CycloneDX document is written. */
export interface CyclonedxOptions {
  /** What was scanned; without, only what is affected is listed. */
  readonly project?: Project
}

/** A report as a bill of materials: all packages, what wants what, and what is known against them. */
export function cyclonedx(report: ScanReport, { project }: CyclonedxOptions = {}): string {
  const vulnerabilities = vulnerabilitiesOf(report, (finding) => refOf(finding.package))
  const inventory = project === undefined ? affectedOnly(report.findings) : inventoryOf(project)
  return jsonText({
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${crypto.randomUUID()}`,
    version: 1,
    metadata: {
      timestamp: report.finishedAt,
      tools: { components: [{ type: 'application', name: 'caly', version }] },
      component: rootOf(project),
      properties: [
        { name: 'caly:status', value: report.status },
        ...report.problems.map((problem) => ({
          name: 'caly:problem',
          value: plain(problem, 1000),
        })),
        ...report.notes.map((note) => ({ name: 'caly:note', value: plain(note, 1000) })),
      ],
    },
    ...inventory,
    compositions: [
      {
        aggregate: report.status === 'complete' ? 'complete' : 'incomplete',
        vulnerabilities: vulnerabilities.map((one) => one['bom-ref']),
      },
    ],
    vulnerabilities,
  })
}

/** The project's own packages, by their paths. */
const ownRef = (path: string): string => `own:${plain(path === '' ? '.' : path)}`

const refOf = (one: PackageId): string =>
  purlOf(one) ?? plain([one.ecosystem, one.name, one.version].join('|'))

const rootOf = (project: Project | undefined) => ({
  type: 'application',
  'bom-ref': ownRef(''),
  name: plain(project?.manifests[0]?.name || project?.file || 'unknown'),
})

function affectedOnly(findings: readonly Finding[]) {
  const affected = new Map(findings.map(({ package: one }) => [refOf(one), one]))
  return { components: [...affected.values()].map((one) => component(one)) }
}

function inventoryOf(project: Project) {
  const graph = graphOf(project)
  const productive = new Set<string>()
  const wants = new Map<string, Set<string>>()
  const all = new Map<string, PackageId>()
  for (const [number, one] of graph.packages.entries()) {
    const ref = refOf(one)
    all.set(ref, one)
    if (!graph.development.has(number)) productive.add(ref)
    add(wants, ref, one, project)
  }
  for (const manifest of project.manifests) add(wants, ownRef(manifest.path), manifest, project)
  for (const { path } of project.manifests.slice(1)) wants.get(ownRef(''))?.add(ownRef(path))
  return {
    components: [
      ...project.manifests.slice(1).map(workspace),
      ...[...all].map(([ref, one]) =>
        component(one, productive.has(ref) ? 'required' : 'excluded'),
      ),
    ],
    dependencies: [...wants].map(([ref, dependsOn]) => ({ ref, dependsOn: [...dependsOn] })),
  }
}

/** Places of one version are one component, which wants all that it wants anywhere. */
function add(
  wants: Map<string, Set<string>>,
  ref: string,
  { dependencies }: Manifest | InstalledPackage,
  { packages }: Project,
): void {
  const known = wants.get(ref) ?? new Set()
  wants.set(ref, known)
  for (const { to } of dependencies) {
    const wanted = to === undefined ? undefined : packages.get(to)
    if (wanted !== undefined && refOf(wanted) !== ref) known.add(refOf(wanted))
  }
}

const workspace = ({ name, path }: Manifest) => ({
  type: 'application',
  'bom-ref': ownRef(path),
  name: plain(name === '' ? path : name),
})

function component(one: PackageId, scope?: 'required' | 'excluded') {
  const purl = purlOf(one)
  return {
    type: 'library',
    'bom-ref': refOf(one),
    name: plain(one.name),
    ...(one.version !== '' && { version: plain(one.version) }),
    ...(scope !== undefined && { scope }),
    ...(purl !== undefined && { purl }),
  }
}
