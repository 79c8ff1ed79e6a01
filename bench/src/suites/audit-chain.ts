import { type Db, inTransaction, query, type Tx } from '@rolecall/server/database';
import { seedMany } from '@rolecall/testkit';
import {
  type AuditEntry,
  appendAudit,
  verifyHistory,
} from '../../../packages/server/src/audit/index.ts';
import {
  lockOrganization,
  type OrganizationLock,
} from '../../../packages/server/src/identity/index.ts';
import { startBenchDatabase } from '../bench-database.ts';
import { count, duration, measureSideBySide, ratio } from '../measure.ts';
import { type Findings, type RunOptions, type Suite } from './index.ts';

const author = { actor: 'user:ann', requestId: 'request-1' };
const shapes = [
  { entries: 1, rounds: 2_000 },
  { entries: 10, rounds: 1_000 },
  { entries: 1_000, rounds: 60 },
] as const;
const VERIFIED = 1_000_000;
const VERIFIED_SMALL = 20_000;

/** What the chain costs a write, and how fast a history is verified. */
export const auditChain: Suite = { name: 'audit-chain', title: 'The chain of the history', run };

async function run({ small }: RunOptions): Promise<Findings> {
  const verified = small ? VERIFIED_SMALL : VERIFIED;
  const postgres = await startBenchDatabase({ durable: true });
  try {
    const { db } = postgres.open(1);
    const ids = await seedMany(postgres.url, {
      prefix: 'chained',
      organizations: 3,
      membersPerOrganization: 100,
    });
    const [chained, plain, long] = [ids.organization(1), ids.organization(2), ids.organization(3)];
    const rows: string[][] = [];
    for (const { entries, rounds } of shapes) {
      const batch = entriesOf(entries);
      const found = await measureSideBySide(
        {
          chained: () => write(db, chained, (tx, lock) => appendAudit(tx, lock, author, batch)),
          plain: () => write(db, plain, (tx, lock) => appendPlain(tx, lock, batch)),
        },
        small ? Math.ceil(rounds / 20) : rounds,
      );
      const { chained: one, plain: other } = found;
      if (one === undefined || other === undefined) continue;
      rows.push([
        `a write with ${count(entries)} ${entries === 1 ? 'entry' : 'entries'}`,
        duration(other.median),
        duration(one.median),
        ratio(one.median, other.median),
        duration(one.p99),
      ]);
    }
    rows.push(await verifyRow(db, long, verified));
    return {
      method:
        'The lock, the entries and the commit, on a PostgreSQL that waits for the disk: as Rolecall writes ' +
        'them, and beside it, in turns on the same connection, the same statement without hashes. Below, one ' +
        `verification of ${count(verified)} entries from a cold start.`,
      columns: ['what', 'without the chain', 'with the chain', 'ratio', 'p99 with it'],
      rows,
      reading: ['A verification reads in batches of 5,000 and computes every hash in Node.'],
      postgresVersion: postgres.version,
    };
  } finally {
    await postgres.close();
  }
}

async function verifyRow(db: Db, organization: string, total: number): Promise<string[]> {
  for (let done = 0; done < total; done += 10_000) {
    await write(db, organization, (tx, lock) => appendAudit(tx, lock, author, entriesOf(10_000)));
  }
  const started = performance.now();
  const { broken, entries } = await verifyHistory(db, organization);
  const micros = (performance.now() - started) * 1_000;
  if (broken !== null || entries !== total) throw new Error('the history is not what was written');
  return [
    `verifying ${count(entries)} entries`,
    '',
    duration(micros),
    '',
    `${count(entries / (micros / 1e6))} a second`,
  ];
}

function write(
  db: Db,
  organization: string,
  work: (tx: Tx, lock: OrganizationLock) => Promise<void>,
): Promise<void> {
  return inTransaction(db, async (tx) => work(tx, await lockOrganization(tx, organization)));
}

function entriesOf(length: number): readonly AuditEntry[] {
  return Array.from({ length }, (_, index) => ({
    action: 'role.updated',
    subject: `role:organization:4d2e8c70-91a5-4c0e-8f0f-${String(index).padStart(12, '0')}`,
    before: { name: 'Support', description: null, grants: [{ scope: 'project:read' }] },
    after: { name: 'Customer support', description: null, grants: [{ scope: 'project:write' }] },
  }));
}

/** The statement of the history as it would be without a chain: the same rows with a hash that says nothing. */
async function appendPlain(
  tx: Tx,
  lock: OrganizationLock,
  entries: readonly AuditEntry[],
): Promise<void> {
  await query(tx, {
    name: 'append_plain',
    text: `WITH history_head AS (
        UPDATE rolecall.organization_state SET audit_sequence = audit_sequence + $3::bigint
          WHERE organization_id = $1 RETURNING audit_sequence
      ), history AS (
        INSERT INTO rolecall.audit_events (organization_id, sequence, occurred_at, revision, actor, action,
          subject, before, after, request_id, hash)
        SELECT $1, h.audit_sequence - $3::bigint + e.ordinal, clock_timestamp(), $2, $4, e.action, e.subject,
               e.before, e.after, $5, '\\x0000000000000000000000000000000000000000000000000000000000000000'
          FROM history_head h, ROWS FROM (jsonb_to_recordset($6::jsonb)
            AS (action text, subject text, before jsonb, after jsonb))
            WITH ORDINALITY AS e (action, subject, before, after, ordinal)
      ) SELECT 1`,
    values: [
      lock.organizationId,
      lock.revision,
      entries.length,
      author.actor,
      author.requestId,
      JSON.stringify(entries),
    ],
  });
}
