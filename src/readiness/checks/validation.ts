/** What bodies have to be, before anything is done with them. */
import { randomUUID } from 'node:crypto'
import { check } from '../check.ts'
import type { Answer } from '../http.ts'
import { judged, problemOf } from '../observe.ts'
import { invalid, malformed, posted } from './samples.ts'

const passedOn =
  'Caly refuses it by itself: if it does not, a proxy in front changes bodies or answers, or the code has changed'

/** An answer whose status and code must be these. */
const mustBe = (answer: Answer, status: number, code: string) =>
  judged(answer, answer.status === status && problemOf(answer)?.code === code)

/** Bodies. */
export const validationChecks = [
  check({
    id: 'validation.malformed',
    title: 'A body that is no JSON is refused as such',
    why: 'What is half read is half understood, by each part of the service in another way',
    fix: passedOn,
    ...{ api: [8], asvs: ['V2.2.1'], needs: [] },
    run: async ({ target }) => [mustBe(await target.once(malformed), 400, 'MALFORMED_BODY')],
  }),
  check({
    id: 'validation.types',
    title: 'A field of the wrong type is refused, by its name and without its value',
    why: 'Code that meets another type than it was written for does what nobody wrote',
    fix: passedOn,
    ...{ api: [8], asvs: ['V2.2.1', 'V15.3.5'], needs: [] },
    async run({ target }) {
      const value = randomUUID()
      const answer = await target.ask(posted(`{"refreshToken":{"of":"${value}"}}`))
      return [
        mustBe(await target.once(invalid), 422, 'VALIDATION_FAILED'),
        judged(
          answer,
          answer.status === 422 &&
            answer.body.includes('body.refreshToken') &&
            !answer.body.includes(value),
        ),
      ]
    },
  }),
  check({
    id: 'validation.unknown-fields',
    title: 'A field that nobody knows is refused',
    why: 'A field that is passed on can set what its caller may not set (mass assignment)',
    fix: passedOn,
    ...{ api: [3], asvs: ['V15.3.3'], needs: [] },
    run: async ({ target }) => [
      mustBe(await target.ask(posted('{"role":"admin"}')), 422, 'VALIDATION_FAILED'),
      mustBe(
        await target.ask(posted('{"refreshToken":"x","isAdmin":true}')),
        422,
        'VALIDATION_FAILED',
      ),
    ],
  }),
  check({
    id: 'validation.prototype',
    title: 'A body cannot name an object’s prototype',
    why: 'It would change every object of the process (prototype pollution)',
    fix: passedOn,
    ...{ api: [3, 8], asvs: ['V15.3.6'], needs: [] },
    run: async ({ target }) =>
      Promise.all(
        ['{"__proto__":{"admin":true}}', '{"constructor":{"prototype":{"admin":true}}}'].map(
          async (body) => mustBe(await target.ask(posted(body)), 422, 'VALIDATION_FAILED'),
        ),
      ),
  }),
  check({
    id: 'validation.media-type',
    title: 'A body of another type than JSON is refused',
    why: 'A form of any site can send text and form types without asking the browser for leave',
    fix: passedOn,
    ...{ api: [8], asvs: ['V3.5.2', 'V4.1.1'], needs: [] },
    run: async ({ target }) =>
      Promise.all(
        ['text/plain', 'application/x-www-form-urlencoded', 'application/xml'].map(async (type) =>
          mustBe(
            await target.ask(posted('{"refreshToken":"x"}', { 'content-type': type })),
            415,
            'UNSUPPORTED_MEDIA_TYPE',
          ),
        ),
      ),
  }),
  check({
    id: 'validation.compression',
    title: 'A compressed body is refused',
    why: 'A kilobyte can unfold to a gigabyte, and what is packed is not looked into',
    fix: passedOn,
    ...{ api: [4], asvs: ['V15.2.2'], needs: [] },
    run: async ({ target }) => [
      mustBe(
        await target.ask(posted('{}', { 'content-encoding': 'gzip' })),
        415,
        'UNSUPPORTED_MEDIA_TYPE',
      ),
    ],
  }),
  check({
    id: 'validation.encoding',
    title: 'A body that is not UTF-8 is refused',
    why: 'Two readers read such bytes as two texts: the one that is checked, and the one that is used',
    fix: passedOn,
    ...{ api: [8], asvs: ['V1.5.3'], needs: [] },
    run: async ({ target }) => [
      mustBe(
        await target.ask(posted(Buffer.from('{"refreshToken":"\xff\xfe"}', 'latin1'))),
        400,
        'MALFORMED_BODY',
      ),
    ],
  }),
  check({
    id: 'validation.depth',
    title: 'A body of ten thousand brackets is refused like any other',
    why: 'A reader that calls itself for each level falls over, and the service with it',
    fix: passedOn,
    ...{ api: [4], asvs: ['V15.2.2'], needs: [] },
    async run({ target }) {
      const deep = `{"refreshToken":${'['.repeat(10_000)}${']'.repeat(10_000)}}`
      const answer = await target.ask(posted(deep))
      return [judged(answer, answer.status === 400 || answer.status === 422)]
    },
  }),
] as const
