/** Stands before Exotel's API, and changes what it answers. */
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'

/** An API whose answers have other fields than those that are known. */
export async function distorting(target: string) {
  const server = createServer(async (incoming, outgoing) => {
    const url = new URL(incoming.url ?? '', target)
    const { authorization = '' } = incoming.headers
    await text(incoming)
    const answer = await fetch(url, { headers: { authorization } })
    const body: unknown = JSON.parse(await answer.text(), (name, value) => {
      if (name === 'Metadata') return { ...value, Cursor: 'next' }
      if (name === 'Call' || (typeof value === 'object' && value !== null && 'Sid' in value))
        return distorted(value)
      // Whoever looks for a call by its numbers finds none.
      return name === 'Calls' && url.searchParams.has('From') ? [] : value
    })
    outgoing.writeHead(answer.status, { 'content-type': 'application/json' })
    outgoing.end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}

/** The number's place is no place for a number. */
const distorted = ({ CallerName: _, ...call }: Record<string, unknown>) => ({
  ...call,
  Sentiment: 'glad',
  '+919876500001': 1,
  ...(typeof call['Price'] === 'string' && { Price: Number(call['Price']) }),
})
