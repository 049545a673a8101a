import postgres from 'postgres'

/** Runs a statement on a connection of its own. */
export async function administer(serverUrl: string, statement: string): Promise<void> {
  await ask(serverUrl, statement)
}

/** Asks on a connection of its own, and gives the rows. */
export async function ask(
  serverUrl: string,
  statement: string,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const sql = postgres(serverUrl, { max: 1, onnotice: () => {} })
  try {
    return [...(await sql.unsafe(statement))]
  } finally {
    await sql.end()
  }
}
