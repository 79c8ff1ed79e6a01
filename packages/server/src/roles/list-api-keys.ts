import { type Reader } from '../database/index.ts';
import {
  cappedTotal,
  decodeCursor,
  encodeCursor,
  type Page,
  type PageRequest,
  readLimit,
  toPage,
} from '../paging/index.ts';
import { type ApiKey } from './api-key.ts';
import { countKeys, pageKeys } from './api-keys-store.ts';

const FIRST = ['-infinity', '00000000-0000-0000-0000-000000000000'] as const;

/** One page of the API keys, revoked ones too, oldest first; all of them, or those of one organization. */
export async function listApiKeys(
  reader: Reader,
  page: PageRequest & { readonly organizationId?: string | undefined },
): Promise<Page<ApiKey>> {
  const limit = readLimit(page);
  const { organizationId } = page;
  const [createdAt, id] = decodeCursor('api_keys', ['time', 'uuid'], page.cursor) ?? FIRST;
  const after = [createdAt ?? FIRST[0], id ?? FIRST[1]] as const;
  const rows = await pageKeys(reader, { organizationId, after, count: limit + 1 });
  return toPage(rows, {
    limit,
    total: cappedTotal(await countKeys(reader, organizationId)),
    toItem: (key) => key,
    cursorOf: (last) => encodeCursor('api_keys', [last.createdAt, last.id]),
  });
}
