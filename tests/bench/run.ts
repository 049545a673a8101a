/** `bun run bench`: requests beside bare Elysia. `bun run bench audit`: the audit trail. */
import process from 'node:process'

await import(process.argv[2] === 'audit' ? './audit/index.ts' : './index.ts')
