/** Kubernetes' own schemas, as kubernetes-models compiles them from its OpenAPI description. */

import { validate as statefulSet } from 'kubernetes-models/_schemas/IoK8sApiAppsV1StatefulSet'
import { validate as configMap } from 'kubernetes-models/_schemas/IoK8sApiCoreV1ConfigMap'
import { validate as namespace } from 'kubernetes-models/_schemas/IoK8sApiCoreV1Namespace'
import { validate as secret } from 'kubernetes-models/_schemas/IoK8sApiCoreV1Secret'
import { validate as service } from 'kubernetes-models/_schemas/IoK8sApiCoreV1Service'
import { validate as serviceAccount } from 'kubernetes-models/_schemas/IoK8sApiCoreV1ServiceAccount'
import { validate as networkPolicy } from 'kubernetes-models/_schemas/IoK8sApiNetworkingV1NetworkPolicy'
import { validate as disruptionBudget } from 'kubernetes-models/_schemas/IoK8sApiPolicyV1PodDisruptionBudget'

/** What a schema says of a document; what it finds wrong stands beside it. */
interface Validate {
  (document: unknown): boolean
  readonly errors?: readonly Fault[] | null
}

/** A rule that a value breaks. */
interface Fault {
  readonly instancePath: string
  readonly keyword: string
  readonly params: unknown
}

const schemas: Readonly<Record<string, Validate>> = {
  'v1 ConfigMap': configMap,
  'v1 Namespace': namespace,
  'v1 Secret': secret,
  'v1 Service': service,
  'v1 ServiceAccount': serviceAccount,
  'apps/v1 StatefulSet': statefulSet,
  'networking.k8s.io/v1 NetworkPolicy': networkPolicy,
  'policy/v1 PodDisruptionBudget': disruptionBudget,
}

/** What Kubernetes would refuse a document for: wrong values, and fields that its schema has not. */
export function faultsOf(document: unknown): string[] {
  const { apiVersion, kind } = document as { apiVersion?: unknown; kind?: unknown }
  const validate = schemas[`${apiVersion} ${kind}`]
  if (validate === undefined) return [`${apiVersion} ${kind} is not known`]
  const looked = new Set<string>()
  const faults = validate(watched(document, '', looked))
    ? []
    : (validate.errors ?? []).map(
        ({ instancePath, keyword, params }) =>
          `${instancePath} breaks ${keyword} ${JSON.stringify(params)}`,
      )
  const unknown = fieldsOf(document, '').filter((path) => !looked.has(path))
  return [...faults, ...unknown.map((path) => `${path} is in no schema`)]
}

/**
 * The same value, which notes what is looked at: the schemas are open, so that a field that they do
 * not have is no fault to them. It is one that they never look at.
 */
function watched(value: unknown, path: string, looked: Set<string>): unknown {
  if (typeof value !== 'object' || value === null) return value
  return new Proxy(value, {
    get(target, name) {
      const inner: unknown = Reflect.get(target, name)
      if (typeof name !== 'string' || !Object.hasOwn(target, name)) return inner
      looked.add(`${path}/${name}`)
      return watched(inner, `${path}/${name}`, looked)
    },
  })
}

/** Every field, at any depth. */
function fieldsOf(value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) => [
    `${path}/${name}`,
    ...fieldsOf(inner, `${path}/${name}`),
  ])
}
