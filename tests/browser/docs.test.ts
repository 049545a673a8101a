/** The API reference as a person sees it: a real browser, with nothing else to talk to. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type Browser, chromium, type Page } from 'playwright-core'
import { adminOf, type Client } from '../support/client.ts'
import type { ApiDocument } from '../support/openapi.ts'
import { type Caly, startCaly } from '../support/process.ts'

let caly: Caly
let admin: Client
let browser: Browser

beforeAll(async () => {
  ;[caly, browser] = await Promise.all([
    startCaly(),
    chromium.launch({
      // Debian's, since nothing may be downloaded.
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    }),
  ])
  admin = await adminOf(caly)
}, 90_000)
afterAll(async () => {
  await browser.close()
  await caly.stop()
}, 30_000)

/** Opens the reference; `complaints` hears of all that a developer would find in the console. */
async function openDocs() {
  const page = await browser.newPage()
  const complaints: string[] = []
  const requested = new Set<string>()
  page.on('console', (message) => {
    if (message.type() !== 'log') complaints.push(`${message.type()}: ${message.text()}`)
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('requestfailed', (request) => complaints.push(`failed: ${request.url()}`))
  page.on('request', (request) => {
    // What is inlined asks nobody.
    if (!request.url().startsWith('data:')) requested.add(new URL(request.url()).origin)
  })
  await page.goto(new URL('/docs', caly.baseUrl).href)
  await page.locator('.opblock').first().waitFor()
  return { page, complaints, requested }
}

const textsOf = (page: Page, selector: string) => page.locator(selector).allInnerTexts()

test('shows every group and every operation, quietly and without asking another host', async () => {
  const { page, complaints, requested } = await openDocs()
  const { body } = await admin('GET', '/docs/json')
  const document = body as ApiDocument & { readonly tags: readonly { readonly name: string }[] }
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
  )
  const shown = await page.locator('.opblock-summary').evaluateAll((summaries) =>
    summaries.map((summary) =>
      ['.opblock-summary-method', '.opblock-summary-path']
        .map((part) => summary.querySelector(part)?.textContent ?? '')
        .join(' ')
        // Where a long path may be broken.
        .replaceAll('\u200b', ''),
    ),
  )
  expect(shown.sort()).toEqual(operations.sort())
  const groups = await textsOf(page, '.opblock-tag > a')
  expect(groups).toEqual(document.tags.map(({ name }) => name))
  expect(complaints).toEqual([])
  expect([...requested]).toEqual([caly.baseUrl.origin])
  await page.close()
}, 60_000)

test('lets a person authorise with an API key, list calls, and read the answer', async () => {
  const { body } = await admin('POST', '/api/keys', { name: 'browser', scopes: ['calls:read'] })
  const { page, complaints, requested } = await openDocs()

  await page.locator('button.authorize').first().click()
  const scheme = page.locator('.auth-container', { hasText: 'apiKeyAuth' })
  await scheme.locator('input').fill(body.key)
  await scheme.locator('button.authorize').click()
  await page.locator('.modal-ux button.btn-done').first().click()

  const operation = page.locator('#operations-Calls-listCalls')
  await operation.locator('.opblock-summary-control').click()
  await operation.locator('button.execute').click()
  const answer = operation.locator('.live-responses-table .response').first()
  await answer.waitFor()
  expect(await answer.locator('.response-col_status').textContent()).toStartWith('200')
  expect(await answer.textContent()).toContain('"nextCursor": null')

  expect(complaints).toEqual([])
  expect([...requested]).toEqual([caly.baseUrl.origin])
  await page.close()
}, 60_000)
