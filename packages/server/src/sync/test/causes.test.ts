import { afterEach, describe, expect, it } from 'vitest';
import { verifyHistory } from '../../audit/index.ts';
import { drainEnvironment, pullEvents } from '../index.ts';
import { openWorld, type World } from './world.ts';

const worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

async function linked(): Promise<World> {
  const world = await openWorld({
    before: ({ dashboard }) => {
      const organization = 'Acme';
      dashboard.createRole({ organization, slug: 'org-auditor', name: 'Auditor' });
      dashboard.addMember({ organization, user: 'ada@acme.test', roles: ['admin'] });
      dashboard.addMember({ organization, user: 'bob@acme.test', roles: ['org-auditor'] });
    },
  });
  worlds.push(world);
  await pullEvents({ db: world.test.db, port: world.workos.port });
  await world.settle();
  return world;
}

const bob = { organization: 'Acme', user: 'bob@acme.test' };

interface Told {
  readonly action: string;
  readonly actor: string;
  readonly cause: string | null;
  /** The type of the event that is its cause. */
  readonly type: string | null;
}

/** What the history tells beyond what it told before. */
async function toldAfter(world: World, work: () => Promise<void>): Promise<readonly Told[]> {
  const [before] = await world.rows<{ last: number }>(
    'SELECT max(sequence) AS last FROM rolecall.audit_events',
  );
  await work();
  return world.rows<Told>(
    `SELECT e.action, e.actor, e.cause, i.type FROM rolecall.audit_events e
       LEFT JOIN rolecall.sync_inbox i ON i.event_id = e.cause
       WHERE e.sequence > $1 ORDER BY e.sequence`,
    before?.last ?? 0,
  );
}

describe('the history of what WorkOS changed', () => {
  it.each([
    [
      'a renamed role',
      'role.updated',
      'organization_role.updated',
      (world: World) => {
        world.simulator.dashboard.renameRole({
          organization: 'Acme',
          slug: 'org-auditor',
          name: 'Inspector',
        });
      },
    ],
    [
      'changed roles',
      'member.roles_changed',
      'organization_membership.updated',
      (world: World) => {
        world.simulator.dashboard.changeMemberRoles({ ...bob, roles: ['member', 'org-auditor'] });
      },
    ],
    [
      'a new role',
      'role.created',
      'organization_role.created',
      (world: World) => {
        world.simulator.dashboard.createRole({
          organization: 'Acme',
          slug: 'org-writer',
          name: 'Writer',
        });
      },
    ],
    [
      'a new member',
      'member.added',
      'organization_membership.created',
      (world: World) => {
        world.simulator.dashboard.addMember({
          organization: 'Acme',
          user: 'cy@acme.test',
          roles: ['member'],
        });
      },
    ],
    [
      'a suspension',
      'member.updated',
      'organization_membership.updated',
      (world: World) => {
        world.simulator.dashboard.suspendMember(bob);
      },
    ],
  ] as const)('names the event that led to %s', async (_, action, type, change) => {
    const world = await linked();
    const told = await toldAfter(world, async () => {
      change(world);
      await pullEvents({ db: world.test.db, port: world.workos.port });
      await drainEnvironment({ db: world.test.db, port: world.workos.port });
      await world.settle();
    });
    expect(told.map((one) => [one.actor, one.action, one.type])).toContainEqual([
      'workos',
      action,
      type,
    ]);
    expect((await verifyHistory(world.test.db, world.organizationId)).broken).toBeNull();
  });

  it('names no event for what a comparison of everything has found', async () => {
    const world = await openWorld({
      before: ({ dashboard }) => {
        dashboard.addMember({ organization: 'Acme', user: 'ada@acme.test', roles: ['admin'] });
      },
    });
    worlds.push(world);
    const told = await toldAfter(world, () => world.settle());
    const added = told.filter((one) => one.action === 'member.added');
    expect(added).toMatchObject([{ actor: 'workos', cause: null }]);
  });
});
