import { query, type Tx } from '../../database/index.ts';
import { findLinkedOrganization, lockOrganization } from '../../identity/index.ts';
import { closeMirror, mirrorSuspensions } from '../../roles/index.ts';
import {
  eventSubject,
  type EventSubject,
  isWorkosFailure,
  type RemoteEvent,
} from '../../workos/index.ts';
import { raiseMarks } from '../entity/index.ts';
import { raiseEnvironmentMarks } from './environment-marks-store.ts';
import { type InboxRow } from './inbox-store.ts';

/** A suspension or removal that is to deny at once. */
interface Denial {
  readonly organizationId: string;
  readonly remoteId: string;
  readonly eventId: string;
}

/**
 * Takes events in, in the caller's transaction and without any call: marks what they are about, and denies at
 * once whom they say is suspended or removed. Nothing else of a payload is believed. Answers with what became
 * of each.
 */
export async function ingest(tx: Tx, events: readonly RemoteEvent[]): Promise<readonly InboxRow[]> {
  const rows: InboxRow[] = [];
  const marks = new Map<string, Noted>();
  const denials: Denial[] = [];
  for (const event of events) {
    const subject = subjectOf(event);
    if (subject === undefined) {
      rows.push({ event, state: 'quarantined', reason: 'unexpected_answer' });
      continue;
    }
    const organizationId = await organizationOf(tx, subject);
    if (organizationId === null) {
      rows.push({ event, state: 'parked', waitsFor: remoteOrganizationOf(subject) });
      continue;
    }
    rows.push({ event, state: subject.kind === 'unknown' ? 'unknown' : 'taken' });
    if (organizationId === undefined) await raiseEnvironmentMarks(tx, subject, event.id);
    else noteMark(marks, organizationId, { subject, eventId: event.id });
    const denial = denialOf(subject, organizationId);
    if (denial) denials.push({ ...denial, eventId: event.id });
  }
  // In the order of ids, so that two readers never wait for each other in a circle.
  await deny(
    tx,
    denials.toSorted((one, other) => compare(one.organizationId, other.organizationId)),
  );
  for (const [organizationId, { roles, memberships }] of [...marks].sort(([one], [other]) =>
    compare(one, other),
  )) {
    await raiseMarks(tx, organizationId, 'organization_role', roles);
    await raiseMarks(tx, organizationId, 'membership', memberships);
    await query(tx, { text: `SELECT pg_notify('rolecall', $1)`, values: [organizationId] });
  }
  return rows;
}

/** Nothing for a payload that does not say what it is about. */
function subjectOf(event: RemoteEvent): EventSubject | undefined {
  try {
    return eventSubject(event);
  } catch (error) {
    if (isWorkosFailure(error, 'malformed')) return undefined;
    throw error;
  }
}

/** Ours, null when it is not known here, undefined when the event is not about a single one's things. */
async function organizationOf(tx: Tx, subject: EventSubject): Promise<string | null | undefined> {
  if (subject.kind !== 'membership' && subject.kind !== 'organization_role') return undefined;
  return (await findLinkedOrganization(tx, subject.organizationId)) ?? null;
}

function remoteOrganizationOf(subject: EventSubject): string {
  return 'organizationId' in subject ? subject.organizationId : '';
}

/** What is to be looked at in one organization, each with the newest event about it. */
interface Noted {
  readonly roles: Map<string, string>;
  readonly memberships: Map<string, string>;
}

function noteMark(
  marks: Map<string, Noted>,
  organizationId: string,
  { subject, eventId }: { readonly subject: EventSubject; readonly eventId: string },
): void {
  const noted = marks.get(organizationId) ?? { roles: new Map(), memberships: new Map() };
  if (subject.kind === 'organization_role') noted.roles.set(subject.slug, eventId);
  if (subject.kind === 'membership') noted.memberships.set(subject.remoteId, eventId);
  marks.set(organizationId, noted);
}

function denialOf(
  subject: EventSubject,
  organizationId: string | undefined,
): Omit<Denial, 'eventId'> | undefined {
  if (subject.kind !== 'membership' || organizationId === undefined) return undefined;
  if (!subject.deleted && subject.status !== 'inactive') return undefined;
  return { organizationId, remoteId: subject.remoteId };
}

/** INVARIANT (denied at once): in the transaction that reads the event, whatever else is held back. */
async function deny(tx: Tx, denials: readonly Denial[]): Promise<void> {
  for (const [organizationId, all] of Map.groupBy(denials, (one) => one.organizationId)) {
    const lock = await lockOrganization(tx, organizationId);
    await closeMirror(tx, lock, [await mirrorSuspensions(tx, lock, all)], null);
  }
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
