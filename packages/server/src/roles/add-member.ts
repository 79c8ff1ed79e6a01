import { type Tx } from '../database/index.ts';
import { defect, refusal } from '../errors/index.ts';
import {
  emailProblem,
  ensureUsers,
  findDeletedUsers,
  findUserByEmail,
  generateId,
  identifierProblem,
  insertMemberships,
  lineProblem,
  lockAndRead,
  type NewMembership,
  normalizeLine,
  type OrganizationLock,
  refuseProblems,
} from '../identity/index.ts';
import { liftNoAdmin, writeAssignments } from './assignments-store.ts';
import { closeCommand } from './close-command.ts';
import { type CommandContext, type Committed, committed } from './command.ts';
import { requireMemberRole } from './member-role.ts';
import { type Member, memberShape, memberSubject, type NewMember } from './member.ts';
import { findMember } from './members-store.ts';
import { refuseLinked } from './ownership.ts';
import { findWantedRoles, requireRoles } from './read-roles.ts';
import { requireRoleSet } from './set-member-roles.ts';

/**
 * Makes a user an active member, in an organization that is not linked. An e-mail address is not an
 * identity: without an id a new user is made, whoever else has the address. A user who is known already
 * keeps the profile that other organizations see; the membership has its own. A former member gets a new
 * life without anything of the old one. Throws `invalid_request`, `roles_required`, `owned_by_workos`,
 * `member_exists`, `role_not_found`.
 */
export async function addMember(
  tx: Tx,
  organizationId: string,
  args: NewMember,
  context: CommandContext,
): Promise<Committed<Member>> {
  const profile = readProfile(args);
  const named = args.roleIds && requireRoleSet(args.roleIds);
  const [lock, wanted] = await lockAndRead(tx, organizationId, () =>
    findWantedRoles(tx, organizationId, named ?? []),
  );
  refuseLinked(lock, 'its members');
  await refuseExisting(tx, lock, { profile, idGiven: args.id !== undefined });
  const roleIds = named ?? [requireMemberRole(lock)];
  requireRoles(lock, { ...wanted, roleIds }, []);
  const value = await insertMember(tx, lock, { profile, roleIds });
  await closeCommand(tx, lock, context, {
    changed: { users: [profile.userId] },
    entries: [{ action: 'member.added', subject: memberSubject(value), after: memberShape(value) }],
  });
  return committed(lock, value);
}

function readProfile({ id, email, name }: NewMember): NewMembership {
  const profile = {
    userId: id ?? generateId('user'),
    email: email.trim(),
    name: name === null || name === undefined ? null : normalizeLine(name),
  };
  refuseProblems({
    id: identifierProblem(profile.userId),
    email: emailProblem(profile.email),
    name: profile.name === null ? undefined : lineProblem(profile.name, 255),
  });
  return profile;
}

/** Throws `member_exists`, and `invalid_request` for a user who has been deleted. */
async function refuseExisting(
  tx: Tx,
  { organizationId }: OrganizationLock,
  { profile, idGiven }: { readonly profile: NewMembership; readonly idGiven: boolean },
): Promise<void> {
  const { userId, email } = profile;
  const member = idGiven
    ? await findMember(tx, organizationId, userId)
    : await findUserByEmail(tx, organizationId, email);
  if (member !== undefined) {
    const who = idGiven ? userId : email;
    throw refusal('member_exists', `\`${who}\` is a member already`, { userId: member.userId });
  }
  if ((await findDeletedUsers(tx, [userId])).has(userId)) {
    refuseProblems({ id: 'names a user who has been deleted' });
  }
}

async function insertMember(
  tx: Tx,
  lock: OrganizationLock,
  { profile, roleIds }: { readonly profile: NewMembership; readonly roleIds: readonly string[] },
): Promise<Member> {
  await ensureUsers(tx, [profile]);
  const made = (await insertMemberships(tx, lock, [profile])).get(profile.userId);
  if (made === undefined) throw defect('a membership was not made');
  const added = roleIds.map((roleId) => ({ ...made, roleId }));
  await writeAssignments(tx, lock, { removed: [], added });
  if (lock.noAdmin) liftNoAdmin(tx, lock);
  return { ...profile, ...made, photoUrl: null, status: 'active', roleIds };
}
