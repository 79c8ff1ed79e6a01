import { createTestDatabase } from '@rolecall/testkit';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { query } from '../database/index.ts';
import { pauseCalls, reserveCalls } from './budget-store.ts';
import {
  type CircuitState,
  claimProbe,
  closeCircuit,
  keepCircuitOpen,
  openCircuit,
  readGate,
  refuseKey,
} from './circuit-store.ts';
import { bucketsFor, documentedLimits } from './limits.ts';

const test = await createTestDatabase();
const { db } = test;
afterAll(() => test.close());

const RUNS = process.env['ROLECALL_LONG'] === '1' ? 1_000 : 60;
const HOUR = 3_600_000;
const buckets = bucketsFor(documentedLimits, 1);
const holders = ['1', '2', '3'].map((digit) => `00000000-0000-4000-8000-00000000000${digit}`);
const holder = fc.constantFrom(...holders);
const key = fc.constantFrom('key a', 'key b');

async function reset(): Promise<void> {
  await query(db, { text: 'DELETE FROM rolecall.workos_gate' });
  await query(db, { text: 'INSERT INTO rolecall.workos_gate DEFAULT VALUES' });
}

/** Lets hours pass, as far as the row can tell. */
async function advance(hours: number): Promise<void> {
  await query(db, {
    text: `UPDATE rolecall.workos_gate SET retry_at = retry_at - $1 * interval '1 hour',
             probe_until = probe_until - $1 * interval '1 hour',
             paused_until = paused_until - $1 * interval '1 hour'`,
    values: [hours],
  });
}

/** The circuit as the comment in circuit.ts tells it; time in hours. */
class Model {
  now = 0;
  circuit: CircuitState = 'closed';
  term = 1;
  retryAt = 0;
  pausedUntil = 0;
  refusedKey: string | undefined;
  failedProbes = 0;
  probe: { readonly holder: string; readonly until: number } | undefined;

  open(term: number, hours: number): boolean {
    if (this.circuit !== 'closed' || term !== this.term) return false;
    this.circuit = 'open';
    this.retryAt = this.now + hours;
    return true;
  }

  refuse(term: number, refused: string): boolean {
    if (!this.open(term, 0)) return false;
    this.circuit = 'refused';
    this.refusedKey = refused;
    return true;
  }

  claim(by: string, claimant: string): boolean {
    const due =
      this.retryAt <= this.now || (this.refusedKey !== undefined && this.refusedKey !== claimant);
    const free = this.probe === undefined || this.probe.until <= this.now;
    if (this.circuit === 'closed' || this.pausedUntil > this.now || !due || !free) return false;
    this.probe = { holder: by, until: this.now + 1 };
    return true;
  }

  close(by: string): boolean {
    if (this.probe?.holder !== by) return false;
    this.circuit = 'closed';
    this.term += 1;
    this.failedProbes = 0;
    this.refusedKey = undefined;
    this.probe = undefined;
    return true;
  }

  keepOpen(by: string, refused: string | undefined): boolean {
    if (this.probe?.holder !== by) return false;
    this.circuit = refused === undefined ? 'open' : 'refused';
    this.refusedKey = refused;
    this.retryAt = this.now + Math.min(8, 2 ** this.failedProbes);
    this.failedProbes += 1;
    this.probe = undefined;
    return true;
  }
}

interface Step {
  readonly say: string;
  readonly run: (model: Model) => Promise<void>;
}

const same = (real: boolean, modelled: boolean): void => {
  expect(real).toBe(modelled);
};

