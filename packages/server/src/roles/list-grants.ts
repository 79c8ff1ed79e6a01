import { type Reader } from '../database/index.ts';
import { organizationExists, organizationNotFound } from '../identity/index.ts';
import {
  cappedTotal,
  decodeCursor,
  encodeCursor,
  type Page,
  type PageRequest,
  readLimit,
  toPage,
} from '../paging/index.ts';
import { type DirectGrant } from './direct-grant.ts';
import { countDirectGrants, type Holder, pageDirectGrants } from './direct-grants-store.ts';
import { findHolder, readDirectPrincipal } from './grant-holder.ts';

/**
 * One page of the direct grants of a principal, or of everybody, in the order in which they were given. A
 * principal that holds none, or is nobody here, has an empty list. Throws `organization_not_found`,
 * `invalid_principal`, `invalid_request`.
 */
export async function listGrants(
  reader: Reader,
  organizationId: string,
  page: PageRequest & { readonly principal?: string | undefined },
): Promise<Page<DirectGrant>> {
  const limit = readLimit(page);
  const [after = '0'] = decodeCursor('grants', ['number'], page.cursor) ?? [];
  const principal = page.principal === undefined ? undefined : readDirectPrincipal(page.principal);
  if (!(await organizationExists(reader, organizationId)))
    throw organizationNotFound(organizationId);
  const holder = principal && (await findHolder(reader, organizationId, principal));
  if (principal !== undefined && holder === undefined) return EMPTY;
  return readPage(reader, organizationId, { holder, after, limit });
}

const EMPTY: Page<DirectGrant> = { data: [], nextCursor: null, total: 0, totalIs: 'exact' };

async function readPage(
  reader: Reader,
  organizationId: string,
  page: { readonly holder: Holder | undefined; readonly after: string; readonly limit: number },
): Promise<Page<DirectGrant>> {
  const { holder, after, limit } = page;
  const rows = await pageDirectGrants(reader, organizationId, { holder, after, count: limit + 1 });
  return toPage(rows, {
    limit,
    total: cappedTotal(await countDirectGrants(reader, organizationId, holder)),
    toItem: (grant) => grant,
    cursorOf: ({ id }) => encodeCursor('grants', [Number(id)]),
  });
}
