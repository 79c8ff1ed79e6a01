import { endpoints } from '@rolecall/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inTransaction } from '../../src/database/index.ts';
import { appendAudit, verifyHistory } from '../../src/audit/index.ts';
import { lockOrganization } from '../../src/identity/index.ts';
import { openRoom, type Room } from '../roles/room.ts';
import { expectProblem, startApi } from './api.ts';

const api = await startApi();
afterAll(() => api.close());
let room: Room;

const EVENTS = 2_500;

beforeAll(async () => {
  room = await openRoom(api.test.db);
  await inTransaction(api.test.db, async (tx) => {
    const lock = await lockOrganization(tx, room.id);
    const entries = Array.from({ length: EVENTS }, (_, index) => ({
      action: 'role.updated' as const,
      subject: `role:${index % 10}`,
      after: { text: 'line\nof "text" ä' },
    }));
    await appendAudit(tx, lock, { actor: 'user:ann', requestId: null }, entries);
  });
});

const request = (query = '', method = 'GET') =>
  new Request(`http://localhost/v1/organizations/${room.id}/audit-events/export${query}`, {
    method,
    headers: { authorization: `Bearer ${api.key.secret}` },
  });

const linesOf = (text: string) =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as { sequence: number; subject: string });

describe('an export of the history', () => {
  it('has every event in a line of its own, oldest first, with its hash', async () => {
    const { head } = await verifyHistory(api.test.db, room.id);
    const answer = await api.fetch(request());
    expect(answer.headers.get('content-type')).toBe('application/x-ndjson');
    const lines = linesOf(await answer.text());
    expect(lines.map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: head.sequence }, (_, index) => index + 1),
    );
    expect(lines.at(-1)).toMatchObject({ hash: head.hash, after: { text: 'line\nof "text" ä' } });
  });

  it('has what a filter chooses and nothing else', async () => {
    const lines = linesOf(await (await api.fetch(request('?subject=role%3A3'))).text());
    expect(lines).toHaveLength(EVENTS / 10);
    expect(new Set(lines.map(({ subject }) => subject))).toEqual(new Set(['role:3']));
    expect(await (await api.fetch(request('?actor=user%3Anobody'))).text()).toBe('');
  });

  it('ends at the newest event of its beginning, and reads nothing that nobody takes', async () => {
    const { head } = await verifyHistory(api.test.db, room.id);
    const answer = await api.fetch(request());
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    const first = await reader?.read();
    await inTransaction(api.test.db, async (tx) => {
      const lock = await lockOrganization(tx, room.id);
      const entry = { action: 'role.updated', subject: 'role:later' } as const;
      await appendAudit(tx, lock, { actor: 'user:ann', requestId: null }, [entry]);
    });
    let text = first?.value ?? '';
    for (let next = await reader?.read(); next?.done === false; next = await reader?.read()) {
      text += next.value;
    }
    expect(linesOf(text).at(-1)?.sequence).toBe(head.sequence);
  });

  it('can be left in the middle, and asked for without its body', async () => {
    const answer = await api.fetch(request());
    const reader = answer.body?.getReader();
    await reader?.read();
    await reader?.cancel();
    const head = await api.fetch(request('', 'HEAD'));
    expect([head.status, await head.text()]).toEqual([200, '']);
  });

  it('is refused as a problem when the request is wrong', async () => {
    const path = endpoints.exportAuditEvents.path.replace('{org}', room.id);
    expectProblem(await api.call('GET', `${path}?since=yesterday`), 'invalid_request');
    expectProblem(await api.call('GET', `${path}?limit=5`), 'invalid_request');
    expectProblem(await api.call('GET', path, { as: null }), 'unauthenticated');
    const nowhere = endpoints.exportAuditEvents.path.replace('{org}', 'nowhere');
    expectProblem(await api.call('GET', nowhere), 'organization_not_found');
  });
});

describe('the head of the history', () => {
  it('is the newest event and its hash', async () => {
    const { head } = await verifyHistory(api.test.db, room.id);
    const { body } = await api.ok('getAuditHead', { params: { org: room.id } });
    expect(body).toEqual({ organization_id: room.id, ...head, anchor: null });
  });
});
