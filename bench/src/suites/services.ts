import { createRolecall } from '@rolecall/server';
import { seedMany, type SeededIds } from '@rolecall/testkit';
import { Client } from 'pg';
import { type BenchDatabase, startBenchDatabase } from '../bench-database.ts';
import { loadHttp } from '../load/http-load.ts';
import { type PreparedRequest } from '../load/request-bytes.ts';
import { count, duration, summarise } from '../measure.ts';
import { type Facts, processorTime, type Question, type Service } from '../services/service.ts';
import { atLeast, type Target } from '../target.ts';
import { seededRandom } from '../workload/randomness.ts';
import { type Findings, type RunOptions, type Suite } from './index.ts';

/** Checks over the network, beside services that do nothing else. */
export const services: Suite = {
  name: 'services',
  title: 'Against OpenFGA and SpiceDB',
  // The first run builds them.
  limitSeconds: 3_600,
  run,
};

const ORGANIZATIONS = 20;
const MEMBERS = 200;
const ROLES = 20;
const ROLES_HELD = 3;
const GRANTS = 10;
const CONNECTIONS = 16;
/** The most that OpenFGA takes in one request unless told otherwise. */
const BATCH = 50;

interface Load {
  readonly name: string;
  /** Checks in one request. */
  readonly checks: number;
  readonly perSecond: number;
  readonly median: number;
  readonly p99: number;
  /** Of the process, for each check. */
  readonly processorMicros: number | undefined;
}

async function run({ small }: RunOptions): Promise<Findings> {
  const seconds = small ? 2 : 10;
  const postgres = await startBenchDatabase({ durable: false });
  try {
    const ids = await seedMany(postgres.url, {
      organizations: ORGANIZATIONS,
      membersPerOrganization: MEMBERS,
      rolesPerOrganization: ROLES,
      rolesPerMember: ROLES_HELD,
      grantsPerRole: GRANTS,
    });
    const facts = factsOf(ids);
    const questions = questionsOf(ids, small ? 200 : 2_000);
    const loads: Load[] = [];
    const absent: string[] = [];
    const caches: string[] = [];
    const versions: Record<string, string> = {};
    const batches = batchesOf(ids, questions.length / BATCH);
    const expected = await expectedAnswers(postgres, questions);
    const expectedOf = await expectedAnswers(postgres, batches[0] ?? []);
    for (const [name, start] of Object.entries(starters(postgres, facts))) {
      let service: Service | undefined;
      try {
        service = await start();
      } catch (error) {
        if (name === 'Rolecall') throw error;
        absent.push(
          `${name} is not measured: ${error instanceof Error ? error.message : String(error)}`,
        );
        continue;
      }
      try {
        await requireAgreement(service, questions, expected);
        await requireBatch(service, batches[0] ?? [], expectedOf);
        loads.push(...(await measure(service, questions, batches, seconds)));
      } finally {
        await service.stop();
      }
      caches.push(`${service.name.split(',')[0] ?? name}: ${service.cache}`);
      if (service.version !== '') versions[name] = service.version;
    }
    return {
      method:
        `${count(facts.memberships.length)} assignments and ${count(facts.grants.length)} grants of ${ORGANIZATIONS} organizations are in the same ` +
        `PostgreSQL, for each service in its own way. ${count(questions.length)} questions, half of them allowed, are asked ` +
        `over and over on ${CONNECTIONS} connections for ${String(seconds)} s, after as many seconds that are not counted, so every cache is ` +
        'warm. One service runs at a time; one light client asks all of them in the same way, and SpiceDB once more by ' +
        'gRPC with its own client. Answers are compared first. ' +
        `Caches: ${caches.join('; ')}.`,
      columns: [
        '',
        'checks a request',
        'checks per second',
        'median',
        'p99',
        'processor time of the service, a check',
      ],
      rows: loads.map(({ name, checks, perSecond, median, p99, processorMicros }) => [
        name,
        String(checks),
        count(perSecond),
        duration(median),
        duration(p99),
        processorMicros === undefined ? 'not told' : duration(processorMicros),
      ]),
      targets: targetsOf(loads),
      reading: [
        ...absent,
        'The services in Go use both cores, one process of Rolecall one, and the load comes from the same machine; the processor time says what a check costs whoever asks.',
      ],
      versions,
      postgresVersion: postgres.version,
    };
  } finally {
    await postgres.close();
  }
}

