import { type Tx } from '../../database/index.ts';
import { findDeletedUsers, normalizeLine, type OrganizationLock } from '../../identity/index.ts';
import { findMembers } from '../members-store.ts';
import { type ImportDocument } from './document.ts';
import { findNameFacts, findRolesByKey, findTakenSlugs } from './facts-store.ts';
import { type ImportFacts } from './facts.ts';
import { type SlugDraw } from './plan.ts';

/** Reads what the organization holds of all that a document names. */
export async function readFacts(
  tx: Tx,
  lock: OrganizationLock,
  { roles = [], members = [] }: ImportDocument,
  slugs: SlugDraw,
): Promise<ImportFacts> {
  const { organizationId, linked, adminRoleId, memberRoleId } = lock;
  const userIds = new Set(members.map((member) => storable(member.id)));
  const keys = new Set([
    ...roles.map((role) => storable(role.key)),
    ...members.flatMap((member) => member.roles.map(storable)),
  ]);
  const found = await findMembers(tx, organizationId, [...userIds]);
  return {
    organizationId,
    linked,
    systemRoles: new Map([...entryOf('admin', adminRoleId), ...entryOf('member', memberRoleId)]),
    roles: await findRolesByKey(tx, organizationId, [...keys]),
    names: await findNameFacts(
      tx,
      organizationId,
      roles.map((role) => storable(normalizeLine(role.name))),
    ),
    members: new Map(found.flatMap((member) => entryOf(member.userId, member))),
    deletedUsers: await findDeletedUsers(tx, [...userIds]),
    takenSlugs: await findTakenSlugs(tx, organizationId, [...slugs.values()].flat()),
  };
}

function entryOf<Value>(key: string | null, value: Value | null): readonly [string, Value][] {
  return key === null || value === null ? [] : [[key, value]];
}

/** A text that can be asked about at all; that it is none that may be imported is for the judges to say. */
function storable(text: string): string {
  return text.replaceAll('\0', '').toWellFormed();
}
