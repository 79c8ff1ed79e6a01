import { type Reader } from '../database/index.ts';
import { getOrganization, refuseProblems } from '../identity/index.ts';
import {
  cappedTotal,
  decodeCursor,
  encodeCursor,
  type Page,
  type PageRequest,
  readLimit,
  toPage,
} from '../paging/index.ts';
import {
  countGroups,
  type DecisionFilter,
  type DecisionGroup,
  pageGroups,
} from './decisions-store.ts';

/**
 * One page of what was asked in an organization, the same question counted once with how often it was asked.
 * Throws `organization_not_found`, `invalid_request`.
 */
export async function listDecisions(
  reader: Reader,
  organizationId: string,
  page: PageRequest & DecisionFilter,
): Promise<Page<DecisionGroup>> {
  const limit = readLimit(page);
  const filter = readFilter(page);
  const keys = decodeCursor('decisions', ['identifier', 'identifier'], page.cursor);
  const after = [keys?.[0] ?? '', keys?.[1] ?? ''] as const;
  if (!/^[0-9a-f]*$/.test(after[1]) || after[1].length % 2 !== 0) {
    refuseProblems({ cursor: 'is not a cursor of this list' });
  }
  await getOrganization(reader, organizationId);
  const rows = await pageGroups(reader, organizationId, { filter, after, count: limit + 1 });
  const total = cappedTotal(await countGroups(reader, organizationId, filter));
  return toPage(rows, {
    limit,
    total,
    toItem: (group) => group,
    cursorOf: ({ outcome, key }) => encodeCursor('decisions', [outcome, key]),
  });
}

function readFilter(filter: DecisionFilter): DecisionFilter {
  const { outcome, principal, scope, resourceId, since, until } = filter;
  refuseProblems({ since: dayProblem(since), until: dayProblem(until) });
  return { outcome, principal, scope, resourceId, since, until };
}

function dayProblem(day: string | undefined): string | undefined {
  if (day === undefined) return undefined;
  const time = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
  const valid = !Number.isNaN(time) && new Date(time).toISOString().startsWith(day);
  return valid && !day.startsWith('0000') ? undefined : 'must be a day such as `2026-01-31`';
}
