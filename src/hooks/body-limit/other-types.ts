import { MalformedBodyError } from '../../errors.ts'
import {
  forbiddenName,
  isForbiddenName,
  nulCharacter,
  RefusedPart,
  readJson,
} from '../validation/index.ts'
import { demandPlain } from './media-type.ts'

/**
 * Reads a body that was held to the limit as Elysia's own parsers do: JSON strictly, forms as
 * objects, text as text, other bytes as they are; a type that nobody knows as null.
 *
 * @throws {UnsupportedMediaTypeError} (415) if it is compressed
 * @throws {MalformedBodyError} (400) if it is not what its type says
 */
export async function readAnyType(
  body: Uint8Array<ArrayBuffer>,
  headers: Headers,
): Promise<unknown> {
  demandPlain(headers)
  const type = headers.get('content-type') ?? ''
  const [essence = ''] = type.toLowerCase().split(';', 1)
  const name = essence.trim()
  if (name === 'application/json' || name.endsWith('+json')) return readJson(body)
  if (name === 'application/x-www-form-urlencoded' || name === 'multipart/form-data')
    return formOf(body, type)
  if (name.startsWith('text/')) return new TextDecoder().decode(body)
  return name === 'application/octet-stream' ? body.buffer : null
}

async function formOf(body: Uint8Array<ArrayBuffer>, type: string): Promise<unknown> {
  const form = await new Response(body, { headers: { 'content-type': type } })
    .formData()
    .catch((cause: unknown) => {
      throw new MalformedBodyError('The body must be a form', { cause })
    })
  const names = [...new Set(form.keys())]
  const faults = [
    ...(names.some(isForbiddenName) ? [{ at: [], ...forbiddenName }] : []),
    ...(names.some((name) => name.includes('\0')) ? [{ at: [], ...nulCharacter }] : []),
  ]
  if (faults.length > 0) return new RefusedPart('body', faults)
  return Object.fromEntries(
    names.map((name) => {
      const values = form.getAll(name)
      return [name, values.length === 1 ? values[0] : values]
    }),
  )
}
