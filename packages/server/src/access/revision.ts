import { refusal } from '../errors/index.ts';

/** A state of one organization: its revision, in one history of the database. */
export interface Revision {
  readonly organizationId: string;
  /** The uuid of the history; a restored backup begins another one. */
  readonly epoch: string;
  readonly revision: number;
}

/** The revision of an organization that a transaction made. */
export interface Written {
  readonly organizationId: string;
  readonly revision: number;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The opaque token of a revision, in the letters of base64url. */
export function encodeRevision({ organizationId, epoch, revision }: Revision): string {
  return Buffer.from(`${revision} ${epoch} ${organizationId}`, 'utf8').toString('base64url');
}

/** Reads a token of `encodeRevision`. Throws `invalid_request` when it is not one. */
export function decodeRevision(token: string): Revision {
  const text = Buffer.from(token, 'base64url').toString('utf8');
  const [digits = '', epoch = '', organizationId = '', ...rest] = text.split(' ');
  const revision = /^\d{1,16}$/.test(digits) ? Number(digits) : NaN;
  if (
    !Number.isSafeInteger(revision) ||
    !UUID.test(epoch) ||
    organizationId === '' ||
    rest.length > 0 ||
    encodeRevision({ organizationId, epoch, revision }) !== token
  ) {
    throw refusal('invalid_request', `\`${token.slice(0, 120)}\` is not a revision token`, {
      problems: [{ path: 'consistency.revision', message: 'not a revision token' }],
    });
  }
  return { organizationId, epoch, revision };
}
