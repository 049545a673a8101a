/** What an operator sees of a fault: a metric that moves. */
import type { Stage } from './stage.ts'

/** What the operator's first look shows while a fault lasts, and did not show before. */
export interface Sign {
  /** As `/metrics` has it: all its series are added up. */
  readonly metric: string
  /** Only the series in whose labels this stands. */
  readonly labelled?: string
  /** The value that it takes; `up`: it has grown since the fault began. */
  readonly is: number | 'up'
  /** By how much it has grown at least. @default any */
  readonly by?: number
}

/** The value of a sign's metric at this moment; 0 where nobody counts it yet. */
export async function measure({ metric, labelled = '' }: Sign, stage: Stage): Promise<number> {
  const { body } = await stage.scraper('GET', '/metrics')
  const lines = [...String(body).matchAll(new RegExp(`^${metric}(\\{.*\\})? (\\S+)$`, 'gm'))]
  return lines
    .filter(([, labels = '']) => labels.includes(labelled))
    .reduce((sum, [, , value]) => sum + Number(value), 0)
}
