import { toGrantPayload } from '@rolecall/policy';
import { type Reader, type RoleKind } from '../database/index.ts';
import { getCounters } from '../identity/index.ts';
import {
  cappedTotal,
  decodeCursor,
  encodeCursor,
  likePattern,
  normalizeSearch,
  type Page,
  type PageRequest,
  readLimit,
  toPage,
} from '../paging/index.ts';
import {
  countRoles,
  findGrantsOfRoles,
  pageRoles,
  type RoleConditions,
} from './list-roles-store.ts';
import { type Role } from './role.ts';
import { toRole } from './roles-store.ts';

export interface RoleFilter {
  /** Found in the name: a substring from three characters, a word's beginning below. */
  readonly search?: string | undefined;
  readonly kind?: RoleKind | undefined;
}

const FIRST = ['-infinity', '00000000-0000-0000-0000-000000000000'] as const;

/**
 * One page of the live roles, oldest first. A page ends early, with a cursor, rather than carry more than
 * a hundred thousand grants. Throws `organization_not_found`, `invalid_request`.
 */
export async function listRoles(
  reader: Reader,
  organizationId: string,
  page: PageRequest & RoleFilter,
): Promise<Page<Role>> {
  const limit = readLimit(page);
  const [createdAt, id] = decodeCursor('roles', ['time', 'uuid'], page.cursor) ?? FIRST;
  const after = [createdAt ?? FIRST[0], id ?? FIRST[1]] as const;
  const search = normalizeSearch(page.search);
  const pattern = search === undefined ? undefined : likePattern(search);
  const conditions: RoleConditions = { kind: page.kind, pattern };
  const { roles } = await getCounters(reader, organizationId);
  const rows = await pageRoles(reader, organizationId, { conditions, after, count: limit + 1 });
  const grants = await findGrantsOfRoles(
    reader,
    organizationId,
    rows.slice(0, limit).map((row) => row.id),
  );
  const filtered = pattern !== undefined || page.kind !== undefined;
  const total = filtered
    ? cappedTotal(await countRoles(reader, organizationId, conditions))
    : ({ total: roles, totalIs: 'exact' } as const);
  return toPage(rows, {
    limit: grants.size,
    total,
    toItem: (row) => toRole(row, toGrantPayload(grants.get(row.id) ?? [])),
    cursorOf: (last) => encodeCursor('roles', [last.created_at, last.id]),
  });
}
