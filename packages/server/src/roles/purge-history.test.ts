import { query } from '@rolecall/server/database';
import { createTestDatabase } from '@rolecall/testkit';
import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { context, openRoom, type Room } from '../../test/roles/room.ts';
import { listAuditEvents, verifyHistory } from '../audit/index.ts';
import { inTransaction } from '../database/index.ts';
import {
  getAuditRetention,
  purgeHistory,
  setAuditRetention,
  setEnvironmentAuditRetention,
  updateOrganization,
} from './index.ts';

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
beforeEach(() => keepInEnvironment(null));

const keepInEnvironment = (days: number | null) =>
  inTransaction(test.db, (tx) => setEnvironmentAuditRetention(tx, { days }, context));

const keep = (room: Room, days: number | null | 'environment') =>
  room.perform(setAuditRetention, { days });

/** As if everything until now had happened so many days ago: every time and every hash. */
async function age(room: Room, days: number): Promise<void> {
  await dba.query(`UPDATE rolecall.audit_events SET occurred_at = occurred_at - interval '${days} days'
    WHERE organization_id = '${room.id}'`);
  await dba.query(`UPDATE rolecall.audit_events e SET hash = c.hash
    FROM (SELECT a.sequence, rolecall.audit_chain(
        coalesce(anchor.hash, decode(repeat('00', 32), 'hex')),
        rolecall.audit_content(a.organization_id, a.sequence, a.occurred_at, a.revision, a.actor, a.action,
          a.subject, a.before, a.after, a.request_id, a.cause)) OVER (ORDER BY a.sequence) AS hash
      FROM rolecall.audit_events a
      LEFT JOIN rolecall.audit_anchors anchor USING (organization_id)
      WHERE a.organization_id = '${room.id}') c
    WHERE e.organization_id = '${room.id}' AND e.sequence = c.sequence`);
  await dba.query(`UPDATE rolecall.organization_state s SET audit_hash = e.hash FROM rolecall.audit_events e
    WHERE e.organization_id = s.organization_id AND e.sequence = s.audit_sequence
      AND s.organization_id = '${room.id}'`);
}

async function rename(room: Room, times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    await room.perform(updateOrganization, { name: `Name ${time} of ${Math.random()}` });
  }
}

async function sequencesOf(room: Room): Promise<readonly number[]> {
  const { data, total } = await listAuditEvents(test.db, room.id, { limit: 1_000 });
  expect(total).toBe(data.length);
  return data.map(({ sequence }) => sequence).toReversed();
}

/** Ten entries of long ago, then three of now; the setting is one of the three. */
async function openHistory(days: number | null): Promise<Room> {
  const room = await openRoom(test.db);
  const { length } = await sequencesOf(room);
  await rename(room, 10 - length);
  await age(room, 40);
  await keep(room, days);
  await rename(room, 2);
  return room;
}

