import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@rolecall/testkit';
import { expect, it, onTestFinished } from 'vitest';
import { createRole, updateRole } from '../../roles/index.ts';
import {
  allSent,
  openPeopled,
  type Running,
  type RunnerUnderTest,
  startProcess,
  takenIn,
} from './runner-under-test.ts';
import { type World } from './world.ts';

const ROLES = 12;

/** What has to hold when calls fail, work is cut off and processes die. */
export function describeCrashes(
  name: string,
  runner: RunnerUnderTest,
  { alone, beside }: Readonly<Record<'alone' | 'beside', () => Promise<Running>>>,
): void {
  /** Another runner, in this process. */
  const startOther = async (world: World): Promise<void> => {
    const other = runner.open(world);
    onTestFinished(() => other.close());
    await other.start();
  };

  it(`INVARIANT (at least once): ${name} does again what a killed worker was doing`, async () => {
    const world = await openWorldOfProcess();
    const first = await startProcess(runner, world);
    await takenIn(world);
    world.simulator.faults.add({ match: { method: 'POST' }, fault: { kind: 'hang' }, times: 1 });
    await world.run(createRole, { name: 'Auditor', grants: [] });
    await eventually(() => {
      expect(writesOf(world)).toHaveLength(1);
    });
    await first.kill();
    await startOther(world);
    await allSent(world, 50_000);
    expect(await nameThere(world, 'org-auditor')).toBe('Auditor');
  }, 90_000);

  it(`${name} leaves the work of a killed worker to the others`, async () => {
    const world = await openWorldOfProcess();
    const worker = await startProcess(runner, world);
    await takenIn(world);
    const slow = { match: { method: 'POST' }, fault: { kind: 'delay', ms: 500 } } as const;
    const fault = world.simulator.faults.add(slow);
    for (let number = 1; number <= ROLES; number += 1) {
      await world.run(createRole, { name: `Role ${number}`, grants: [] });
    }
    await eventually(() => {
      expect(writesOf(world)).not.toEqual([]);
    });
    // The other one is there while the first works, and hears of more than the first will live to do.
    await startOther(world);
    await world.run(createRole, { name: 'Late role', grants: [] });
    await worker.kill();
    expect((await world.entities()).filter((entity) => entity.pending).length).toBeGreaterThan(1);
    world.simulator.faults.remove(fault);
    await allSent(world, 50_000);
    expect(await nameThere(world, `org-role-${ROLES}`)).toBe(`Role ${ROLES}`);
    expect(await nameThere(world, 'org-late-role')).toBe('Late role');
  }, 90_000);

  it(`${name} ends when it is asked to, with its work undone and no lease held`, async () => {
    const world = await openWorldOfProcess();
    const worker = await startProcess(runner, world);
    await takenIn(world);
    world.simulator.faults.add({ match: { method: 'POST' }, fault: { kind: 'delay', ms: 300 } });
    for (let number = 1; number <= ROLES; number += 1) {
      await world.run(createRole, { name: `Role ${number}`, grants: [] });
    }
    expect(await worker.stop()).toBe(0);
    const pending = (await world.entities()).filter((entity) => entity.pending);
    expect(pending).not.toEqual([]);
    expect(
      await world.rows('SELECT FROM rolecall.sync_organizations WHERE holder IS NOT NULL'),
    ).toEqual([]);
    const { inFlight } = world.simulator.requests.counts();
    expect(inFlight).toBe(0);
    await startOther(world);
    await allSent(world, 50_000);
  }, 90_000);

  it(`INVARIANT (one at a time): ${name} sends nothing of an organization beside something else of it`, async () => {
    const { world } = await beside();
    const fault = world.simulator.faults.add({ fault: { kind: 'delay', ms: 40 } });
    onTestFinished(() => {
      world.simulator.faults.remove(fault);
    });
    await Promise.all(
      Array.from({ length: ROLES }, async (_, number) => {
        await sleep(number * 15);
        await world.run(createRole, { name: `Role ${number}`, grants: [] });
      }),
    );
    await allSent(world, 30_000);
    expect(writesOf(world)).toHaveLength(ROLES);
    expect(overlapsOf(world)).toEqual([]);
  }, 60_000);

  it(`INVARIANT (no wake-up lost): ${name} hears every commit, also while it works`, async () => {
    const { world } = await alone();
    const role = await world.run(createRole, { name: 'Caller', grants: [] });
    for (let turn = 1; turn <= 40; turn += 1) {
      await world.run(updateRole, { roleId: role.id, name: `Caller ${turn}` });
      await sleep((turn * 37) % 60);
      if (turn % 10 === 0) await allSent(world);
    }
    expect(await nameThere(world, 'org-caller')).toBe('Caller 40');
  }, 90_000);

  it(`${name} tries again what fails alone, later each time, and lets everything else pass`, async () => {
    const { world } = await alone();
    const role = await world.run(createRole, { name: 'Poison', grants: [] });
    await allSent(world);
    const match = { method: 'PATCH', path: '/authorization/organizations/*/roles/org-poison' };
    const poison = world.simulator.faults.add({
      match,
      fault: { kind: 'reply', status: 200, body: {} },
    });
    await world.run(updateRole, { roleId: role.id, name: 'Poisoned' });
    await world.run(createRole, { name: 'Passing', grants: [] });
    await eventually(async () => {
      expect(await nameThere(world, 'org-passing')).toBe('Passing');
      expect(await failuresOf(world, role.id)).toBeGreaterThanOrEqual(2);
    }, 30_000);
    world.simulator.faults.remove(poison);
    await allSent(world, 40_000);
    expect(await nameThere(world, 'org-poison')).toBe('Poisoned');
  }, 90_000);
}

async function openWorldOfProcess(): Promise<World> {
  const world = await openPeopled();
  onTestFinished(() => world.close());
  return world;
}

function writesOf({ simulator }: World) {
  return simulator.requests.list().filter(({ method }) => method !== 'GET' && method !== 'PUT');
}

/** Writes that began before the one before them had ended. */
function overlapsOf(world: World): readonly number[] {
  const spans = writesOf(world).map(({ number, at, durationMs }) => {
    const from = Date.parse(at);
    return { number, from, to: from + (durationMs ?? Infinity) };
  });
  return spans
    .filter(({ from }, index) => from < (spans[index - 1]?.to ?? 0))
    .map((one) => one.number);
}

async function failuresOf(world: World, roleId: string): Promise<number> {
  const [row] = await world.rows<{ failures: number }>(
    'SELECT failures FROM rolecall.sync_entities WHERE subject_id = $1',
    roleId,
  );
  return row?.failures ?? 0;
}

async function nameThere({ workos, remoteId }: World, slug: string): Promise<string> {
  return (await workos.port.getOrganizationRole(remoteId, slug)).name;
}
