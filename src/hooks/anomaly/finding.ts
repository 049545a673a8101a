/** What an attack is after. The values are names of metrics and of audit rows: they never change. */
export const kinds = [
  'sql-injection',
  'cross-site-scripting',
  'command-injection',
  'path-traversal',
  'nosql-injection',
  'template-injection',
  'code-injection',
  'ldap-injection',
  'xpath-injection',
  'header-injection',
  'xml-external-entity',
  'request-forgery',
  'lookup-injection',
  'server-side-include',
  'prototype-pollution',
  'formula-injection',
  'latex-injection',
] as const

/** What an attack is after. */
export type Kind = (typeof kinds)[number]

/** The part of a request that a text stood in. */
export type Place = 'path' | 'query' | 'header' | 'body'

/** What one text looks like. */
export interface Suspicion {
  readonly kind: Kind
  /** How sure it is, above 0 up to 1: 1 for what nothing honest looks like. */
  readonly score: number
}

/**
 * Beside the kinds of attack: `oversized` for what was too much to look at, `scanning` for a tool
 * that looks for weaknesses, or an address that behaves like one.
 */
export const findingKinds = [...kinds, 'oversized', 'scanning'] as const

/**
 * What was done about a request with findings: it was served as far as they go, refused for them, or
 * refused as it is for another reason. The values are names of metrics: they never change.
 */
export type Handling = 'monitor' | 'block' | 'refused'

/** One thing that stands out in a request. Never holds what was sent. */
export interface Finding {
  readonly kind: (typeof findingKinds)[number]
  /** `traffic` for what no single request shows. */
  readonly place: Place | 'traffic'
  /** How sure it is, from 0.5 to 1. */
  readonly score: number
  /** The header, or the parameter or field where the route's own schema has it; no other's name. */
  readonly name?: string
}
