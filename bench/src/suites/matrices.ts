import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { count, ratio } from '../measure.ts';
import { nanos, nanosInTurns } from '../nanos.ts';
import { type Ask, type MatrixWork } from '../peers/peer.ts';
import { seededRandom } from '../workload/randomness.ts';
import { type Findings, type RunOptions, type Suite } from './index.ts';
import { batchOf, QUESTIONS, versionsOf } from './peers.ts';

/** The access of real companies, by Rolecall and by what people use instead. */
export const matrices: Suite = {
  name: 'matrices',
  title: 'Real matrices, against other libraries',
  nodeFlags: ['--max-old-space-size=6144'],
  run,
};

interface Document {
  readonly roles: readonly {
    readonly key: string;
    readonly grants: readonly {
      readonly selectors?: readonly { readonly resource_id: string }[];
    }[];
  }[];
  readonly members: readonly { readonly id: string; readonly roles: readonly string[] }[];
}

async function run({ small }: RunOptions): Promise<Findings> {
  const names = small ? ['hc', 'domino'] : ['hc', 'domino', 'emea', 'apj', 'fire1'];
  const rows: string[][] = [];
  let contestants: readonly string[] = [];
  for (const name of names) {
    const work = readWork(name);
    const asks = await asksOf(work, name);
    contestants = Object.keys(asks);
    await requireAgreement(work, asks);
    const medians = await nanosInTurns(
      Object.fromEntries(Object.entries(asks).map(([who, ask]) => [who, batchOf(ask)])),
      { batches: 15, batchMs: 12 },
    );
    const own = medians['Rolecall'] ?? Number.NaN;
    rows.push([
      name,
      `${count(work.members.size)} members, ${count(work.roles.size)} roles`,
      nanos(own),
      ...contestants.slice(1).map((who) => {
        const value = medians[who] ?? Number.NaN;
        return `${nanos(value)} (${ratio(value, own)})`;
      }),
    ]);
  }
  return {
    method:
      'The matrices of `examples/data`: 1,024 pairs of a member and a project at random, half of them allowed, as ' +
      'far as there are so many. Handles, abilities and policies are made before, with the roles of each ' +
      'organization; a Cedar request brings the roles of its member. The answers of all are compared with the ' +
      'matrix before anything is timed.',
    columns: ['organization', '', ...contestants],
    rows,
    reading: [],
    versions: versionsOf(['@casl/ability', 'casbin', '@cedar-policy/cedar-wasm']),
  };
}

async function asksOf(work: MatrixWork, name: string): Promise<Readonly<Record<string, Ask>>> {
  const { rolecallMatrix } = await import('../peers/rolecall.ts');
  const { linearScanMatrix } = await import('../peers/linear-scan.ts');
  const { caslMatrix } = await import('../peers/casl.ts');
  const { casbinMatrix } = await import('../peers/casbin.ts');
  const { cedarMatrix } = await import('../peers/cedar.ts');
  return {
    Rolecall: rolecallMatrix(work),
    'linear scan': linearScanMatrix(work),
    CASL: caslMatrix(work),
    'node-casbin': await casbinMatrix(work),
    Cedar: cedarMatrix(work, name),
  };
}

function readWork(name: string): MatrixWork {
  const file = join(import.meta.dirname, '../../../examples/data', `${name}.json.gz`);
  const document = JSON.parse(gunzipSync(readFileSync(file)).toString('utf8')) as Document;
  const roles = new Map(
    document.roles.map(({ key, grants }) => [
      key,
      grants.flatMap(({ selectors = [] }) => selectors.map(({ resource_id }) => resource_id)),
    ]),
  );
  const members = new Map(document.members.map(({ id, roles: held }) => [id, held]));
  const random = seededRandom(1);
  const pick = (list: readonly string[]): string => list[Math.floor(random() * list.length)] ?? '';
  const everybody = [...members.keys()];
  const projects = [...new Set([...roles.values()].flat())];
  const asked = Array.from({ length: QUESTIONS }, (_, nth) => {
    const member = pick(everybody);
    const own = (members.get(member) ?? []).flatMap((role) => roles.get(role) ?? []);
    return { member, project: pick(nth % 2 === 0 && own.length > 0 ? own : projects) };
  });
  return { roles, members, asked };
}

async function requireAgreement(
  { roles, members, asked }: MatrixWork,
  asks: Readonly<Record<string, Ask>>,
): Promise<void> {
  for (const [nth, { member, project }] of asked.entries()) {
    if (nth >= 200) return;
    const held = members.get(member) ?? [];
    const allowed = held.some((role) => roles.get(role)?.includes(project) === true);
    for (const [who, ask] of Object.entries(asks)) {
      if ((await ask(nth)) !== allowed) {
        throw new Error(`${who} is wrong about \`${member}\` and \`${project}\``);
      }
    }
  }
}
