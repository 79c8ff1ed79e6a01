import { setTimeout as sleep } from 'node:timers/promises';
import { createTestDatabase } from '@rolecall/testkit';
import { type Simulator, startSimulator } from '@rolecall/workos-simulator';
import { afterAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { openDatabase, query } from '../../database/index.ts';
import { Circuit } from '../circuit.ts';
import { claimProbe, openCircuit, readGate } from '../circuit-store.ts';
import { type CircuitTimings } from '../circuit-timings.ts';
import { type WorkosFailure, workosFailure } from '../failure.ts';
import { openWorkos, type Workos } from '../index.ts';
import { bucketsFor, documentedLimits } from '../limits.ts';

const test = await createTestDatabase();
const { db } = test;
afterAll(() => test.close());

const timings: CircuitTimings = {
  failuresToOpen: 5,
  firstRetryMs: 150,
  maxRetryMs: 600,
  refusedRetryMs: 150,
  probeLeaseMs: 1_000,
  watchMs: 50,
};
const buckets = bucketsFor(documentedLimits, 0.8);

let simulator: Simulator;
beforeEach(async () => {
  await query(db, { text: 'DELETE FROM rolecall.workos_gate' });
  await query(db, { text: 'INSERT INTO rolecall.workos_gate DEFAULT VALUES' });
  simulator = await startSimulator();
  return () => simulator.close();
});

function openProcess(apiKey = simulator.apiKey): Workos {
  const workos = openWorkos({
    db,
    apiKey,
    apiUrl: simulator.url,
    timeoutMs: 200,
    circuit: timings,
  });
  onTestFinished(() => workos.close());
  return workos;
}

const read = (workos: Workos) => workos.port.listOrganizations();
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'ok',
    (error: unknown) => (error as WorkosFailure).code,
  );
const isClosed = (workos: Workos) =>
  vi.waitFor(() => {
    expect(workos.circuitState()).toBe('closed');
  }, 5_000);

async function failUntilOpen(workos: Workos): Promise<readonly string[]> {
  const codes: string[] = [];
  while (workos.circuitState() === 'closed') codes.push(await codeOf(read(workos)));
  return codes;
}

describe('while WorkOS is away', () => {
  it.each([
    ['drop', 'connection_lost'],
    ['error', 'server_error'],
    ['hang', 'timeout'],
  ] as const)('an outage (%s) stops every process after a few calls', async (outage, code) => {
    const [one, other] = [openProcess(), openProcess()];
    simulator.faults.outage(outage);
    expect(await failUntilOpen(one)).toEqual(Array.from({ length: 5 }, () => code));
    simulator.requests.clear();
    expect(await codeOf(read(one))).toBe('circuit_open');
    expect(await codeOf(read(other))).toBe('circuit_open');
    await expect(other.port.setMembershipRoles('om_1', ['member'])).rejects.toMatchObject({
      kind: 'unavailable',
      ambiguous: false,
      status: null,
    });
    const routes = Object.keys(simulator.requests.counts().byRoute);
    expect(routes.filter((route) => route !== 'GET /authorization/roles')).toEqual([]);
  });

  it('one process at a time sends a probe, less and less often', async () => {
    const processes = [openProcess(), openProcess(), openProcess()];
    simulator.faults.outage('error');
    for (const workos of processes) await failUntilOpen(workos);
    simulator.requests.clear();
    await sleep(2_000);
    const probes = simulator.requests.list({ path: '/authorization/roles' });
    expect(simulator.requests.counts().total).toBe(probes.length);
    expect(simulator.requests.counts().peakInFlight).toBe(1);
    expect(probes.length).toBeGreaterThanOrEqual(3);
    // 150, 300, 600, 600, 600 ms, each between one half and the whole of it
    expect(probes.length).toBeLessThanOrEqual(10);
  });

  it('a probe that succeeds wakes all processes', async () => {
    const processes = [openProcess(), openProcess()];
    const heard = processes.map((workos) => {
      const states: string[] = [];
      workos.onCircuitChange((state) => states.push(state));
      return states;
    });
    simulator.faults.outage('drop');
    for (const workos of processes) await failUntilOpen(workos);
    simulator.faults.heal();
    for (const workos of processes) await isClosed(workos);
    expect(heard).toEqual([
      ['open', 'closed'],
      ['open', 'closed'],
    ]);
    for (const workos of processes) expect(await codeOf(read(workos))).toBe('ok');
  });

  it('answers of another kind in between keep the circuit closed', async () => {
    const workos = openProcess();
    simulator.faults.add({ fault: { kind: 'error', status: 503 }, nth: [1, 2, 3, 4, 6, 7, 8, 9] });
    for (let turn = 0; turn < 10; turn += 1) await codeOf(read(workos));
    expect(workos.circuitState()).toBe('closed');
  });

  it.each([400, 404, 409, 422])(
    'any number of answers %i keeps the circuit closed',
    async (status) => {
      const workos = openProcess();
      const body = { message: 'no', code: 'no' };
      simulator.faults.add({ fault: { kind: 'reply', status, body } });
      const work = () => codeOf(workos.port.getUser('user_1'));
      for (let turn = 0; turn < 10; turn += 1) await work();
      expect(workos.circuitState()).toBe('closed');
    },
  );

  it('an answer that cannot be from WorkOS counts as none', async () => {
    const workos = openProcess();
    simulator.faults.add({ fault: { kind: 'error', status: 418, body: 'html' } });
    expect(await failUntilOpen(workos)).toHaveLength(5);
    expect(workos.circuitState()).toBe('open');
  });
});

