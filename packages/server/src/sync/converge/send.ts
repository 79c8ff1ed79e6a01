import { type JsonValue } from '../../database/index.ts';
import { isWorkosFailure } from '../../workos/index.ts';
import { deleteAttempt, type Entity } from '../entity/index.ts';
import { HeldBack } from './brake.ts';
import { recordAttempt } from './commit.ts';
import { type ConvergeContext } from './context.ts';

/** What is written: for which entity, to which remote thing, and what it then is. */
export interface Write {
  readonly entity: Entity;
  /** A membership's remote id, a role's slug. */
  readonly key: string;
  readonly value: JsonValue;
}

/**
 * Sends one write, which is remembered until its answer is committed. A call that surely had no effect is
 * forgotten at once; one whose answer is missing stays. Throws what the call throws, and `LeaseLost`.
 */
export async function send<T>(
  context: ConvergeContext,
  { entity, key, value }: Write,
  call: () => Promise<T>,
): Promise<{ readonly answer: T; readonly attemptId: string }> {
  const attemptId = await recordAttempt(context, entity, value);
  context.written.add(key);
  try {
    return { answer: await call(), attemptId };
  } catch (error) {
    if (error instanceof HeldBack || (isWorkosFailure(error) && !error.ambiguous)) {
      await deleteAttempt(context.db, context.organizationId, attemptId);
    }
    throw error;
  }
}