function targetsOf(loads: readonly Load[]): readonly Target[] {
  const whys = {
    [1]: 'With every cache warm, all of them mostly read requests and write answers: HTTP itself is most of what is measured, one process of Node against programs in Go on both cores, which the load shares.',
    [BATCH]: 'Reading the request and writing the answer still cost more than the checks.',
  };
  return Object.entries(whys).flatMap(([checks, why]) => {
    const [own, ...others] = loads.filter((load) => String(load.checks) === checks);
    if (own === undefined || others.length === 0) return [];
    const best = others.reduce((a, b) => (b.perSecond > a.perSecond ? b : a));
    const work = `checks per second over HTTP, ${checks} a request, against the better one (${best.name})`;
    const show = (times: number): string => `${times.toFixed(1)}×`;
    return [atLeast(work, own.perSecond / best.perSecond, 5, { show, why })];
  });
}

function starters(
  postgres: BenchDatabase,
  facts: Facts,
): Readonly<Record<string, () => Promise<Service>>> {
  return {
    Rolecall: async () => (await import('../services/rolecall.ts')).startRolecall(postgres),
    OpenFGA: async () =>
      (await import('../services/openfga.ts')).startOpenFga(
        await ownDatabase(postgres, 'openfga'),
        facts,
      ),
    SpiceDB: async () =>
      (await import('../services/spicedb.ts')).startSpiceDb(
        await ownDatabase(postgres, 'spicedb'),
        facts,
      ),
  };
}

async function ownDatabase({ url }: BenchDatabase, name: string): Promise<string> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  const own = new URL(url);
  own.pathname = `/${name}`;
  own.searchParams.set('sslmode', 'disable');
  return own.href;
}

function factsOf(ids: SeededIds): Facts {
  const memberships: [string, string][] = [];
  const grants: [string, string][] = [];
  for (let organization = 1; organization <= ORGANIZATIONS; organization += 1) {
    for (let member = 1; member <= MEMBERS; member += 1) {
      for (const role of rolesOf(member)) {
        memberships.push([ids.user(organization, member), ids.role(organization, role)]);
      }
    }
    for (let role = 1; role <= ROLES; role += 1) {
      for (let grant = 1; grant <= GRANTS; grant += 1) {
        const project = projectOf(ids.organization(organization), ids.project(role, grant));
        grants.push([ids.role(organization, role), project]);
      }
    }
  }
  return { memberships, grants };
}

/** Organizations of a seed have projects of the same names; other services know one name space only. */
function projectOf(organization: string, project: string): string {
  return `${organization}_${project}`;
}

/** The roles that the seed gives a member. */
function rolesOf(member: number): readonly number[] {
  return Array.from({ length: ROLES_HELD }, (_, nth) => ((member + nth + 1) % ROLES) + 1);
}

interface Asked {
  readonly rolecall: Question;
  readonly others: Question;
}

function questionsOf(ids: SeededIds, howMany: number): readonly Asked[] {
  const random = seededRandom(1);
  const pick = (from: number): number => 1 + Math.floor(random() * from);
  return Array.from({ length: howMany }, (_, nth) => {
    const organization = pick(ORGANIZATIONS);
    const member = 1 + pick(MEMBERS - 1);
    const own = rolesOf(member)[nth % ROLES_HELD] ?? 1;
    const project = ids.project(nth % 2 === 0 ? own : pick(ROLES), pick(GRANTS));
    const rolecall = {
      organization: ids.organization(organization),
      user: ids.user(organization, member),
      project,
    };
    return {
      rolecall,
      others: { ...rolecall, project: projectOf(rolecall.organization, project) },
    };
  });
}

/** Many questions about one member each. */
function batchesOf(ids: SeededIds, howMany: number): readonly (readonly Asked[])[] {
  const random = seededRandom(2);
  const pick = (from: number): number => 1 + Math.floor(random() * from);
  return Array.from({ length: howMany }, () => {
    const organization = pick(ORGANIZATIONS);
    const user = ids.user(organization, 1 + pick(MEMBERS - 1));
    return Array.from({ length: BATCH }, () => {
      const project = ids.project(pick(ROLES), pick(GRANTS));
      const rolecall = { organization: ids.organization(organization), user, project };
      const others = { ...rolecall, project: projectOf(rolecall.organization, project) };
      return { rolecall, others };
    });
  });
}

