import { type Simulator, startSimulator } from '@rolecall/workos-simulator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EventPage, type EventQuery, syncedEventTypes } from '../index.ts';
import { openUngatedPort, type UngatedPort } from './ungated-port.ts';

let simulator: Simulator;
let ungated: UngatedPort;
beforeEach(async () => {
  simulator = await startSimulator();
  ungated = openUngatedPort({ apiKey: simulator.apiKey, apiUrl: simulator.url });
});
afterEach(async () => {
  ungated.close();
  await simulator.close();
});

const listEvents = (asked: Partial<EventQuery> = {}): Promise<EventPage> =>
  ungated.port.listEvents({ types: syncedEventTypes, ...asked });

/** Makes that many events; resolves to their ids, those of the environment's first roles before them. */
function makeEvents(count: number): readonly string[] {
  for (let made = 0; made < count; made += 1) {
    simulator.dashboard.createOrganization({ name: `Organization ${made}` });
  }
  return (simulator.state({ events: true }).events.all ?? []).map((event) => String(event['id']));
}

describe('listEvents', () => {
  it('shows everything once, in order, page by page', async () => {
    const ids = makeEvents(25);
    const seen: string[] = [];
    let cursor: string | null = null;
    for (let more = true; more;) {
      const page = await listEvents({ limit: 10, ...(cursor !== null && { after: cursor }) });
      seen.push(...page.events.map((event) => event.id));
      ({ cursor, more } = page);
    }
    expect(seen).toEqual(ids);
    expect(cursor).toBe(ids.at(-1));
  });

  it('keeps the cursor where it is when there is nothing new', async () => {
    const last = makeEvents(2).at(-1) ?? '';
    expect(await listEvents({ after: last })).toEqual({ events: [], cursor: last, more: false });
  });

  it('has no cursor before the first event', async () => {
    const since = new Date(Date.now() + 60_000).toISOString();
    expect(await listEvents({ since })).toEqual({ events: [], cursor: null, more: false });
  });

  it('shows only the types that are asked for', async () => {
    makeEvents(2);
    const { events } = await listEvents({ types: ['organization.created'] });
    expect(events.map((event) => event.type)).toEqual([
      'organization.created',
      'organization.created',
    ]);
  });

  it('drops the event of the cursor when it is shown once more', async () => {
    const [first = '', ...rest] = makeEvents(3);
    simulator.faults.events({ inclusiveCursor: true });
    const { events } = await listEvents({ after: first });
    expect(events.map((event) => event.id)).toEqual(rest);
  });

  it('stops loudly when the stream comes newest first', async () => {
    const [first = ''] = makeEvents(3);
    simulator.faults.events({ newestFirst: true });
    for (const asked of [{}, { after: first }]) {
      await expect(listEvents(asked)).rejects.toMatchObject({
        kind: 'malformed',
        code: 'events_out_of_order',
      });
    }
  });

  it('says that the cursor is unknown when its event has expired', async () => {
    const [first = ''] = makeEvents(3);
    simulator.faults.expireEvents({ keep: 1 });
    await expect(listEvents({ after: first })).rejects.toMatchObject({
      kind: 'rejected',
      code: 'unknown_cursor',
      ambiguous: false,
    });
  });

  it('stops loudly when the stream begins anew after a cursor it does not know', async () => {
    const page = {
      data: [
        { object: 'event', id: 'event_1', event: 'user.updated', created_at: 'now', data: {} },
        { object: 'event', id: 'event_3', event: 'user.updated', created_at: 'now', data: {} },
      ],
      list_metadata: { after: null },
    };
    simulator.faults.add({ fault: { kind: 'reply', status: 200, body: page } });
    await expect(listEvents({ after: 'event_2' })).rejects.toMatchObject({
      kind: 'malformed',
      code: 'events_restarted',
    });
  });

  it('stops loudly when a page leads to itself', async () => {
    const body = { data: [], list_metadata: { after: 'event_2' } };
    simulator.faults.add({ fault: { kind: 'reply', status: 200, body } });
    await expect(listEvents({ after: 'event_2' })).rejects.toMatchObject({ code: 'listing_stuck' });
  });

  it('shows events of unknown types and strange payloads as they are', async () => {
    simulator.dashboard.emitEvent({ event: 'role.created', data: { strange: [1] } });
    const { events } = await listEvents({ types: ['role.created', 'user.teleported'] });
    expect(events.at(-1)?.data).toEqual({ strange: [1] });
  });

  it('reads on when fields are added that nobody has heard of', async () => {
    const ids = makeEvents(3);
    simulator.faults.add({ fault: { kind: 'drift' } });
    expect((await listEvents()).events.map((event) => event.id)).toEqual(ids);
  });

  it('never shows an event before one that is late', async () => {
    simulator.faults.events({ rate: 0.5, ms: [20, 60] });
    const seen: string[] = [];
    let cursor: string | null = null;
    let ids: readonly string[] = [];
    for (let turn = 0; turn < 200; turn += 1) {
      if (turn < 50) ids = makeEvents(1);
      const page = await listEvents({ limit: 3, ...(cursor !== null && { after: cursor }) });
      seen.push(...page.events.map((event) => event.id));
      ({ cursor } = page);
    }
    expect(seen).toEqual(ids);
  });
});
