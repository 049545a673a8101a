import type { Command } from './command.ts'

/** A command, as far as the overview goes. */
export interface NamedCommand {
  /** The words that name it: `users create`. */
  readonly name: string
  /** What it does, in a line. */
  readonly summary: string
  /** Reads the rest: no command waits for what another one is made of. */
  readonly load: () => Promise<Command>
}

/** Every `caly` command. */
export const commands: readonly NamedCommand[] = [
  {
    name: 'serve',
    summary: 'Serve until a signal stops it',
    load: async () => (await import('./serve.ts')).serve,
  },
  {
    name: 'migrate',
    summary: 'Bring the tables to the state that this version expects',
    load: async () => (await import('./migrate.ts')).migrate,
  },
  {
    name: 'clients create',
    summary: 'Create a client (tenant)',
    load: async () => (await import('./clients.ts')).createClientCommand,
  },
  {
    name: 'users create',
    summary: 'Create a user; a random password is printed once',
    load: async () => (await import('./users.ts')).createUserCommand,
  },
  {
    name: 'users password',
    summary: "Set a user's password and end all of their sessions; a random one is printed once",
    load: async () => (await import('./users.ts')).setPasswordCommand,
  },
  {
    name: 'keys create',
    summary: 'Create an API key; it is printed once',
    load: async () => (await import('./keys.ts')).createKeyCommand,
  },
  {
    name: 'keys reencrypt',
    summary: 'Seal with the first key of ENCRYPTION_KEY what older ones have sealed',
    load: async () => (await import('./reencrypt.ts')).reencryptCommand,
  },
  {
    name: 'numbers add',
    summary: "Say which client an ExoPhone belongs to: calls over it become that client's",
    load: async () => (await import('./numbers.ts')).addNumberCommand,
  },
  {
    name: 'numbers list',
    summary: 'List the ExoPhones, each with the client that it belongs to',
    load: async () => (await import('./numbers.ts')).listNumbersCommand,
  },
  {
    name: 'numbers remove',
    summary: 'Take an ExoPhone from its client; the calls that it had stay',
    load: async () => (await import('./numbers.ts')).removeNumberCommand,
  },
  {
    name: 'webhooks list',
    summary: "List the provider's messages that changed no call, newest first",
    load: async () => (await import('./webhooks.ts')).listWebhooksCommand,
  },
  {
    name: 'webhooks show',
    summary: 'Print a message of the provider as it came; that it was read is recorded',
    load: async () => (await import('./webhooks.ts')).showWebhookCommand,
  },
  {
    name: 'audit verify',
    summary: 'Check that no row of the audit trail was changed, removed or inserted',
    load: async () => (await import('./audit-verify.ts')).verifyCommand,
  },
  {
    name: 'audit export',
    summary: "Print a client's audit trail, or all of it that is about one person, oldest first",
    load: async () => (await import('./audit-export.ts')).exportCommand,
  },
  {
    name: 'audit prove',
    summary: 'Print the proof that a row is in the audit trail, for caly audit check',
    load: async () => (await import('./audit-prove.ts')).proveCommand,
  },
  {
    name: 'audit check',
    summary:
      'Check a proof that caly audit prove printed; needs neither database nor configuration',
    load: async () => (await import('./audit-check.ts')).checkCommand,
  },
  {
    name: 'audit erase',
    summary: 'Empty the personal fields of all that a user or a key did; the seals stay valid',
    load: async () => (await import('./audit-erase.ts')).eraseCommand,
  },
  {
    name: 'scan',
    summary: "Look for known vulnerabilities in a project's packages, and what to do about them",
    load: async () => (await import('./scan.ts')).scanCommand,
  },
  {
    name: 'exotel-simulator',
    summary: "Stand in for Exotel's API on this machine, with its faults, until a signal stops it",
    load: async () => (await import('./exotel-simulator.ts')).exotelSimulatorCommand,
  },
  {
    name: 'exotel check',
    summary: 'Try an account with Exotel: its credentials, and with two numbers a real call',
    load: async () => (await import('./exotel-check.ts')).exotelCheckCommand,
  },
  {
    name: 'readiness',
    summary: 'Check a running service for production, and print how far it is ready',
    load: async () => (await import('./readiness.ts')).readinessCommand,
  },
]
