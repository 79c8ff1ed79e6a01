import { once } from 'node:events';
import { createServer } from 'node:net';

/** As much of an old server as it takes to say its version, whatever it is asked. */
export async function pretendOldPostgres(
  version: string,
  number: string,
): Promise<{ readonly url: string; readonly close: () => void }> {
  const server = createServer((socket) => {
    let greeted = false;
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      if (!greeted) {
        greeted = true;
        socket.write(Buffer.concat([message('R', int32(0)), message('Z', Buffer.from('I'))]));
      } else if (data[0] === 'Q'.charCodeAt(0)) {
        socket.write(
          Buffer.concat([
            message('T', rowDescription(['number', 'version'])),
            message('D', dataRow([number, version])),
            message('C', Buffer.from('SELECT 1\0')),
            message('Z', Buffer.from('I')),
          ]),
        );
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `postgres://nobody@127.0.0.1:${address.port}/old`,
    close: () => {
      server.close();
    },
  };
}

function message(type: string, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
}

function rowDescription(names: readonly string[]): Buffer {
  // Table 0, column 0, type text, any length, no modifier, text format.
  const fields = names.map((name) =>
    Buffer.concat([
      Buffer.from(`${name}\0`),
      int32(0),
      int16(0),
      int32(25),
      int16(-1),
      int32(-1),
      int16(0),
    ]),
  );
  return Buffer.concat([int16(names.length), ...fields]);
}

function dataRow(values: readonly string[]): Buffer {
  const fields = values.map((value) => Buffer.concat([int32(value.length), Buffer.from(value)]));
  return Buffer.concat([int16(values.length), ...fields]);
}

function int32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32BE(value);
  return buffer;
}

function int16(value: number): Buffer {
  const buffer = Buffer.alloc(2);
  buffer.writeInt16BE(value);
  return buffer;
}
