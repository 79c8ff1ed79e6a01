import { type Reader } from '../database/index.ts';
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
import { organizationNotFound } from './organization-not-found.ts';
import { type Organization } from './organization.ts';
import { countOrganizations, findOrganization, pageOrganizations } from './organizations-store.ts';

export interface OrganizationFilter {
  /** Found in the name or the id: a substring from three characters, a word's beginning below. */
  readonly search?: string;
  /** Only this organization: all that a key of one organization may see. */
  readonly onlyId?: string;
}

/** One organization. Throws `organization_not_found`. */
export async function getOrganization(reader: Reader, id: string): Promise<Organization> {
  const organization = await findOrganization(reader, id);
  if (organization === undefined) throw organizationNotFound(id);
  return organization;
}

/** One page of the organizations, oldest first. Throws `invalid_request` for a limit or cursor that is none. */
export async function listOrganizations(
  reader: Reader,
  page: PageRequest,
  { search, onlyId }: OrganizationFilter = {},
): Promise<Page<Organization>> {
  const limit = readLimit(page);
  const after = decodeCursor('organizations', ['time', 'identifier'], page.cursor);
  if (onlyId !== undefined) return listOnly(reader, onlyId, search);
  const text = normalizeSearch(search);
  const pattern = text === undefined ? undefined : likePattern(text);
  const [createdAt = '-infinity', id = ''] = after ?? [];
  const rows = await pageOrganizations(reader, {
    after: [createdAt, id],
    pattern,
    count: limit + 1,
  });
  return toPage(rows, {
    limit,
    total: cappedTotal(await countOrganizations(reader, pattern)),
    toItem: (organization) => organization,
    cursorOf: (last) => encodeCursor('organizations', [last.createdAt, last.id]),
  });
}

async function listOnly(
  reader: Reader,
  id: string,
  search: string | undefined,
): Promise<Page<Organization>> {
  const found = await findOrganization(reader, id);
  const text = normalizeSearch(search)?.toLowerCase() ?? '';
  const shown = found !== undefined && `${found.name} ${found.id}`.toLowerCase().includes(text);
  const data = shown ? [found] : [];
  return { data, nextCursor: null, total: data.length, totalIs: 'exact' };
}
