import { type MembershipFacts, type RemotePerson } from '../../identity/index.ts';
import { type Tx } from '../../database/index.ts';
import { isWorkosFailure, type RemoteMembership, type RemoteUser } from '../../workos/index.ts';
import { type SeenMembership, slugSet } from '../decide/index.ts';
import { readHeard } from '../entity/index.ts';
import { Overtaken } from './commit.ts';
import { type ConvergeContext, type ObservedMembership, useSighting } from './context.ts';

/** Which membership: by the id that it had, and by its person. */
export interface MembershipKeys {
  readonly remoteId: string | null;
  readonly workosUserId: string | null;
}

/**
 * The membership as WorkOS has it now. One whose id is gone may have been made anew, so the person is asked for
 * too; nothing only when there is none of either.
 */
export async function observeMembership(
  context: ConvergeContext,
  { remoteId, workosUserId }: MembershipKeys,
): Promise<ObservedMembership | undefined> {
  const { port, workosId } = context;
  if (remoteId !== null) {
    const sighted = useSighting(context, context.seen.memberships, remoteId);
    const found = sighted ?? (await getMembership(context, remoteId));
    if (found?.remote.organizationId === workosId) return found;
  }
  if (workosUserId === null) return undefined;
  const ofPerson = { organizationId: workosId, userId: workosUserId };
  // Of a person who is gone there is no list.
  const page = await unlessGone(() => port.listMemberships(ofPerson));
  const ofThem = page?.items[0];
  // What had been heard of it can be told only now that its id is known, so it is asked for once more.
  return ofThem && getMembership(context, ofThem.remoteId);
}

/** A membership by its remote id; nothing when it is gone. */
export async function getMembership(
  { db, organizationId, port }: ConvergeContext,
  remoteId: string,
): Promise<ObservedMembership | undefined> {
  const heard = await readHeard(db, organizationId, [remoteId]);
  const remote = await unlessGone(() => port.getMembership(remoteId));
  return remote && { remote, heard: heard(remoteId) };
}

/**
 * INVARIANT (denied at once): nobody is let in by what was observed before more was heard of them, for that may
 * have been their suspension. Asked under the one lock, under which a suspension is read. Throws `Overtaken`.
 */
export async function requireNothingNew(
  tx: Tx,
  organizationId: string,
  { remote: { remoteId }, heard }: ObservedMembership,
): Promise<void> {
  const now = await readHeard(tx, organizationId, [remoteId]);
  if (now(remoteId) !== heard) throw new Overtaken(`the membership \`${remoteId}\``);
}

/** The answer of a call; nothing when what it names is not there. */
export async function unlessGone<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (isWorkosFailure(error, 'gone')) return undefined;
    throw error;
  }
}

/** A membership as decisions compare it. */
export function seenMembership(remote: RemoteMembership): SeenMembership {
  const { remoteId, status, rolesListed, directoryManaged } = remote;
  return { remoteId, status, roles: slugSet(remote.roleSlugs), rolesListed, directoryManaged };
}

/** What WorkOS owns of a membership. */
export function factsOf(remote: RemoteMembership, user: RemoteUser): MembershipFacts {
  const { email, name, photoUrl } = personOf(user);
  const { remoteId, status, directoryManaged } = remote;
  return { workosMembershipId: remoteId, status, directoryManaged, email, name, photoUrl };
}

/** A person as they are taken in: under the external id, which is ours, or else under their WorkOS id. */
export function personOf(user: RemoteUser): RemotePerson {
  const { remoteId, email, externalId, photoUrl } = user;
  const name = [user.firstName, user.lastName]
    .filter((part) => part !== null)
    .join(' ')
    .trim();
  const id = externalId === null || externalId === '' ? remoteId : externalId;
  const shown = name === '' ? null : name.slice(0, 255);
  return { workosUserId: remoteId, id, email, name: shown, photoUrl };
}

/** The profile of a membership's person, asked for where the membership does not carry it. */
export async function profileOf(
  { port }: ConvergeContext,
  remote: RemoteMembership,
): Promise<RemoteUser> {
  return remote.user ?? (await port.getUser(remote.userId));
}
