import { type CompiledGrants, type Membership, type Policy } from '@rolecall/policy';
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
  readonly membership: Membership;
  readonly roleSet: RoleSet<Scope>;
  /** Undefined when there are none, as with most. */
  readonly direct: HeldPart<Scope> | undefined;
  readonly bytes: number;
}

/** Roles that are held together, by one principal or by many. */
export interface RoleSet<Scope extends string> {
  readonly key: string;
  readonly ids: readonly string[];
  holders: number;
  /** The view over the roles; undefined when one of them is not here, or until it is asked for. */
  joined: JoinedRoles<Scope> | undefined;
}

export interface JoinedRoles<Scope extends string> {
  readonly grants: CompiledGrants<Scope>;
  readonly blocks: readonly GrantBlock[];
}

/** What a principal costs beside its grants: its entry, part and name. Measured, rounded up. */
const PRINCIPAL_BYTES = 250;
const PART_BYTES = 160;

/** Compiles the grants of one holder. Their texts are a copy, so that nothing else is kept alive by them. */
export function makeHeldPart<Scope extends string>(
  policy: Policy<Scope>,
  { principal, lines }: GrantBlock,
): HeldPart<Scope> {
  // A part of a text keeps the whole of it in memory: the other roles of a load, after they are gone.
  const block = { principal, lines: Buffer.from(lines, 'utf8').toString('utf8') };
  const grants = compileBlock(policy, block);
  return { block, grants, bytes: PART_BYTES + lines.length + grants.byteSize };
}

/** What a principal takes, its direct grants included. */
export function principalBytes<Scope extends string>(
  principal: string,
  roleIds: readonly string[],
  direct: HeldPart<Scope> | undefined,
): number {
  return PRINCIPAL_BYTES + principal.length + 8 * roleIds.length + (direct?.bytes ?? 0);
}
