/** What may come in: validators, common schemas, and how a schema reaches Elysia and OpenAPI. */
export { decodeCursor, encodeCursor } from './cursor.ts'
export { InvalidPart, type RequestPart } from './invalid-part.ts'
export { readJson } from './json/read.ts'
export { isDeclared } from './known-path.ts'
export { maxDepth, maxEntries, maxFaults, maxParameters } from './limits.ts'
export { type ByPart, withOtherParts } from './other-parts.ts'
export { type PlainQueryOptions, plainQuery } from './query.ts'
export { RefusedPart } from './refused-part.ts'
export {
  accepts,
  answers,
  answersNothing,
  documented,
  optional,
  type RouteSchema,
} from './route-schema.ts'
export { broken, type Rule, spokenAs } from './rule.ts'
export { listBody, listQuery, pageSize } from './schemas/list-query.ts'
export { login } from './schemas/login.ts'
export { newCall } from './schemas/new-call.ts'
export { dateOrDateTime, dateTime } from './validators/date-time.ts'
export { email } from './validators/email.ts'
export { httpUrl } from './validators/http-url.ts'
export { integer, integerText } from './validators/integer.ts'
export { type JsonObjectOptions, jsonObject } from './validators/json-object.ts'
export { oneOf } from './validators/one-of.ts'
export { pageCursor } from './validators/page-cursor.ts'
export {
  isComparablePassword,
  knownPassword,
  maxPasswordBytes,
  newPassword,
  newPasswordLength,
  passwordFault,
  wordsOf,
} from './validators/password/index.ts'
export { phoneNumber, phoneNumberIn } from './validators/phone.ts'
export { type SafeTextOptions, safeText } from './validators/safe-text.ts'
export { uuid } from './validators/uuid.ts'
