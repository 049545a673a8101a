/** There is no Kubernetes here: the manifest is held against its schemas, and against what Caly reads. */
import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ConfigError, readConfig, variables } from '../../src/config.ts'
import { faultsOf } from './kubernetes-schema.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const read = (name: string) => readFileSync(join(root, name), 'utf8')
const documentsOf = (text: string) => Bun.YAML.parse(text) as readonly Document[]

interface Document {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
}
interface Container {
  readonly image: string
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[]
  readonly env: readonly { readonly name: string; readonly value: string }[]
  readonly envFrom: readonly Readonly<Record<string, { readonly name: string }>>[]
  readonly securityContext: unknown
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[]
}
interface StatefulSet {
  readonly spec: {
    readonly serviceName: string
    readonly replicas: number
    readonly selector: { readonly matchLabels: Labels }
    readonly template: {
      readonly metadata: { readonly labels: Labels }
      readonly spec: {
        readonly serviceAccountName: string
        readonly terminationGracePeriodSeconds: number
        readonly securityContext: Readonly<Record<string, unknown>>
        readonly containers: readonly [Container]
      }
    }
    readonly volumeClaimTemplates: readonly { readonly metadata: { readonly name: string } }[]
  }
}
type Labels = Readonly<Record<string, string>>

const manifest = read('deploy/kubernetes/caly.yaml')
const secretExample = read('deploy/kubernetes/secret.example.yaml')
const documents = documentsOf(manifest)
const secret = Bun.YAML.parse(secretExample) as Document & {
  readonly stringData: Readonly<Record<string, string>>
}
/** The one document of a kind, or the one with that name too. */
function theOnly<Shape>(kind: string, name = 'caly'): Shape {
  const found = documents.filter((one) => one.kind === kind && one.metadata.name === name)
  expect([kind, found.length]).toEqual([kind, 1])
  return found[0] as Shape
}
const { spec } = theOnly<StatefulSet>('StatefulSet')
const pod = spec.template.spec
const [container] = pod.containers
const settings = theOnly<{ readonly data: Readonly<Record<string, string>> }>('ConfigMap').data

test('every document of the manifest is valid by Kubernetes’ schemas, and has no field that they do not know', () => {
  expect(documents.length).toBeGreaterThan(5)
  for (const document of [...documents, secret])
    expect([document.kind, faultsOf(document)]).toEqual([document.kind, []])
})

const typos: readonly [what: string, from: string, to: string, fault: string][] = [
  ['a field', 'readinessProbe:', 'readynessProbe:', 'readynessProbe is in no schema'],
  ['a deep field', 'readOnlyRootFilesystem', 'readOnlyRootFileSystem', 'is in no schema'],
  ['a top field', 'automountServiceAccountToken', 'automountToken', '/automountToken is in no'],
  ['a type', 'maxUnavailable: 1', 'maxUnavailable: [1]', '/spec/maxUnavailable breaks type'],
  ['a number for a variable', 'DB_PREPARE: "off"', 'DB_PREPARE: 0', '/data/DB_PREPARE breaks type'],
  ['a word', 'ScheduleAnyway', 'ScheduleAnyways', '/whenUnsatisfiable breaks enum'],
  ['a version', 'policy/v1', 'policy/v2', 'policy/v2 PodDisruptionBudget is not known'],
]
test.each(typos)('%s that is wrong is refused', (_, from, to, fault) => {
  expect(manifest).toContain(from)
  const faults = documentsOf(manifest.replace(from, to)).flatMap(faultsOf)
  expect(faults.join('\n')).toContain(fault)
})

test('names that refer to one another are the same', () => {
  for (const document of [...documents, secret])
    expect(document.metadata.namespace ?? document.metadata.name).toBe('caly')
  expect(spec.template.metadata.labels).toEqual(spec.selector.matchLabels)
  const selecting = documents.flatMap((document) => selectorsIn(document))
  expect(selecting.length).toBeGreaterThanOrEqual(6)
  for (const labels of selecting) expect(labels).toEqual(spec.selector.matchLabels)
  theOnly('Service', spec.serviceName)
  theOnly('ServiceAccount', pod.serviceAccountName)
  expect(container.envFrom).toEqual([
    { configMapRef: { name: 'caly' } },
    { secretRef: { name: secret.metadata.name } },
  ])
  expect(container.volumeMounts.map(({ name }) => name)).toEqual(
    spec.volumeClaimTemplates.map(({ metadata }) => metadata.name),
  )
})

/** Labels that a document selects pods by. */
function selectorsIn(value: unknown): Labels[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) => {
    if (name === 'matchLabels') return [inner as Labels]
    const isService = name === 'selector' && !('matchLabels' in inner)
    return isService ? [inner as Labels] : selectorsIn(inner)
  })
}

test('every variable exists, no secret has a value, and with secrets the configuration is one that starts', () => {
  const own = Object.fromEntries(container.env.map(({ name, value }) => [name, value]))
  const names = Object.keys({ ...settings, ...secret.stringData, ...own })
  expect(names.filter((name) => !Object.hasOwn(variables, name))).toEqual([])
  expect(Object.values(secret.stringData).filter((value) => value !== '')).toEqual([])
  const given = { ...settings, ...own }
  // As it stands, the example names what is missing.
  expect(() => readConfig({ ...secret.stringData, ...given })).toThrow(ConfigError)
  const config = readConfig({
    ...given,
    DATABASE_URL: 'postgres://caly@pgbouncer:6432/caly',
    ENCRYPTION_KEY: 'a'.repeat(64),
    CALY_PROVIDER: 'simulator',
  })
  expect(config.listen).toMatchObject({ host: '0.0.0.0', port: container.ports[0]?.containerPort })
  expect(config.dataDir).toBe(container.volumeMounts[0]?.mountPath ?? '')
  const { delay, timeout } = config.shutdown
  const flushing = 10_000
  expect(delay).toBeGreaterThanOrEqual(5000)
  expect(pod.terminationGracePeriodSeconds * 1000).toBeGreaterThanOrEqual(
    delay + timeout + flushing,
  )
})

test('the pods are as restricted as Kubernetes can say, and run as the image’s user', () => {
  const [, user, group] = /^USER (\d+):(\d+)$/m.exec(read('Dockerfile')) ?? []
  expect(pod.securityContext).toMatchObject({
    ...{ runAsNonRoot: true, runAsUser: Number(user), runAsGroup: Number(group) },
    ...{ fsGroup: Number(group), seccompProfile: { type: 'RuntimeDefault' } },
  })
  expect(container.securityContext).toEqual({
    ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
    capabilities: { drop: ['ALL'] },
  })
  expect(pod).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false })
})
