import type { Decoded } from './decode.ts'

/** Says whether a decoded value is an attack of its kind. Linear in the value's length. */
export type Detector = (value: Decoded) => boolean
