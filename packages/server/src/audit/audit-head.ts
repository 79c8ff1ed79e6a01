import { type Reader } from '../database/index.ts';
import { organizationNotFound } from '../identity/index.ts';
import { type ChainPlace, findChainBounds, listHeads } from './chain-store.ts';

/** The newest entry of a history and where retention has cut it, for being kept elsewhere. */
export interface AuditHead extends ChainPlace {
  readonly organizationId: string;
  readonly anchor: ChainPlace | null;
}

/** The head of an organization's history. Throws `organization_not_found`. */
export async function getAuditHead(reader: Reader, organizationId: string): Promise<AuditHead> {
  const bounds = await findChainBounds(reader, organizationId);
  if (bounds === undefined) throw organizationNotFound(organizationId);
  return { organizationId, ...bounds.head, anchor: bounds.anchor };
}

const BATCH = 1_000;

/** The heads of all organizations, by their ids, each read when it is asked for. */
export async function* eachAuditHead(
  reader: Reader,
): AsyncGenerator<ChainPlace & { readonly organizationId: string }> {
  let after = '';
  for (;;) {
    const heads = await listHeads(reader, { after, count: BATCH });
    yield* heads;
    if (heads.length < BATCH) return;
    after = heads.at(-1)?.organizationId ?? after;
  }
}
