import { type Db, inTransaction, query } from '@rolecall/server/database';
import { anyText, createTestDatabase } from '@rolecall/testkit';
import fc from 'fast-check';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRoom, type Room } from '../../test/roles/room.ts';
import { lockOrganization } from '../identity/index.ts';
import { appendAudit, type AuditEntry, verifyHistory } from './index.ts';

const test = await createTestDatabase();
/** Somebody who may do anything in the database, triggers or not. */
const dba = new Client({ connectionString: test.url });
beforeAll(async () => {
  await dba.connect();
  await dba.query('SET session_replication_role = replica');
});
afterAll(async () => {
  await dba.end();
  await test.close();
});

const ACTION = 'role.updated';

async function append(db: Db, room: Room, entries: readonly AuditEntry[]): Promise<void> {
  await inTransaction(db, async (tx) => {
    const lock = await lockOrganization(tx, room.id);
    await appendAudit(tx, lock, { actor: 'user:ann', requestId: null }, entries);
  });
}

/** A room whose history has ten entries more than the ones of its making. */
async function openHistory(): Promise<{ readonly room: Room; readonly last: number }> {
  const room = await openRoom(test.db);
  for (let index = 0; index < 5; index += 1) {
    const one = {
      action: ACTION,
      subject: `role:${index}`,
      before: { n: 1 },
      after: { n: 2.5 },
    } as const;
    await append(test.db, room, [one, { ...one, cause: 'event_1' }]);
  }
  const { head } = await verifyHistory(test.db, room.id);
  return { room, last: head.sequence };
}

const brokenAt = async (room: Room, knownHead?: { sequence: number; hash: string }) =>
  (await verifyHistory(test.db, room.id, { batch: 3, knownHead })).broken;

describe('a history that nobody has touched', () => {
  it('is whole, and its hashes are the same whether PostgreSQL or Node computes them', async () => {
    const { room, last } = await openHistory();
    const texts = ['', 'ä€🎉', 'a\n"b"\\', '5:abc-', ' '.repeat(300), '1'.repeat(1_000)];
    await append(
      test.db,
      room,
      texts.flatMap((text) => [
        { action: ACTION, subject: text, before: { [text]: [1e21, 1e-7, -0, 0.1, 1.5e300, null] } },
        { action: ACTION, subject: text, after: text },
        {
          action: ACTION,
          subject: text,
          before: null,
          after: [true, false, { b: 1, a: { '': 2 } }],
        },
      ]),
    );
    const found = await verifyHistory(test.db, room.id, { batch: 4 });
    expect(found).toMatchObject({ broken: null, entries: last + 18, anchor: null });
  });

  it('is whole in batches of any size, and says how far it is', async () => {
    const { room, last } = await openHistory();
    for (const batch of [1, 2, last - 1, last, last + 1]) {
      const heard: number[] = [];
      const onProgress = (done: number, total: number) => {
        expect(total).toBe(last);
        heard.push(done);
      };
      const found = await verifyHistory(test.db, room.id, { batch, onProgress });
      expect([found.broken, found.entries, heard.at(-1)]).toEqual([null, last, last]);
      expect(heard.length).toBeGreaterThanOrEqual(last / batch);
    }
  });

  it('is whole while it is written to', async () => {
    const { room } = await openHistory();
    const writing = new AbortController();
    const writer = (async () => {
      while (!writing.signal.aborted)
        await append(test.db, room, [{ action: ACTION, subject: 'role:live' }]);
    })();
    for (let turn = 0; turn < 20; turn += 1) expect(await brokenAt(room)).toBeNull();
    writing.abort();
    await writer;
  });

  it('chains the entries of many writers who come at once', async () => {
    const { room, last } = await openHistory();
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        append(
          test.db,
          room,
          Array<AuditEntry>(3).fill({ action: ACTION, subject: `role:${index}` }),
        ),
      ),
    );
    const found = await verifyHistory(test.db, room.id);
    expect(found).toMatchObject({ broken: null, entries: last + 60 });
  });

  it('is not known of an organization that is not there', async () => {
    await expect(verifyHistory(test.db, 'nowhere')).rejects.toMatchObject({
      code: 'organization_not_found',
    });
  });
});

