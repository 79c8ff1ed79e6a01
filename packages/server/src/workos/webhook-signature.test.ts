import { createHmac } from 'node:crypto';
import { anyText } from '@rolecall/testkit';
import { signWebhook } from '@rolecall/workos-simulator';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verifyWebhook, type WebhookTrust } from './webhook-signature.ts';

const NOW = Date.UTC(2026, 0, 1);
const TOLERANCE = 180_000;
const SECRET = 'whsec_current';
const trust: WebhookTrust = { secrets: [SECRET], now: NOW };
const LONG = process.env['ROLECALL_LONG'] === '1' ? 50 : 1;

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const body = '{"object":"event","id":"event_1","event":"user.updated"}';
const genuine = { header: signWebhook(body, SECRET, NOW), body: bytes(body) };

function sign(content: Uint8Array, secret: string, time: string): string {
  return createHmac('sha256', secret).update(`${time}.`).update(content).digest('hex');
}

const bodies = fc.oneof(
  fc.json().map(bytes),
  fc.uint8Array({ maxLength: 200 }),
  anyText(10).map(bytes),
);
const withinTolerance = fc.integer({ min: NOW - TOLERANCE, max: NOW + TOLERANCE });

describe('verifyWebhook', () => {
  it('believes what WorkOS signed, whatever the body', () => {
    fc.assert(
      fc.property(bodies, withinTolerance, (content, time) => {
        const header = `t=${time}, v1=${sign(content, SECRET, String(time))}`;
        const verdict = verifyWebhook({ header, body: content }, trust);
        expect(verdict).toEqual({ genuine: true, signedAt: time });
      }),
      { numRuns: 500 * LONG },
    );
  });

  it.each([
    ['without a space', genuine.header.replace(', ', ',')],
    ['in another order', genuine.header.split(', ').reverse().join(', ')],
    ['with more space', genuine.header.replace(', ', '  ,   ')],
    ['with a field nobody knows', `${genuine.header}, v2=abc, x`],
    ['with a second signature', `${genuine.header}, v1=${'0'.repeat(64)}`],
  ])('believes a header %s', (_, header) => {
    expect(verifyWebhook({ ...genuine, header }, trust).genuine).toBe(true);
  });

  it('believes the old and the new secret while one is being changed', () => {
    const secrets = ['whsec_next', SECRET];
    expect(verifyWebhook(genuine, { ...trust, secrets }).genuine).toBe(true);
    const next = { ...genuine, header: signWebhook(body, 'whsec_next', NOW) };
    expect(verifyWebhook(next, { ...trust, secrets }).genuine).toBe(true);
    expect(verifyWebhook(next, trust)).toEqual({ genuine: false, doubt: 'wrong_signature' });
  });

  it.each([
    ['nothing at all', null, 'unsigned'],
    ['an empty header', '  ', 'unsigned'],
    ['no time', `v1=${'a'.repeat(64)}`, 'unreadable_signature'],
    ['no signature', `t=${NOW}`, 'unreadable_signature'],
    ['two times', `t=${NOW}, ${genuine.header}`, 'unreadable_signature'],
    ['a time with letters', genuine.header.replace('t=1', 't=1e'), 'unreadable_signature'],
    ['a negative time', genuine.header.replace('t=', 't=-'), 'unreadable_signature'],
    ['a short signature', genuine.header.slice(0, -2), 'unreadable_signature'],
    ['an empty signature', `t=${NOW}, v1=`, 'unreadable_signature'],
    ['two headers in one', `${genuine.header}, ${genuine.header}`, 'unreadable_signature'],
    ['a header of a megabyte', `${genuine.header}${', x'.repeat(300_000)}`, 'unreadable_signature'],
    ['a time in seconds', signWebhook(body, SECRET, NOW / 1_000), 'stale'],
    ['a time of no number', signWebhook(body, SECRET, Number.NaN), 'unreadable_signature'],
  ])('doubts %s', (_, header, doubt) => {
    expect(verifyWebhook({ ...genuine, header }, trust)).toEqual({ genuine: false, doubt });
  });

  it('believes nothing when there is no secret, or an empty one', () => {
    const unsafe = { ...genuine, header: signWebhook(body, '', NOW) };
    for (const secrets of [[], [''], ['', SECRET]]) {
      expect(verifyWebhook(unsafe, { ...trust, secrets }).genuine).toBe(false);
    }
  });

  it('believes a signature for three minutes to both sides, and not a millisecond longer', () => {
    const at = (now: number) => verifyWebhook(genuine, { ...trust, now });
    expect(at(NOW + TOLERANCE).genuine).toBe(true);
    expect(at(NOW - TOLERANCE).genuine).toBe(true);
    expect(at(NOW + TOLERANCE + 1)).toEqual({ genuine: false, doubt: 'stale' });
    expect(at(NOW - TOLERANCE - 1)).toEqual({ genuine: false, doubt: 'stale' });
    expect(at(Number.NaN).genuine).toBe(false);
  });
});

