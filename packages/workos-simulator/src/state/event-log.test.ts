import { describe, expect, test } from 'vitest';
import { EventLog } from './event-log.ts';
import type { EventQuery } from './event-reading.ts';

const ANY: EventQuery = {
  types: new Set(['a', 'b']),
  organizationId: null,
  after: null,
  before: null,
  from: null,
  to: null,
  limit: 100,
};

function logOf(count: number, prepare: (log: EventLog) => void = () => undefined): EventLog {
  const log = new EventLog('seed');
  prepare(log);
  for (let index = 1; index <= count; index += 1) {
    log.append({
      id: `event_${String(index).padStart(3, '0')}`,
      event: index % 2 === 0 ? 'b' : 'a',
      data: {},
      createdAt: index * 10,
      organizationId: index % 3 === 0 ? 'org_1' : null,
    });
  }
  return log;
}

function read(log: EventLog, query: Partial<EventQuery> = {}, now = 1_000_000): readonly number[] {
  return log.read({ ...ANY, ...query }, now).events.map((event) => Number(event.id.slice(6)));
}

describe('reading', () => {
  test('answers oldest first and says when there is more', () => {
    const page = logOf(5).read({ ...ANY, limit: 3 }, 1_000);
    expect(page.events.map((event) => event.createdAt)).toEqual([10, 20, 30]);
    expect(page.more).toBe(true);
    expect(logOf(3).read({ ...ANY, limit: 3 }, 1_000).more).toBe(false);
  });

  test('goes on after a cursor, by type and by organization', () => {
    const log = logOf(12);
    expect(read(log, { after: 'event_004' })).toEqual([5, 6, 7, 8, 9, 10, 11, 12]);
    expect(read(log, { after: 'event_004', types: new Set(['b']) })).toEqual([6, 8, 10, 12]);
    expect(read(log, { after: 'event_004', organizationId: 'org_1' })).toEqual([6, 9, 12]);
  });

  test('keeps to a range of time and reads back before a cursor', () => {
    const log = logOf(12);
    expect(read(log, { from: 50, to: 80 })).toEqual([5, 6, 7, 8]);
    expect(read(log, { before: 'event_009', limit: 3 })).toEqual([6, 7, 8]);
  });
});

describe('INVARIANT (time-ordered stream)', () => {
  test('a late event holds back those after it', () => {
    const log = logOf(20, (fresh) => {
      fresh.lateness = { rate: 0.3, ms: [500, 500], overtake: false };
    });
    for (let now = 0; now < 1_000; now += 25) {
      const seen = read(log, {}, now);
      expect(seen).toEqual(Array.from({ length: seen.length }, (_, index) => index + 1));
    }
    expect(read(log, {}, 150).length).toBeLessThan(15);
    expect(read(log, {}, 1_000)).toHaveLength(20);
  });

  test('is broken only on demand: a late event may be overtaken', () => {
    const log = logOf(20, (fresh) => {
      fresh.lateness = { rate: 0.3, ms: [500, 500], overtake: true };
    });
    const early = read(log, {}, 205);
    expect(early.at(-1)).toBeGreaterThan(early.length);
    expect(read(log, {}, 1_000)).toHaveLength(20);
  });

  test('what was late is shown when revealed', () => {
    const log = logOf(20, (fresh) => {
      fresh.lateness = { rate: 0.5, ms: [9_000, 9_000], overtake: false };
    });
    log.reveal();
    expect(read(log, {}, 200)).toHaveLength(20);
  });
});

describe('retention', () => {
  test('removes the oldest, also from the streams of organizations', () => {
    const log = logOf(12);
    expect(log.expireWhile((event) => event.createdAt < 70)).toBe(6);
    expect(read(log)).toEqual([7, 8, 9, 10, 11, 12]);
    expect(read(log, { organizationId: 'org_1' })).toEqual([9, 12]);
    expect(log.find('event_006')).toBeUndefined();
    expect(log.find('event_007')?.createdAt).toBe(70);
    expect(log.expired).toBe(6);
  });

  test('can remove all but the newest', () => {
    const log = logOf(12);
    log.expireWhile((_event, remaining) => remaining > 2);
    expect(read(log)).toEqual([11, 12]);
  });

  test('can remove everything', () => {
    const log = logOf(3);
    expect(log.expireWhile(() => true)).toBe(3);
    expect(read(log)).toEqual([]);
    expect(log.mentions('org_1')).toBe(false);
  });
});