describe('a history that somebody has changed', () => {
  const inRoom = (text: string) => (room: Room, last: number) =>
    dba.query(text.replaceAll('$last', String(last)).replaceAll('$room', `'${room.id}'`));
  const events = 'rolecall.audit_events';
  const where = (sequence: string) => `WHERE organization_id = $room AND sequence = ${sequence}`;
  const state = 'rolecall.organization_state';

  it.each([
    [
      'an edited entry',
      'entry_changed',
      -4,
      `UPDATE ${events} SET actor = 'user:bob' ${where('$last - 4')}`,
    ],
    [
      'an edited oldest entry',
      'entry_changed',
      'first',
      `UPDATE ${events} SET actor = 'user:bob' ${where('1')}`,
    ],
    [
      'an edited newest entry',
      'entry_changed',
      0,
      `UPDATE ${events} SET after = NULL ${where('$last')}`,
    ],
    [
      'an edited hash',
      'entry_changed',
      -4,
      `UPDATE ${events} SET hash = sha256('') ${where('$last - 4')}`,
    ],
    [
      'an edited cause',
      'entry_changed',
      0,
      `UPDATE ${events} SET cause = 'event_2' ${where('$last')}`,
    ],
    [
      'a time that is another one by a millisecond',
      'entry_changed',
      -4,
      `UPDATE ${events} SET occurred_at = occurred_at + interval '1 ms' ${where('$last - 4')}`,
    ],
    ['a deleted entry', 'entry_missing', -4, `DELETE FROM ${events} ${where('$last - 4')}`],
    ['a deleted oldest entry', 'entry_missing', 'first', `DELETE FROM ${events} ${where('1')}`],
    ['a deleted newest entry', 'tail_missing', 0, `DELETE FROM ${events} ${where('$last')}`],
    [
      'a cut-off tail',
      'tail_missing',
      -4,
      `DELETE FROM ${events} WHERE organization_id = $room AND sequence >= $last - 4`,
    ],
    [
      'a cut-off tail whose head was set back',
      'head_differs',
      -5,
      `DELETE FROM ${events} WHERE organization_id = $room AND sequence > $last - 5;
       UPDATE ${state} SET audit_sequence = $last - 5 WHERE organization_id = $room`,
    ],
    [
      'a history that is gone',
      'tail_missing',
      'first',
      `DELETE FROM ${events} WHERE organization_id = $room`,
    ],
    [
      'two swapped entries',
      'entry_changed',
      -5,
      `UPDATE ${events} SET sequence = -1 ${where('$last - 5')};
       UPDATE ${events} SET sequence = $last - 5 ${where('$last - 4')};
       UPDATE ${events} SET sequence = $last - 4 ${where('-1')}`,
    ],
    [
      'an entry inserted in between',
      'entry_changed',
      -4,
      `UPDATE ${events} SET sequence = sequence + 1000 WHERE organization_id = $room AND sequence >= $last - 4;
       UPDATE ${events} SET sequence = sequence - 999 WHERE organization_id = $room AND sequence > 1000;
       INSERT INTO ${events} SELECT organization_id, sequence - 1, occurred_at, revision, actor, action,
         'role:invented', before, after, request_id, cause, hash FROM ${events} ${where('$last - 3')}`,
    ],
    [
      'an entry inserted after the newest',
      'entry_unexpected',
      1,
      `INSERT INTO ${events} SELECT organization_id, sequence + 1, occurred_at, revision, actor, action,
         subject, before, after, request_id, cause, hash FROM ${events} ${where('$last')}`,
    ],
    [
      'an edited head',
      'head_differs',
      0,
      `UPDATE ${state} SET audit_hash = sha256('') WHERE organization_id = $room`,
    ],
    [
      'an anchor that hides a removal',
      'anchor_differs',
      -5,
      `INSERT INTO rolecall.audit_anchors SELECT organization_id, sequence, hash FROM ${events} ${where('$last - 5')};
       DELETE FROM ${events} WHERE organization_id = $room AND sequence <= $last - 5`,
    ],
  ] as const)('shows %s', async (_, kind, place, text) => {
    // The checks of the table are no hindrance to a DBA either.
    await dba.query(`ALTER TABLE ${events} DROP CONSTRAINT IF EXISTS audit_events_sequence_check`);
    const { room, last } = await openHistory();
    expect(await brokenAt(room)).toBeNull();
    await inRoom(text)(room, last);
    const sequence = place === 'first' ? 1 : last + place;
    expect(await brokenAt(room)).toMatchObject({ break: kind, sequence });
  });

  it.each([1, 2, 3])('shows an entry that is there twice, in batches of %d', async (batch) => {
    const { room, last } = await openHistory();
    for (const sequence of [1, last - 2, last]) {
      await dba.query('BEGIN');
      await dba.query('ALTER TABLE rolecall.audit_events DROP CONSTRAINT audit_events_pkey');
      await dba.query(`INSERT INTO ${events} SELECT * FROM ${events}
        WHERE organization_id = '${room.id}' AND sequence = ${sequence}`);
      await dba.query('COMMIT');
      const { broken } = await verifyHistory(test.db, room.id, { batch });
      expect(broken).toMatchObject({ break: 'entry_unexpected', sequence });
      await dba.query(`DELETE FROM ${events} WHERE ctid = (SELECT max(ctid) FROM ${events}
        WHERE organization_id = '${room.id}' AND sequence = ${sequence})`);
      await dba.query(
        'ALTER TABLE rolecall.audit_events ADD PRIMARY KEY (organization_id, sequence)',
      );
    }
  });

  it('shows nothing when it was chained anew with its head, unless a head was kept elsewhere', async () => {
    const { room, last } = await openHistory();
    const { head: kept } = await verifyHistory(test.db, room.id);
    expect(await brokenAt(room, kept)).toBeNull();
    await append(test.db, room, [{ action: ACTION, subject: 'role:later' }]);
    expect(await verifyHistory(test.db, room.id, { knownHead: kept })).toMatchObject({
      broken: null,
      knownHeadFound: true,
    });
    await inRoom(`UPDATE ${events} SET actor = 'user:bob' ${where('$last - 4')}`)(room, last);
    await rechain(room);
    expect(await brokenAt(room)).toBeNull();
    expect(await brokenAt(room, kept)).toMatchObject({
      break: 'known_head_differs',
      sequence: last,
    });
    const longer = { sequence: last + 2, hash: kept.hash };
    expect(await brokenAt(room, longer)).toMatchObject({ break: 'known_head_differs' });
  });
});

