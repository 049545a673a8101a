/** A scan's report in the formats that people, pull requests and other programs read. */
import type { Project, ScanReport } from '../model.ts'
import { cyclonedx } from './cyclonedx.ts'
import { json } from './json.ts'
import { markdown } from './markdown.ts'
import { sarif } from './sarif.ts'
import { table } from './table.ts'

export { plain } from './plain.ts'

/** All formats, the usual one first. */
export const formats = ['table', 'json', 'sarif', 'cyclonedx', 'markdown'] as const

/** The name of a format. */
export type Format = (typeof formats)[number]

/** What a report is written with. */
export interface RenderOptions {
  /** For a table: whether the terminal shows colours. @default {false} */
  readonly colours?: boolean
  /** For SARIF: the folder that was scanned, from the root of the repository. @default the root itself */
  readonly folder?: string
  /** For CycloneDX: what was scanned. @default only what is affected is listed */
  readonly project?: Project
}

/** Writes a report, with a line break at its end and nothing in it that a terminal obeys but colours. */
export function render(report: ScanReport, format: Format, options: RenderOptions = {}): string {
  if (format === 'table') return table(report, options)
  if (format === 'json') return json(report)
  if (format === 'sarif') return sarif(report, options)
  if (format === 'cyclonedx') return cyclonedx(report, options)
  return markdown(report)
}
