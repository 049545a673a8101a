import { createServer } from 'node:http'
const s = createServer((q, r) => { q.resume(); q.on('end', () => r.writeHead(200, {'content-type':'application/x-protobuf'}).end()) })
s.listen(4999, '127.0.0.1', () => console.log('up'))
