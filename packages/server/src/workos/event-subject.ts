import { z } from 'zod';
import {
  type RemoteEvent,
  remoteMembershipStatuses,
  type RemoteMembershipStatus,
} from './facts.ts';
import { workosFailure } from './failure.ts';
import { eventShape } from './wire.ts';

/**
 * The types of events that say something about what Rolecall keeps equal. The stream is asked for these;
 * any other that shows up is an event of subject `unknown`.
 */
export const syncedEventTypes = [
  'organization.created',
  'organization.updated',
  'organization.deleted',
  'organization_membership.created',
  'organization_membership.updated',
  'organization_membership.deleted',
  'organization_role.created',
  'organization_role.updated',
  'organization_role.deleted',
  'role.created',
  'role.updated',
  'role.deleted',
  'user.created',
  'user.updated',
  'user.deleted',
] as const;

/** What an event is about: the thing to look at. `deleted` says that the event reports its end. */
export type EventSubject =
  | {
      readonly kind: 'membership';
      readonly remoteId: string;
      readonly organizationId: string;
      readonly userId: string;
      /** At the time of the event. The one thing in a payload that may act at once, and only to deny. */
      readonly status: RemoteMembershipStatus;
      readonly deleted: boolean;
    }
  | {
      readonly kind: 'organization_role';
      readonly organizationId: string;
      readonly slug: string;
      readonly deleted: boolean;
    }
  | { readonly kind: 'environment_role'; readonly slug: string; readonly deleted: boolean }
  | { readonly kind: 'organization'; readonly remoteId: string; readonly deleted: boolean }
  | { readonly kind: 'user'; readonly remoteId: string; readonly deleted: boolean }
  | { readonly kind: 'unknown' };

const id = z.string().min(1);
const membership = z.object({
  id,
  organization_id: id,
  user_id: id,
  status: z.enum(remoteMembershipStatuses),
});
const organizationRole = z.object({ organization_id: id, slug: id });
const environmentRole = z.object({ slug: id });
const withId = z.object({ id });

/**
 * The thing an event is about. Throws `unexpected_answer` when the payload of a known type does not say:
 * such an event is to be quarantined. An unknown type is no fault.
 */
export function eventSubject(event: RemoteEvent): EventSubject {
  if (!syncedEventTypes.some((type) => type === event.type)) return { kind: 'unknown' };
  const [subject, what] = event.type.split('.');
  const deleted = what === 'deleted';
  switch (subject) {
    case 'organization_membership': {
      const { organization_id, user_id, ...rest } = read(event, membership);
      const ids = { remoteId: rest.id, organizationId: organization_id, userId: user_id };
      return { kind: 'membership', ...ids, status: rest.status, deleted };
    }
    case 'organization_role': {
      const { organization_id: organizationId, slug } = read(event, organizationRole);
      return { kind: 'organization_role', organizationId, slug, deleted };
    }
    case 'role':
      return { kind: 'environment_role', slug: read(event, environmentRole).slug, deleted };
    case 'organization':
      return { kind: 'organization', remoteId: read(event, withId).id, deleted };
    case 'user':
      return { kind: 'user', remoteId: read(event, withId).id, deleted };
    default:
      return { kind: 'unknown' };
  }
}

/** The event in a webhook's body; nothing when it is none. The body must have been verified before. */
export function parseWebhookEvent(body: string): RemoteEvent | undefined {
  try {
    return eventShape.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}

function read<T>(event: RemoteEvent, shape: z.ZodType<T>): T {
  const { success, data, error } = shape.safeParse(event.data);
  if (success) return data;
  const fields = error.issues.map((issue) => issue.path.join('.') || 'the payload');
  throw workosFailure('malformed', 'unexpected_answer', {
    call: 'event',
    cause: new TypeError(`an event lacks \`${fields.join('`, `')}\``),
  });
}
