import { query } from '@rolecall/server/database';
import { seedMany } from '@rolecall/testkit';
import { listMembers } from '../../../packages/server/src/roles/index.ts';
import { startBenchDatabase } from '../bench-database.ts';
import { count, duration, measureSideBySide, ratio } from '../measure.ts';
import { type Findings, type RunOptions, type Suite } from './index.ts';

const SIZES = [1_000, 100_000, 1_000_000] as const;
const SMALL = [1_000, 10_000, 25_000] as const;
const rounds = 60;

/** One page of members, wherever it is and however many there are. */
export const memberPage: Suite = { name: 'member-page', title: 'A page of members', run };

async function run({ small }: RunOptions): Promise<Findings> {
  const sizes = small ? SMALL : SIZES;
  const [smallest, , largest] = sizes;
  const postgres = await startBenchDatabase({ durable: false });
  try {
    const { db } = postgres.open(2);
    const medians = new Map<string, Map<number, number>>();
    for (const size of sizes) {
      const ids = await seedMany(postgres.url, {
        prefix: `of-${String(size)}`,
        organizations: 1,
        membersPerOrganization: size,
      });
      const organization = ids.organization(1);
      const [sample] = await query<{ name: string; email: string }>(db, {
        text: `SELECT name, email FROM rolecall.memberships
          WHERE organization_id = $1 ORDER BY joined_at, id OFFSET $2 LIMIT 1`,
        values: [organization, Math.floor(size / 2)],
      });
      if (sample === undefined) throw new Error(`no members among ${String(size)}`);
      const common = (sample.name.split(' ')[0] ?? '').slice(0, 4);
      const rare = sample.email;
      const role = ids.role(1, 1);
      const middle = await cursorInTheMiddle();
      const found = await measureSideBySide(
        {
          'first page': () => listMembers(db, organization, { limit: 50 }),
          'a later page': () => listMembers(db, organization, { limit: 50, cursor: middle }),
          'of one role': () => listMembers(db, organization, { limit: 50, roleId: role }),
          'search, many found': () => listMembers(db, organization, { limit: 50, search: common }),
          'search, a whole address': () =>
            listMembers(db, organization, { limit: 50, search: rare }),
          'search, a part of an address': () =>
            listMembers(db, organization, { limit: 50, search: rare.slice(0, -2) }),
          'search, two letters': () =>
            listMembers(db, organization, { limit: 50, search: common.slice(0, 2) }),
          'search, none found': () =>
            listMembers(db, organization, { limit: 50, search: 'nobody-is-called-so' }),
          'search in a role, none found': () =>
            listMembers(db, organization, {
              limit: 50,
              search: 'nobody-is-called-so',
              roleId: role,
            }),
        },
        rounds,
      );
      for (const [name, { median }] of Object.entries(found)) {
        medians.set(name, (medians.get(name) ?? new Map<number, number>()).set(size, median));
      }

      async function cursorInTheMiddle(): Promise<string> {
        let cursor: string | null = null;
        for (let page = 0; page < Math.min(20, size / 2000); page += 1) {
          const next: { nextCursor: string | null } = await listMembers(db, organization, {
            limit: Math.min(1000, size / 4),
            ...(cursor !== null && { cursor }),
          });
          cursor = next.nextCursor;
        }
        return cursor ?? '';
      }
    }
    return {
      method:
        'Fifty members of one organization, with their roles and the total, at three sizes. The later page ' +
        'begins up to 20,000 members into the list.',
      columns: [
        'page',
        ...sizes.map((size) => `${count(size)} members`),
        'largest against smallest',
      ],
      rows: [...medians].map(([name, bySize]) => {
        const of = (size: number): number => bySize.get(size) ?? Number.NaN;
        return [name, ...sizes.map((size) => duration(of(size))), ratio(of(largest), of(smallest))];
      }),
      reading: [
        'Pages without a search are one range of one index, so they do not depend on the size.',
        'A search that finds many counts to 10,000 and stops; `total_is` then says `at_least`.',
        'A search that finds few walks 2,020 members, where there are so many, and asks the index for the rest; ' +
          'the rarest letters in a row of a part of an address are shared by more members, the more there are ' +
          '(docs/decisions/0081).',
      ],
      postgresVersion: postgres.version,
    };
  } finally {
    await postgres.close();
  }
}
