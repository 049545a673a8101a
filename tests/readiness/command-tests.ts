/** `caly readiness`, as an operator runs it beside the service. */
import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { checks } from '../../src/readiness/index.ts'
import { runCommand } from '../support/command.ts'
import { isPostgres } from '../support/database.ts'
import type { House } from './house.ts'

const usage = [
  [['--json', '--junit'], 'exclude each other'],
  [['--url', 'ftp://localhost'], '--url must be'],
  [['--url', 'https://user:secret@localhost'], '--url must be'],
  [['--only', 'nothing'], '--only takes'],
  [['--ca', '/nowhere.pem'], 'cannot be read'],
] as const

/** Registers the tests on a house that is open by then. */
export function commandTests(house: () => House): void {
  const ca = () => ['--ca', join(house().folder, 'cert.pem')]
  const clientCount = async () => {
    const { rows } = await house().database.client.query('select id from clients')
    return rows.length
  }

  test('caly readiness --json prints each check and the percentage, and keeps the run', async () => {
    const { caly, environment, context, database } = house()
    const before = await clientCount()
    // What the operator of a production writes down, where this is one.
    const env = isPostgres ? environment : caly.env
    const { code, out } = await runCommand({ env }, ['readiness', '--json', '--intrusive', ...ca()])
    const report = JSON.parse(out)
    expect(report.checks.map(({ id }: { id: string }) => id)).toEqual(checks.map(({ id }) => id))
    const failed = report.checks.filter(({ status }: { status: string }) => status === 'fail')
    expect(code).toBe(failed.length === 0 ? 0 : 1)
    expect(report.percent).toBe(Math.floor((1000 * report.passed) / checks.length) / 10)
    expect(report.checks[0]).toMatchObject({
      group: 'transport',
      status: 'pass',
      title: expect.any(String),
    })
    if (isPostgres) expect([failed, report.percent]).toEqual([[], 100])
    const { rows } = await database.client.query(
      'select target, percent::float8, passed, total from readiness_runs order by id desc limit 1',
    )
    const { target, percent, passed, total } = report
    expect(rows).toEqual([{ target, percent: expect.closeTo(percent, 3), passed, total }])
    expect(await clientCount()).toBe(before)
    expect(out).not.toContain(context.metricsToken?.secret)
    expect(out).not.toMatch(/caly_live_\w{30}/)
  })

  if (isPostgres) return

  test('caly readiness --url needs no configuration, and skips what would need one', async () => {
    const { caly, url } = house()
    const { code, out } = await runCommand({ env: { PATH: caly.env['PATH'] ?? '' } }, [
      'readiness',
      '--url',
      url.origin,
      ...ca(),
    ])
    expect(code).toBe(0)
    expect(out).toContain("needs the service's configuration: leave --url out")
    expect(out).toMatch(/\d+(\.\d)? % ready: \d+ of \d+ checks passed, 0 failed, [1-9]\d* skipped/)
  })

  test('caly readiness --only looks at that alone, keeps no run, and exits 1 for a failure', async () => {
    const { caly, database } = house()
    const count = 'select count(*)::int as runs from readiness_runs'
    const { rows: before } = await database.client.query(count)
    const args = ['readiness', '--only', 'transport.certificate-trusted', '--junit']
    const { code, out } = await runCommand(caly, args)
    expect(code).toBe(1)
    expect(out).toContain('<testsuites name=')
    expect(out.match(/<testcase/g)).toHaveLength(1)
    expect((await database.client.query(count)).rows).toEqual(before)
  })

  test('caly readiness says at once that nobody answers', async () => {
    const { code, error } = await runCommand({ env: { PATH: '' } }, [
      ...['readiness', '--url', 'http://127.0.0.1:9'],
    ])
    expect([code, error]).toEqual([1, expect.stringContaining('Nobody answers')])
  })

  for (const [args, complaint] of usage)
    test(`caly readiness ${args.join(' ')} exits 2 and says why`, async () => {
      const { code, error } = await runCommand(house().caly, ['readiness', ...args])
      expect(code).toBe(2)
      expect(error).toContain(complaint)
      expect(error).not.toContain('secret@')
    })
}
