import stripJsonComments from 'strip-json-comments'
import type { Project } from '../model.ts'
import { readBunLock } from './bun-lock.ts'
import { readCycloneDx } from './cyclonedx.ts'
import { inFile, ProjectError } from './errors.ts'
import { type Fields, isFields } from './fields.ts'
import { readPackageLock } from './package-lock.ts'

/**
 * Reads a project from the text of a lockfile or an SBOM; what it is, its content says. Takes some
 * 100 ms for 3,000 packages.
 *
 * @param file its name, for {@linkcode Project.file} and errors
 * @throws {ProjectError} where it cannot be read to the end
 */
export function parseProject(text: string, file: string): Project {
  return inFile(file, () => {
    const content = parseJson(text)
    if (content['bomFormat'] === 'CycloneDX') return readCycloneDx(content, file)
    if ('spdxVersion' in content) throw unknown('is SPDX')
    if (!('lockfileVersion' in content)) throw unknown('is neither a lockfile nor an SBOM')
    const isBun = isFields(content['workspaces']) || file.endsWith('bun.lock')
    return isBun ? readBunLock(content, file) : readPackageLock(content, file)
  })
}

function unknown(what: string): ProjectError {
  return new ProjectError(
    'unsupported',
    `${what}; bun.lock, package-lock.json and CycloneDX in JSON can be read`,
  )
}

/** bun.lock has commas before brackets and may have comments; anything else should not, and is read. */
function parseJson(text: string): Fields {
  if (/^\s*</.test(text.slice(0, 100))) throw unknown('is XML or a page')
  const content = tryJson(text) ?? tryJson(stripJsonComments(text, { trailingCommas: true }))
  if (content === undefined) throw new ProjectError('malformed', whyNotJson(text))
  if (!isFields(content.value)) throw unknown('is neither a lockfile nor an SBOM')
  return content.value
}

function tryJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

function whyNotJson(text: string): string {
  if (/^<{7} /m.test(text)) return 'has the marks of a merge conflict; resolve it first'
  if (!/\}\s*$/.test(text.slice(-100))) return 'is cut off: it does not end as it should'
  return 'is not JSON, so that nothing can be told from it; have it written anew'
}
