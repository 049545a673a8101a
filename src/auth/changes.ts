/** What caches must forget: a user, a session or a key that is no longer what it was. */
export type { Change as AuthChange, OnChange as OnAuthChange } from '#db/notifications/index.ts'
