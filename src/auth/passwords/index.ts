export { type PasswordHasher, type PasswordHasherOptions, passwordHasher } from './hasher.ts'
export { needsRehash } from './phc.ts'
export { randomPassword } from './random.ts'
