/** The dashboards, as far as a file can show it; tests/prometheus runs what they ask for. */
import { describe, expect, test } from 'bun:test'
import { dashboards } from '../../grafana/src/index.ts'
import { dashboard, dashboardNames, panels, readGrafana } from './files.ts'

test('the committed dashboards are what `bun run dashboards` makes', () => {
  const fresh = Object.fromEntries(dashboards().map(({ name, json }) => [name, json]))
  expect(Object.keys(fresh)).toEqual([...dashboardNames])
  for (const name of dashboardNames)
    expect(fresh[name] === readGrafana(`dashboards/${name}.json`)).toBe(true)
})

test('the data sources that panels and links name are provisioned', () => {
  const { datasources } = Bun.YAML.parse(readGrafana('provisioning/datasources/caly.yml')) as {
    readonly datasources: readonly { readonly uid: string; readonly type: string }[]
  }
  const provisioned = datasources.map(({ uid }) => uid)
  const named = dashboardNames.flatMap((name) =>
    panels(name).flatMap(({ targets = [] }) => targets.map(({ datasource }) => datasource.uid)),
  )
  expect(new Set(provisioned)).toEqual(new Set([...named, 'jaeger']))
})

describe.each([...dashboardNames])('%s', (name) => {
  test('gives each panel an id of its own and a place that no other has', () => {
    const all = dashboard(name).panels
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
    const taken = new Set<string>()
    for (const { gridPos } of all)
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect([x < 24, taken.has(`${x} ${y}`)]).toEqual([true, false])
          taken.add(`${x} ${y}`)
        }
  })

  test('tells of each panel its unit, what it shows and what to do when it looks bad', () => {
    for (const { title, description = '', fieldConfig } of panels(name)) {
      expect([title, fieldConfig?.defaults.unit]).not.toEqual([title, undefined])
      const [shows = '', act = ''] = description.split('\n\n**When it looks bad:** ')
      expect([title, shows.length > 20, act.length > 20]).toEqual([title, true, true])
    }
  })

  test('leads from each panel to traces', () => {
    for (const { title, links = [], fieldConfig } of panels(name)) {
      const urls = [...links, ...(fieldConfig?.defaults.links ?? [])].map(({ url }) => url ?? '')
      expect([title, urls.length > 0]).toEqual([title, true])
      for (const url of urls) {
        const [address, query = ''] = url.split('?')
        expect(address).toBe('/explore')
        const panes = new URLSearchParams(query.replaceAll(/\$\{[\w.]+\}/g, 'x')).get('panes')
        expect(JSON.parse(panes ?? '')).toMatchObject({ caly: { datasource: 'jaeger' } })
      }
    }
  })

  test('asks for exemplars wherever a curve or a heat map can show them', () => {
    for (const { title, type, targets = [] } of panels(name))
      if (type === 'heatmap' || (type === 'timeseries' && targets[0]?.expr !== undefined))
        expect([title, targets.every(({ exemplar }) => exemplar)]).toEqual([title, true])
  })

  test('uses no variable that it does not have', () => {
    const own = dashboard(name).templating.list.map((variable) => variable.name)
    for (const { title, targets = [] } of panels(name))
      for (const { expr = '' } of targets)
        for (const [, used] of expr.matchAll(/\$(?!__)(\w+)/g))
          expect([title, used, own]).toEqual([title, used, expect.arrayContaining([used])])
  })
})
