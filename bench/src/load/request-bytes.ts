/** A request, made before anything is timed: making one costs as much as answering it. */
export interface PreparedRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A POST of JSON as it goes over the wire. */
export function requestBytes({ path, headers, body }: PreparedRequest, host: string): Buffer {
  const all = {
    host,
    connection: 'keep-alive',
    'content-type': 'application/json',
    ...headers,
    'content-length': String(Buffer.byteLength(body)),
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
}
