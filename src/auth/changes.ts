/** Something that a cache may know, and that is no longer so. */
export interface AuthChange {
  /** A user stands for all their sessions and for the keys that they made. */
  readonly kind: 'user' | 'session' | 'key'
  readonly id: string
}

/** Hears of each change once it is committed; whoever tells other replicas hangs on here. */
export type OnAuthChange = (change: AuthChange) => void
