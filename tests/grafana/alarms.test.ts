/** Alarms, their runbooks and their cases belong together; tests/prometheus runs them. */
import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { alarms, dashboard, dashboardNames, readGrafana } from './files.ts'

const names = alarms().map(({ alert }) => alert)

test('each alarm has a runbook, and each runbook an alarm', () => {
  const runbooks = readFileSync(new URL('../../docs/runbooks.md', import.meta.url), 'utf8')
  const sections = runbooks.split(/^### /m).slice(1)
  expect(sections.map((section) => section.split('\n')[0] ?? '').sort()).toEqual([...names].sort())
  for (const section of sections) {
    const [name = ''] = section.split('\n')
    for (const part of ['Means', 'First look', 'Likely', 'Do', 'Over'])
      expect([name, part, section.replaceAll('\n', ' ').includes(`**${part}:**`)]).toEqual([
        name,
        part,
        true,
      ])
    const severity = alarms().find(({ alert }) => alert === name)?.labels?.['severity']
    expect([name, section.includes(severity === 'page' ? 'Page.' : 'Ticket.')]).toEqual([
      name,
      true,
    ])
  }
})

test('the docs say how many alarms there are', () => {
  for (const file of ['README.md', 'docs/observability.md'])
    expect(readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')).toContain(
      `${names.length} alarms`,
    )
})

test('each alarm says whom it wakes, names its runbook and leads to a dashboard', () => {
  const boards = dashboardNames.map((name) => `/d/${dashboard(name).uid}`)
  for (const { alert, labels, annotations } of alarms()) {
    expect(['page', 'ticket']).toContain(labels?.['severity'] ?? '')
    expect(annotations?.['runbook_url']).toBe(`docs/runbooks.md#${alert.toLowerCase()}`)
    expect(boards).toContain(annotations?.['dashboard'] ?? '')
  }
})

test('each alarm has a case in which it keeps quiet, and one in which it fires', () => {
  interface Case {
    readonly alertname: string
    readonly exp_alerts: readonly unknown[]
  }
  const { tests } = Bun.YAML.parse(readGrafana('alerts.test.yml')) as {
    readonly tests: readonly { readonly alert_rule_test: readonly Case[] }[]
  }
  const cases = tests.flatMap(({ alert_rule_test }) => alert_rule_test)
  const of = (fires: boolean) =>
    new Set(
      cases.filter(({ exp_alerts }) => exp_alerts.length > 0 === fires).map((one) => one.alertname),
    )
  expect(of(true)).toEqual(new Set(names))
  expect(of(false)).toEqual(new Set(names))
})
