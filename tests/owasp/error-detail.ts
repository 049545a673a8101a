/** API8:2023, where one has to be let in: what errors tell of how the service is made. */
import { describe, expect, test } from 'bun:test'
import { dirname } from 'node:path'
import { send } from '../support/http.ts'
import { nobodysId, pathWith } from './surface.ts'
import type { Tenants } from './tenants.ts'

/** What answers may never have of how they were made. */
const insides =
  /\bat .+:\d+:\d+|node_modules|\.ts:\d|\/(home|root|usr|opt|srv|app|tmp)\/|select .+ from|insert into|drizzle|arktype|elysia|postgres|pglite|typeerror|syntaxerror|unexpected token|stack/i

/** Where this copy of the service lies. */
const here = dirname(dirname(import.meta.dirname))

const canaryWord = 'canaryqux4711'

/** Requests that something inside might fail over. */
const provoking: readonly (readonly [
  query: string,
  body: string,
  headers: Record<string, string>,
])[] = [
  ['?limit[]=1&from[$gt]=', '{"a":{"$where":"sleep(1)"}}', {}],
  [`?cursor=${Buffer.from('{"id":"x"}').toString('base64url')}`, 'null', {}],
  ['?from=0000-00-00', '"text"', {}],
  ['?%', '{', {}],
  ['?q=%ff%fe', '\u0000', { 'content-type': 'application/json; charset=utf-16' }],
  ['?status=%00', '{"__proto__":1}', { accept: 'text/html' }],
  ["?eventType='--", '{"id":"\\ud800"}', { 'accept-language': "'; drop table calls --" }],
  ['', '[]', { 'idempotency-key': 'ü', 'x-request-id': '../../x' }],
  [
    `?${canaryWord}=1`,
    `{"${canaryWord}":"${canaryWord}"}`,
    { 'x-api-version': `\${jndi:ldap://${canaryWord}}` },
  ],
]

/** Registers the attempts for which one has to be let in: on a service that limits no rate. */
export function errorDetail({ api, caly, platform }: Tenants): void {
  describe('API8:2023 Security Misconfiguration', () => {
    for (const target of api.targets)
      test(`${target.route} tells of no code, statement, file or what was sent, whatever it may fail over`, async () => {
        // A logout that is understood would be one.
        const admin = target.id === 'logOut' ? [] : [platform.users.admin.token]
        for (const by of [...admin, undefined])
          for (const parameter of [nobodysId, canaryWord, "'--", '%F0%9F%92%A9'])
            for (const [query, body, headers] of provoking) {
              const answer = await send(caly.port, {
                method: target.method,
                path: pathWith(target, parameter) + query,
                headers: {
                  'content-type': 'application/json',
                  ...(by !== undefined && { authorization: `Bearer ${by}` }),
                  ...headers,
                },
                ...(target.fields !== undefined && { body }),
              })
              expect([query, body, answer.status < 500]).toEqual([query, body, true])
              // What is meant to be told may have any word in it: names of metrics have.
              if (answer.status < 300) continue
              expect([query, body, insides.exec(answer.body)?.[0]]).toEqual([
                query,
                body,
                undefined,
              ])
              expect(answer.body).not.toContain(canaryWord)
              expect(answer.body).not.toContain(here)
            }
        expect(caly.output()).not.toContain(canaryWord)
        expect((await platform.users.admin.ask('GET', '/api/auth/me')).status).toBe(200)
      })
  })
}
