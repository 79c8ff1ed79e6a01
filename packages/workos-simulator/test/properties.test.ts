import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createManualClock, createSimulator, type SimulatorHandler } from '../src/index.ts';
import { type Json, textOf } from './json.ts';
import { createOpenApiValidator } from './openapi-validator.ts';
import { expectedModel, replay } from './replay.ts';

const validator = createOpenApiValidator();

/** One step: what is done, and numbers that choose to whom. */
interface Step {
  readonly what: string;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

interface Run {
  readonly simulator: SimulatorHandler;
  readonly call: (method: string, path: string, body?: Json) => Promise<number>;
}

const SLUGS = ['admin', 'member', 'viewer', 'org-a', 'org-b', 'org-c'];

/** Everything that happens to an environment, by the API, by hand, by a directory, and by time. */
const STEPS: Readonly<Record<string, (run: Run, pick: Picks) => unknown>> = {
  createOrganization: ({ call }, { c }) =>
    call('POST', '/organizations', { name: `Org ${c}`, metadata: { n: String(c) } }),
  renameOrganization: ({ call }, { organization, c }) =>
    call('PUT', `/organizations/${organization}`, { name: `Renamed ${c}`, external_id: `x${c}` }),
  deleteOrganization: ({ call }, { organization, c }) =>
    c % 4 === 0 ? call('DELETE', `/organizations/${organization}`) : null,
  createUser: ({ call }, { c }) =>
    call('POST', '/user_management/users', { email: `u${c}@x.example` }),
  updateUser: ({ call }, { user, c }) =>
    call('PUT', `/user_management/users/${user}`, { first_name: `N${c}`, external_id: `e${c}` }),
  deleteUser: ({ call }, { user, c }) =>
    c % 3 === 0 ? call('DELETE', `/user_management/users/${user}`) : null,
  createMembership: ({ call }, { organization, user, slugs }) =>
    call('POST', '/user_management/organization_memberships', {
      organization_id: organization,
      user_id: user,
      role_slugs: slugs,
    }),
  setRoles: ({ call }, { membership, slugs }) =>
    call('PUT', `/user_management/organization_memberships/${membership}`, { role_slugs: slugs }),
  deactivate: ({ call }, { membership }) =>
    call('PUT', `/user_management/organization_memberships/${membership}/deactivate`),
  reactivate: ({ call }, { membership }) =>
    call('PUT', `/user_management/organization_memberships/${membership}/reactivate`),
  deleteMembership: ({ call }, { membership }) =>
    call('DELETE', `/user_management/organization_memberships/${membership}`),
  createRole: ({ call }, { organization, slug, c }) =>
    call('POST', `/authorization/organizations/${organization}/roles`, { slug, name: `R${c}` }),
  renameRole: ({ call }, { organization, slug, c }) =>
    call('PATCH', `/authorization/organizations/${organization}/roles/${slug}`, {
      name: `R${c}`,
      description: c % 2 === 0 ? null : `about ${c}`,
    }),
  deleteRole: ({ call }, { organization, slug }) =>
    call('DELETE', `/authorization/organizations/${organization}/roles/${slug}`),
  createEnvironmentRole: ({ call }, { slug, c }) =>
    call('POST', '/authorization/roles', { slug, name: `E${c}` }),
  invite: ({ call }, { organization, slug, c }) =>
    call('POST', '/user_management/invitations', {
      email: `u${c}@x.example`,
      organization_id: organization,
      role_slug: slug,
    }),
  accept: ({ call }, { invitation }) =>
    call('POST', `/user_management/invitations/${invitation}/accept`),
  revoke: ({ call }, { invitation }) =>
    call('POST', `/user_management/invitations/${invitation}/revoke`),
  retireRole: ({ simulator }, { slug }) => simulator.dashboard.deleteRole({ slug }),
  forceDeleteRole: ({ simulator }, { organization, slug }) =>
    simulator.dashboard.deleteRole({ organization, slug }),
  recreateMember: ({ simulator }, { membership }) =>
    simulator.dashboard.recreateMember({ membership }),
  multipleRoles: ({ simulator }, { c }) =>
    simulator.dashboard.setMultipleRoles({ enabled: c % 3 !== 0 }),
  provision: ({ simulator }, { organization, c }) =>
    simulator.directory.provision({ organization, email: `u${c}@x.example` }),
  suspend: ({ simulator }, { organization, user }) =>
    simulator.directory.suspend({ organization, user }),
  letIn: ({ simulator }, { organization, user }) =>
    simulator.directory.reactivate({ organization, user }),
  createGroup: ({ simulator }, { organization, c }) =>
    simulator.directory.createGroup({ organization, name: `G${c % 3}` }),
  mapGroup: ({ simulator }, { organization, slug, c }) =>
    simulator.directory.mapGroup({
      organization,
      group: `G${c % 3}`,
      role: c % 5 === 0 ? null : slug,
    }),
  setGroups: ({ simulator }, { organization, user, c }) =>
    simulator.directory.setGroups({ organization, user, groups: [`G${c % 3}`] }),
  disconnect: ({ simulator }, { organization, c }) =>
    c % 3 === 0 ? simulator.directory.disconnect({ organization }) : null,
};

interface Picks {
  readonly organization: string;
  readonly user: string;
  readonly membership: string;
  readonly invitation: string;
  readonly slug: string;
  readonly slugs: readonly string[];
  readonly c: number;
}

function picksOf(simulator: SimulatorHandler, { a, b, c }: Step): Picks {
  const state = simulator.state();
  const pick = (objects: readonly Json[], index: number): string =>
    textOf(objects[index % Math.max(1, objects.length)], 'id') || 'none';
  const slug = SLUGS[b % SLUGS.length] ?? 'member';
  return {
    organization: pick(state.organizations, a),
    user: pick(state.users, b),
    membership: pick(state.organization_memberships, a * 7 + b),
    invitation: pick(state.invitations, a + b),
    slug,
    slugs: [slug, SLUGS[c % SLUGS.length] ?? 'member'].slice(0, 1 + (a % 2)),
    c,
  };
}

async function perform(steps: readonly Step[], seed: string): Promise<Run> {
  const clock = createManualClock();
  const simulator = createSimulator({
    seed,
    clock,
    rateLimits: 'off',
    observe: validator.observe,
    reassignment: { delayMs: 20, batch: 2 },
  });
  const call = async (method: string, path: string, body?: Json): Promise<number> => {
    const response = await simulator.fetch(
      new Request(`http://simulator.invalid${path}`, {
        method,
        headers: { Authorization: `Bearer ${simulator.apiKey}` },
        body: body === undefined ? null : JSON.stringify(body),
      }),
    );
    return response.status;
  };
  const run = { simulator, call };
  for (const step of steps) {
    try {
      await STEPS[step.what]?.(run, picksOf(simulator, step));
    } catch (error) {
      // What a person asks for may be refused; anything else is a bug.
      if (!(error instanceof Error) || error.name !== 'Refusal') throw error;
    }
    await clock.advance(step.c % 3 === 0 ? 0 : 7);
  }
  return run;
}

const step: fc.Arbitrary<Step> = fc.record({
  what: fc.constantFrom(...Object.keys(STEPS)),
  a: fc.nat(50),
  b: fc.nat(50),
  c: fc.nat(12),
});
// A few objects to begin with, so that most steps find what they need.
const beginning: readonly Step[] = [
  ...[1, 2].map((c) => ({ what: 'createOrganization', a: 0, b: 0, c })),
  ...[1, 2, 3, 4].map((c) => ({ what: 'createUser', a: 0, b: 0, c })),
  ...[0, 1, 2, 3].map((b) => ({ what: 'createMembership', a: b, b, c: 1 })),
  ...[3, 4].map((b) => ({ what: 'createRole', a: b, b, c: b })),
];
const steps = fc
  .array(step, { minLength: 20, maxLength: 120 })
  .map((more) => [...beginning, ...more]);

/** The stream as a reader sees it, page by page. */
async function readStream(simulator: SimulatorHandler, limit: number): Promise<readonly Json[]> {
  const types = [
    ...['created', 'updated', 'deleted'].flatMap((what) =>
      ['organization', 'user', 'organization_membership', 'organization_role', 'role'].map(
        (kind) => `${kind}.${what}`,
      ),
    ),
    ...['created', 'accepted', 'revoked'].map((what) => `invitation.${what}`),
  ];
  const events: Json[] = [];
  for (let after = ''; ;) {
    const response = await simulator.fetch(
      new Request(
        `http://simulator.invalid/events?events=${types.join(',')}&limit=${limit}${after}`,
        { headers: { Authorization: `Bearer ${simulator.apiKey}` } },
      ),
    );
    const page = (await response.json()) as {
      data: Json[];
      list_metadata: { after: string | null };
    };
    events.push(...page.data);
    if (page.list_metadata.after === null) return events;
    after = `&after=${page.list_metadata.after}`;
  }
}

describe('whatever happens to an environment', () => {
  test('INVARIANT (one membership per organization and user): the state stays consistent', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const { simulator } = await perform(all, 'consistent');
        expect(simulator.inconsistencies()).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  test('INVARIANT (every change has its event): replaying the stream gives the state', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 3, max: 100 }), async (all, limit) => {
        const { simulator } = await perform(all, 'replay');
        const events = await readStream(simulator, limit);
        expect(replay(events)).toEqual(expectedModel(simulator.state()));
      }),
      { numRuns: 60 },
    );
  });

  test('INVARIANT (time-ordered stream): the stream ascends by id and by time', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const { simulator } = await perform(all, 'ordered');
        const events = await readStream(simulator, 17);
        const ids = events.map((event) => String(event['id']));
        const times = events.map((event) => String(event['created_at']));
        expect(ids).toEqual(ids.toSorted());
        expect(times).toEqual(times.toSorted());
        expect(new Set(ids).size).toBe(ids.length);
      }),
      { numRuns: 20 },
    );
  });

  test('the same seed and the same calls give the same result, another seed another', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const result = async (seed: string): Promise<string> => {
          const { simulator } = await perform(all, seed);
          return JSON.stringify([simulator.state({ events: true }), simulator.snapshot()]);
        };
        const first = await result('one');
        expect(await result('one')).toBe(first);
        expect(await result('two')).not.toBe(first);
      }),
      { numRuns: 15 },
    );
  });

  test('a saved and restored environment is the same one', async () => {
    const { restoreSnapshot } = await import('../src/snapshot.ts');
    const { createWorld } = await import('../src/state/world.ts');
    const { viewState } = await import('../src/control/index.ts');
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const { simulator } = await perform(all, 'saved');
        const saved = structuredClone(simulator.snapshot());
        const { now, environment_id: environmentId } = simulator.state();
        const world = createWorld('saved', createManualClock(Date.parse(now)), {
          environmentId,
          multipleRoles: true,
          defaultRoleSlug: '',
          rolePriority: [],
          reassignment: { delayMs: 1, batch: 1 },
        });
        restoreSnapshot(world, saved);
        expect(viewState(world, true)).toEqual(simulator.state({ events: true }));
      }),
      { numRuns: 15 },
    );
  });
});

test('all of that was as the published document says', () => {
  expect([...new Set(validator.problems())]).toEqual([]);
});

test('under faults, too, a run is repeated by its seed', async () => {
  const run = async (): Promise<readonly unknown[]> => {
    const clock = createManualClock();
    const simulator = createSimulator({ seed: 99, clock });
    simulator.dashboard.createOrganization({ name: 'Acme' });
    const { id } = simulator.dashboard.createUser({ email: 'u@x.example' });
    simulator.faults.chaos({ rate: 0.6, hangMs: 10, delayMs: 5, lateMs: 40 });
    const statuses: unknown[] = [];
    for (let index = 0; index < 60; index += 1) {
      const answer = simulator
        .fetch(
          new Request(`http://simulator.invalid/user_management/users/${id}`, {
            method: 'PUT',
            headers: { Authorization: `Bearer ${simulator.apiKey}` },
            body: JSON.stringify({ first_name: `Name ${index}` }),
          }),
        )
        .then(
          (response) => response.status,
          (error: unknown) => String(error),
        );
      await clock.advance(50);
      statuses.push(await answer);
    }
    return [statuses, simulator.faults.struck(), simulator.state({ events: true })];
  };
  expect(await run()).toEqual(await run());
});
