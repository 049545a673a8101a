/** What an app knows of the request at hand, as far as it has got. */
export interface RequestDescription {
  /** The router's template; undefined where no route matched. Never the path. */
  readonly route?: string | undefined
  readonly clientAddress?: string | undefined
  /** As the client sees it: before a proxy took TLS away. */
  readonly scheme?: 'http' | 'https' | undefined
  /** The client's name for itself, without secrets. */
  readonly userAgent?: string | undefined
  readonly requestId?: string | undefined
  /** The tenant. Never a user: spans hold no personal data. */
  readonly clientId?: string | undefined
  /** Whether the caller's word on sampling counts: it is one of our own services or proxies. */
  readonly trusted?: boolean | undefined
  /** The error behind an answer that says there was one. */
  readonly failure?: unknown
}

/** Asks the app about the request at hand. Called within the request's own context. */
export type DescribeRequest = () => RequestDescription | undefined
