import { UnsupportedMediaTypeError } from '../../errors.ts'

/**
 * Refuses a body that is not plain JSON. `application/json` alone, in UTF-8: a media type that ends
 * in `+json` promises another meaning (a merge patch, a problem), and no route has one.
 *
 * @throws {UnsupportedMediaTypeError} (415), with `Accept` or `Accept-Encoding` to say what is
 *   taken (RFC 9110 §15.5.16)
 */
export function demandJson(headers: Headers): void {
  demandPlain(headers)
  const type = headers.get('content-type') ?? ''
  if (type === 'application/json') return
  const [essence = '', ...parameters] = type.split(';')
  if (essence.trim().toLowerCase() !== 'application/json')
    throw refusal('The body must be application/json')
  if (!parameters.every(isHarmless)) throw refusal('The body must be in UTF-8')
}

/**
 * Refuses a compressed body: nothing is decompressed here, so nothing small can become large.
 *
 * @throws {UnsupportedMediaTypeError} (415), with `Accept-Encoding` to say what is taken
 */
export function demandPlain(headers: Headers): void {
  const coding = headers.get('content-encoding')
  if (coding !== null && coding.trim().toLowerCase() !== 'identity')
    throw new UnsupportedMediaTypeError('The body must not be compressed', {
      headers: { 'accept-encoding': 'identity' },
    })
}

/** Whether a body says that it is JSON of some kind. */
export function saysJson(headers: Headers): boolean {
  const [essence = ''] = (headers.get('content-type') ?? '').toLowerCase().split(';', 1)
  return essence.trim() === 'application/json' || essence.trim().endsWith('+json')
}

/** JSON has no parameters (RFC 8259 §11); many add the one encoding that there is. */
function isHarmless(parameter: string): boolean {
  const [name = '', value = ''] = parameter.split('=')
  if (name.trim().toLowerCase() !== 'charset') return true
  return /^"?utf-?8"?$/i.test(value.trim())
}

const refusal = (message: string) =>
  new UnsupportedMediaTypeError(message, { headers: { accept: 'application/json' } })
