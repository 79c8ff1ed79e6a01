import { buildOrganization } from '@rolecall/testkit';
import { recordAnswers } from '../../../packages/server/src/access/principal-handle.ts';
import { DecisionLog } from '../../../packages/server/src/decisions/index.ts';
import { Notes } from '../../../packages/server/src/decisions/notes.ts';
import { startBenchDatabase } from '../bench-database.ts';
import { count } from '../measure.ts';
import { type Batch, nanos, nanosInTurns } from '../nanos.ts';
import { atMost } from '../target.ts';
import { allow, handleOf } from '../workload/handles.ts';
import { askAtRandom, randomId, seededRandom } from '../workload/randomness.ts';
import { type Findings, type RunOptions, type Suite } from './index.ts';

/** What it costs a check that it is logged, and what becomes of a burst of denials. */
export const decisionLog: Suite = { name: 'decision-log', title: 'The log of decisions', run };

const GRANTS = 1_000;
const BURST = 100_000;
const LET_GO_AT = 100_000;

async function run({ small }: RunOptions): Promise<Findings> {
  const medians = await measureChecks();
  const burst = await measureBurst(small ? BURST / 10 : BURST);
  const added = medians['every check noted'] - medians['no log'];
  const addedByDenials = medians['every check denied and noted'] - medians['denied, no log'];
  const why = 'A note is five stores into arrays that grow, and the collector visits them later.';
  return {
    method:
      `A handle with ${count(GRANTS)} grants is asked about resources at random, without a log and with one that ` +
      'leaves nothing out, in turns; notes are let go of as they would be by writing. Then a burst of denials ' +
      'at 1,000 resources comes in one go, as fast as checks are answered, at a log of the usual size.',
    columns: ['what', 'found'],
    rows: [
      ...Object.entries(medians).map(([name, value]) => [name, nanos(value)]),
      ['added to a check that is noted', nanos(added)],
      ['added to a denial that is noted', nanos(addedByDenials)],
      [`${count(burst.asked)} denials in one go, until all are noted`, nanos(burst.noted)],
      ['the same, until all are written', nanos(burst.written)],
      ['of them lost', count(burst.dropped)],
      ['of 150,000 in one go, lost beyond the bound of 131,072', count(burst.beyond)],
    ],
    targets: [
      atMost('the log, added to a check when it samples nothing out', added, 100, {
        show: nanos,
        why,
      }),
      atMost('the log, added to a denial', addedByDenials, 100, { show: nanos, why }),
    ],
    reading: [
      'A note keeps the handle, so the reason is found when there is time for it, and not during the check.',
    ],
    postgresVersion: burst.postgresVersion,
  };
}

async function measureChecks() {
  const random = seededRandom(GRANTS);
  const ids = Array.from({ length: GRANTS }, () => randomId(random, 'prj'));
  const others = Array.from({ length: GRANTS }, () => randomId(random, 'prj'));
  const grants = ids.map((id) => allow('role:global:r', 'project:read', id));
  const asked = askAtRandom(random, ids, 4_096);
  const absent = askAtRandom(random, others, 4_096);
  return nanosInTurns({
    'no log': ask(grants, asked, undefined),
    'every check noted': ask(grants, asked, new Notes(LET_GO_AT * 2, 0)),
    'denied, no log': ask(grants, absent, undefined),
    'every check denied and noted': ask(grants, absent, new Notes(LET_GO_AT * 2, 0)),
  });
}

function ask(
  grants: Parameters<typeof handleOf>[0][number],
  ids: readonly string[],
  notes: Notes | undefined,
): Batch {
  const handle = handleOf([grants]);
  if (notes !== undefined) {
    const note: DecisionLog['denied'] = (from, scope, id, dimensions) => {
      notes.add(from, scope, id, dimensions);
      if (notes.size >= LET_GO_AT) notes.drop(LET_GO_AT);
    };
    recordAnswers(handle, { allowed: note, denied: note });
  }
  const mask = ids.length - 1;
  let at = 0;
  return (times) => {
    let yes = 0;
    for (let i = 0; i < times; i += 1) {
      at = (at + 1) & mask;
      if (handle.can('project:read', ids[at] ?? '')) yes += 1;
    }
    return yes;
  };
}

async function measureBurst(asked: number) {
  const postgres = await startBenchDatabase({ durable: true });
  try {
    const { db } = postgres.open(2);
    await buildOrganization(db, { id: 'acme' });
    const log = new DecisionLog({ db });
    const handle = handleOf([[]]);
    recordAnswers(handle, log);
    const burst = (times: number): void => {
      for (let n = 0; n < times; n += 1) handle.can('project:read', `p${n % 1_000}`);
    };
    const begun = process.hrtime.bigint();
    burst(asked);
    const noted = Number(process.hrtime.bigint() - begun);
    await log.flush();
    const written = Number(process.hrtime.bigint() - begun);
    const { dropped } = log.report();
    burst(150_000);
    const beyond = log.report().dropped - dropped;
    await log.close();
    return { asked, noted, written, dropped, beyond, postgresVersion: postgres.version };
  } finally {
    await postgres.close();
  }
}
