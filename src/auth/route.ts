/** What the routes of this folder have in common. */

/** How a route that wants a principal is documented: the schemes that `app.ts` declares. */
export const security: Record<string, string[]>[] = [{ bearerAuth: [] }, { apiKeyAuth: [] }]

/** How a route is documented that an API key cannot use: it is about a login. */
export const usersOnly = { security, 'x-principal': 'user' }

/** 204: done, and there is nothing to tell. */
export const noContent = (): Response => new Response(null, { status: 204 })
