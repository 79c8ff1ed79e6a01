import { type ConvergeContext, stopsEverything } from '../converge/index.ts';
import { listManyMarked } from '../entity/index.ts';
import { type Listing } from './listing.ts';
import { lookAtPage } from './look-at-page.ts';

/**
 * Looks at the next page of everything when so many memberships are marked that this costs fewer calls than
 * asking for each of them; whether it looked at one. While a pass goes on, marks of memberships wait for their
 * page.
 */
export async function stepPass(context: ConvergeContext, listing: Listing): Promise<boolean> {
  try {
    return await nextPage(context, listing);
  } catch (error) {
    if (stopsEverything(error)) throw error;
    // A page that cannot be had spares no calls; each is asked for by itself then.
    listing.pass = undefined;
    listing.passed = true;
    return false;
  }
}

async function nextPage(context: ConvergeContext, listing: Listing): Promise<boolean> {
  const { db, port, organizationId, workosId } = context;
  if (listing.pass === undefined) {
    if (listing.passed) return false;
    const marked = await listManyMarked(db, organizationId);
    if (marked.size === 0) return false;
    listing.pass = { marked, after: null };
  }
  const { marked, after } = listing.pass;
  const from = after === null ? {} : { after };
  const { items, next } = await port.listMemberships({ organizationId: workosId }, from);
  listing.pass = next === null ? undefined : { marked, after: next };
  listing.passed = true;
  const shown = items.map((one) => ({ one, raised: marked.get(one.remoteId) }));
  await lookAtPage(context, listing, shown);
  return true;
}
