import { refusal } from '../errors/index.ts';
import { decodeRevision, type Revision } from './revision.ts';

/**
 * How fresh an answer has to be. `cached`: not older than the freshness bound. `at_least`: not older than
 * the write that answered with this token. `strong`: read from the primary for this call.
 */
export type Consistency =
  | { readonly mode: 'cached' }
  | { readonly mode: 'at_least'; readonly revision: string }
  | { readonly mode: 'strong' };

export interface ReadOptions {
  /** `cached` unless told otherwise. */
  readonly consistency?: Consistency;
}

/** The revision that an answer must have reached, if any. Throws `invalid_request` for one of elsewhere. */
export function requiredRevision(
  organizationId: string,
  consistency: Consistency | undefined,
): Revision | undefined {
  if (consistency?.mode !== 'at_least') return undefined;
  const required = decodeRevision(consistency.revision);
  if (required.organizationId === organizationId) return required;
  const message = 'the revision is of another organization';
  throw refusal('invalid_request', message, {
    problems: [{ path: 'consistency.revision', message }],
  });
}

/** Whether a state has reached a revision: the same history, and not before it. */
export function hasReached(
  state: Pick<Revision, 'epoch' | 'revision'>,
  required: Revision,
): boolean {
  return state.epoch === required.epoch && state.revision >= required.revision;
}

/** Throws `revision_unknown` when the primary itself has not reached the revision. */
export function requireReached(
  state: Pick<Revision, 'epoch' | 'revision'>,
  required: Revision | undefined,
): void {
  if (required === undefined || hasReached(state, required)) return;
  throw refusal(
    'revision_unknown',
    state.epoch === required.epoch
      ? `the database has not reached revision ${required.revision} of \`${required.organizationId}\``
      : 'the revision is of another history of the database, such as the one before a restore',
    { organizationId: required.organizationId },
  );
}
