import { answering, ownAnswer, withBody } from '../broken-proxy.ts'
import { type Mutant, proxied } from '../mutant.ts'

const accepted = ownAnswer('200 OK', '{}', { 'content-type': 'application/json' })

/** A service that takes bodies that it should not: as if each of its rules were gone. */
const taking = (what: string, id: Mutant['reds'][number], request: RegExp): Mutant =>
  proxied(
    `a service that takes ${what}`,
    [id],
    answering((bytes) => request.test(bytes), accepted),
  )

/** What is not looked at any more. */
export const validationMutants: readonly Mutant[] = [
  taking('half a body', 'validation.malformed', /\r\n\r\n\{"$/),
  taking('a number for a text', 'validation.types', /\r\n\r\n\{"refreshToken":1\}$/),
  proxied('a service that repeats the wrong value', ['validation.types'], {
    answer: (bytes, request) => {
      const value = /"of":"([^"]+)"/.exec(request)?.[1]
      return value === undefined
        ? bytes
        : withBody(bytes, (body) => body.replace('must be', `was ${value}, must be`))
    },
  }),
  taking('fields that nobody knows', 'validation.unknown-fields', /"isAdmin"/),
  taking('a prototype', 'validation.prototype', /"__proto__"/),
  taking('forms', 'validation.media-type', /x-www-form-urlencoded/),
  taking('compressed bodies', 'validation.compression', /content-encoding: gzip/i),
  taking('any bytes', 'validation.encoding', /\xff\xfe/),
  proxied(
    'a service that falls over deep bodies',
    ['validation.depth'],
    answering((bytes) => bytes.includes('[[[['), ownAnswer('500 Internal Server Error', '')),
  ),
]
