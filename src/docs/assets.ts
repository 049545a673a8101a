import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

/** A file of the reference's page. */
export interface Asset {
  readonly body: Uint8Array<ArrayBuffer> | string
  readonly contentType: string
}

const packaged: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
}

/** Starts the reference; a file of its own, because the policy allows no inline script. */
const start = `window.ui = SwaggerUIBundle({
  url: '/docs/json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  tryItOutEnabled: true,
  validatorUrl: null,
})
`

/** The page: everything it loads comes from here, so that it works offline. */
export const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Caly API reference</title>
    <link rel="icon" href="/docs/assets/favicon-32x32.png">
    <link rel="stylesheet" href="/docs/assets/swagger-ui.css">
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="/docs/assets/swagger-ui-bundle.js"></script>
    <script src="/docs/assets/start.js"></script>
  </body>
</html>
`

/** What the page may do; the reference sets styles inline, and draws with data: images. */
export const pagePolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** Reads a file of the page, from the package that it comes in; undefined for any other name. */
export async function readAsset(name: string): Promise<Asset | undefined> {
  if (name === 'start.js') return { body: start, contentType: 'text/javascript; charset=utf-8' }
  const contentType = Object.hasOwn(packaged, name) ? packaged[name] : undefined
  if (contentType === undefined) return undefined
  const file = fileURLToPath(import.meta.resolve(`swagger-ui-dist/${name}`))
  return { body: new Uint8Array(await readFile(file)), contentType }
}
