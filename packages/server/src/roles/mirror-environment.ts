import { appendEnvironmentAudit, type AuditEntry } from '../audit/index.ts';
import { type Tx } from '../database/index.ts';
import { type OrganizationLock } from '../identity/index.ts';
import {
  buryGlobalRole,
  buryUser,
  insertEnvironmentRole,
  putGlobalRole,
  replaceOrganizationName,
} from './mirror-environment-store.ts';
import { mirrorAuthor, type MirrorTraces } from './mirror.ts';
import { type MirroredRole } from './mirror-store.ts';
import { getRole } from './read-roles.ts';
import { roleShape } from './role.ts';

/*
 * Facts of WorkOS's that concern several organizations. What is changed once for all of them is told in the
 * history of the environment; what it means to an organization, in the organization's own.
 */

/** Makes sure that a role of the environment exists, here and in this organization, without grants. */
export async function mirrorEnvironmentRole(
  tx: Tx,
  lock: OrganizationLock,
  { role, cause }: { readonly role: MirroredRole; readonly cause: string | null },
): Promise<MirrorTraces> {
  const { slug, name, description } = role;
  const put = await putGlobalRole(tx, role);
  if (put !== undefined) {
    await appendEnvironmentAudit(
      tx,
      { ...mirrorAuthor, cause },
      {
        action: put.before === null ? 'role.created' : 'role.updated',
        subject: `role:global:${put.id}`,
        ...(put.before !== null && { before: { slug, ...put.before } }),
        after: { slug, name, description },
      },
    );
  }
  const roleId = await insertEnvironmentRole(tx, lock, slug);
  if (roleId === undefined) return { changed: { organization: true }, entries: [] };
  const made = await getRole(tx, lock.organizationId, roleId);
  return {
    changed: { organization: true },
    entries: [{ action: 'role.created', subject: made.principal, after: roleShape(made) }],
  };
}

/** Buries a role of the environment: no load counts it from now on. Nothing when there is none. */
export async function mirrorEnvironmentRoleEnd(
  tx: Tx,
  { slug, cause }: { readonly slug: string; readonly cause: string | null },
): Promise<{ readonly id: string; readonly principal: string } | undefined> {
  const buried = await buryGlobalRole(tx, slug);
  if (buried === undefined) return undefined;
  const principal = `role:global:${buried.id}`;
  if (buried.wasThere) {
    await tellEnd(tx, cause, { action: 'role.deleted', subject: principal, before: { slug } });
  }
  return { id: buried.id, principal };
}

/** Buries a person: every load denies them from now on. Their principal; nothing when nobody here is meant. */
export async function mirrorUserEnd(
  tx: Tx,
  { workosUserId, cause }: { readonly workosUserId: string; readonly cause: string | null },
): Promise<string | undefined> {
  const buried = await buryUser(tx, workosUserId);
  if (buried === undefined) return undefined;
  const subject = `user:${buried.id}`;
  if (buried.wasThere) {
    const before = { workos_user_id: workosUserId };
    await tellEnd(tx, cause, { action: 'user.deleted', subject, before });
  }
  return subject;
}

function tellEnd(tx: Tx, cause: string | null, entry: AuditEntry): Promise<void> {
  return appendEnvironmentAudit(tx, { ...mirrorAuthor, cause }, entry);
}

/** Takes over the name of an organization; nothing is left behind when it has it already. */
export async function mirrorOrganizationName(
  tx: Tx,
  lock: OrganizationLock,
  name: string,
): Promise<MirrorTraces> {
  const before = await replaceOrganizationName(tx, lock, name);
  if (before === undefined) return { changed: {}, entries: [] };
  const subject = `organization:${lock.organizationId}`;
  const entry = {
    action: 'organization.updated',
    subject,
    before: { name: before },
    after: { name },
  } as const;
  return { changed: {}, entries: [entry] };
}
