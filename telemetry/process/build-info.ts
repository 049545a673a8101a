import process from 'node:process'
import type { Meter } from '@opentelemetry/api'

/** Publishes what runs here, on what: a metric that is always 1, to join others with. */
export function observeBuild(meter: Meter, version: string): void {
  const build = { version, ...runtimeOf(process.versions) }
  meter
    .createObservableGauge<typeof build>('caly.build.info', {
      description: 'Always 1: the version of Caly, and the runtime that it runs on.',
    })
    .addCallback((result) => result.observe(1, build))
}

/** What runs here. Bun and Deno say that they are Node, too: what they really are stands beside it. */
export function runtimeOf({ bun, deno, node = '' }: Readonly<Record<string, string | undefined>>) {
  if (bun !== undefined) return { runtime: 'bun', runtime_version: bun }
  return deno === undefined
    ? { runtime: 'node', runtime_version: node }
    : { runtime: 'deno', runtime_version: deno }
}
