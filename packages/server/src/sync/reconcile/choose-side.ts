import { convergeEntity, rebase, type Side } from '../converge/index.ts';
import { type DrainOptions, underLease } from '../drain/index.ts';
import { findEntity } from '../entity/index.ts';

export interface Choice {
  readonly organizationId: string;
  readonly entityId: string;
  readonly side: Side;
}

/**
 * Takes one side of an entity that waits for a person: `planned` or in `conflict`. `busy`: somebody else works
 * on the organization, try again; `nothing_to_choose`: it does not wait for that, or the side has no such thing.
 */
export async function chooseSide(
  options: DrainOptions,
  { organizationId, entityId, side }: Choice,
): Promise<'chosen' | 'busy' | 'nothing_to_choose'> {
  const chosen = await underLease(options, organizationId, async (context) => {
    const entity = await findEntity(context.db, organizationId, entityId);
    if (entity?.state !== 'planned' && entity?.state !== 'conflict') return false;
    if (!(await rebase(context, entity, side))) return false;
    // Somebody chose the other side of this one entity: that outweighs what the environment enforces.
    const settings = { ...context.settings, mode: 'adopt' as const };
    await convergeEntity({ ...context, settings }, entityId);
    return true;
  });
  if (chosen === undefined) return 'busy';
  return chosen ? 'chosen' : 'nothing_to_choose';
}
