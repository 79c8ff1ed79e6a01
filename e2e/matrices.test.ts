import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { createTestDatabase, type TestDatabase } from '@rolecall/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createPlace,
  launch,
  type Launched,
  type Place,
  readyOf,
  repository,
  sendText,
} from './process/rolecall-process.ts';
import { runHere } from './process/run-here.ts';

/** The part of the import document that says who may read what. */
interface Matrix {
  readonly roles: readonly {
    readonly key: string;
    readonly grants: readonly { readonly selectors: readonly { readonly resource_id: string }[] }[];
  }[];
  readonly members: readonly { readonly id: string; readonly roles: readonly string[] }[];
}

/** The published size of each matrix: [members, projects, cells that may read]. */
const matrices = {
  hc: [46, 46, 1_486],
  domino: [79, 231, 730],
  emea: [35, 3_046, 7_220],
  fire1: [365, 709, 31_951],
  apj: [2_044, 1_164, 6_841],
} as const;

const key = 'rk_a_key_for_the_matrices_alone_001';
const concurrentCalls = 8;
let test: TestDatabase;
let place: Place;
let served: Launched;
let url: string;

beforeAll(async () => {
  test = await createTestDatabase();
  const environment = { DATABASE_URL: test.url, LOG_LEVEL: 'warn', ROLECALL_API_KEY: key };
  const server = await createPlace(environment);
  served = launch(server, ['serve', '--json']);
  ({ url } = await readyOf(served));
  place = { ...server, environment: { ...server.environment, ROLECALL_URL: url } };
});
afterAll(async () => {
  served.child.kill('SIGTERM');
  expect((await served.finished).code).toBe(0);
  await place.remove();
  await test.close();
});

describe('every cell of a real matrix, asked over HTTP', () => {
  it.each(Object.entries(matrices))(
    'is answered as %s says',
    async (name, [people, things, yes]) => {
      const matrix = readMatrix(name);
      const file = join('examples/data', `${name}.json.gz`);
      const { code, err } = await runHere(place, ['import', file, '--json']);
      expect({ code, err }).toEqual({ code: 0, err: '' });

      const readable = readableProjects(matrix);
      const projects = [...new Set([...readable.values()].flatMap((ids) => [...ids]))];
      expect([matrix.members.length, projects.length]).toEqual([people, things]);

      const projectsText = JSON.stringify(projects);
      const differences: string[] = [];
      let allowed = 0;
      await forEachConcurrently(matrix.members, async ({ id }) => {
        const answered = await filter(name, id, projectsText);
        allowed += answered.size;
        const expected = readable.get(id) ?? new Set();
        // Of all that was asked, what is in neither set is answered with no, and rightly.
        for (const project of answered)
          if (!expected.has(project)) differences.push(`${id} ${project}`);
        for (const project of expected)
          if (!answered.has(project)) differences.push(`${id} ${project}`);
      });
      expect(differences).toEqual([]);
      expect(allowed).toBe(yes);
    },
    // Two million cells and an import; a machine that is busy takes its time.
    180_000,
  );

  it('is answered by check as by filter', async () => {
    const readable = readableProjects(readMatrix('hc'));
    const projects = [...new Set([...readable.values()].flatMap((ids) => [...ids]))];
    for (const [member, ids] of readable) {
      const answers = await check('hc', member, projects);
      expect(answers).toEqual(projects.map((project) => ids.has(project)));
    }
  });
});

async function filter(
  organization: string,
  member: string,
  projectsText: string,
): Promise<ReadonlySet<string>> {
  const principal = JSON.stringify(`user:${member}`);
  const body = `{"principal":${principal},"scope":"project:read","resource_ids":${projectsText}}`;
  const answer = await call(`/v1/organizations/${organization}/filter`, body);
  return new Set((answer as { resource_ids: string[] }).resource_ids);
}

async function check(
  organization: string,
  member: string,
  projects: readonly string[],
): Promise<readonly boolean[]> {
  const checks = projects.map((resource_id) => ({ scope: 'project:read', resource_id }));
  const body = JSON.stringify({ principal: `user:${member}`, checks });
  const answer = await call(`/v1/organizations/${organization}/check`, body);
  return (answer as { decisions: { allowed: boolean }[] }).decisions.map(({ allowed }) => allowed);
}

async function call(path: string, body: string): Promise<unknown> {
  const { status, text } = await sendText({ url, key }, 'POST', path, body);
  expect(status).toBe(200);
  return JSON.parse(text);
}

/** By member, the union of the projects that its roles name. */
function readableProjects(matrix: Matrix): ReadonlyMap<string, ReadonlySet<string>> {
  const byRole = new Map(
    matrix.roles.map((role) => [
      role.key,
      role.grants.flatMap((grant) => grant.selectors.map((selector) => selector.resource_id)),
    ]),
  );
  return new Map(
    matrix.members.map((member) => [
      member.id,
      new Set(member.roles.flatMap((role) => byRole.get(role) ?? [])),
    ]),
  );
}

function readMatrix(name: string): Matrix {
  const file = join(repository, 'examples/data', `${name}.json.gz`);
  return JSON.parse(gunzipSync(readFileSync(file)).toString('utf8')) as Matrix;
}

async function forEachConcurrently<T>(
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  const rest = items.values();
  const lane = async (): Promise<void> => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: concurrentCalls }, lane));
}
