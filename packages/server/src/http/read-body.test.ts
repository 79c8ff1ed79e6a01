import { describe, expect, it } from 'vitest';
import { readBodyText } from './read-body.ts';

const url = 'http://localhost/';
const json = { 'content-type': 'application/json' };

function post(
  body: NonNullable<RequestInit['body']> | null,
  headers: Record<string, string> = json,
): Request {
  return new Request(url, { method: 'POST', body, headers, duplex: 'half' });
}

/** A body that does not say how long it is. */
function chunked(chunks: readonly string[], onCancel?: () => void): ReadableStream {
  const pending = chunks.map((chunk) => new TextEncoder().encode(chunk));
  return new ReadableStream({
    pull: (controller) => {
      const chunk = pending.shift();
      if (chunk === undefined) controller.close();
      else controller.enqueue(chunk);
    },
    cancel: () => onCancel?.(),
  });
}

describe('a body', () => {
  it('is read as text and kept as it came', async () => {
    const { text, bytes } = await readBodyText(post('{"a":"é"}'), 100);
    expect(text).toBe('{"a":"é"}');
    expect(Buffer.from(bytes).toString()).toBe('{"a":"é"}');
  });

  it('is read in chunks', async () => {
    const { text } = await readBodyText(post(chunked(['{"a"', ':1}'])), 100);
    expect(text).toBe('{"a":1}');
  });

  it.each([
    'application/json',
    'APPLICATION/JSON; charset=UTF-8',
    'application/json;charset="utf-8"',
  ])('may be declared as %s', async (type) => {
    await expect(readBodyText(post('1', { 'content-type': type }), 9)).resolves.toMatchObject({
      text: '1',
    });
  });

  it.each([
    ['text/plain', undefined],
    ['application/jsonp', undefined],
    ['application/json; charset=latin1', undefined],
    ['application/json', 'gzip'],
  ])('is refused as %s with encoding %s', async (type, encoding) => {
    const headers = { 'content-type': type, ...(encoding && { 'content-encoding': encoding }) };
    await expect(readBodyText(post('1', headers), 9)).rejects.toMatchObject({
      code: 'unsupported_media_type',
    });
  });

  it('must be declared', async () => {
    const undeclared = post(new TextEncoder().encode('{}'), {});
    await expect(readBodyText(undeclared, 9)).rejects.toMatchObject({
      code: 'unsupported_media_type',
    });
  });

  it('must be there', async () => {
    const expected = { code: 'invalid_request', details: { problems: [{ path: 'body' }] } };
    await expect(readBodyText(post(null, {}), 9)).rejects.toMatchObject(expected);
    await expect(readBodyText(post('', json), 9)).rejects.toMatchObject(expected);
  });

  it('must be UTF-8', async () => {
    await expect(readBodyText(post(new Uint8Array([0x22, 0xff, 0x22])), 9)).rejects.toMatchObject({
      code: 'invalid_json',
    });
  });
});

describe('the limit', () => {
  it('holds to the byte', async () => {
    await expect(readBodyText(post('12345'), 5)).resolves.toMatchObject({ text: '12345' });
    await expect(readBodyText(post('123456'), 5)).rejects.toMatchObject({
      code: 'body_too_large',
      message: 'the body is larger than 5 bytes',
    });
  });

  it('is refused by the declared length before anything is read', async () => {
    let touched = false;
    const body = new ReadableStream({ pull: () => void (touched = true) }, { highWaterMark: 0 });
    const request = post(body, { ...json, 'content-length': '6' });
    await expect(readBodyText(request, 5)).rejects.toMatchObject({ code: 'body_too_large' });
    expect(touched).toBe(false);
  });

  it('holds for a body that does not say how long it is, and stops reading it', async () => {
    let cancelled = false;
    const endless = chunked(
      Array.from({ length: 1_000 }, () => 'x'.repeat(100)),
      () => (cancelled = true),
    );
    await expect(readBodyText(post(endless), 250)).rejects.toMatchObject({
      code: 'body_too_large',
    });
    expect(cancelled).toBe(true);
  });

  it('holds for a body that is longer than it says', async () => {
    const request = post(chunked(['123456']), { ...json, 'content-length': '3' });
    await expect(readBodyText(request, 5)).rejects.toMatchObject({ code: 'body_too_large' });
  });
});

it('a body that breaks off is the caller’s fault', async () => {
  const broken = new ReadableStream({
    pull: (controller) => {
      controller.error(new Error('connection reset'));
    },
  });
  await expect(readBodyText(post(broken), 100)).rejects.toMatchObject({
    code: 'invalid_json',
    message: 'the body ended before its time',
  });
});
