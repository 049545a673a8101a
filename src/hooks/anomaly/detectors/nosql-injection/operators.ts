/** MongoDB's operators, where they stand in the place of a plain value. */

/** Operators of queries and of pipelines that change or read other data, and Cockpit's own. */
const querying =
  'ne|eq|gte?|lte?|n?in|regex|where|exists|not|n?or|and|elemmatch|expr|function|accumulator|jsonschema|near|geowithin|lookup|out|merge|unionwith|func'

const operator = `\\$(?:${querying})`

/** Operators that other services' JSON has as well: telling only as the name of a parameter. */
const anyOperator = `\\$(?:${querying}|options|size|type|mod|all|text|set|unset|inc|push|pull|rename)`

/** The same with values that only MongoDB has for them; and pipelines. */
const telling =
  '\\$(?:size|type)["\']?\\s{0,8}:\\s{0,8}\\d|\\$(?:mod|all)["\']?\\s{0,8}:\\s{0,8}\\[|\\$text["\']?\\s{0,8}:\\s{0,8}\\{|\\$(?:inc|unset|rename|pull|addtoset)["\']?\\s{0,8}:\\s{0,8}\\{'

/** A key of JSON, or of JavaScript. */
const key = new RegExp(`[{,[]\\s{0,32}(?:(["']?)${operator}\\1\\s{0,8}:|["']?(?:${telling}))`)

/** The beginning of a pipeline: a list of stages. */
const pipeline = /^\s{0,32}\[\s{0,32}\{\s{0,32}["']?\$(?:match|project|group|addfields|unwind)\b/

/** An object or a list, as it is or as the value of a parameter. */
const object = /^(?:[\w.[\]-]{1,64}=['"]?)?\s{0,32}[{[]/

/** Whether a whole text is a JSON object with an operator in it, as a client would send it. */
export const isQuery = (lower: string): boolean =>
  lower.includes('$') && object.test(lower) && (key.test(lower) || pipeline.test(lower))

/** The name of a parameter that becomes an operator: `password[$ne]=1`, `password.$ne=1`. */
const parameter = new RegExp(
  `(?:^\\??|&)(?:[\\w.[\\]-]{0,64}\\[${anyOperator}\\](?:\\[[\\w$]{0,16}\\]){0,4}|[\\w-]{1,64}\\.${operator})(?:=|$)`,
)

/** Operators that stand at the top of a query, as a name of their own. */
const topLevel =
  /^\$(?:where|n?or|and|expr|jsonschema)(?:\[[\w$]{0,16}\]){0,4}=(?![^;]{0,256};\s{0,8}$)/

/** Whether the name of a parameter or of a key is an operator. */
export const isNamedLikeOperator = (lower: string): boolean =>
  topLevel.test(lower) || ((lower.includes('[$') || lower.includes('.$')) && parameter.test(lower))

/** An object of the query is ended, or its next key begins. */
const broken = new RegExp(
  `^(?:(?:[^{}\\s'":,$]{0,64}\\s{0,8}|[^{}'":,$]{0,64}["'])[\\s}\\]]{0,8},)?\\s{0,8}\\{?\\s{0,8}["']?${operator}["']?\\s{0,8}:\\s{0,8}["'[{/\\d]`,
)

/** The next key has an operator or a pattern for its value. */
const nextKey = new RegExp(
  `^[^{}\\s'":,$]{0,64}(?:["'][\\s}\\]]{0,8}|[\\s}\\]]{1,8}),\\s{0,8}\\{?\\s{0,8}["']?[\\w.]{1,64}["']?\\s{0,8}:\\s{0,8}(?:\\{\\s{0,8}["']?${operator}|\\/[^/]{1,64}\\/)`,
)

/** What is left of a query is made to count for nothing, as there are no comments in JSON. */
const commented = /^[^{}\s'":,$]{0,64}["'][\s}\]]{0,8},\s{0,8}["']?\$comment["']?\s{0,8}:/

/** Whether a text ends a value of a query and goes on with an operator: `', $or: [{}, {'a': 'a`. */
export const breaksIntoQuery = (lower: string): boolean =>
  lower.includes('$')
    ? broken.test(lower) || nextKey.test(lower) || commented.test(lower)
    : lower.includes(':') && lower.includes('/') && nextKey.test(lower)
