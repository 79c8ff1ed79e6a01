import { type Circumstances } from './situation.ts';

/** What a role says of itself, as both sides show it. */
export interface RoleFields {
  readonly name: string;
  readonly description: string | null;
}

/** A role in WorkOS: one life of it, and what it says. */
export interface SeenRole {
  readonly remoteId: string;
  readonly fields: RoleFields;
}

export interface RoleSituation extends Circumstances {
  /** The role here; `live` is false for a tombstone whose slug is still held. */
  readonly local: { readonly live: boolean; readonly fields: RoleFields };
  /** Nothing when WorkOS answered that there is no such role. */
  readonly remote: SeenRole | undefined;
  /** As last observed; nothing when the two were never equal. */
  readonly base: SeenRole | undefined;
  /** Values of our calls, remembered yet, that were never answered. A deletion has no value. */
  readonly unanswered: readonly RoleFields[];
  /** Whether a membership that has a change pending names this role. */
  readonly named: boolean;
}

/** Why two wills or two lives cannot be joined without a person. */
export type RoleDispute = 'slug_taken' | 'recreated_while_pending';

/**
 * What to do about a role. `overruled` is what somebody wrote in WorkOS and loses to a pending change.
 *
 *   equal       both sides agree; the observation is the new base
 *   create, update, delete   send it
 *   adopt       take over what WorkOS shows
 *   bury        the role is gone there and nobody needs it: delete it softly, with its grants kept
 *   replaced    another role has taken its slug: bury this one, take the other one in
 *   gone        a tombstone is confirmed; its slug is free
 *   plan        no base and different: a person chooses a side
 *   conflict    a person decides
 *   wait        an old call may still take effect
 */
export type RoleDecision =
  | { readonly do: 'create' | 'delete' }
  | { readonly do: 'equal' | 'adopt' | 'bury' | 'replaced' | 'gone' | 'plan' | 'wait' }
  | { readonly do: 'update'; readonly overruled: RoleFields | undefined }
  | { readonly do: 'conflict'; readonly dispute: RoleDispute };

/** Whether two roles say the same of themselves. */
export function sameFields(one: RoleFields, other: RoleFields): boolean {
  return one.name === other.name && one.description === other.description;
}

/** Compares a role on both sides with its base. Pure; deciding again after the effect gives `equal` or `gone`. */
export function decideRole(situation: RoleSituation): RoleDecision {
  const { local, remote } = situation;
  if (!local.live) return decideTombstone(situation);
  if (remote === undefined) return decideAbsent(situation);
  return decidePresent(situation, remote);
}

function decideTombstone({ remote, base, unanswered }: RoleSituation): RoleDecision {
  if (remote === undefined) return { do: 'gone' };
  // INVARIANT (incarnations): only the life that was ours is deleted; who took the slug since is another role.
  const ours = base === undefined ? isOurs(remote, unanswered) : base.remoteId === remote.remoteId;
  return ours ? { do: 'delete' } : { do: 'gone' };
}

function decideAbsent(situation: RoleSituation): RoleDecision {
  const { base, pending, named, mode, unsettled } = situation;
  if (base === undefined || pending || named || mode === 'enforce') return { do: 'create' };
  return unsettled ? { do: 'wait' } : { do: 'bury' };
}

function decidePresent(situation: RoleSituation, remote: SeenRole): RoleDecision {
  const { local, base, pending, mode, unsettled } = situation;
  const echo = isOurs(remote, situation.unanswered);
  if (base === undefined) return decideUnknown(situation, remote, echo);
  if (base.remoteId !== remote.remoteId && !echo) {
    if (mode === 'enforce') return settleFields(local.fields, remote.fields, undefined);
    if (pending) return { do: 'conflict', dispute: 'recreated_while_pending' };
    return unsettled ? { do: 'wait' } : { do: 'replaced' };
  }
  if (sameFields(local.fields, remote.fields)) return { do: 'equal' };
  // INVARIANT (echo): what our own unanswered call wrote is nobody's will; it is pushed over.
  const changedThere = !echo && !sameFields(remote.fields, base.fields);
  if (pending) {
    return { do: 'update', overruled: changedThere ? remote.fields : undefined };
  }
  if (!changedThere || mode === 'enforce') return { do: 'update', overruled: undefined };
  return unsettled ? { do: 'wait' } : { do: 'adopt' };
}

/** INVARIANT (no base): nothing is taken away from either side without a base. */
function decideUnknown(
  { local, linking }: RoleSituation,
  remote: SeenRole,
  echo: boolean,
): RoleDecision {
  if (echo) return settleFields(local.fields, remote.fields, undefined);
  if (!linking) return { do: 'conflict', dispute: 'slug_taken' };
  return sameFields(local.fields, remote.fields) ? { do: 'equal' } : { do: 'plan' };
}

function settleFields(
  local: RoleFields,
  remote: RoleFields,
  overruled: RoleFields | undefined,
): RoleDecision {
  return sameFields(local, remote) ? { do: 'equal' } : { do: 'update', overruled };
}

function isOurs(remote: SeenRole, unanswered: readonly RoleFields[]): boolean {
  return unanswered.some((value) => sameFields(value, remote.fields));
}
