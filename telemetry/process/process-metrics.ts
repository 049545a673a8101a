import { readdir, readFile } from 'node:fs/promises'
import type { Meter } from '@opentelemetry/api'
import type { EventLoopMonitor } from './event-loop.ts'

/** The figures of a process, as both runtimes tell them alike. */
export interface ProcessFigures {
  /** Seconds since the process began. */
  readonly uptime: number
  /** Seconds of CPU time spent. */
  readonly cpu: { readonly user: number; readonly system: number }
  /** Bytes. */
  readonly memory: { readonly rss: number; readonly heapUsed: number; readonly heapTotal: number }
}

/** Reads the figures of this process. */
export function processFigures(): ProcessFigures {
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed, heapTotal } = process.memoryUsage()
  return {
    uptime: process.uptime(),
    cpu: { user: user / 1e6, system: system / 1e6 },
    memory: { rss, heapUsed, heapTotal },
  }
}

/**
 * Publishes the process and its event loop. Left out is what one of the runtimes only pretends to
 * measure: V8's heap spaces and collections, and the utilization of the event loop.
 */
export function observeProcess(meter: Meter, eventLoop: EventLoopMonitor): void {
  const cpu = meter.createObservableCounter('process.cpu.time', {
    unit: 's',
    description: 'CPU time spent, by mode.',
  })
  const memory = meter.createObservableUpDownCounter('process.memory.usage', {
    unit: 'By',
    description: 'Physical memory in use.',
  })
  const heap = meter.createObservableUpDownCounter('caly.process.heap.used', {
    unit: 'By',
    description: 'Memory held by JavaScript values.',
  })
  const uptime = meter.createObservableGauge('process.uptime', {
    unit: 's',
    description: 'Time since the process began.',
  })
  meter.addBatchObservableCallback(
    (result) => {
      const now = processFigures()
      result.observe(cpu, now.cpu.user, { 'cpu.mode': 'user' })
      result.observe(cpu, now.cpu.system, { 'cpu.mode': 'system' })
      result.observe(memory, now.memory.rss)
      result.observe(heap, now.memory.heapUsed)
      result.observe(uptime, now.uptime)
    },
    [cpu, memory, heap, uptime],
  )
  observeOpenFiles(meter)
  observeEventLoop(meter, eventLoop)
}

function observeOpenFiles(meter: Meter): void {
  const files = meter.createObservableUpDownCounter('process.unix.file_descriptor.count', {
    unit: '{file_descriptor}',
    description: 'File descriptors in use. Linux only.',
  })
  files.addCallback(async (result) => {
    // Elsewhere there is no such folder, and no series then.
    const open = await readdir('/proc/self/fd').catch(() => undefined)
    if (open) result.observe(open.length)
  })
  const limit = meter.createObservableGauge('caly.process.max_fds', {
    unit: '{file_descriptor}',
    description: 'The most file descriptors that the process may have open. Linux only.',
  })
  limit.addCallback(async (result) => {
    const most = await openFilesLimit()
    if (most !== undefined) result.observe(most)
  })
}

/** The soft limit, which runtimes raise and operators change while a process runs. */
async function openFilesLimit(): Promise<number | undefined> {
  const limits = await readFile('/proc/self/limits', 'utf8').catch(() => '')
  const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1]
  return soft === undefined ? undefined : Number(soft)
}

function observeEventLoop(meter: Meter, eventLoop: EventLoopMonitor): void {
  const names = ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'] as const
  const gauges = names.map((name) =>
    meter.createObservableGauge(`nodejs.eventloop.delay.${name}`, {
      unit: 's',
      description: `How late a timer came over the last minute: ${name}.`,
    }),
  )
  meter.addBatchObservableCallback((result) => {
    const delay = eventLoop.delay()
    for (const [index, name] of names.entries()) {
      const gauge = gauges[index]
      if (delay && gauge) result.observe(gauge, delay[name] / 1000)
    }
  }, gauges)
}
