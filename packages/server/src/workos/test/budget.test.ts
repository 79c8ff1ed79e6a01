import { once } from 'node:events';
import { createTestDatabase, forkProgram } from '@rolecall/testkit';
import { type RateLimit, type Simulator, startSimulator } from '@rolecall/workos-simulator';
import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { query } from '../../database/index.ts';
import {
  type CallReport,
  documentedLimits,
  openWorkos,
  type Workos,
  type WorkosLimits,
} from '../index.ts';
import type { BudgetReport, BudgetTask } from './budget-process.ts';
import { openUngatedPort } from './ungated-port.ts';

/** WorkOS's limits, tenfold narrower and in shorter windows, so that seconds are enough to break them. */
const limits: WorkosLimits = {
  all: { calls: 400, windowMs: 4_000 },
  userReads: { calls: 160, windowMs: 2_000 },
  userWrites: { calls: 80, windowMs: 2_000 },
};
const test = await createTestDatabase();
afterAll(() => test.close());

function enforced(name: keyof WorkosLimits, applies: RateLimit['applies']): RateLimit {
  const { calls: limit, windowMs } = limits[name];
  return { name, limit, windowMs, per: 'environment', applies };
}

async function startNarrow(): Promise<{ simulator: Simulator; membership: string }> {
  const about = (path: string) => path.startsWith('/user_management/');
  const simulator = await startSimulator({
    rateLimits: [
      enforced('all', () => true),
      enforced('userReads', (method, path) => method === 'GET' && about(path)),
      enforced('userWrites', (method, path) => method !== 'GET' && about(path)),
    ],
  });
  onTestFinished(() => simulator.close());
  const organization = simulator.dashboard.createOrganization({ name: 'Acme' }).id;
  const { id } = simulator.dashboard.addMember({ organization, user: 'ada@acme.example' });
  return { simulator, membership: id };
}

async function openOn(simulator: Simulator, more = {}): Promise<Workos> {
  await query(test.db, { text: 'DELETE FROM rolecall.workos_gate' });
  await query(test.db, { text: 'INSERT INTO rolecall.workos_gate DEFAULT VALUES' });
  const { apiKey, url: apiUrl } = simulator;
  const workos = openWorkos({ db: test.db, apiKey, apiUrl, limits, share: 1, ...more });
  onTestFinished(() => workos.close());
  return workos;
}

async function runProcess(task: BudgetTask): Promise<BudgetReport> {
  const child = forkProgram(new URL('./budget-process.ts', import.meta.url));
  onTestFinished(() => {
    child.kill();
  });
  child.send(task);
  const [report] = (await once(child, 'message')) as [BudgetReport];
  return report;
}

describe('four processes that call as fast as they may', () => {
  it('INVARIANT (budget): never exceed a limit of WorkOS, and use most of it', async () => {
    const { simulator, membership } = await startNarrow();
    const forMs = 6_000;
    const task: BudgetTask = {
      databaseUrl: test.url,
      apiUrl: simulator.url,
      apiKey: simulator.apiKey,
      limits,
      membership,
      forMs,
      concurrency: 16,
    };
    const reports = await Promise.all([1, 2, 3, 4].map(() => runProcess(task)));
    expect(reports.flatMap((report) => report.otherFailures)).toEqual([]);
    expect(reports.every((report) => report.sent > 0)).toBe(true);
    for (const usage of simulator.rateLimits()) {
      expect(usage.rejected, usage.name).toBe(0);
      expect(usage.peak, usage.name).toBeLessThanOrEqual(usage.limit);
    }
    const usage = new Map(simulator.rateLimits().map((one) => [one.name, one]));
    // What the steady rate alone, without the burst, comes to in the time given.
    const { calls, windowMs } = limits.userWrites;
    const steady = ((calls * 0.8 * 0.9) / (windowMs + 2_000)) * forMs;
    expect(usage.get('userWrites')?.admitted).toBeGreaterThan(steady * 0.7);
  }, 60_000);

  it('would exceed them without the shared budget', async () => {
    const { simulator, membership } = await startNarrow();
    const ungated = openUngatedPort({ apiKey: simulator.apiKey, apiUrl: simulator.url });
    const work = Array.from({ length: 300 }, () => ungated.port.getMembership(membership));
    await Promise.allSettled(work);
    ungated.close();
    expect(simulator.rateLimits().some((usage) => usage.rejected > 0)).toBe(true);
  });
});

