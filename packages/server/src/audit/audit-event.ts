import { type JsonValue } from '../database/index.ts';

/** Who changed what in an organization. */
export interface AuditEvent {
  /** Counts the events of the organization from 1, without gaps. */
  readonly sequence: number;
  readonly occurredAt: string;
  readonly revision: number;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly before: JsonValue;
  readonly after: JsonValue;
  readonly requestId: string | null;
  /** The event of WorkOS that led to it; null where none is known. */
  readonly cause: string | null;
  /** Of this event and, by the one before it, of all before it; in hexadecimal. */
  readonly hash: string;
}

export interface AuditFilter {
  readonly actor?: string | undefined;
  readonly subject?: string | undefined;
  readonly action?: string | undefined;
  /** From this instant on. */
  readonly since?: string | undefined;
  /** Before this instant. */
  readonly until?: string | undefined;
}