describe('when the key is refused', () => {
  it('the first refusal stops every process, and a working key starts them again', async () => {
    const [one, other] = [openProcess(), openProcess()];
    simulator.faults.revokeKey();
    expect(await codeOf(read(one))).toBe('key_refused');
    expect(await codeOf(read(one))).toBe('key_stopped');
    expect(await codeOf(read(other))).toBe('key_stopped');
    await sleep(400);
    expect(simulator.requests.counts().byRoute['GET /organizations']).toBe(1);
    simulator.faults.restoreKey();
    await isClosed(one);
    await isClosed(other);
    expect(await codeOf(read(one))).toBe('ok');
  });

  it('an old key does not stop those that have a new one', async () => {
    const old = openProcess();
    const renewed = openProcess(simulator.faults.addKey());
    simulator.faults.revokeKey();
    simulator.faults.restoreKey(); // the new one alone
    expect(await codeOf(read(old))).toBe('key_refused');
    await vi.waitFor(async () => {
      expect(await codeOf(read(renewed))).toBe('ok');
    }, 2_000);
    for (let turn = 0; turn < 10; turn += 1) {
      expect(await codeOf(read(old))).toBe('key_stopped');
      expect(await codeOf(read(renewed))).toBe('ok');
      await sleep(50);
    }
    expect(old.circuitState()).toBe('refused');
  });

  it('a 403 about one thing stops the environment for the length of a probe', async () => {
    const workos = openProcess();
    const match = { path: '/organizations/*' };
    const fault = { kind: 'reply', status: 403, body: { message: 'Forbidden' } } as const;
    simulator.faults.add({ match, fault });
    expect(await codeOf(workos.port.getOrganization('org_1'))).toBe('forbidden');
    const began = performance.now();
    await isClosed(workos);
    expect(performance.now() - began).toBeLessThan(500);
    expect(await codeOf(read(workos))).toBe('ok');
  });
});

describe('a process', () => {
  const options = (probe: () => Promise<unknown>, keyFingerprint = 'key a') => ({
    db,
    buckets,
    probe,
    keyFingerprint,
    timings,
    random: () => 0.5,
    newId: () => crypto.randomUUID(),
    monotonic: () => performance.now(),
  });
  const open = (probe: () => Promise<unknown>, key?: string): Circuit => {
    const circuit = new Circuit(options(probe, key));
    onTestFinished(() => circuit.close());
    return circuit;
  };
  const outage = workosFailure('unavailable', 'timeout', { call: 'GET /x' });

  it('does not open the circuit because of what was sent before it was closed again', async () => {
    const circuit = open(() => Promise.resolve());
    for (let turn = 0; turn < 5; turn += 1) await circuit.observe(1, outage);
    await vi.waitFor(() => {
      expect(circuit.state).toBe('closed');
    }, 2_000);
    for (let turn = 0; turn < 20; turn += 1) await circuit.observe(1, outage);
    await circuit.observe(2, outage);
    expect(await readGate(db, buckets)).toMatchObject({ circuit: 'closed', term: 2 });
  });

  it('takes the probe over when its holder has died', async () => {
    await openCircuit(db, 1, 0);
    const dead = { holder: crypto.randomUUID(), leaseMs: 300, key: 'key a' };
    expect(await claimProbe(db, dead)).toBe(true);
    let probes = 0;
    const circuit = open(() => Promise.resolve((probes += 1)));
    circuit.notice('open');
    await sleep(150);
    expect(probes).toBe(0);
    await vi.waitFor(() => {
      expect(circuit.state).toBe('closed');
    }, 2_000);
    expect(probes).toBe(1);
  });

  it('goes on by itself when its own key works again', async () => {
    let works = false;
    const refused = workosFailure('unauthorized', 'key_refused', { call: 'GET /x' });
    const old = open(() => (works ? Promise.resolve() : Promise.reject(refused)));
    const renewed = open(() => Promise.resolve(), 'key b');
    await old.observe(1, refused);
    renewed.notice('refused');
    await vi.waitFor(() => {
      expect(renewed.state).toBe('closed');
    }, 2_000);
    await sleep(300);
    expect(old.state).toBe('refused');
    expect(renewed.state).toBe('closed');
    works = true;
    await vi.waitFor(() => {
      expect(old.state).toBe('closed');
    }, 2_000);
  });

  it('waits as long as a probe is told to wait', async () => {
    const throttled = workosFailure('throttled', 'rate_limited', {
      call: 'GET /x',
      retryAfterMs: 60_000,
    });
    let probes = 0;
    const circuit = open(() => {
      probes += 1;
      return Promise.reject(throttled);
    });
    await openCircuit(db, 1, 0);
    circuit.notice('open');
    await sleep(500);
    expect(probes).toBe(1);
    expect((await readGate(db, buckets)).pausedForMs).toBeGreaterThan(50_000);
  });

  it('says that the database is away, and goes on when it is back', async () => {
    const own = openDatabase({ url: test.url, maxConnections: 1 });
    const workos = openWorkos({ db: own.db, apiKey: simulator.apiKey, apiUrl: simulator.url });
    onTestFinished(() => workos.close());
    expect(await codeOf(read(workos))).toBe('ok');
    await own.close();
    await sleep(1_100); // what was reserved before is forgotten
    await expect(read(workos)).rejects.toMatchObject({ code: 'shutting_down', species: 'outage' });
  });
});
