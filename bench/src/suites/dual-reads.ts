import { query, runMigrations, openDatabase, type Db } from '@rolecall/server/database';
import { loadPrincipal } from '../../../packages/server/src/access/index.ts';
import { seedMany, type SeededIds } from '@rolecall/testkit';
import { startBenchDatabase } from '../bench-database.ts';
import { duration, measureSideBySide, ratio } from '../measure.ts';
import { atMost } from '../target.ts';
import { type Findings, type RunOptions, type Suite } from './index.ts';

/** What reading both keys costs, beside reading one. */
export const dualReads: Suite = {
  name: 'dual-reads',
  title: 'Reading grants keyed by slugs too',
  run,
};

const ORGANIZATIONS = 50;
const MEMBERS = 100;

/** The databases, and what is done to the grants of all roles in each. */
const STATES = {
  canonical: [],
  dual: ['slugs'],
  backfilled: ['slugs', 'backfill'],
  cutOver: ['slugs', 'backfill', 'cut over'],
} as const;

async function run({ small }: RunOptions): Promise<Findings> {
  const rounds = small ? 200 : 4_000;
  const postgres = await startBenchDatabase({ durable: false });
  const open: { close: () => Promise<void> }[] = [];
  try {
    const rows: string[][] = [];
    let worstDual = 0;
    let worstCutOver = 0;
    for (const grants of [10, 100]) {
      const dbs = new Map<string, Db>();
      let ids: SeededIds | undefined;
      for (const [state, steps] of Object.entries(STATES)) {
        const database = await makeDatabase(postgres.url, `${state.toLowerCase()}_${grants}`);
        open.push(database);
        ids = await seedMany(database.url, {
          organizations: ORGANIZATIONS,
          membersPerOrganization: MEMBERS,
          rolesPerMember: 3,
          grantsPerRole: grants,
        });
        for (const step of steps) await take(database.db, step);
        await query(database.db, {
          text: 'VACUUM (ANALYZE) rolecall.grants, rolecall.legacy_grants',
        });
        dbs.set(state, database.db);
      }
      const found = await measureSideBySide(
        Object.fromEntries([...dbs].map(([state, db]) => [state, loadingFrom(db, ids)])),
        rounds,
      );
      const of = (state: keyof typeof STATES) => found[state]?.median ?? Number.NaN;
      worstDual = Math.max(worstDual, of('dual') / of('canonical'));
      worstCutOver = Math.max(worstCutOver, of('cutOver') / of('canonical'));
      const cells = (['dual', 'backfilled', 'cutOver'] as const).flatMap((state) => [
        duration(of(state)),
        ratio(of(state), of('canonical')),
      ]);
      rows.push([String(3 * grants), duration(of('canonical')), ...cells]);
    }
    return {
      method:
        'One principal with three roles, chosen at random among 5,000 memberships, is loaded in turns from four databases: ' +
        'one that has never had a grant keyed by a slug; one in `dual` where all grants of roles are keyed by slugs; ' +
        'one where these have been brought over; one after the cut-over. Medians.',
      columns: [
        'grant rows',
        'one key',
        'dual, all by slug',
        'against one key',
        'dual, brought over',
        'against one key',
        'after the cut-over',
        'against one key',
      ],
      rows,
      targets: [
        atMost('dual reads against canonical ones', worstDual, 1.2, {
          show: (value) => ratio(value, 1),
          why: 'One index more is looked into for each role.',
        }),
        atMost('reads after the cut-over against canonical ones', worstCutOver, 1.05, {
          show: (value) => ratio(value, 1),
          why: 'It is the same statement; what is above 1.00× is the noise of this machine.',
        }),
      ],
      reading: [
        'A principal that is in memory costs the same in every state: what is kept there is compiled grants, whichever key they came by.',
      ],
      postgresVersion: postgres.version,
    };
  } finally {
    for (const database of open) await database.close();
    await postgres.close();
  }
}

async function makeDatabase(serverUrl: string, name: string) {
  const server = openDatabase({ url: serverUrl, maxConnections: 1 });
  await query(server.db, { text: `CREATE DATABASE ${name} TEMPLATE template0` });
  await server.close();
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  await runMigrations(url.href);
  return openDatabase({ url: url.href, maxConnections: 1, pipelinedConnections: 1 });
}

async function take(db: Db, step: 'slugs' | 'backfill' | 'cut over'): Promise<void> {
  const sql = (text: string) => query(db, { text });
  if (step === 'slugs') {
    await sql(`UPDATE rolecall.environment SET legacy_state = 'dual'`);
    await sql(`CREATE TABLE public.was AS
      SELECT g.organization_id, s.slug, s.role_id, g.scope, g.effect, g.resource_id, g.dimensions
        FROM rolecall.grants g
        JOIN rolecall.role_slugs s ON s.organization_id = g.organization_id AND s.role_id = g.role_id`);
    await sql(`DELETE FROM rolecall.grants WHERE role_id IS NOT NULL`);
    await sql(`INSERT INTO rolecall.legacy_grants
        (organization_id, slug, role_id, scope, effect, resource_id, dimensions) SELECT * FROM public.was`);
  } else if (step === 'backfill') {
    await sql(`INSERT INTO rolecall.grants (organization_id, role_id, scope, effect, resource_id, dimensions)
      SELECT organization_id, role_id, scope, effect, resource_id, dimensions FROM public.was`);
    await sql(`UPDATE rolecall.legacy_grants SET brought_over = true`);
  } else await sql(`UPDATE rolecall.environment SET legacy_state = 'cut_over'`);
}

function loadingFrom(db: Db, ids: SeededIds | undefined): () => Promise<unknown> {
  let turn = 0;
  return () => {
    turn += 1;
    const organization = 1 + (turn % ORGANIZATIONS);
    const user = ids?.user(organization, 2 + ((turn * 7919) % (MEMBERS - 2)));
    return loadPrincipal(db, ids?.organization(organization) ?? '', `user:${user ?? ''}`);
  };
}
