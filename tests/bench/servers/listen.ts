/** Listens as the runtime itself does, with nothing of Caly around it. */
import process from 'node:process'

/** The part of Deno's API that is used here. */
interface DenoServing {
  serve(
    options: { readonly hostname: string; readonly port: number; readonly onListen: () => void },
    answer: (
      request: Request,
      info: { readonly remoteAddr: { readonly hostname: string } },
    ) => Response | Promise<Response>,
  ): unknown
}

const hostname = '127.0.0.1'
const port = Number(process.env['PORT'])

/** What answers a request; Elysia's apps are one. */
export interface App {
  readonly fetch: (request: Request) => Response | Promise<Response>
  /** Elysia's own way to listen, which is quicker than `Bun.serve` with its `fetch`. */
  readonly listen?: (options: { readonly hostname: string; readonly port: number }) => unknown
}

/**
 * Serves an app on `PORT`: under Bun by Elysia's own `listen` where it has one, under Deno by
 * `Deno.serve`.
 *
 * @param seen may put the address of the socket at a request, where nobody else does
 */
export function listen(
  app: App,
  seen: (request: Request, address: string) => Request = (request) => request,
): void {
  if (typeof Bun === 'undefined') {
    const { Deno } = globalThis as typeof globalThis & { readonly Deno: DenoServing }
    Deno.serve({ hostname, port, onListen: () => undefined }, (request, { remoteAddr }) =>
      app.fetch(seen(request, remoteAddr.hostname)),
    )
  } else if (app.listen) app.listen({ hostname, port })
  else Bun.serve({ hostname, port, fetch: app.fetch })
}
