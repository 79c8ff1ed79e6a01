import { type CompiledGrants, type Policy, type Standing } from '@rolecall/policy';
import { mergedBytes } from '@rolecall/policy/merge';
import { compileBlock } from '../compile-loaded.ts';
import { type GrantBlock } from '../load-text.ts';

/** The grants of one holder, compiled. Immutable. */
export interface HeldPart<Scope extends string> {
  readonly block: GrantBlock;
  readonly grants: CompiledGrants<Scope>;
  readonly bytes: number;
}

/** What is kept of a principal. */
export interface PrincipalPart<Scope extends string> {
  /** Shared by everybody with the same one. */
  readonly standing: Standing;
  readonly roleSet: RoleSet<Scope>;
  /** Undefined when there are none, as with most. */
  readonly direct: HeldPart<Scope> | undefined;
  readonly bytes: number;
  /** Whether it was asked about since somebody looked for what to let go of. */
  asked: boolean;
}

/** Roles that are held together, by one principal or by many. */
export interface RoleSet<Scope extends string> {
  readonly key: string;
  readonly ids: readonly string[];
  holders: number;
  /** The view over all its roles; undefined while one of them is not here, or nobody has asked. */
  grants: CompiledGrants<Scope> | undefined;
  /** The same grants as they were loaded. */
  blocks: readonly GrantBlock[];
  /** From how many holders on a merged view is worth its memory; known once there is a view. */
  mergeFrom: number;
  /** What a merged view takes beyond its roles; nothing for one that is joined. */
  mergedBytes: number;
}

// What things take, measured as the growth of the heap and rounded up.
const PRINCIPAL_BYTES = 180;
const HELD_PART_BYTES = 160;
const ROLE_SET_BYTES = 516;
/** An organization with nothing in it. */
export const ORGANIZATION_BYTES = 1_800;

/** Compiles the grants of one holder. Their text is a copy, so that nothing else is kept alive by it. */
export function makeHeldPart<Scope extends string>(
  policy: Policy<Scope>,
  { principal, lines }: GrantBlock,
): HeldPart<Scope> {
  // A part of a text keeps the whole of it in memory: the other roles of a load, after they are gone.
  const block = { principal, lines: Buffer.from(lines, 'utf8').toString('utf8') };
  const grants = compileBlock(policy, block);
  return { block, grants, bytes: HELD_PART_BYTES + lines.length + grants.byteSize };
}

/** What a principal takes, its direct grants included. */
export function principalBytes<Scope extends string>(
  principal: string,
  direct: HeldPart<Scope> | undefined,
): number {
  return PRINCIPAL_BYTES + principal.length + (direct?.bytes ?? 0);
}

/** What a role set takes, whoever holds it. */
export function roleSetBytes<Scope extends string>(roleSet: RoleSet<Scope>): number {
  const { key, ids, mergedBytes } = roleSet;
  return ROLE_SET_BYTES + 2 * key.length + 64 * ids.length + mergedBytes;
}

const MERGED_BYTES_PER_HOLDER = 64;

/**
 * How many must hold roles together for a merged view of them to be worth its memory. With one, a check looks in
 * one place and not in one per role, and waits for memory that much less; but a set of many grants that few hold
 * would keep them once more for each of them.
 */
export function mergeFrom(views: readonly CompiledGrants[]): number {
  return views.length < 2 ? Infinity : Math.ceil(mergedBytes(views) / MERGED_BYTES_PER_HOLDER);
}
