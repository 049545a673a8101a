export { type PasswordHasher, type PasswordHasherOptions, passwordHasher } from './hasher.ts'
export { needsRehash } from './phc.ts'
export {
  isAcceptablePassword,
  isComparablePassword,
  maxPasswordBytes,
  newPasswordLength,
} from './policy.ts'
export { randomPassword } from './random.ts'
