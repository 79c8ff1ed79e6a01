const END_OF_HEAD = Buffer.from('\r\n\r\n');
const END_OF_CHUNKS = Buffer.from('0\r\n\r\n');
const length = /\r\ncontent-length: *(\d+)/i;
const chunked = /\r\ntransfer-encoding: *chunked/i;

/** Whether these are all the bytes of an answer. Throws when its status is not 2xx. */
export function isWhole(bytes: Buffer): boolean {
  const end = bytes.indexOf(END_OF_HEAD);
  if (end === -1) return false;
  const head = bytes.toString('latin1', 0, end);
  // `HTTP/1.1 200 OK`
  if (head.charCodeAt(9) !== 0x32) throw new Error(`not 2xx: ${bytes.toString()}`);
  const body = bytes.length - end - END_OF_HEAD.length;
  const declared = length.exec(head)?.[1];
  if (declared !== undefined) return body >= Number(declared);
  if (!chunked.test(head)) throw new Error(`an answer of no known length: ${head}`);
  return body > 0 && bytes.subarray(-END_OF_CHUNKS.length).equals(END_OF_CHUNKS);
}
