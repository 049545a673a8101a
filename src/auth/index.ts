/** Who may do what: logins, API keys, users, and the plugin that lets them in. */
export { type AuthRoutesOptions, authRoutes, type GuardedRoutesOptions } from './auth-routes.ts'
export {
  type Authentication,
  type AuthenticationOptions,
  authentication,
} from './authentication.ts'
export type { AuthChange, OnAuthChange } from './changes.ts'
export { type Client, createClient, findClient, platformClientId } from './clients.ts'
export type { AuthDependencies } from './dependencies.ts'
export {
  FirstAdminError,
  type FirstClientOptions,
  type FirstCredentials,
  firstClient,
} from './first-client.ts'
export { keyRoutes } from './key-routes.ts'
export { formatApiKey } from './keys/format.ts'
export { type CreatedKey, createKey, type NewKey } from './keys/keys.ts'
export { type PasswordLimits, passwordLimits } from './password-limits.ts'
export {
  type PasswordHasher,
  type PasswordHasherOptions,
  passwordHasher,
  randomPassword,
} from './passwords/index.ts'
export type { Principal } from './principal.ts'
export { removeClient } from './remove-client.ts'
export { registerAuthJobs } from './retention.ts'
export { email, name } from './schemas.ts'
export {
  grantable,
  isScope,
  platformScopes,
  type Role,
  roles,
  type Scope,
  scopes,
  scopesOf,
} from './scopes.ts'
export { type AuthService, type AuthServiceOptions, authService } from './service.ts'
export { userRoutes } from './user-routes.ts'
export { createUser, type NewUser } from './users/create.ts'
export { setPassword } from './users/password.ts'
export { normalizeEmail, type User } from './users/user.ts'
