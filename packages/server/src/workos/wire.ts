import { z } from 'zod';
import { callName, isWrite, type WorkosCall } from './call.ts';
import {
  type RemoteEvent,
  type RemoteMembership,
  remoteMembershipStatuses,
  type RemoteOrganization,
  type RemoteRole,
  type RemoteUser,
} from './facts.ts';
import { type WorkosFailure, workosFailure } from './failure.ts';

/*
 * The wire as we need it. Fields that are not named are ignored, so that WorkOS may add some; a named one
 * that is absent or of another type makes the whole answer `unexpected_answer`, because a fact that is
 * partly made up is worse than none.
 */

const id = z.string().min(1);
const time = z.string().min(1);
const optionalText = z
  .string()
  .nullish()
  .transform((value) => value ?? null);
/** WorkOS clears an external id to null or to nothing; both mean that there is none. */
const externalId = optionalText.transform((value) => (value === '' ? null : value));

export const roleShape = z
  .object({
    id,
    slug: id,
    name: z.string(),
    description: optionalText,
    type: z.enum(['EnvironmentRole', 'OrganizationRole']),
    updated_at: time,
  })
  .transform((role): RemoteRole => ({
    remoteId: role.id,
    kind: role.type === 'OrganizationRole' ? 'organization' : 'environment',
    slug: role.slug,
    name: role.name,
    description: role.description,
    updatedAt: role.updated_at,
  }));

/** A role for things inside an organization. Memberships cannot hold it, so to Rolecall it is none. */
export const subResourceRoleShape = z.object({
  resource_type_slug: z.string().refine((type) => type !== 'organization'),
});

export const userShape = z
  .object({
    id,
    email: id,
    email_verified: z.boolean(),
    first_name: optionalText,
    last_name: optionalText,
    profile_picture_url: optionalText,
    external_id: externalId,
    updated_at: time,
  })
  .transform((user): RemoteUser => ({
    remoteId: user.id,
    email: user.email,
    emailVerified: user.email_verified,
    firstName: user.first_name,
    lastName: user.last_name,
    photoUrl: user.profile_picture_url,
    externalId: user.external_id,
    updatedAt: user.updated_at,
  }));

const slugShape = z.object({ slug: id });

export const membershipShape = z
  .object({
    id,
    organization_id: id,
    user_id: id,
    status: z.enum(remoteMembershipStatuses),
    role: slugShape,
    roles: z.array(slugShape).nullish(),
    // The official client takes its absence for false, and the official emulator leaves it out.
    directory_managed: z.boolean().default(false),
    user: userShape.nullish().catch(null),
    updated_at: time,
  })
  .transform((membership): RemoteMembership => {
    const listed = (membership.roles ?? []).map((role) => role.slug);
    const slugs = new Set([...listed, membership.role.slug]);
    return {
      remoteId: membership.id,
      organizationId: membership.organization_id,
      userId: membership.user_id,
      status: membership.status,
      roleSlugs: [...slugs].sort(),
      rolesListed: listed.length > 0,
      directoryManaged: membership.directory_managed,
      user: membership.user ?? null,
      updatedAt: membership.updated_at,
    };
  });

export const organizationShape = z
  .object({
    id,
    name: z.string(),
    external_id: externalId,
    metadata: z
      .record(z.string(), z.string())
      .nullish()
      .transform((value) => value ?? {}),
    updated_at: time,
  })
  .transform((organization): RemoteOrganization => ({
    remoteId: organization.id,
    name: organization.name,
    externalId: organization.external_id,
    metadata: organization.metadata,
    updatedAt: organization.updated_at,
  }));

export const eventShape = z
  .object({ id, event: id, created_at: time, data: z.unknown() })
  .transform((event): RemoteEvent => ({
    id: event.id,
    type: event.event,
    createdAt: event.created_at,
    data: event.data,
  }));

/** An answer that says nothing beyond that it worked. */
export const nothingShape = z.unknown().transform(() => undefined);

/** A list whose items are not read yet. Lists of roles are whole: they have neither pages nor cursors. */
export const rawPageShape = z
  .object({
    data: z.array(z.unknown()),
    list_metadata: z.object({ after: optionalText }).optional(),
  })
  .transform((page) => ({ data: page.data, next: page.list_metadata?.after ?? null }));

const anyWithId = z.object({ id });

/**
 * The items of a list in our words. One that cannot be read goes to `onUnreadable` by its id; without that,
 * or without an id, it makes the answer `unexpected_answer`.
 */
export function readItems<T>(
  call: WorkosCall,
  item: z.ZodType<T>,
  raw: readonly unknown[],
  onUnreadable?: (remoteId: string) => void,
): readonly T[] {
  const items: T[] = [];
  for (const one of raw) {
    const read = item.safeParse(one);
    if (read.success) items.push(read.data);
    else if (onUnreadable === undefined) throw unexpected(call, read.error);
    else onUnreadable(readAnswer(call, anyWithId, one).id);
  }
  return items;
}

/** The answer of a call in our words. Throws `unexpected_answer`, naming the fields that are wrong. */
export function readAnswer<T>(call: WorkosCall, shape: z.ZodType<T>, answer: unknown): T {
  const read = shape.safeParse(answer);
  if (read.success) return read.data;
  throw unexpected(call, read.error);
}

function unexpected(call: WorkosCall, error: z.ZodError): WorkosFailure {
  const fields = error.issues.slice(0, 5).map((issue) => issue.path.join('.') || 'the body');
  return workosFailure('malformed', 'unexpected_answer', {
    call: callName(call),
    ambiguous: isWrite(call),
    cause: new TypeError(`not as expected: \`${fields.join('`, `')}\``),
  });
}
