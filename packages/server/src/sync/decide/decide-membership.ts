import { common, sameSet, slugSet, without } from './role-set.ts';
import { type Circumstances } from './situation.ts';

export type SeenStatus = 'pending' | 'active' | 'inactive';

/** A membership in WorkOS: one life of it. */
export interface SeenMembership {
  readonly remoteId: string;
  readonly status: SeenStatus;
  readonly roles: readonly string[];
  /** Whether `roles` is all of them. Where it is not, the absence of a role means nothing. */
  readonly rolesListed: boolean;
  readonly directoryManaged: boolean;
}

/** The membership as last observed. */
export interface MembershipBase {
  readonly remoteId: string;
  readonly roles: readonly string[];
  /** The roles that the suspension itself showed; null while the membership is not suspended. */
  readonly suspendedRoles: readonly string[] | null;
  /** Whether a directory managed the membership when it was suspended. */
  readonly suspendedByDirectory?: boolean | undefined;
  /** Whether `roles` is the fallback that stands in for roles that nobody here could take. */
  readonly standIn?: boolean | undefined;
}

export interface MembershipSituation extends Circumstances {
  readonly local: { readonly roles: readonly string[] };
  /** Nothing when WorkOS has no membership of this person in this organization. */
  readonly remote: SeenMembership | undefined;
  readonly base: MembershipBase | undefined;
  /** The remote id that the membership has here: it was seen there, even if it was never compared. */
  readonly linkedTo: string | undefined;
  /** Whether WorkOS knew the person and has deleted them. */
  readonly personEnded: boolean;
  /** Values of our calls, remembered yet, that were never answered. */
  readonly unanswered: readonly (readonly string[])[];
  /** The role that everybody falls back to. */
  readonly fallback: string;
  /** Roles that this organization has here. */
  readonly known: ReadonlySet<string>;
  /** Roles that are known to exist in WorkOS. */
  readonly available: ReadonlySet<string>;
  readonly multipleRoles: boolean;
}

/** A role set on its way: what is to be held here, and what is to be sent. */
export interface RoleSetOutcome {
  readonly do: 'settle';
  readonly local: readonly string[];
  /** Nothing when WorkOS has it already. */
  readonly push: readonly string[] | undefined;
  /** Roles that must exist in WorkOS before the whole can be sent; `push` is the part that can be. */
  readonly lacking: readonly string[];
  /** Roles that somebody gave in WorkOS and that lose to a pending change. */
  readonly overruled: readonly string[];
}

/**
 * What to do about a membership.
 *
 *   end        it is over: WorkOS owns its existence
 *   new_life   another membership of the same person: close the old one, take the new one's roles
 *   hold       suspended: its roles are left alone on both sides
 *   park       it holds roles that nobody here knows; nothing is taken and nothing is wiped
 *   plan       no base and different: a person chooses a side
 *   blocked    WorkOS would refuse
 *   wait       an old call may still take effect
 *   settle     see `RoleSetOutcome`
 */
export type MembershipDecision =
  | { readonly do: 'end' | 'new_life' | 'hold' | 'plan' | 'wait' }
  | { readonly do: 'park'; readonly missing: readonly string[] }
  | { readonly do: 'blocked'; readonly code: 'multiple_roles_not_enabled' }
  | RoleSetOutcome;

/** Compares a membership on both sides with its base. Pure; deciding again after the effect changes nothing. */
export function decideMembership(situation: MembershipSituation): MembershipDecision {
  const { remote, base, linking, unsettled } = situation;
  const lives = [base?.remoteId, situation.linkedTo].filter((id) => id !== undefined);
  // Who was seen there and is gone has ended there, and so has whose person is no more; whoever else was never
  // there waits for somebody who can add them.
  if (remote === undefined) {
    return { do: lives.length === 0 && !situation.personEnded ? 'plan' : 'end' };
  }
  // INVARIANT (incarnations): a new id is a new life; nothing of the old one is compared with it.
  if (lives.some((id) => id !== remote.remoteId)) return { do: 'new_life' };
  // INVARIANT (suspended): while inactive, a role set is neither adopted nor pushed nor drift.
  if (remote.status === 'inactive') return { do: 'hold' };
  const missing = without(remote.roles, [...situation.known]);
  if (remote.directoryManaged) {
    if (missing.length > 0) return { do: 'park', missing };
    return unsettled && !sameSet(situation.local.roles, remote.roles)
      ? { do: 'wait' }
      : taken(situation, remote);
  }
  if (base === undefined) return decideUnknown(situation, remote, linking);
  return decideKnown(situation, remote, { base, missing });
}

