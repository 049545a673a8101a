/** Code in the guides that is no patch and no plugin: it runs as it stands. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { execFile } from 'node:child_process'
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { blocksOf, pages, root } from '../support/guides.ts'
import { scratchFolder } from '../support/scratch.ts'

setDefaultTimeout(60_000)

/** Where code is looked at otherwise: by these tests. */
const elsewhere = {
  'README.md': 'tests/plugins/package.test.ts',
  'docs/plugins.md': 'tests/plugins/package.test.ts',
  'docs/extending.md': 'tests/guides/extending.test.ts',
}

let folder: string

beforeAll(async () => {
  folder = await scratchFolder('caly-examples-')
  await mkdir(join(folder, 'tests/conformance'), { recursive: true })
  for (const name of ['node_modules', 'src', 'db', 'telemetry', 'package.json', 'tests/support'])
    await symlink(join(root, name), join(folder, name))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

for (const page of pages.filter((page) => !(page in elsewhere)))
  for (const { text, chapter } of blocksOf(page).filter(({ language }) => language === 'ts'))
    test(`the code of ${page}, ${chapter}, runs`, async () => {
      const isTest = text.includes("from 'bun:test'")
      const file = isTest ? 'tests/conformance/hello.test.ts' : 'example.ts'
      await writeFile(join(folder, file), text)
      const args = isTest ? ['test', `./${file}`] : [file]
      const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd: folder })
      if (isTest) expect(stdout + stderr).toContain('1 pass')
    })
