import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRevision, encodeRevision } from './revision.ts';

describe('a revision token', () => {
  it('reads back as what it was made of', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[^\s\p{Cc}]{1,40}$/u),
        fc.uuid(),
        fc.maxSafeNat(),
        (organizationId, epoch, revision) => {
          const state = { organizationId, epoch, revision };
          expect(decodeRevision(encodeRevision(state))).toEqual(state);
        },
      ),
    );
  });

  it('is made of letters that need no quoting in a header', () => {
    const token = encodeRevision({
      organizationId: 'ñandú-組織',
      epoch: '0b0e5f0e-6a3e-4bb9-9d9a-000000000000',
      revision: 7,
    });
    expect(token).toMatch(/^[A-Za-z0-9_-]+$/);
  });

  it.each(['', 'x', '7', 'null', 'ÿ', 'A'.repeat(5000), 'MQ', ' '])(
    'is refused when it is not one: `%s`',
    (token) => {
      expect(() => decodeRevision(token)).toThrow(
        expect.objectContaining({
          code: 'invalid_request',
          details: {
            problems: [{ path: 'consistency.revision', message: 'not a revision token' }],
          },
        }),
      );
    },
  );

  it('is refused when a letter was changed without changing what it says', () => {
    const token = encodeRevision({
      organizationId: 'acme',
      epoch: '0b0e5f0e-6a3e-4bb9-9d9a-000000000000',
      revision: 7,
    });
    expect(() => decodeRevision(`${token}=`)).toThrow('is not a revision token');
  });
});
