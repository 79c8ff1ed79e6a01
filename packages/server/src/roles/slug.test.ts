import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseSlug, slugCandidates } from './slug.ts';

const zeros = (bytes: number): Uint8Array => new Uint8Array(bytes);
const first = (name: string): string | undefined => slugCandidates(name, zeros)[0];

describe('the slug of a role', () => {
  it.each([
    ['Support', 'org-support'],
    ['  Build & Release  ', 'org-build-release'],
    ['Crème brûlée', 'org-creme-brulee'],
    ['ﬁnance', 'org-finance'],
    ['Q4/2026 – auditors!', 'org-q4-2026-auditors'],
    ['---', 'org-000000'],
    ['Поддержка', 'org-000000'],
    ['客服', 'org-000000'],
    ['🌳', 'org-000000'],
  ])('of `%s` is `%s`', (name, slug) => {
    expect(first(name)).toBe(slug);
  });

  it('gets a number, and then a random suffix, where it is taken', () => {
    const candidates = slugCandidates('Support', zeros);
    expect(chooseSlug(candidates, new Set(['org-support']))).toBe('org-support-2');
    expect(chooseSlug(candidates, new Set(candidates.slice(0, 9)))).toBe('org-support-000000');
    expect(chooseSlug(candidates, new Set(candidates))).toBeUndefined();
  });

  it('is of the form that WorkOS asks for, whatever the name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (name) => {
        const candidates = slugCandidates(name);
        expect(new Set(candidates).size).toBe(candidates.length);
        for (const slug of candidates)
          expect(slug).toMatch(/^org-[a-z0-9]([a-z0-9-]{0,42}[a-z0-9])?$/);
      }),
    );
  });
});
