import { expect, test } from 'bun:test'
import { adversarialTexts, megabyte } from './adversarial.ts'
import { inspector } from './corpus/inspector.ts'

/** Only a body brings a megabyte: servers refuse lines and headers of more than some 16 KB. */
const sizes = { body: megabyte, query: 65_536, path: 65_536, header: 65_536 } as const

for (const place of ['body', 'query', 'path', 'header'] as const)
  test(`${sizes[place]} characters of anything troublesome in the ${place} are judged, and the app answers`, async () => {
    const inspect = inspector()
    const unanswered: string[] = []
    for (const { name, text } of adversarialTexts(sizes[place])) {
      const { status } = await inspect(place, text)
      if (status !== 200) unanswered.push(`${name}: ${status}`)
    }
    expect(unanswered).toEqual([])
  }, 60_000)
