import { type Policy } from '@rolecall/policy';
import { type OrganizationLock } from '../identity/index.ts';

/** What every command is told beside its arguments. */
export interface CommandContext {
  /** Who does it: a principal (`user:<id>`, `api_key:<id>`), or `system`. */
  readonly actor: string;
  readonly requestId: string | null;
  readonly policy: Policy;
}

/** What a command did, and the organization's revision from which on it holds. */
export interface Committed<Value> {
  readonly value: Value;
  readonly revision: number;
  /** The database's history that the revision belongs to. */
  readonly epoch: string;
}

/** What a command answers that has done its work under the lock. */
export function committed<Value>(
  { revision, epoch }: OrganizationLock,
  value: Value,
): Committed<Value> {
  return { value, revision, epoch };
}
