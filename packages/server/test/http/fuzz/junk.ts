import { anyText } from '@rolecall/testkit';
import fc from 'fast-check';

/** Texts that break things: wildcards, NUL, halves of pairs, other scripts, SQL, very long ones. */
export const nastyText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '*',
    '.',
    '..',
    '%',
    '_',
    '\\',
    "'; DROP TABLE rolecall.roles; --",
    '\u0000',
    'a\u0000b',
    '\ud800',
    '\udc00x',
    '\ufeff',
    '\u202e',
    'İıſß',
    'प्रबंधक',
    '管理者',
    '👩‍👩‍👧‍👦',
    '__proto__',
    'constructor',
    'user:',
    'user:*',
    'role:admin',
    'api_key:00000000-0000-0000-0000-000000000000',
    'null',
    '[]',
    '1e400',
    '-1',
    '9223372036854775808',
    '2026-13-45T99:99:99Z',
    '0001-01-01T00:00:00Z',
    '+275760-09-13T00:00:00.000Z',
  ),
  anyText(40),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.constantFrom(48, 49, 150, 151, 255, 256, 2_000).map((length) => 'x'.repeat(length)),
  // Random letters do not compress, so they are as long in an index as they look.
  fc.string({ unit: 'grapheme', minLength: 80, maxLength: 260 }),
);

/** A value of any type where another was expected. */
export const nastyValue: fc.Arbitrary<unknown> = fc.oneof(
  nastyText,
  fc.constantFrom<unknown>(null, true, false, 0, -0, -1, 1.5, 1e308, 2 ** 53, 2 ** 63, [], {}, [
    [],
  ]),
  fc.constantFrom<unknown>(
    [null],
    [{}],
    { a: { b: { c: [] } } },
    Array.from({ length: 40 }, () => 0),
  ),
  fc.anything({ maxDepth: 3, withNullPrototype: false, withBigInt: false }).map(asJson),
);

/** The value that is left of anything after it has been through JSON. */
function asJson(value: unknown): unknown {
  const text = JSON.stringify(value) as string | undefined;
  return text === undefined ? null : (JSON.parse(text) as unknown);
}

/** Bodies that are not even JSON, or not as it should be. */
export const rawBody: fc.Arbitrary<string | Uint8Array> = fc.oneof(
  fc.constantFrom<string>(
    '',
    ' ',
    '{',
    '}',
    'null',
    'nul',
    '"',
    '{"a":1,}',
    '{"a":1}{"a":2}',
    '{"name":"a","name":"b"}',
    '\ufeff{}',
    '{"__proto__":{"x":1}}',
    '[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]',
    '{"name":"\\ud800","grants":[]}',
    '1e999',
    'NaN',
  ),
  fc.json({ maxDepth: 5 }),
  anyText(200),
  fc.uint8Array({ maxLength: 200 }),
);
