import { type Type, type } from 'arktype'

/** How much an event matters to an operator. */
export type AuditSeverity = 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR' | 'CRITICAL'

/** How the action ended that an event speaks of; `unknown` where only a row's details can say it. */
export type AuditOutcome = 'success' | 'failure' | 'denied' | 'unknown'

/** The kinds of things that an event can be about. */
export const auditResourceTypes = [
  'api_key',
  'call',
  'client',
  'scan',
  'session',
  'user',
  'vulnerability',
  'webhook',
] as const

/** A kind of thing that an event can be about. */
export type AuditResourceType = (typeof auditResourceTypes)[number]

/** One type of event: what all of its rows have in common. */
export interface AuditEventType<Details> {
  /** What a row of it says, in one sentence: the docs' table has it. */
  readonly tells: string
  /** For good: what is read by severity is found by type. Another severity is another type. */
  readonly severity: AuditSeverity
  readonly outcome: AuditOutcome
  /** Where a row's own details say how it ended: which of them, and how where that is true. */
  readonly outcomeWhere?: {
    readonly detail: keyof Details & string
    readonly outcome: AuditOutcome
  }
  /**
   * Whether whoever causes it waits until it is in the database or the spool. Where nobody does, a
   * crash loses what is in no finished statement: the last milliseconds, about a second where the
   * database hangs.
   */
  readonly waits: boolean
  /** The `resource_type` of its rows; absent where they are about no one thing. */
  readonly resource?: AuditResourceType
  /** What a row tells beside the columns. Personal data stands under `personal` alone. */
  readonly details: Type<Details>
}

/** The details of an event that tells nothing beside the columns. */
export const nothing = type({})

/** What a type of event is declared with. */
interface AuditEventDeclaration<Details>
  extends Omit<AuditEventType<Details>, 'waits' | 'details'> {
  /** @default true */
  readonly waits?: boolean
  /** Called once they are asked for, by docs and tests: a start need not make all of them. */
  readonly details: () => Type<Details>
}

/** Declares a type of event. */
export function event<Details>({
  details,
  ...declaration
}: AuditEventDeclaration<Details>): AuditEventType<Details> {
  let made: Type<Details> | undefined
  return {
    waits: true,
    ...declaration,
    get details() {
      made ??= details()
      return made
    },
  }
}
