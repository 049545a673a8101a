/** Bodies of requests: urlencoded, which every client sends, or multipart, which the pages name. */

/** The fields of a form. */
export interface Form {
  /** Undefined where it is missing; of several, the last. */
  get(name: string): string | undefined
  /** `name[0]`, `name[1]` (seen in code), `name[]` (documented, weakly), or the name alone. */
  list(name: string): readonly string[]
}

/** @returns undefined for a body that is neither */
export async function readForm(contentType: string, body: Uint8Array): Promise<Form | undefined> {
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase()
  if (type === 'application/x-www-form-urlencoded')
    return formOf([...new URLSearchParams(new TextDecoder().decode(body))])
  if (type !== 'multipart/form-data') return undefined
  try {
    const headers = { 'content-type': contentType }
    const data = await new Response(body.slice(), { headers }).formData()
    return formOf(
      [...data].flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
    )
  } catch {
    return undefined
  }
}

/** The same for the query of a GET. */
export const formOf = (pairs: readonly (readonly [string, string] | string[])[]): Form => ({
  get: (name) => pairs.findLast(([key]) => key === name)?.[1],
  list: (name) =>
    pairs.flatMap(([key = '', value = '']) =>
      key.startsWith(name) && /^(\[\d{0,3}\])?$/.test(key.slice(name.length)) ? [value] : [],
    ),
})
