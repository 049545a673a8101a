/**
 * Reads what Exotel sends, in whatever spelling: JSON, multipart, urlencoded, query. Lenient about
 * form, since every public receiver that was strict lost events; never about meaning: a field that
 * comes twice with two values says nothing.
 */

/** One request of the provider, byte for byte. */
export interface RawMessage {
  readonly method: string
  /** Without the question mark, still encoded. */
  readonly query: string
  readonly contentType: string
  readonly body: Uint8Array
}

/** The fields of a message: texts by name, legs in their order. Empty and `null` are left out. */
export interface Message {
  readonly fields: ReadonlyMap<string, string>
  readonly legs: readonly ReadonlyMap<string, string>[]
}

/** Our own parameters in a callback's address; no field of Exotel's has these names. */
const ownParameters = new Set(['call', 'sig'])
/** More is not Exotel's doing: a call has two legs, and a few attempts at an agent. */
const maxFields = 256
const maxLegs = 8
const maxLength = 2048

/** @returns undefined if the message cannot be read as any of the spellings */
export async function readMessage(raw: RawMessage): Promise<Message | undefined> {
  const query = [...new URLSearchParams(raw.query)].filter(([name]) => !ownParameters.has(name))
  if (raw.method === 'GET' || raw.body.byteLength === 0)
    return query.length === 0 ? undefined : fold(query)
  const pairs = await bodyPairs(raw)
  return pairs === undefined || pairs.length === 0 ? undefined : fold(pairs)
}

/** A field of a form. */
export type Pair = readonly [name: string, value: string]

/**
 * The fields of a body, spelled as in a form, in the order in which they came.
 *
 * @returns undefined if it is none of the spellings
 */
export async function bodyPairs({ contentType, body }: RawMessage): Promise<Pair[] | undefined> {
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase()
  const [, charset = 'utf-8'] = /charset="?([\w-]+)/i.exec(contentType) ?? []
  if (!/^(utf-?8|us-ascii|iso-8859-1)$/i.test(charset)) return undefined
  try {
    if (type === 'multipart/form-data') return await multipartPairs(contentType, body)
    const text = new TextDecoder().decode(body).trim()
    // By its look, not by its name: senders mislabel, and the two cannot be taken for one another.
    if (/^[[{"]/.test(text)) return jsonPairs(JSON.parse(text))
    return text.includes('=') ? [...new URLSearchParams(text)] : undefined
  } catch {
    return undefined
  }
}

async function multipartPairs(contentType: string, body: Uint8Array): Promise<Pair[]> {
  const headers = { 'content-type': contentType }
  const form = await new Response(body.slice(), { headers }).formData()
  return [...form].flatMap(([name, value]): Pair[] =>
    typeof value === 'string' ? [[name, value]] : [],
  )
}

function jsonPairs(value: unknown): Pair[] | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return Object.entries(value).flatMap(([name, field]): Pair[] => {
    if (name !== 'Legs' || typeof field !== 'object' || field === null) return scalar(name, field)
    return Object.entries(field)
      .slice(0, maxLegs)
      .flatMap(([index, leg]) =>
        Object.entries(typeof leg === 'object' && leg !== null ? leg : {}).flatMap(([key, text]) =>
          scalar(`Legs[${index}][${key}]`, text),
        ),
      )
  })
}

function scalar(name: string, value: unknown): Pair[] {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? [[name, String(value)]]
    : []
}

function fold(pairs: readonly Pair[]): Message {
  const fields = new Map<string, string>()
  const legs: Map<string, string>[] = []
  const contradicted = new Set<string>()
  for (const [name, value] of pairs.slice(0, maxFields)) {
    const text = clean(value)
    if (text === undefined) continue
    const [, index, key] = /^Legs\[(\d)\]\[(\w{1,64})\]$/.exec(name) ?? []
    if (index !== undefined && key !== undefined) {
      if (Number(index) < maxLegs) legAt(legs, Number(index)).set(key, text)
    } else if ((fields.get(name) ?? text) === text) fields.set(name, text)
    else contradicted.add(name)
  }
  for (const name of contradicted) fields.delete(name)
  return { fields, legs }
}

function legAt(legs: Map<string, string>[], index: number): Map<string, string> {
  while (legs.length <= index) legs.push(new Map())
  return legs[index] ?? new Map()
}

/** Frappe's captures hold the word `null` and empty texts where nothing is known. */
function clean(value: string): string | undefined {
  const text = value.slice(0, maxLength).replaceAll('\0', '').trim()
  return text === '' || text === 'null' ? undefined : text
}
