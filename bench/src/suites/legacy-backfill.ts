import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createRolecall, type Rolecall } from '@rolecall/server';
import { openDatabase, query, type Db } from '@rolecall/server/database';
import { seedMany, type SeededIds } from '@rolecall/testkit';
import { startBenchDatabase } from '../bench-database.ts';
import { count, duration, summarise } from '../measure.ts';
import { type Findings, type RunOptions, type Suite } from './index.ts';

/** A million grants keyed by slugs are brought over, killed on the way, while others write. */
export const legacyBackfill: Suite = {
  name: 'legacy-backfill',
  title: 'Bringing over grants keyed by slugs',
  run,
  limitSeconds: 1_800,
};

const ORGANIZATIONS = 100;
const MEMBERS = 50;
const ROLES = 20;
const WRITERS = 4;

async function run({ small }: RunOptions): Promise<Findings> {
  const perRole = small ? 10 : 500;
  const rows = ORGANIZATIONS * ROLES * perRole;
  const postgres = await startBenchDatabase({ durable: true });
  const database = openDatabase({ url: postgres.url, maxConnections: 8, statementTimeoutMs: 0 });
  const rolecall = createRolecall({ database });
  try {
    const ids = await seedMany(postgres.url, {
      organizations: ORGANIZATIONS,
      membersPerOrganization: MEMBERS,
      rolesPerOrganization: ROLES,
      rolesPerMember: 2,
      grantsPerRole: 1,
    });
    await storeBySlug(database.db, perRole);
    const before = await decisions(rolecall, ids, perRole);
    const writers = startWriters(rolecall, ids);
    const killed = await bringOver(postgres.url, { killAfter: rows * 0.4 });
    const resumed = await bringOver(postgres.url, {});
    const written = await writers.stop();
    const status = await rolecall.legacy.status();
    if (status.left > 0) throw new Error(`${status.left} grants are left`);
    const verifying = performance.now();
    const verified = await rolecall.legacy.verify();
    const verifiedMs = performance.now() - verifying;
    if (verified.differences.length > 0) throw new Error('roles would decide otherwise');
    const after = await decisions(rolecall, ids, perRole);
    const changed = before.filter((allowed, index) => allowed !== after[index]).length;
    if (changed > 0) throw new Error(`${changed} decisions have changed`);
    await rolecall.legacy.cutOver();
    const ms = killed.ms + resumed.ms;
    const waits = summarise(written);
    return {
      method:
        `${count(rows)} grants keyed by the slugs of ${count(ORGANIZATIONS * ROLES)} roles in ${ORGANIZATIONS} organizations, on a PostgreSQL ` +
        `that waits for its disk. The backfill is killed with SIGKILL on the way and begun again, while ${WRITERS} writers give and ` +
        'take direct grants in the same organizations. Then `verify` compares every role, sampled decisions are compared with those ' +
        'from before, and the environment is cut over.',
      columns: ['', ''],
      rows: [
        ['rows brought over a second', count((rows * 1000) / ms)],
        ['brought over before the kill', count(killed.rows)],
        ['brought over after it', count(resumed.rows)],
        [
          'roles and members that `verify` compared',
          `${count(verified.roles)} and ${count(verified.members)}`,
        ],
        ['that decide otherwise', String(verified.differences.length)],
        ['time that `verify` took', duration(verifiedMs * 1000)],
        ['sampled decisions, and how many changed', `${count(before.length)}, ${changed}`],
        ['writes meanwhile', count(written.length)],
        ['their median and p99', `${duration(waits.median)}, ${duration(waits.p99)}`],
      ],
      reading: [
        'A write waits at most for one batch of 2,000 rows of its own organization.',
        'The rate counts from the first to the last transaction of both runs; the rows of the transaction that the kill cut off are done again.',
      ],
      postgresVersion: postgres.version,
    };
  } finally {
    await rolecall.close();
    await database.close();
    await postgres.close();
  }
}

/** Gives each role of an organization `perRole` grants by its slug. */
async function storeBySlug(db: Db, perRole: number): Promise<void> {
  await query(db, { text: `UPDATE rolecall.environment SET legacy_state = 'dual'` });
  await query(db, {
    text: `INSERT INTO rolecall.legacy_grants (organization_id, slug, role_id, scope, effect, resource_id)
      SELECT s.organization_id, s.slug, s.role_id, 'project:write', 'allow', 'by-slug-' || n
        FROM rolecall.role_slugs s, generate_series(1, $1::int) AS n
        WHERE s.kind = 'organization' ORDER BY s.organization_id, n, s.slug`,
    values: [perRole],
  });
  await query(db, { text: 'VACUUM (ANALYZE) rolecall.legacy_grants' });
}

/** What members may do of a sample, in the same order each time. */
async function decisions(
  rolecall: Rolecall,
  ids: SeededIds,
  perRole: number,
): Promise<readonly boolean[]> {
  const answers: boolean[] = [];
  for (let organization = 1; organization <= ORGANIZATIONS; organization += 1) {
    for (let member = 2; member <= MEMBERS; member += 7) {
      const handle = await rolecall.access.principal(
        ids.organization(organization),
        `user:${ids.user(organization, member)}`,
        { consistency: { mode: 'strong' } },
      );
      for (let n = 1; n <= 20; n += 1) {
        const resource = `by-slug-${1 + ((n * 7919) % (2 * perRole))}`;
        answers.push(handle.can('project:write', resource), handle.can('project:read', resource));
      }
    }
  }
  return answers;
}

async function bringOver(
  url: string,
  { killAfter = Infinity }: { readonly killAfter?: number },
): Promise<{ readonly rows: number; readonly ms: number }> {
  const script = join(import.meta.dirname, '../servers/legacy-backfill.ts');
  const child = spawn(process.execPath, [script, url], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  let rows = 0;
  let ms = 0;
  for await (const line of createInterface(child.stdout)) {
    const [done = 0, elapsed = 0] = line.split(' ').map(Number);
    rows = done;
    ms = elapsed;
    if (rows >= killAfter) child.kill('SIGKILL');
  }
  await closed;
  if (killAfter === Infinity && child.exitCode !== 0) throw new Error('the backfill failed');
  return { rows, ms };
}

/** Writers that give and take direct grants, one write after the other; the microseconds that each write took. */
function startWriters(rolecall: Rolecall, ids: SeededIds) {
  const times: number[] = [];
  const end = new AbortController();
  const write = async (writer: number): Promise<void> => {
    for (let turn = writer; !end.signal.aborted; turn += WRITERS) {
      const organization = 1 + (turn % ORGANIZATIONS);
      const args = {
        principal: `user:${ids.user(organization, 2 + (turn % (MEMBERS - 2)))}`,
        grants: [
          {
            scope: 'project:read',
            selectors: [{ resource_kind: 'project', resource_id: `live-${writer}` }],
          },
        ],
      };
      for (const command of ['createGrants', 'deleteGrants'] as const) {
        const started = performance.now();
        await rolecall.roles[command](ids.organization(organization), args);
        times.push((performance.now() - started) * 1000);
      }
    }
  };
  const writing = Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
  return {
    stop: async (): Promise<readonly number[]> => {
      end.abort();
      await writing;
      return times;
    },
  };
}
