import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { readFile } from 'node:fs/promises'
import { isSigned, signed } from '../../src/exotel-simulator/recording.ts'
import { agent, exoPhone, type House, openSimulator, value } from './house.ts'
import { shapeOf } from './shape.ts'

const sample = async (name: string) =>
  shapeOf(JSON.parse(await readFile(new URL(`../calls/samples/${name}`, import.meta.url), 'utf8')))

describe('Call Details', () => {
  let house: House
  afterEach(() => house.close())

  const details = (sid: string) => house.json(`${house.account}/Calls/${sid}.json?details=true`)

  test('of a call under way say that it is in progress, and nothing of its end', async () => {
    house = await openSimulator({ step: 60_000 })
    const call = value(await details(await house.place()), 'Call')
    expect(value(call, 'Status')).toBe('in-progress')
    expect(
      ['EndTime', 'Duration', 'Price', 'RecordingUrl'].map((name) => value(call, name)),
    ).toEqual([null, null, null, null])
    expect(value(call, 'Details')).toEqual({
      ...{ ConversationDuration: null, Leg1Status: null, Leg2Status: null, Legs: [] },
    })
  })

  test('have the final word at once, and all else only once they have settled', async () => {
    house = await openSimulator({ settle: 60_000 })
    const sid = await house.place()
    await house.simulator.settled()
    expect(shapeOf(await details(sid))).toEqual(
      await sample('51-call-details-200-not-settled.json'),
    )
    const recording = `/exotelrecordings/${house.simulator.sid}/${sid}.mp3`
    expect((await house.ask(recording)).status).toBe(404)
  })

  test('settle four steps after the end, unless it is said otherwise', async () => {
    house = await openSimulator({ step: 250 })
    const sid = await house.place({ To: '+919999990006' })
    await house.simulator.settled()
    expect(value(await details(sid), 'Call', 'EndTime')).toBe('')
    expect(value(await house.settledDetails(sid), 'Call', 'EndTime')).not.toBe('')
  })

  for (const [what, name, callee] of [
    ['a call that completed', '50-call-details-200-completed.json', '+919999900007'],
    ['a call that the agent left', '53-call-details-200-agent-hung-up.json', '+919999990005'],
  ] as const)
    test(`of ${what} are field by field as in ${name}`, async () => {
      house = await openSimulator()
      const sid = await house.place({ To: callee })
      expect(shapeOf(await house.settledDetails(sid))).toEqual(await sample(name))
    })

  test('of a call that came in and was missed say completed, and name the agent', async () => {
    house = await openSimulator()
    const { sid } = house.simulator.incoming({ from: agent, to: exoPhone, outcome: 'missed' })
    const settled = await house.settledDetails(sid)
    expect(shapeOf(settled)).toEqual(await sample('52-call-details-200-inbound-missed.json'))
  })

  test('count what each leg lasted, ringing apart', async () => {
    house = await openSimulator({ step: 1100, settle: 0 })
    const missed = house.simulator.incoming({ from: agent, to: exoPhone, outcome: 'missed' })
    const call = value(await house.settledDetails(missed.sid), 'Call')
    const seconds = Number(value(call, 'Duration'))
    expect(seconds).toBeGreaterThan(1)
    expect(value(call, 'Details', 'Legs')).toEqual([
      { Leg: { Id: 1, OnCallDuration: seconds } },
      { Leg: { Id: 2, OnCallDuration: 0 } },
    ])
  }, 15_000)

  test('of a call that nobody was dialled for name the ExoPhone twice', async () => {
    house = await openSimulator()
    const { sid } = house.simulator.incoming({
      ...{ from: agent, to: exoPhone, outcome: 'call-attempt' },
    })
    expect(value(await house.settledDetails(sid), 'Call')).toMatchObject({
      To: exoPhone.replace('+91', '0'),
      PhoneNumberSid: exoPhone.replace('+91', '0'),
      Details: { Leg2Status: null },
    })
  })

  test('have neither legs without details=true nor a call that is not there', async () => {
    house = await openSimulator()
    const sid = await house.place()
    const plain = await house.json(`${house.account}/Calls/${sid}.json`)
    expect(value(plain, 'Call', 'Sid')).toBe(sid)
    expect(value(plain, 'Call', 'Details')).toBeUndefined()
    const missing = await house.ask(`${house.account}/Calls/${'x'.repeat(32)}.json?details=true`)
    expect(missing.status).toBe(404)
    expect(shapeOf(await missing.json())).toEqual(await sample('66-error-404.json'))
  })

  test('are XML without .json', async () => {
    house = await openSimulator()
    const sid = await house.place()
    await house.settledDetails(sid)
    const xml = await (await house.ask(`${house.account}/Calls/${sid}?details=true`)).text()
    expect(xml).toStartWith('<?xml version="1.0" encoding="UTF-8"?>\n<TwilioResponse>\n <Call>\n')
    expect(xml.match(/<Leg>/g)).toHaveLength(2)
    expect(xml).toContain('<Leg2Status>completed</Leg2Status>')
    expect(xml).toContain('&amp;X-Amz-Expires=300')
  })
})

