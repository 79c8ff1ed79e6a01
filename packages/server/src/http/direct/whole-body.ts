import { type IncomingMessage } from 'node:http';

/**
 * Calls back with the whole body, which is said to have so many bytes; not at all when the connection ends
 * before.
 */
export function readWholeBody(
  incoming: IncomingMessage,
  length: number,
  read: (bytes: Buffer) => void,
): void {
  // Most bodies come with their head and are there by then: taking one costs less than being told of it.
  process.nextTick(() => {
    const bytes: unknown = incoming.readableLength >= length ? incoming.read() : null;
    if (Buffer.isBuffer(bytes)) read(bytes);
    else listen(incoming, read);
  });
}

function listen(incoming: IncomingMessage, read: (bytes: Buffer) => void): void {
  const chunks: Buffer[] = [];
  incoming.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
  });
  incoming.on('end', () => {
    const [first] = chunks;
    read(chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks));
  });
}
