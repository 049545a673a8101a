import { randomInt } from 'node:crypto'

const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789'
const length = 20

/** 20 letters and digits that cannot be taken for each other: 116 bits. */
export const randomPassword = (): string =>
  Array.from({ length }, () => letters.charAt(randomInt(letters.length))).join('')
