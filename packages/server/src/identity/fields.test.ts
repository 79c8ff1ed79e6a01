import { describe, expect, it } from 'vitest';
import {
  emailProblem,
  identifierProblem,
  lineProblem,
  normalizeLine,
  paragraphProblem,
  refuseProblems,
} from './index.ts';

const HALF = '\ud83c';

describe('the texts of a command', () => {
  it.each(['a', 'user_1', 'a@b.c', 'ж', '*a', 'x'.repeat(255)])('take the id `%s`', (id) => {
    expect(identifierProblem(id)).toBeUndefined();
  });

  it.each(['', ' ', 'a b', 'a\n', '*', 'x'.repeat(256), 'é'.repeat(128), HALF, 'a\0'])(
    'refuse the id `%s`',
    (id) => {
      expect(identifierProblem(id)).toBeDefined();
    },
  );

  it('count characters, not UTF-16 units', () => {
    expect(lineProblem('🌳'.repeat(48), 48)).toBeUndefined();
    expect(lineProblem('🌳'.repeat(49), 48)).toBe('must be at most 48 characters long');
  });

  it.each(['', ' ', '\u200b', 'a\nb', 'a\0', HALF])('refuse the line `%s`', (text) => {
    expect(lineProblem(text, 48)).toBeDefined();
  });

  it('let a paragraph have lines, but nothing that no table can hold', () => {
    expect(paragraphProblem('a\n\tb', 10)).toBeUndefined();
    expect([paragraphProblem('\0', 10), paragraphProblem(HALF, 10)]).not.toContain(undefined);
  });

  it.each(['a@b', 'a.b+c@d.example', 'мария@пример.рф', 'a@b@c'])(
    'take the address `%s`',
    (text) => {
      expect(emailProblem(text)).toBeUndefined();
    },
  );

  it.each(['', 'a', '@b', 'a@', 'a b@c', 'a@b c', `${'x'.repeat(320)}@b`])(
    'refuse the address `%s`',
    (text) => {
      expect(emailProblem(text)).toBeDefined();
    },
  );

  it('are composed, so that equal names are equal texts', () => {
    expect(normalizeLine(' Zoe\u0308 ')).toBe('Zo\u00eb');
  });

  it('are refused all at once, each at its place', () => {
    expect(() => {
      refuseProblems({ a: 'is wrong', b: undefined, c: 'too' });
    }).toThrow(
      expect.objectContaining({
        code: 'invalid_request',
        message: '`a` is wrong',
        details: {
          problems: [
            { path: 'a', message: 'is wrong' },
            { path: 'c', message: 'too' },
          ],
        },
      }),
    );
    refuseProblems({ a: undefined });
  });
});
