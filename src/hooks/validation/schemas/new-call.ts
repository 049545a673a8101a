import { type } from 'arktype'
import { phoneNumber } from '../validators/phone.ts'

/**
 * What a new call needs: `{from, to, record?, customField?}`. The custom field is the caller's own
 * mark: it is kept and given back as it came, at most 1024 characters.
 *
 * @example
 * ```ts
 * import { equal } from 'node:assert/strict'
 * equal(newCall.allows({ from: '+919876543210', to: '+919812345678' }), true)
 * equal(newCall.allows({ from: '+919876543210', to: '09812345678' }), false)
 * ```
 */
export const newCall = type({
  '+': 'reject',
  from: phoneNumber,
  to: phoneNumber,
  'record?': 'boolean',
  'customField?': type('string <= 1024').describe('at most 1024 characters').or('null'),
}).configure(
  {
    title: 'NewCall',
    examples: [
      { from: '+919876543210', to: '+919812345678', record: true, customField: 'order 4711' },
    ],
  },
  'self',
)
