import { describe, expect, it } from 'vitest';
import { email, identifier, line, paragraph, uuid } from './text.ts';

const takes = (schema: { safeParse: (value: unknown) => { success: boolean } }, value: unknown) =>
  schema.safeParse(value).success;

describe('an identifier', () => {
  it('may be in any script and contain signs', () => {
    expect(takes(identifier(), 'пользователь/1:é@用户')).toBe(true);
  });

  it.each(['', '*', '..', 'a b', 'a\u0000', 'a\u00a0b', 'a\n', 'x'.repeat(256)])(
    'is not %j',
    (value) => {
      expect(takes(identifier(), value)).toBe(false);
    },
  );

  it('is limited in bytes, because an index entry is', () => {
    expect(takes(identifier(), '用'.repeat(85))).toBe(true);
    expect(takes(identifier(), '用'.repeat(86))).toBe(false);
  });
});

describe('a line', () => {
  it('is counted in characters of any script', () => {
    expect(takes(line(48), '👩'.repeat(48))).toBe(true);
    expect(takes(line(48), '👩'.repeat(49))).toBe(false);
  });

  it.each(['', '   ', 'a\u0000b', 'a\nb'])('is not %j', (value) => {
    expect(takes(line(48), value)).toBe(false);
  });
});

it('a paragraph may be empty and have several lines', () => {
  expect(takes(paragraph(10), '')).toBe(true);
  expect(takes(paragraph(10), 'a\nb')).toBe(true);
});

it('a uuid is read in either case and kept in lower case', () => {
  expect(uuid().parse('4D2E8C70-91A5-4C0E-8F0F-0A4A6F4F5B11')).toBe(
    '4d2e8c70-91a5-4c0e-8f0f-0a4a6f4f5b11',
  );
  expect(takes(uuid(), 'not-a-uuid')).toBe(false);
});

it.each([
  ['a@b', true],
  ['почта@пример.рф', true],
  ['a b@c', false],
  ['ab', false],
  ['@b', false],
])('an e-mail address: %s is %s', (value, expected) => {
  expect(takes(email(), value)).toBe(expected);
});
