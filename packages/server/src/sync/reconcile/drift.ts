import { isDeepStrictEqual } from 'node:util';
import { type Db, type JsonValue } from '../../database/index.ts';
import { type RemoteMembership, type WorkosPort } from '../../workos/index.ts';
import { slugSet } from '../decide/index.ts';
import { findLinked } from '../entity/index.ts';
import { type ComparableMembership, type ComparableRole, listComparable } from './drift-store.ts';

/** Something that differs although nothing is pending. Null stands for a side that has no such thing. */
export interface Drift {
  readonly kind: 'organization_role' | 'membership_roles';
  /** A role by its slug, a membership by its remote id, or ours where it has none. */
  readonly subject: string;
  readonly here: JsonValue;
  readonly there: JsonValue;
}

export interface DriftReport {
  readonly compared: number;
  readonly drift: readonly Drift[];
}

export interface DriftOptions {
  readonly db: Db;
  readonly port: WorkosPort;
  /** Told how many things of the other side have been listed so far. */
  readonly progress?: (listed: number) => void;
}

/**
 * Compares an organization as a whole and changes nothing. Both sides are listed completely; what was changed
 * during the listing may show up and is gone the next time. Nothing for an organization that is not linked.
 * Throws what calls throw.
 */
export async function findDrift(
  { db, port, progress }: DriftOptions,
  organizationId: string,
): Promise<DriftReport | undefined> {
  const linked = await findLinked(db, organizationId);
  if (linked === undefined) return undefined;
  const roles = await port.listRoles(linked.workosId);
  const memberships = new Map<string, RemoteMembership>();
  for await (const one of port.allMemberships({ organizationId: linked.workosId })) {
    memberships.set(one.remoteId, one);
    if (memberships.size % 100 === 0) progress?.(roles.length + memberships.size);
  }
  const here = await listComparable(db, organizationId);
  const own = new Map(
    roles.filter((role) => role.kind === 'organization').map((role) => [role.slug, role]),
  );
  const drift = [
    ...compareSides('organization_role', here.roles, {
      there: own,
      shapeHere: ({ name, description }: ComparableRole) => ({ name, description }),
      shapeThere: ({ name, description }) => ({ name, description }),
    }),
    ...compareSides('membership_roles', statusFirst(here.memberships, memberships), {
      there: memberships,
      shapeHere: ({ status, roles: held }: ComparableMembership) => shapeOf(status, held),
      shapeThere: ({ status, roleSlugs }) => shapeOf(status, slugSet(roleSlugs)),
    }),
  ];
  return { compared: own.size + memberships.size, drift };
}

/** What is pending are roles. A status that differs is drift all the same, and waits for nothing here. */
function statusFirst(
  locals: readonly ComparableMembership[],
  there: ReadonlyMap<string, RemoteMembership>,
): readonly ComparableMembership[] {
  return locals.map((one) => {
    const differs = (there.get(one.key)?.status ?? one.status) !== one.status;
    return differs ? { ...one, pending: false } : one;
  });
}

/** A suspended member's roles are nobody's drift. */
function shapeOf(status: string, roles: readonly string[]): JsonValue {
  return status === 'inactive' ? { status } : { status, roles: [...roles] };
}

interface Side<Here, There> {
  readonly there: ReadonlyMap<string, There>;
  readonly shapeHere: (one: Here) => JsonValue;
  readonly shapeThere: (one: There) => JsonValue;
}

/** Pure: what differs, and is not pending. */
function compareSides<
  Here extends { readonly key: string; readonly pending: boolean; readonly live: boolean },
  There,
>(
  kind: Drift['kind'],
  locals: readonly Here[],
  { there, shapeHere, shapeThere }: Side<Here, There>,
): readonly Drift[] {
  const known = new Set(locals.map((one) => one.key));
  const differing = locals.flatMap((one): Drift[] => {
    const remote = there.get(one.key);
    if (one.pending) return [];
    const [ours, theirs] = [
      one.live ? shapeHere(one) : null,
      remote === undefined ? null : shapeThere(remote),
    ];
    return isDeepStrictEqual(ours, theirs)
      ? []
      : [{ kind, subject: one.key, here: ours, there: theirs }];
  });
  const unknown = [...there].flatMap(([key, one]): Drift[] =>
    known.has(key) ? [] : [{ kind, subject: key, here: null, there: shapeThere(one) }],
  );
  // The same differences are told in the same order, whatever order the rows came in.
  return [...differing, ...unknown].toSorted((one, other) =>
    one.subject < other.subject ? -1 : 1,
  );
}
