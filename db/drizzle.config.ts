import { defineConfig } from 'drizzle-kit'

/** Where `drizzle-kit generate` finds the tables and puts the SQL, seen from the repository. */
export default defineConfig({
  dialect: 'postgresql',
  schema: './db/schema/index.ts',
  out: './db/migrations',
})
