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

/** The part of a request that something stood in. */
export type Place = 'path' | 'query' | 'header' | 'body'

/** What one text looks like. */
export interface Suspicion {
  readonly kind: Kind
  /** How sure it is, above 0 up to 1: 1 for what nothing honest looks like. */
  readonly score: number
}
