import { viewsOf } from './decode/index.ts'
import { codeInjection } from './detectors/code-injection.ts'
import { formulaInjection } from './detectors/formula-injection.ts'
import { headerInjection } from './detectors/header-injection.ts'
import { latexInjection } from './detectors/latex-injection.ts'
import { ldapInjection } from './detectors/ldap-injection.ts'
import { lookupInjection } from './detectors/lookup-injection.ts'
import { nosqlInjection } from './detectors/nosql-injection.ts'
import { pathTraversal } from './detectors/path-traversal.ts'
import { prototypePollution } from './detectors/prototype-pollution.ts'
import { requestForgery } from './detectors/request-forgery.ts'
import { serverSideInclude } from './detectors/server-side-include.ts'
import { templateInjection } from './detectors/template-injection.ts'
import { xmlExternalEntity } from './detectors/xml-external-entity.ts'
import { xpathInjection } from './detectors/xpath-injection.ts'
import { type Kind, kinds, type Place, type Suspicion } from './finding.ts'
import { isOrdinary } from './gate.ts'
import { crossSiteScripting } from './html/index.ts'
import { commandInjection } from './shell/index.ts'
import { sqlInjection } from './sql/index.ts'
import type { Detector } from './view.ts'

const detectors: Readonly<Record<Kind, Detector>> = {
  'sql-injection': sqlInjection,
  'cross-site-scripting': crossSiteScripting,
  'command-injection': commandInjection,
  'path-traversal': pathTraversal,
  'nosql-injection': nosqlInjection,
  'template-injection': templateInjection,
  'code-injection': codeInjection,
  'ldap-injection': ldapInjection,
  'xpath-injection': xpathInjection,
  'header-injection': headerInjection,
  'xml-external-entity': xmlExternalEntity,
  'request-forgery': requestForgery,
  'lookup-injection': lookupInjection,
  'server-side-include': serverSideInclude,
  'prototype-pollution': prototypePollution,
  'formula-injection': formulaInjection,
  'latex-injection': latexInjection,
}

/** The least score that is told. */
export const leastScore = 0.5

/** What a text looks like, by the kinds of attack; nothing for an honest one. */
export const judge = (text: string, place: Place): readonly Suspicion[] =>
  isOrdinary(text) ? [] : judgeInDepth(text, place)

/** The same for a text that is not ordinary at the first look. */
export function judgeInDepth(text: string, place: Place): readonly Suspicion[] {
  const views = viewsOf(text, place)
  const found: Suspicion[] = []
  for (const kind of kinds) {
    let score = 0
    for (const view of views) score = Math.max(score, detectors[kind](view))
    if (score >= leastScore) found.push({ kind, score })
  }
  return found
}
