/** `bun run dashboards`: writes dashboards/*.json from src/. */
import { writeFile } from 'node:fs/promises'
import { dashboards } from './src/index.ts'

for (const { name, json } of dashboards())
  await writeFile(new URL(`./dashboards/${name}.json`, import.meta.url), json)