describe('a recording', () => {
  let house: House
  afterEach(() => house.close())

  async function recordingOf(): Promise<{ url: string; signed: string }> {
    const call = value(await house.settledDetails(await house.place()), 'Call')
    return {
      url: String(value(call, 'RecordingUrl')),
      signed: String(value(call, 'PreSignedRecordingUrl')),
    }
  }

  test('is audio, for who has the credentials', async () => {
    house = await openSimulator()
    const { url } = await recordingOf()
    expect((await fetch(url)).status).toBe(401)
    const answer = await house.ask(url)
    expect(answer.headers.get('content-type')).toBe('audio/mpeg')
    const bytes = await answer.bytes()
    expect(bytes.slice(0, 4)).toEqual(new Uint8Array([0xff, 0xfb, 0x10, 0xc0]))
    expect(bytes.byteLength).toBe(2080)
  })

  test('needs none at its signed address, unless that was changed', async () => {
    house = await openSimulator()
    const { signed: address } = await recordingOf()
    expect((await fetch(address)).status).toBe(200)
    const other = new URL(address)
    other.searchParams.set('X-Amz-Date', '99999999999')
    expect((await fetch(other)).status).toBe(401)
    expect((await fetch(address.replace('/exotelrecordings/', '/simulator/'))).status).toBe(401)
  })

  test('is signed for five minutes', () => {
    const now = Date.now()
    const url = new URL(signed('http://x.example/one.mp3', 'secret', now))
    const isGood = (at: number) => isSigned(url.pathname, url.searchParams, 'secret', at)
    expect([isGood(now), isGood(now + 290_000), isGood(now + 310_000)]).toEqual([true, true, false])
    expect(isSigned(url.pathname, url.searchParams, 'other', now)).toBe(false)
  })

  test('redirects to another origin where it is told to', async () => {
    house = await openSimulator({ recordingRedirect: 'http://files.example/one.mp3' })
    const { url } = await recordingOf()
    const answer = await house.ask(url)
    expect(answer.status).toBe(302)
    expect(answer.headers.get('location')).toBe('http://files.example/one.mp3')
    expect((await fetch(url, { redirect: 'manual' })).status).toBe(401)
  })

  test('of a call that was not to be recorded is not there', async () => {
    house = await openSimulator()
    const sid = await house.place({ Record: 'false' })
    const call = value(await house.settledDetails(sid), 'Call')
    expect(value(call, 'RecordingUrl')).toBeNull()
    const answer = await house.ask(`/exotelrecordings/${house.simulator.sid}/${sid}.mp3`)
    expect(answer.status).toBe(404)
  })
})

