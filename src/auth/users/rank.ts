import { AuthorizationError } from '../../errors.ts'
import { hasScopes, type Principal } from '../principal.ts'
import { type Role, scopesOf } from '../scopes.ts'

/**
 * Refuses a principal who would hand out, or take over, more than they have: a key with
 * `users:write` alone could otherwise make itself an admin.
 *
 * @throws {AuthorizationError}
 */
export function demandRank(actor: Principal, role: Role): void {
  if (!hasScopes(actor, scopesOf(role, actor.isPlatform)))
    throw new AuthorizationError('These credentials may not manage a user of this role')
}