const step: fc.Arbitrary<Step> = fc.oneof(
  fc
    .record({ late: fc.boolean(), hours: fc.integer({ min: 1, max: 4 }) })
    .map(({ late, hours }) => ({
      say: `open (${late ? 'a call of an earlier term' : 'now'})`,
      run: async (model: Model) => {
        const term = model.term - Number(late);
        same(await openCircuit(db, term, hours * HOUR), model.open(term, hours));
      },
    })),
  fc.record({ late: fc.boolean(), by: key }).map(({ late, by }) => ({
    say: `refuse ${by}`,
    run: async (model: Model) => {
      const term = model.term - Number(late);
      same(await refuseKey(db, term, by), model.refuse(term, by));
    },
  })),
  fc.integer({ min: 1, max: 5 }).map((hours) => ({
    say: `${hours} h pass`,
    run: async (model: Model) => {
      model.now += hours;
      await advance(hours);
    },
  })),
  fc.integer({ min: 1, max: 2 }).map((hours) => ({
    say: `pause for ${hours} h`,
    run: async (model: Model) => {
      model.pausedUntil = Math.max(model.pausedUntil, model.now + hours);
      await pauseCalls(db, hours * HOUR);
    },
  })),
  fc.tuple(holder, key).map(([by, claimant]) => ({
    say: `${by.slice(-1)} with ${claimant} claims the probe`,
    run: async (model: Model) => {
      const claim = { holder: by, leaseMs: HOUR, key: claimant };
      same(await claimProbe(db, claim), model.claim(by, claimant));
    },
  })),
  holder.map((by) => ({
    say: `the probe of ${by.slice(-1)} succeeds`,
    run: async (model: Model) => {
      same(await closeCircuit(db, by), model.close(by));
    },
  })),
  fc.tuple(holder, fc.option(key, { nil: undefined })).map(([by, refused]) => ({
    say: `the probe of ${by.slice(-1)} fails (${refused ?? 'no answer'})`,
    run: async (model: Model) => {
      const failed = {
        holder: by,
        refusedKey: refused ?? null,
        firstRetryMs: HOUR,
        maxRetryMs: 8 * HOUR,
        jitter: 1,
      };
      same(await keepCircuitOpen(db, failed), model.keepOpen(by, refused));
    },
  })),
);

async function expectSame(model: Model): Promise<void> {
  const reading = await readGate(db, buckets);
  expect({ circuit: reading.circuit, term: reading.term }).toEqual({
    circuit: model.circuit,
    term: model.term,
  });
  if (model.circuit !== 'closed') {
    expect(reading.retryInMs / HOUR).toBeCloseTo(Math.max(0, model.retryAt - model.now), 1);
  }
  const ask = { callClass: 'other', lane: 'revocation', wanted: 1 } as const;
  const { granted, state, term } = await reserveCalls(db, buckets, ask);
  const free = model.circuit === 'closed' && model.pausedUntil <= model.now;
  expect(granted).toBe(free ? 1 : 0);
  expect(term).toBe(model.term);
  const held = model.circuit === 'closed' ? 'paused' : model.circuit;
  expect(state).toBe(free ? 'granted' : held);
}

describe('the shared circuit', () => {
  it('INVARIANT (circuit): does what its description says, whatever happens in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 10, maxLength: 60, size: 'max' }),
        async (steps) => {
          await reset();
          const model = new Model();
          for (const one of steps) {
            await one.run(model);
            await expectSame(model);
          }
        },
      ),
      { numRuns: RUNS, endOnFailure: RUNS > 100 },
    );
  });

  it('gives the probe to one of many that ask at once', async () => {
    await reset();
    await openCircuit(db, 1, 0);
    const claims = Array.from({ length: 20 }, (_, index) =>
      claimProbe(db, {
        holder: `00000000-0000-4000-8000-0000000000${String(index + 10)}`,
        leaseMs: HOUR,
        key: 'key a',
      }),
    );
    expect((await Promise.all(claims)).filter(Boolean)).toHaveLength(1);
  });

  it('waits longer after each failed probe, up to the longest', async () => {
    await reset();
    await openCircuit(db, 1, 0);
    const [by = ''] = holders;
    const waits: number[] = [];
    for (let turn = 0; turn < 40; turn += 1) {
      await advance(100);
      await claimProbe(db, { holder: by, leaseMs: HOUR, key: 'key a' });
      const failed = {
        holder: by,
        refusedKey: null,
        firstRetryMs: 1_000,
        maxRetryMs: 60_000,
        jitter: 1,
      };
      await keepCircuitOpen(db, failed);
      waits.push(Math.round((await readGate(db, buckets)).retryInMs / 1_000));
    }
    expect(waits.slice(0, 8)).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
    expect(waits.at(-1)).toBe(60);
  });
});