describe('the bulk', () => {
  let house: House
  let sids: string[]
  const started = Date.now()
  beforeAll(async () => {
    house = await openSimulator()
    sids = []
    for (const callee of ['+919999900007', '+919999990001', '+919999980007'])
      sids.push(await house.place({ To: callee, Record: 'false' }))
    house.simulator.incoming({ from: '+919999970007', to: '+919999900011', outcome: 'missed' })
    for (const sid of sids) await house.settledDetails(sid)
    await house.simulator.settled()
  })
  afterAll(() => house.close())

  const list = async (query: string) => {
    const body = await house.json(`${house.account}/Calls.json?${query}`)
    const calls = value(body, 'Calls')
    return {
      body,
      sids: Array.isArray(calls) ? calls.map((call) => String(value(call, 'Sid'))) : [],
    }
  }

  test('has the shape of the sample', async () => {
    const { body } = await list('Direction=outbound-api&Status=completed,busy')
    const [metadata, [name, calls]] = (await sample('54-calls-bulk-200.json')) as [
      [string, [string, unknown][]],
      [string, unknown[]],
    ]
    const shape = shapeOf(body) as [unknown, [string, unknown[]]]
    expect(shape[1][0]).toBe(name)
    expect(shape[1][1][0]).toEqual(calls[0])
    expect(shape[0]).toEqual([
      metadata[0],
      [
        ['Total', '(a number)'],
        ['PageSize', '(a number)'],
        ['FirstPageUri', expect.any(String)],
        ['PrevPageUri', null],
        ['NextPageUri', null],
      ],
    ])
    expect(metadata[1].map(([key]) => key)).toEqual([
      'Total',
      'PageSize',
      'FirstPageUri',
      'PrevPageUri',
      'NextPageUri',
    ])
  })

  test('finds calls by Sid, number, status and direction', async () => {
    const [one, busy, other] = sids
    for (const [query, found] of [
      [`Sid=${one},${other},unknown`, [one, other]],
      ['To=09999990001', [busy]],
      ['To=9999900007,%2B919999990001', [one, busy]],
      [`From=${encodeURIComponent(agent)}&SortBy=DateCreated:asc`, [one, busy, other]],
      ['PhoneNumber=919999900010', [one, busy, other]],
      ['Status=busy', [busy]],
      ['Direction=inbound&Status=busy', []],
      ['Status=no-answer', []],
    ] as const)
      expect((await list(query)).sids.toSorted()).toEqual([...found].map(String).toSorted())
    expect((await list('Direction=inbound')).sids).toHaveLength(1)
    expect((await list('PhoneNumber=09999900011')).sids).toHaveLength(1)
  })

  test('finds calls by their time, by India’s clock', async () => {
    const ist = (time: number) =>
      new Date(time + 5.5 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ')
    const between = (from: number, until: number) =>
      list(`DateCreated=${encodeURIComponent(`gte:${ist(from)};lte:${ist(until)}`)}`)
    expect((await between(started, Date.now())).sids).toHaveLength(4)
    expect((await between(started - 600_000, started - 10_000)).sids).toEqual([])
    expect((await between(Date.now() + 10_000, Date.now() + 20_000)).sids).toEqual([])
    expect((await list(`DateCreated=gte:${ist(started)}`)).sids).toHaveLength(4)
  })

  test('comes in pages that lead to one another, forth and back', async () => {
    const all = (await list('')).sids
    expect(all.slice(1)).toEqual(sids.toReversed())
    let page = await list('PageSize=2&From=09999900001')
    expect(page.sids).toEqual([sids[2], sids[1]].map(String))
    expect(value(page.body, 'Metadata', 'PrevPageUri')).toBeNull()
    const next = String(value(page.body, 'Metadata', 'NextPageUri'))
    expect(next).toStartWith(`${house.account}/Calls.json?`)
    page = await list(next.split('?')[1] ?? '')
    expect(page.sids).toEqual([String(sids[0])])
    expect(value(page.body, 'Metadata')).toMatchObject({ Total: 3, PageSize: 2, NextPageUri: null })
    page = await list(String(value(page.body, 'Metadata', 'PrevPageUri')).split('?')[1] ?? '')
    expect(page.sids).toEqual([sids[2], sids[1]].map(String))
    // The page before is the nearest one, not the first.
    const [, after] = /After=(\w+)/.exec(next) ?? []
    page = await list(`PageSize=1&From=09999900001&After=${after}`)
    page = await list(String(value(page.body, 'Metadata', 'PrevPageUri')).split('?')[1] ?? '')
    expect(page.sids).toEqual([String(sids[1])])
  })

  for (const query of [
    'PageSize=0',
    'PageSize=101',
    'SortBy=Price:asc',
    'After=%00',
    'Status=gone',
    `To=${Array(6).fill('1234567890').join()}`,
    `Sid=${Array(101).fill('x').join()}`,
    'DateCreated=yesterday',
    'DateCreated=gte:2026-13-01 00:00:00',
    'DateCreated=gte:2026-01-01 00:00:00;lte:2026-03-01 00:00:00',
  ])
    test(`${query.slice(0, 60)} is answered 400`, async () => {
      const answer = await house.ask(`${house.account}/Calls.json?${query}`)
      expect(answer.status).toBe(400)
      expect(shapeOf(await answer.json())).toMatchObject([['RestException', expect.anything()]])
    })
})
