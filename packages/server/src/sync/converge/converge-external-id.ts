import { decideExternalId } from '../decide/index.ts';
import { type Entity } from '../entity/index.ts';
import { commitOutcome } from './commit.ts';
import { type ConvergeContext } from './context.ts';
import { findWorkosUserId } from './local-store.ts';
import { unlessGone } from './observe-membership.ts';
import { send } from './send.ts';

/** Has WorkOS know a person by our id. Throws `Overtaken`, `LeaseLost`, and what calls throw. */
export async function convergeExternalId(context: ConvergeContext, entity: Entity): Promise<void> {
  const { db, port, settings } = context;
  const userId = entity.subjectId;
  const remoteId = await findWorkosUserId(db, userId);
  const user = remoteId === undefined ? undefined : await unlessGone(() => port.getUser(remoteId));
  // Who is not there, or no more, needs no name there.
  if (user === undefined) return commitOutcome(context, entity, { state: 'idle', settled: true });
  const base = { remoteId: user.remoteId, externalId: userId };
  switch (decideExternalId(userId, user.externalId).do) {
    case 'equal':
      return commitOutcome(context, entity, { state: 'idle', settled: true, base });
    case 'foreign':
      return commitOutcome(context, entity, { state: 'blocked', reason: 'foreign_external_id' });
    case 'push': {
      if (settings.observeOnly) {
        return commitOutcome(context, entity, { state: 'planned', reason: 'observe_only' });
      }
      const written = { entity, key: user.remoteId, value: { externalId: userId } };
      const { attemptId } = await send(context, written, () =>
        port.setUserExternalId(user.remoteId, userId),
      );
      return commitOutcome(context, entity, {
        state: 'idle',
        settled: true,
        base,
        answered: attemptId,
      });
    }
  }
}