describe('INVARIANT (no forgery): of generated forgeries none is believed', () => {
  const refuse = (name: string, forged: fc.Arbitrary<readonly [string | null, Uint8Array]>) => {
    it(name, () => {
      fc.assert(
        fc.property(forged, ([header, content]) => {
          expect(verifyWebhook({ header, body: content }, trust).genuine).toBe(false);
        }),
        { numRuns: 500 * LONG },
      );
    });
  };
  const signed = (content: Uint8Array, time = NOW, secret = SECRET): string =>
    `t=${time}, v1=${sign(content, secret, String(time))}`;
  const flip = (content: Uint8Array, at: number, bit: number): Uint8Array =>
    content.map((byte, index) => (index === at % content.length ? byte ^ (1 << bit) : byte));
  const someBytes = fc.uint8Array({ minLength: 1, maxLength: 200 });

  refuse(
    'with one bit of the body changed',
    fc
      .tuple(someBytes, fc.nat(), fc.nat(7))
      .map(([content, at, bit]) => [signed(content), flip(content, at, bit)]),
  );
  refuse(
    'with something added to the body',
    fc
      .tuple(bodies, someBytes, fc.boolean())
      .map(([content, more, before]) => [
        signed(content),
        Buffer.concat(before ? [more, content] : [content, more]),
      ]),
  );
  refuse(
    'with one character of the signature changed',
    fc.tuple(bodies, fc.nat(63), fc.integer({ min: 1, max: 15 })).map(([content, at, by]) => {
      const hash = sign(content, SECRET, String(NOW));
      const digit = (Number.parseInt(hash.charAt(at), 16) + by) % 16;
      const changed = hash.slice(0, at) + digit.toString(16) + hash.slice(at + 1);
      return [`t=${NOW}, v1=${changed}`, content];
    }),
  );
  refuse(
    'with another time than was signed',
    fc
      .tuple(bodies, withinTolerance, withinTolerance)
      .filter(([, time, other]) => time !== other)
      .map(([content, time, other]) => [
        signed(content, time).replace(`${time}`, `${other}`),
        content,
      ]),
  );
  refuse(
    'with another secret',
    fc
      .tuple(bodies, fc.string())
      .filter(([, secret]) => secret !== SECRET)
      .map(([content, secret]) => [signed(content, NOW, secret), content]),
  );
  refuse(
    'that are stale or come from the future',
    fc
      .tuple(bodies, fc.integer({ min: TOLERANCE + 1, max: NOW }), fc.boolean())
      .map(([content, age, past]) => [signed(content, past ? NOW - age : NOW + age), content]),
  );
  refuse(
    'with a signature of any bytes',
    fc
      .tuple(bodies, fc.uint8Array({ minLength: 32, maxLength: 32 }))
      .map(([content, hash]) => [`t=${NOW}, v1=${Buffer.from(hash).toString('hex')}`, content]),
  );
  refuse('with any text as the header', fc.tuple(fc.string(), bodies));
});
