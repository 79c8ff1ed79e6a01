import { builtinPolicy } from '@rolecall/policy';
import { query } from '@rolecall/server/database';
import { seedMany } from '@rolecall/testkit';
import { createAccess } from '../../../packages/server/src/access/index.ts';
import { startBenchDatabase } from '../bench-database.ts';
import { duration, type Latencies, measureSideBySide, ratio } from '../measure.ts';
import { atMost, type Target } from '../target.ts';
import { type Findings, type RunOptions, type Suite } from './index.ts';

/** Somebody who was not asked about before, in an organization whose roles are in memory. */
export const coldPrincipal: Suite = {
  name: 'cold-principal',
  title: 'A cold principal in a warm organization',
  run,
};

const MEMBERS = 1_000;
/** Of each organization, asked about before, so that all its roles are in memory. */
const WARM = 25;

async function run({ small }: RunOptions): Promise<Findings> {
  const organizations = small ? 2 : 4;
  const postgres = await startBenchDatabase({ durable: false });
  try {
    const rows: string[][] = [];
    const targets: Target[] = [];
    for (const roles of [1, 3, 10]) {
      const found = await measure(roles);
      const { one, cold, cool } = found;
      rows.push([
        String(roles),
        duration(one.median),
        duration(cold.median),
        ratio(cold.median, one.median),
        duration(cold.p99),
        duration(cool.median),
        ratio(cool.median, one.median),
      ]);
      targets.push(
        atMost(
          `a cold principal with ${roles} roles, against \`select 1\``,
          cold.median / one.median,
          2,
          {
            show: (value) => `${value.toFixed(2)}×`,
            why: 'Beyond the round trip, PostgreSQL runs a statement with three look-ups in indexes, and `select 1` has none.',
          },
        ),
      );
    }
    return {
      method:
        'Members who were never asked about are resolved and asked one check, in organizations whose roles are ' +
        'all in memory; in turns with it, on the same connection, `select 1` as a prepared statement, and a member ' +
        'read with every grant from the database, as it is where nothing is warm.',
      columns: [
        'roles held',
        '`select 1`',
        'cold principal',
        'against `select 1`',
        'p99',
        'nothing warm',
        'against `select 1`',
      ],
      rows,
      targets,
      reading: [],
      postgresVersion: postgres.version,
    };
  } finally {
    await postgres.close();
  }

  async function measure(
    roles: number,
  ): Promise<{ one: Latencies; cold: Latencies; cool: Latencies }> {
    const ids = await seedMany(postgres.url, {
      prefix: `cold-${String(roles)}`,
      organizations,
      membersPerOrganization: MEMBERS,
      rolesPerMember: roles,
    });
    const database = postgres.open(1, 1);
    const access = createAccess({ database, policy: builtinPolicy });
    await access.start();
    for (let organization = 1; organization <= organizations; organization += 1) {
      for (let member = 1; member <= WARM; member += 1) {
        await access.principal(
          ids.organization(organization),
          `user:${ids.user(organization, member)}`,
        );
      }
    }
    const before = access.report().memory.loads;
    let turn = 0;
    const rounds = Math.floor((organizations * (MEMBERS - WARM - 1)) / 1.1) - 1;
    const next = (): readonly [organization: string, principal: string] => {
      const organization = 1 + (turn % organizations);
      const member = WARM + 1 + Math.floor(turn / organizations);
      turn += 1;
      return [ids.organization(organization), `user:${ids.user(organization, member)}`];
    };
    const found = await measureSideBySide(
      {
        one: () => query(database.db, { name: 'select_1', text: 'SELECT 1', values: [] }),
        cold: async () =>
          (await access.principal(...next())).can('project:read', ids.project(1, 1)),
        cool: async () => {
          const strong = { consistency: { mode: 'strong' } } as const;
          const handle = await access.principal(
            ids.organization(1),
            `user:${ids.user(1, 1 + (turn % MEMBERS))}`,
            strong,
          );
          return handle.can('project:read', ids.project(1, 1));
        },
      },
      rounds,
    );
    const loads = access.report().memory.loads - before;
    await access.close();
    const { one, cold, cool } = found;
    if (one === undefined || cold === undefined || cool === undefined || loads < turn) {
      throw new Error(`${String(loads)} loads were made for ${String(turn)} cold principals`);
    }
    return { one, cold, cool };
  }
}