/** INVARIANT (no base): without a base sets are never united, and nothing is taken from either. */
function decideUnknown(
  { local }: MembershipSituation,
  remote: SeenMembership,
  linking: boolean,
): MembershipDecision {
  if (!linking || !remote.rolesListed || !sameSet(local.roles, remote.roles)) return { do: 'plan' };
  return settled(local.roles);
}

function decideKnown(
  situation: MembershipSituation,
  remote: SeenMembership,
  { base, missing }: { readonly base: MembershipBase; readonly missing: readonly string[] },
): MembershipDecision {
  const { local, pending, unsettled } = situation;
  const merged = merge(situation, remote, reference(situation, remote, base));
  // INVARIANT (unknown roles): they are waited for; what is held here is left alone meanwhile.
  if (missing.length > 0 && !pending && !merged.echo) return { do: 'park', missing };
  const adopts = !sameSet(local.roles, merged.local);
  if (adopts && unsettled) return { do: 'wait' };
  return sendable(situation, remote, merged);
}

interface Merged {
  readonly local: readonly string[];
  readonly overruled: readonly string[];
  readonly echo: boolean;
}

/**
 * INVARIANT (removals win): per element, a removal on either side wins; what was added in WorkOS is taken
 * when nothing is pending here, and loses when something is.
 */
function merge(
  { local, unanswered, pending, mode }: MembershipSituation,
  remote: SeenMembership,
  base: readonly string[],
): Merged {
  // INVARIANT (echo): what our own unanswered call wrote is nobody's will.
  const echo = unanswered.some((value) => sameSet(value, remote.roles));
  if (echo || !remote.rolesListed || mode === 'enforce') {
    return { local: local.roles, overruled: [], echo };
  }
  // Role by role too: it may have arrived before somebody changed the rest of the set.
  const addedThere = without(remote.roles, [...base, ...unanswered.flat()]);
  const removedThere = without(base, remote.roles);
  if (!pending) {
    const kept = without(local.roles, removedThere);
    return { local: slugSet([...kept, ...addedThere]), overruled: [], echo };
  }
  // What is pending was decided after that call. With nothing pending WorkOS had it all since, and a removal wins.
  const removedByOthers = removedThere.filter((slug) =>
    unanswered.every((value) => value.includes(slug)),
  );
  const kept = without(local.roles, removedByOthers);
  return { local: kept, overruled: without(addedThere, local.roles), echo };
}

/**
 * The set that the sides are compared with: the base, or what a suspension made of it. INVARIANT (suspended): only
 * a directory resets roles, and does so with the suspension. Who shows nothing but the fallback for any other
 * reason was demoted, and a removal wins. INVARIANT (stand-in): the fallback was not seen there, so once somebody
 * has decided here, that WorkOS lacks it is no removal.
 */
function reference(
  { fallback, pending }: MembershipSituation,
  remote: SeenMembership,
  { roles, suspendedRoles, suspendedByDirectory, standIn = false }: MembershipBase,
): readonly string[] {
  if (standIn && pending) return without(roles, [fallback]);
  const reset =
    suspendedByDirectory === true &&
    suspendedRoles !== null &&
    sameSet(suspendedRoles, [fallback]) &&
    sameSet(remote.roles, suspendedRoles);
  return reset ? suspendedRoles : roles;
}

function sendable(
  { available, fallback, multipleRoles }: MembershipSituation,
  remote: SeenMembership,
  merged: Merged,
): MembershipDecision {
  const local = merged.local.length === 0 ? [fallback] : merged.local;
  const { overruled } = merged;
  const there = remote.rolesListed && sameSet(local, remote.roles);
  if (there) return { do: 'settle', local, push: undefined, lacking: [], overruled };
  if (local.length > 1 && !multipleRoles) {
    return { do: 'blocked', code: 'multiple_roles_not_enabled' };
  }
  const lacking = without(local, [...available, ...remote.roles]);
  if (lacking.length === 0) return { do: 'settle', local, push: local, lacking, overruled };
  const part = common(remote.roles, local);
  const push = part.length === 0 ? [fallback] : part;
  const sent = sameSet(push, remote.roles) ? undefined : push;
  return { do: 'settle', local, push: sent, lacking, overruled };
}

/** A directory owns the roles: what WorkOS shows counts. */
function taken(
  { local, pending }: MembershipSituation,
  remote: SeenMembership,
): RoleSetOutcome | { readonly do: 'hold' } {
  if (!remote.rolesListed) return { do: 'hold' };
  const overruled = pending ? without(local.roles, remote.roles) : [];
  return { ...settled(remote.roles), overruled };
}

function settled(roles: readonly string[]): RoleSetOutcome {
  return { do: 'settle', local: roles, push: undefined, lacking: [], overruled: [] };
}
