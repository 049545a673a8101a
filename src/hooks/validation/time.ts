/** The times that both JSON's spelling and PostgreSQL know: the years 1 to 9999, in UTC. */
const earliest = Date.parse('0001-01-01T00:00:00.000Z')
const latest = Date.parse('9999-12-31T23:59:59.999Z')

const form = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/

/** Whether a text is a time of ISO 8601 with its offset; without one it would mean another time here. */
export const isTime = (text: string): boolean => form.test(text) && isWithin(text)

/** Whether a text is a day of ISO 8601. */
export const isDay = (text: string): boolean => /^\d{4}-\d\d-\d\d$/.test(text) && isWithin(text)

/** The offset may lead out of the years that four digits can say. */
function isWithin(text: string): boolean {
  const time = Date.parse(text)
  return time >= earliest && time <= latest
}