/** What is right, by the database and nothing else. */
async function expectedAnswers(
  postgres: BenchDatabase,
  questions: readonly Asked[],
): Promise<readonly boolean[]> {
  const { access, close } = createRolecall({ database: postgres.open(4) });
  const answers = await Promise.all(
    questions.slice(0, 200).map(async ({ rolecall: { organization, user, project } }) => {
      const handle = await access.principal(organization, `user:${user}`);
      return handle.can('project:read', project);
    }),
  );
  await close();
  return answers;
}

function questionFor(service: Service, { rolecall, others }: Asked): Question {
  return service.name.startsWith('Rolecall') ? rolecall : others;
}

async function requireAgreement(
  service: Service,
  questions: readonly Asked[],
  expected: readonly boolean[],
): Promise<void> {
  for (const [nth, answer] of expected.entries()) {
    const asked = questions[nth];
    if (asked === undefined) continue;
    const question = questionFor(service, asked);
    const { path, headers, body } = service.request(question);
    const response = await fetch(`http://127.0.0.1:${String(service.port)}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });
    const text = await response.text();
    if (!response.ok || service.isAllowed(text) !== answer) {
      throw new Error(`${service.name} answers ${text} to ${JSON.stringify(question)}`);
    }
    if (service.ask !== undefined && (await service.ask(question)) !== answer) {
      throw new Error(`${service.name} answers otherwise by its own client`);
    }
  }
}

async function requireBatch(
  service: Service,
  batch: readonly Asked[],
  expected: readonly boolean[],
): Promise<void> {
  const { path, headers, body } = service.batch(batch.map((one) => questionFor(service, one)));
  const response = await fetch(`http://127.0.0.1:${String(service.port)}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  const text = await response.text();
  const right = expected.filter(Boolean).length;
  if (!response.ok || service.allowedOf(text) !== right) {
    throw new Error(`${service.name} answers a batch with ${text.slice(0, 300)}`);
  }
}

async function measure(
  service: Service,
  asked: readonly Asked[],
  batches: readonly (readonly Asked[])[],
  seconds: number,
): Promise<readonly Load[]> {
  const questions = asked.map((one) => questionFor(service, one));
  const single = questions.map((question) => service.request(question));
  await overHttp(service, single, 1, seconds);
  const loads = [await overHttp(service, single, 1, seconds)];
  if (service.ask !== undefined) {
    await byClient(service, service.ask, questions, seconds);
    loads.push(await byClient(service, service.ask, questions, seconds));
  }
  const many = batches.map((batch) => service.batch(batch.map((one) => questionFor(service, one))));
  await overHttp(service, many, BATCH, seconds);
  return [...loads, await overHttp(service, many, BATCH, seconds)];
}

async function overHttp(
  service: Service,
  requests: readonly PreparedRequest[],
  checks: number,
  seconds: number,
): Promise<Load> {
  const before = processorTime(service.processId);
  const { port, name } = service;
  const found = await loadHttp({ port, requests, connections: CONNECTIONS, seconds });
  return {
    name,
    checks,
    perSecond: found.perSecond * checks,
    median: found.p50 * 1000,
    p99: found.p99 * 1000,
    processorMicros: spent(service, before, found.answered * checks),
  };
}

async function byClient(
  service: Service,
  ask: (question: Question) => Promise<boolean>,
  questions: readonly Question[],
  seconds: number,
): Promise<Load> {
  const before = processorTime(service.processId);
  const started = performance.now();
  const samples: number[] = [];
  let at = 0;
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (performance.now() - started < seconds * 1000) {
        at = (at + 1) % questions.length;
        const question = questions[at];
        if (question === undefined) continue;
        const begun = performance.now();
        await ask(question);
        samples.push((performance.now() - begun) * 1000);
      }
    }),
  );
  const took = (performance.now() - started) / 1000;
  const { median, p99 } = summarise(samples);
  return {
    name: `${service.name.split(',')[0] ?? ''}, gRPC`,
    checks: 1,
    perSecond: samples.length / took,
    median,
    p99,
    processorMicros: spent(service, before, samples.length),
  };
}

function spent(service: Service, before: number | undefined, checks: number): number | undefined {
  const after = processorTime(service.processId);
  return before === undefined || after === undefined ? undefined : (after - before) / checks;
}
