/** Needs promtool (Debian: `prometheus`), which `.ci/run` installs. */
import { expect, setDefaultTimeout, test } from 'bun:test'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { grafanaFile, readGrafana } from '../grafana/files.ts'

setDefaultTimeout(180_000)

function promtool(...args: readonly string[]) {
  const { error, status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8' })
  if (error) throw error
  return { status, words: stdout + stderr }
}

test('promtool finds nothing wrong with the rules', () => {
  expect(promtool('check', 'rules', '--lint-fatal', grafanaFile('alerts.yml'))).toMatchObject({
    status: 0,
  })
})

test('promtool finds nothing wrong with prometheus.yml, once its token is there', () => {
  const folder = mkdtempSync(join(tmpdir(), 'caly-promtool-'))
  try {
    const shipped = readGrafana('prometheus.yml')
    writeFileSync(join(folder, 'token'), 'a token')
    writeFileSync(join(folder, 'alerts.yml'), readGrafana('alerts.yml'))
    const config = join(folder, 'prometheus.yml')
    writeFileSync(config, shipped.replace('/run/caly/metrics-token', 'token'))
    expect(promtool('check', 'config', '--lint-fatal', config)).toMatchObject({ status: 0 })
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('each alarm keeps quiet, and fires, when its cases say so', () => {
  const { status, words } = promtool('test', 'rules', grafanaFile('alerts.test.yml'))
  expect([status, words]).toEqual([0, expect.stringContaining('SUCCESS')])
})
