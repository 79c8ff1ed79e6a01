import { describe, expect, it } from 'vitest';
import { KeyMemory } from './key-memory.ts';

const key = { id: 'k1', organizationId: null, scope: 'check' } as const;
const confirmed = () => new KeyMemory(() => true);

describe('keys in memory', () => {
  it('are found by the hash of their secret until they change', () => {
    const memory = confirmed();
    memory.hold(memory.beginLoad(), 'h1', key);
    memory.hold(memory.beginLoad(), 'h2', { ...key, id: 'k2' });
    expect(memory.find('h1')).toEqual(key);
    memory.forget(['k1', 'k9']);
    expect(memory.find('h1')).toBeUndefined();
    expect(memory.find('h2')).toMatchObject({ id: 'k2' });
  });

  it('INVARIANT (no lost change): are not kept when any key changed while they were read', () => {
    for (const meanwhile of ['forget', 'reset'] as const) {
      const memory = confirmed();
      const ticket = memory.beginLoad();
      if (meanwhile === 'forget') memory.forget(['k1']);
      else memory.reset();
      memory.hold(ticket, 'h1', key);
      expect(memory.find('h1')).toBeUndefined();
      memory.hold(memory.beginLoad(), 'h1', key);
      expect(memory.find('h1')).toEqual(key);
    }
  });

  it('INVARIANT (bound): answer nobody while memory is not confirmed', () => {
    const state = { confirmed: true };
    const memory = new KeyMemory(() => state.confirmed);
    memory.hold(memory.beginLoad(), 'h1', key);
    state.confirmed = false;
    expect(memory.find('h1')).toBeUndefined();
    state.confirmed = true;
    expect(memory.find('h1')).toEqual(key);
  });

  it('keep nothing but what counts', () => {
    const memory = confirmed();
    memory.hold(memory.beginLoad(), 'h1', { ...key, name: 'not needed' } as typeof key);
    expect(Object.keys(memory.find('h1') ?? {})).toEqual(['id', 'organizationId', 'scope']);
  });
});
