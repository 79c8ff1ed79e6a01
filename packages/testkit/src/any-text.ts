import fc from 'fast-check';

/** Every code point but the halves of pairs, as fast-check's `binary` has them; that one takes a second to make. */
const codePoint = fc.oneof(
  fc.integer({ min: 0, max: 0xff }),
  fc.integer({ min: 0, max: 0xd7ff }),
  fc.integer({ min: 0xe000, max: 0x10_ffff }),
);

/** Text of any letters, of at most so many code points; now and then a word that breaks programs. */
export function anyText(maxLength: number): fc.Arbitrary<string> {
  const anything = fc
    .array(codePoint, { maxLength })
    .map((points) => String.fromCodePoint(...points));
  return fc.oneof(
    { arbitrary: fc.string({ maxLength }), weight: 1 },
    { arbitrary: anything, weight: 4 },
  );
}