describe('the shared budget', () => {
  it('lets a revocation go before everything that waits', async () => {
    const { simulator, membership } = await startNarrow();
    const reports: CallReport[] = [];
    const { port } = await openOn(simulator, {
      onCall: (report: CallReport) => reports.push(report),
    });
    const roles = ['member'];
    const ordinary = Array.from({ length: 60 }, () => port.setMembershipRoles(membership, roles));
    await ordinary[0];
    const revocation = port.setMembershipRoles(membership, roles, { lane: 'revocation' });
    await revocation;
    const waiting = reports.filter((report) => report.lane === 'ordinary').length;
    expect(waiting).toBeLessThan(20);
    expect(reports.at(-1)).toMatchObject({ lane: 'revocation', outcome: 'ok' });
    expect(reports.at(-1)?.waitedMs).toBeLessThan(250);
    await Promise.allSettled(ordinary);
  });

  it('asks the database once for many calls', async () => {
    const simulator = await startSimulator();
    onTestFinished(() => simulator.close());
    const workos = await openOn(simulator, { limits: documentedLimits });
    const connect = vi.spyOn(test.database.pool, 'connect');
    for (let turn = 0; turn < 64; turn += 1) await workos.port.listEnvironmentRoles();
    const asked = connect.mock.calls.length;
    connect.mockRestore();
    expect(asked).toBeGreaterThan(3);
    expect(asked).toBeLessThan(24);
    expect(simulator.requests.counts().total).toBe(64);
  });

  it('holds back every process for as long as a 429 says', async () => {
    const { simulator, membership } = await startNarrow();
    const one = await openOn(simulator);
    const { apiKey, url: apiUrl } = simulator;
    const other = openWorkos({ db: test.db, apiKey, apiUrl, limits, share: 1 });
    onTestFinished(() => other.close());
    simulator.faults.add({ fault: { kind: 'throttle', retryAfterSeconds: 1 }, times: 1 });
    await expect(one.port.getMembership(membership)).rejects.toMatchObject({
      code: 'rate_limited',
      retryAfterMs: 1_000,
    });
    await expect(other.port.getMembership(membership, { waitMs: 100 })).rejects.toMatchObject({
      kind: 'throttled',
      code: 'paused',
      ambiguous: false,
      status: null,
    });
    expect(simulator.requests.counts().total).toBe(1);
    const began = performance.now();
    await Promise.all([one.port.getMembership(membership), other.port.getMembership(membership)]);
    expect(performance.now() - began).toBeGreaterThan(500);
  });

  it('says when there is no room within the time allowed, and sends nothing', async () => {
    const { simulator, membership } = await startNarrow();
    const { port } = await openOn(simulator);
    const options = { waitMs: 0 };
    const settled = await Promise.allSettled(
      Array.from({ length: 30 }, () => port.setMembershipRoles(membership, ['member'], options)),
    );
    const refused = settled.filter((one) => one.status === 'rejected');
    expect(refused.length).toBeGreaterThan(10);
    for (const { reason } of refused) {
      expect(reason).toMatchObject({ kind: 'throttled', code: 'budget_exhausted', status: null });
    }
    expect(simulator.requests.counts().total).toBe(settled.length - refused.length);
  });

  it('refuses what waits when it is closed', async () => {
    const { simulator, membership } = await startNarrow();
    const workos = await openOn(simulator);
    const work = Array.from({ length: 60 }, () =>
      workos.port.setMembershipRoles(membership, ['member']),
    );
    await work[0];
    await workos.close();
    const outcomes = await Promise.allSettled(work);
    const reasons = outcomes
      .filter((one) => one.status === 'rejected')
      .map((one) => one.reason as unknown);
    expect(reasons.length).toBeGreaterThan(0);
    for (const reason of reasons) expect(reason).toMatchObject({ code: 'closed' });
    await expect(workos.port.listEnvironmentRoles()).rejects.toMatchObject({
      code: 'closed',
      ambiguous: false,
    });
  });
});