describe('retention', () => {
  it('keeps everything unless somebody has said otherwise', async () => {
    const room = await openHistory(null);
    expect(await purgeHistory(test.db)).toBe(0);
    expect(await sequencesOf(room)).toHaveLength(13);
  });

  it('removes what is older, in batches, and the history is whole afterwards', async () => {
    const room = await openHistory(30);
    const heard: number[] = [];
    const onProgress = (removed: number) => heard.push(removed);
    expect(await purgeHistory(test.db, { batch: 4, onProgress })).toBe(10);
    expect(heard).toEqual([4, 8, 10]);
    expect(await sequencesOf(room)).toEqual([11, 12, 13, 14, 15, 16]);
    const found = await verifyHistory(test.db, room.id);
    expect(found).toMatchObject({ broken: null, entries: 6, anchor: { sequence: 10 } });
    expect(await purgeHistory(test.db)).toBe(0);
  });

  it('tells of every removal by whom, through what, and with which hash', async () => {
    const room = await openHistory(30);
    const { data } = await listAuditEvents(test.db, room.id, { limit: 1_000 });
    const tenth = data.find(({ sequence }) => sequence === 10);
    await purgeHistory(test.db);
    const told = await listAuditEvents(test.db, room.id, { action: 'history.purged' });
    const after = { through: 10, hash: tenth?.hash, removed: 10, days: 30 };
    expect(told.data).toMatchObject([
      { actor: 'system', subject: `organization:${room.id}`, after },
    ]);
  });

  it('can remove all there is but the entry that tells of it, which stays until more goes', async () => {
    const room = await openHistory(1);
    await age(room, 40);
    expect(await purgeHistory(test.db)).toBe(13);
    expect(await sequencesOf(room)).toEqual([14]);
    await age(room, 40);
    expect(await purgeHistory(test.db)).toBe(0);
    await rename(room, 1);
    await age(room, 40);
    expect(await purgeHistory(test.db)).toBe(2);
    expect(await sequencesOf(room)).toEqual([16]);
    expect((await verifyHistory(test.db, room.id)).broken).toBeNull();
  });

  it('follows the environment, and not where an organization has its own', async () => {
    const follower = await openHistory(null);
    const own = await openHistory(null);
    await keep(follower, 'environment');
    await keepInEnvironment(30);
    expect(await getAuditRetention(test.db, follower.id)).toEqual({ days: 30, own: false });
    expect(await getAuditRetention(test.db, own.id)).toEqual({ days: null, own: true });
    expect(await purgeHistory(test.db)).toBe(10);
    expect(await sequencesOf(own)).toHaveLength(13);
  });

  it('shows a head that was kept before a removal as long as its entry is there', async () => {
    const room = await openHistory(30);
    const { head } = await verifyHistory(test.db, room.id);
    await purgeHistory(test.db);
    const found = await verifyHistory(test.db, room.id, { knownHead: head });
    expect(found).toMatchObject({ broken: null, knownHeadFound: true });
    const gone = { sequence: 3, hash: '00'.repeat(32) };
    const older = await verifyHistory(test.db, room.id, { knownHead: gone });
    expect(older).toMatchObject({ broken: null, knownHeadFound: null });
  });

  it('purges while it is written to and verified, by two at once', async () => {
    const room = await openHistory(30);
    const verifying = (async () => {
      for (let turn = 0; turn < 10; turn += 1) {
        expect((await verifyHistory(test.db, room.id, { batch: 2 })).broken).toBeNull();
      }
    })();
    const removed = await Promise.all([
      purgeHistory(test.db, { batch: 1 }),
      purgeHistory(test.db, { batch: 1 }),
      rename(room, 10),
    ]);
    await verifying;
    expect(removed[0] + removed[1]).toBe(10);
    expect((await verifyHistory(test.db, room.id)).broken).toBeNull();
  });

  it.each([
    [
      'an anchor with another hash',
      'entry_changed',
      `UPDATE rolecall.audit_anchors SET hash = sha256('')`,
    ],
    [
      'an anchor that was moved back',
      'entry_missing',
      'UPDATE rolecall.audit_anchors SET sequence = sequence - 1',
    ],
    [
      'an anchor that was moved on',
      'entry_unexpected',
      'UPDATE rolecall.audit_anchors SET sequence = sequence + 1',
    ],
    ['an anchor that is gone', 'entry_missing', 'DELETE FROM rolecall.audit_anchors'],
    [
      'an anchor that was moved on with a removal',
      'anchor_differs',
      `UPDATE rolecall.audit_anchors a SET sequence = e.sequence, hash = e.hash FROM rolecall.audit_events e
         WHERE e.organization_id = a.organization_id AND e.sequence = 11 AND a.organization_id = $room;
       DELETE FROM rolecall.audit_events WHERE sequence <= 11 AND organization_id = $room`,
    ],
    [
      'an anchor moved past the entry that tells of the last one',
      'anchor_differs',
      `UPDATE rolecall.audit_anchors a SET sequence = e.sequence, hash = e.hash FROM rolecall.audit_events e
         WHERE e.organization_id = a.organization_id AND e.sequence = 14 AND a.organization_id = $room;
       DELETE FROM rolecall.audit_events WHERE sequence <= 14 AND organization_id = $room`,
    ],
  ])('shows %s', async (_, kind, text) => {
    const room = await openHistory(30);
    await purgeHistory(test.db);
    await rename(room, 1);
    expect((await verifyHistory(test.db, room.id)).broken).toBeNull();
    const here = text.includes('$room') ? text : `${text} WHERE organization_id = $room`;
    await dba.query(here.replaceAll('$room', `'${room.id}'`));
    expect((await verifyHistory(test.db, room.id)).broken).toMatchObject({ break: kind });
  });

  it.each([0, -1, 1.5, 36_501])('refuses to keep history for %s days', async (days) => {
    const room = await openRoom(test.db);
    const refused = { code: 'invalid_request', details: { problems: [{ path: 'days' }] } };
    await expect(keep(room, days)).rejects.toMatchObject(refused);
    await expect(keepInEnvironment(days)).rejects.toMatchObject(refused);
  });

  it('leaves a revision with its change record, like every command', async () => {
    const room = await openHistory(30);
    await purgeHistory(test.db);
    const [row] = await query<{ readonly gaps: number }>(test.db, {
      text: `SELECT s.revision - (SELECT count(*) FROM rolecall.changes c
          WHERE c.organization_id = s.organization_id) AS gaps
        FROM rolecall.organization_state s WHERE s.organization_id = $1`,
      values: [room.id],
    });
    expect(row?.gaps).toBe(0);
  });
});
