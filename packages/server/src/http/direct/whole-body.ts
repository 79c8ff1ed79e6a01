import { type IncomingMessage } from 'node:http';

/** Calls back with the whole body; not at all when the connection ends before. */
export function readWholeBody(incoming: IncomingMessage, read: (bytes: Buffer) => void): void {
  // Most bodies come with their head and are there by then: taking one costs less than being told of it.
  process.nextTick(() => {
    const bytes: unknown = incoming.complete ? incoming.read() : null;
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
