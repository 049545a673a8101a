import type { Finding } from './finding.ts'

/** Texts of a route that may look like anything: a password, a template, a piece of code. */
export interface AnomalyException {
  /** The route's template, as the router has it. */
  readonly route: string
  /** @default every method */
  readonly method?: string
  /** @default every place */
  readonly place?: Finding['place']
  /** The header, parameter or field; of nested fields all names, with dots. @default every one */
  readonly name?: string
  /** What is let pass: names of kinds. @default every kind */
  readonly kinds?: readonly string[]
}

/** A finding, with the name that a client gave to what held it. */
export interface Located extends Finding {
  readonly at: string | undefined
}

/** Says which findings count on a route. */
export function exceptFor(
  exceptions: readonly AnomalyException[],
): (findings: readonly Located[], method: string, route: string) => readonly Located[] {
  return (findings, method, route) => {
    // HEAD is GET without the body (RFC 9110 §9.3.2).
    const asked = method === 'HEAD' ? 'GET' : method
    const apply = exceptions.filter(
      (one) => one.route === route && (one.method === undefined || one.method === asked),
    )
    if (apply.length === 0) return findings
    return findings.filter((finding) => !apply.some((one) => covers(one, finding)))
  }
}

const covers = ({ place, name, kinds }: AnomalyException, finding: Located): boolean =>
  (place === undefined || place === finding.place) &&
  (name === undefined || name === finding.at || isSameHeader(name, finding)) &&
  (kinds === undefined || kinds.includes(finding.kind))

/** Names of headers are told in lower case, and written as people like. */
const isSameHeader = (name: string, { place, at }: Located): boolean =>
  place === 'header' && name.toLowerCase() === at
