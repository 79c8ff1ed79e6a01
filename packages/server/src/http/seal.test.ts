import { expect, it } from 'vitest';
import { seal, unseal } from './seal.ts';

const context = Buffer.from('context');

it('opens with the same secret and context only', () => {
  const sealed = seal('an answer', 'secret', context);
  expect(unseal(sealed, 'secret', context)).toBe('an answer');
  expect(() => unseal(sealed, 'other', context)).toThrow();
  expect(() => unseal(sealed, 'secret', Buffer.from('other'))).toThrow();
});

it('shows nothing of the text and never looks the same', () => {
  const sealed = seal('an answer', 'secret', context);
  expect(Buffer.from(sealed, 'base64').includes('answer')).toBe(false);
  expect(seal('an answer', 'secret', context)).not.toBe(sealed);
});

it('does not open when it was altered', () => {
  const bytes = Buffer.from(seal('an answer', 'secret', context), 'base64');
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  expect(() => unseal(bytes.toString('base64'), 'secret', context)).toThrow();
});
