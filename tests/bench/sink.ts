/** A collector that takes spans and forgets them, in a process of its own. */
import { createServer } from 'node:http'
import process from 'node:process'

createServer((request, response) => {
  request.resume().on('end', () => {
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end()
  })
}).listen(Number(process.env['PORT']), '127.0.0.1')
