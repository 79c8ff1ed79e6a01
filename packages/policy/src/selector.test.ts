import { describe, expect, it } from 'vitest';
import { comparePins, pinsOf, selectorOf, type Dimensions } from './selector.ts';

describe('pinsOf', () => {
  it('names what narrows a selector, by name', () => {
    expect(
      pinsOf({ resource_kind: 'mcp', resource_id: 's1', tool: 't', project_id: 'p1' }),
    ).toEqual([
      { dimension: 'project_id', value: 'p1' },
      { dimension: 'tool', value: 't' },
    ]);
  });

  it('leaves out a dimension that is the wildcard', () => {
    expect(pinsOf({ resource_kind: 'mcp', resource_id: '*', tool: '*' })).toEqual([]);
  });
});

describe('selectorOf', () => {
  it('puts together what pinsOf takes apart', () => {
    const selector = { resource_kind: 'mcp', resource_id: 's1', tool: 't' };
    expect(selectorOf('mcp', 's1', pinsOf(selector))).toEqual(selector);
  });

  it('keeps a dimension named like a prototype as an ordinary key', () => {
    const selector = selectorOf('mcp', 's1', [{ dimension: '__proto__', value: 'x' }]);
    expect(Object.entries(selector)).toContainEqual(['__proto__', 'x']);
    expect(Object.getPrototypeOf(selector)).toBe(Object.prototype);
  });
});

describe('comparePins', () => {
  const pins = [
    { dimension: 'tool', value: 't' },
    { dimension: 'constructor', value: 'c' },
  ];
  it.each<[Dimensions | undefined, string]>([
    [{ tool: 't', constructor: 'c' }, 'agrees'],
    [{ tool: 't' }, 'open'],
    [{}, 'open'],
    [undefined, 'open'],
    [{ tool: 'u' }, 'differs'],
    [{ constructor: 'd' }, 'differs'],
    [{ tool: 't', constructor: 'd' }, 'differs'],
  ])('compares with %j: %s', (dimensions, result) => {
    expect(comparePins(pins, dimensions)).toBe(result);
  });

  it('agrees with anything when nothing is pinned', () => {
    expect(comparePins([], { tool: 't' })).toBe('agrees');
  });
});
