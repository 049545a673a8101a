/** What stands at the top of the reference. */
export const introduction = `Places and tracks business calls.

Log in (\`POST /api/auth/login\`) or make an API key, and send either as \`Authorization: Bearer …\`.
Times are ISO 8601 in UTC, ids UUIDs, absent values \`null\`. Errors are problems (RFC 9457): \`code\` is
for programs, \`detail\` for people, and \`requestId\` is what the service's log knows the request by.
Lists come in pages: send \`nextCursor\` as \`cursor\` until it is \`null\`.`

/** The groups of the reference, in their order. */
export const tags = [
  { name: 'Calls', description: 'Place calls and follow them' },
  { name: 'Authentication', description: 'Log in, stay logged in, log out' },
  { name: 'API keys', description: 'Credentials for programs' },
  { name: 'Users', description: 'Who may log in, and what they may do' },
  {
    name: 'Audit',
    description: 'What happened, who did it, and whether that is still what was written',
  },
  {
    name: 'Vulnerabilities',
    description: "What is known against the service's own dependencies, and what to do about it",
  },
  { name: 'Webhooks', description: 'Where the telephony provider reports' },
  { name: 'Health', description: 'For probes, scrapers and operators' },
  { name: 'Service', description: 'What this is' },
] as const