describe('any single change of any history', () => {
  const columns = {
    occurred_at: `occurred_at - interval '1 s'`,
    revision: 'revision + 1',
    actor: `actor || ' '`,
    action: `'role.deleted'`,
    subject: `subject || 'x'`,
    before: `CASE WHEN before IS NULL THEN 'null'::jsonb END`,
    after: `jsonb_build_object('a', after)`,
    request_id: `CASE WHEN request_id IS NULL THEN '' END`,
    cause: `CASE WHEN cause IS NULL THEN 'event_9' END`,
    hash: `sha256(hash)`,
    sequence: 'sequence + 5000',
  };

  it('INVARIANT (evident tampering): is found', { timeout: 120_000 }, async () => {
    const entry = fc.record(
      {
        action: fc.constantFrom('role.created', 'role.updated'),
        subject: anyText(10).filter((text) => !text.includes('\0')),
        before: fc.jsonValue().filter(storable),
        after: fc.jsonValue().filter(storable),
        cause: fc.constant('event_1'),
      },
      { requiredKeys: ['action', 'subject'] },
    );
    const commands = fc.array(fc.array(entry, { maxLength: 4 }), { minLength: 1, maxLength: 5 });
    const change = fc.constantFrom('delete', 'swap', 'cut', 'head', ...Object.keys(columns));
    await fc.assert(
      fc.asyncProperty(
        commands,
        change,
        fc.nat(),
        fc.integer({ min: 1, max: 6 }),
        async (all, how, at, batch) => {
          const room = await openRoom(test.db);
          for (const entries of all) await append(test.db, room, entries as readonly AuditEntry[]);
          const before = await verifyHistory(test.db, room.id, { batch });
          expect(before.broken).toBeNull();
          const last = before.head.sequence;
          const sequence = 1 + (at % last);
          await tamper(room, how, { sequence, last });
          const { broken } = await verifyHistory(test.db, room.id, { batch });
          expect(broken, `${how} at ${sequence} of ${last}`).not.toBeNull();
        },
      ),
      { numRuns: process.env['ROLECALL_LONG'] === undefined ? 60 : 3_000 },
    );
  });

  async function tamper(
    room: Room,
    how: string,
    { sequence, last }: { readonly sequence: number; readonly last: number },
  ): Promise<void> {
    const at = (place: number) => `WHERE organization_id = '${room.id}' AND sequence = ${place}`;
    const set = `UPDATE rolecall.audit_events SET`;
    if (how === 'delete') await dba.query(`DELETE FROM rolecall.audit_events ${at(sequence)}`);
    else if (how === 'head') {
      await dba.query(`UPDATE rolecall.organization_state SET audit_hash = sha256(audit_hash)
        WHERE organization_id = '${room.id}'`);
    } else if (how === 'cut') {
      await dba.query(`DELETE FROM rolecall.audit_events WHERE organization_id = '${room.id}'
        AND sequence >= ${sequence}`);
    } else if (how === 'swap') {
      const other = 1 + (sequence % last);
      await dba.query(`${set} sequence = 9999 ${at(sequence)}; ${set} sequence = ${sequence} ${at(other)};
        ${set} sequence = ${other} ${at(9999)}`);
    } else
      await dba.query(`${set} ${how} = ${columns[how as keyof typeof columns]} ${at(sequence)}`);
  }
});

/** What the API refuses before it comes this far. */
function storable(value: unknown): boolean {
  return !/\\u(0000|d[89a-f])/i.test(JSON.stringify(value));
}

/** Whoever may do anything can compute every hash again, the head's too. */
async function rechain(room: Room): Promise<void> {
  await dba.query(`UPDATE rolecall.audit_events e SET hash = c.hash
    FROM (SELECT a.sequence, rolecall.audit_chain(decode(repeat('00', 32), 'hex'),
        rolecall.audit_content(a.organization_id, a.sequence, a.occurred_at, a.revision, a.actor, a.action,
          a.subject, a.before, a.after, a.request_id, a.cause)) OVER (ORDER BY a.sequence) AS hash
      FROM rolecall.audit_events a WHERE a.organization_id = '${room.id}') c
    WHERE e.organization_id = '${room.id}' AND e.sequence = c.sequence`);
  await query(test.db, {
    text: `UPDATE rolecall.organization_state s SET audit_hash = e.hash FROM rolecall.audit_events e
      WHERE e.organization_id = s.organization_id AND e.sequence = s.audit_sequence
        AND s.organization_id = $1`,
    values: [room.id],
  });
}
