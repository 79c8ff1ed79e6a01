import { createHash, timingSafeEqual } from 'node:crypto';
import { sendAfterCommit, type Tx } from '../database/index.ts';
import { type OrganizationLock } from './organization-lock.ts';

/*
 * What is notified on the channel `rolecall`:
 *
 *   announcement = organization [ ' ' epoch ' ' revision ' ' what ' ' proof ]
 *
 * Everybody hears from the first word where something has happened. The rest is the row of `changes` itself, for
 * nodes that keep states; it is left out where it would not fit into a notification. Ids hold no spaces.
 */

/** A row of `changes` as it was announced. */
export interface AnnouncedChange {
  readonly organizationId: string;
  readonly epoch: string;
  readonly revision: number;
  readonly what: unknown;
}

/** A notification takes less than 8,000 bytes; the proof is 64 of them. */
const MOST_BYTES = 7_900;

/**
 * Announces a change to everybody who listens, behind the commit: a transaction that notifies takes a lock of the
 * whole cluster at its commit and keeps it while it waits for the disk. What is announced is the row that was
 * committed; where there is none, nothing is. An announcement only hurries others, so it may be lost.
 */
export function announceChange(
  tx: Tx,
  { organizationId, revision }: Pick<OrganizationLock, 'organizationId' | 'revision'>,
): void {
  sendAfterCommit(tx, {
    name: 'announce_change',
    text: `SELECT pg_notify('rolecall', CASE WHEN octet_length(a.text) > ${MOST_BYTES} THEN a.organization_id
        ELSE a.text || ' ' || encode(sha256(a.key || sha256(a.key || convert_to(a.text, 'UTF8'))), 'hex') END)
      FROM (SELECT c.organization_id, uuid_send(e.announcement_key) AS key,
          c.organization_id || ' ' || e.epoch || ' ' || c.revision || ' ' || c.what AS text
        FROM rolecall.changes c CROSS JOIN rolecall.environment e
        WHERE c.organization_id = $1 AND c.revision = $2) a`,
    values: [organizationId, revision],
  });
}

/** The organization that a notification is about; empty when it is about none. */
export function announcedOrganization(notification: string): string {
  const end = notification.indexOf(' ');
  return end === -1 ? notification : notification.slice(0, end);
}

/**
 * The change that a notification announces, if it says one and was made by who may read the key.
 *
 * INVARIANT (no lost change): a change is taken from a notification only with a proof, because whoever takes in a
 * revision that was made up passes over the real one.
 */
export function readAnnouncement(notification: string, key: string): AnnouncedChange | undefined {
  const end = notification.lastIndexOf(' ');
  if (end === -1) return undefined;
  const text = notification.slice(0, end);
  const proof = Buffer.from(notification.slice(end + 1), 'hex');
  const wanted = proofOf(text, key);
  if (proof.byteLength !== wanted.byteLength || !timingSafeEqual(proof, wanted)) return undefined;
  const [organizationId = '', epoch = '', revision = ''] = text.split(' ', 3);
  const what: unknown = JSON.parse(text.slice(`${organizationId} ${epoch} ${revision} `.length));
  return { organizationId, epoch, revision: Number(revision), what };
}

/** The hash of a hash, each begun with the key: nothing can be added to what was proved. */
function proofOf(text: string, key: string): Buffer {
  const secret = Buffer.from(key.replaceAll('-', ''), 'hex');
  const inner = createHash('sha256').update(secret).update(text).digest();
  return createHash('sha256').update(secret).update(inner).digest();
}
