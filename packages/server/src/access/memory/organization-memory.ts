import { type CompiledGrants, joinGrants, type Membership, type Standing } from '@rolecall/policy';
import { mergeGrants } from '@rolecall/policy/merge';
import { type GrantBlock } from '../load-text.ts';
import { pinPrincipal, type PrincipalHandle } from '../principal-handle.ts';
import { type Change } from './change.ts';
import { type OrganizationState } from './organization-state.ts';
import {
  type HeldPart,
  makeHeldPart,
  mergeFrom,
  ORGANIZATION_BYTES,
  principalBytes,
  type PrincipalPart,
  type RoleSet,
  roleSetBytes,
} from './parts.ts';

/** What a principal that was loaded holds. */
export interface LoadedHolder {
  readonly principal: string;
  readonly membership: Membership;
  readonly roleIds: readonly string[];
  readonly direct: GrantBlock;
}

/** Changes that are remembered, so that what was loaded a few revisions ago can still be taken. */
const REMEMBERED_CHANGES = 32;

type Resized<Scope extends string> = (
  organization: OrganizationMemory<Scope>,
  bytes: number,
) => void;

/**
 * What is kept of one organization.
 *
 * INVARIANT (one revision): every part here is what the database had at `state.revision`. A later
 * revision is learnt only as the next one, by dropping what it changed; a part of another revision is
 * taken only when every revision in between is known not to have changed it. So a handle never joins
 * parts of two revisions.
 */
export class OrganizationMemory<Scope extends string> {
  #state: OrganizationState<Scope>;
  readonly #roles = new Map<string, HeldPart<Scope>>();
  readonly #roleSets = new Map<string, RoleSet<Scope>>();
  // In the order of arrival, with a second chance for who was asked about: a cache with lists of its own
  // for every organization would take half as much again as the principals do.
  readonly #principals = new Map<string, PrincipalPart<Scope>>();
  readonly #standings = new Map<Membership, Standing>();
  readonly #resized: Resized<Scope>;
  #changes: readonly Change[] = [];
  #bytes = 0;
  /** The highest revision that is known to be committed. */
  #committed = 0;
  /** When it was asked about, in the ticks of who keeps it. */
  askedAt = 0;

  /** `resized` is told by how many bytes this has grown, or shrunk. */
  constructor(state: OrganizationState<Scope>, resized: Resized<Scope>) {
    this.#state = state;
    this.#resized = resized;
    this.#account(ORGANIZATION_BYTES);
  }

  get bytes(): number {
    return this.#bytes;
  }

  get state(): OrganizationState<Scope> {
    return this.#state;
  }

  get roleCount(): number {
    return this.#roles.size;
  }

  get principalCount(): number {
    return this.#principals.size;
  }

  /** This revision has been committed by this process: nobody is answered from an earlier one any more. */
  expect(revision: number): void {
    if (revision > this.#committed) this.#committed = revision;
  }

  /** Whether a later revision is known to be committed than the one that is here. */
  get isBehind(): boolean {
    return this.#state.revision < this.#committed;
  }

  /** The principal's handle at the present revision, when everything that it needs is here. */
  pin(principal: string): PrincipalHandle<Scope> | undefined {
    if (this.isBehind) return undefined;
    const part = this.#principals.get(principal);
    if (part === undefined) return undefined;
    if (!part.asked) part.asked = true;
    const { standing, roleSet, direct } = part;
    const grants = roleSet.grants ?? this.#join(roleSet);
    if (grants === undefined) return undefined;
    const { blocks } = roleSet;
    if (direct === undefined)
      return pinPrincipal(this.#state, { principal, standing, grants, blocks });
    const { policy, organizationId } = this.#state;
    return pinPrincipal(this.#state, {
      principal,
      standing,
      grants: joinGrants(policy, [grants, direct.grants], organizationId),
      blocks: [...blocks, direct.block],
    });
  }

  /** What keeps a principal from being pinned: itself, or the roles that are not here. */
  missing(principal: string): 'principal' | readonly string[] {
    const part = this.#principals.get(principal);
    if (part === undefined) return 'principal';
    return part.roleSet.ids.filter((id) => !this.#roles.has(id));
  }

  /** Takes in the next revision. `gap`: it is not the next one, and nothing here can be trusted. */
  learn(change: Change): 'known' | 'learnt' | 'gap' {
    const { revision } = this.#state;
    if (change.revision <= revision) return 'known';
    if (change.revision > revision + 1 || change.everything) return 'gap';
    for (const id of change.roles) this.#dropRole(id);
    for (const principal of change.principals) this.#dropPrincipal(principal);
    this.#state = this.#state.at(change.revision);
    this.#changes = [...this.#changes, change].slice(-REMEMBERED_CHANGES);
    return 'learnt';
  }

  /** Keeps a principal that was loaded at a revision; false when that is not known to be good now. */
  holdPrincipal(loaded: LoadedHolder, revision: number): boolean {
    const { principal, membership, roleIds, direct } = loaded;
    if (!this.#isCurrent(revision, (change) => change.principals.includes(principal))) return false;
    const own = direct.lines === '' ? undefined : makeHeldPart(this.#state.policy, direct);
    this.#dropPrincipal(principal);
    const standing = this.#standingOf(membership);
    const roleSet = this.#takeRoleSet(roleIds);
    const bytes = principalBytes(principal, own);
    this.#principals.set(principal, { standing, roleSet, direct: own, bytes, asked: false });
    this.#account(bytes);
    return true;
  }

  /** Keeps a role that was loaded at a revision; false when that is not known to be good now. */
  holdRole(id: string, block: GrantBlock, revision: number): boolean {
    if (!this.#isCurrent(revision, (change) => change.roles.includes(id))) return false;
    if (this.#roles.has(id)) return true;
    const part = makeHeldPart(this.#state.policy, block);
    this.#roles.set(id, part);
    this.#account(part.bytes);
    return true;
  }

  /**
   * Lets go of principals until so many bytes are free: those that arrived first and were not asked about
   * since the last time. Returns how many went; none when there are none.
   */
  give(bytes: number): number {
    let given = 0;
    let free = 0;
    for (const [principal, part] of this.#principals) {
      if (free >= bytes) break;
      if (part.asked) {
        part.asked = false;
        this.#principals.delete(principal);
        this.#principals.set(principal, part);
      } else {
        this.#dropPrincipal(principal);
        free += part.bytes;
        given += 1;
      }
    }
    return given;
  }

  /** Lets go of everything. */
  clear(): void {
    for (const principal of this.#principals.keys()) this.#dropPrincipal(principal);
    for (const id of this.#roles.keys()) this.#dropRole(id);
    this.#account(-ORGANIZATION_BYTES);
  }

  #isCurrent(revision: number, changes: (change: Change) => boolean): boolean {
    const since = this.#state.revision - revision;
    if (since === 0) return true;
    if (since < 0 || since > this.#changes.length) return false;
    return !this.#changes.slice(-since).some(changes);
  }

  /** The view over the roles of a set, if all of them are here. */
  #join(roleSet: RoleSet<Scope>): CompiledGrants<Scope> | undefined {
    const parts: HeldPart<Scope>[] = [];
    for (const id of roleSet.ids) {
      const part = this.#roles.get(id);
      if (part === undefined) return undefined;
      parts.push(part);
    }
    const { policy, organizationId } = this.#state;
    const views = parts.map(({ grants }) => grants);
    roleSet.blocks = parts.map(({ block }) => block);
    roleSet.mergeFrom = mergeFrom(views);
    if (roleSet.holders < roleSet.mergeFrom) {
      roleSet.grants = joinGrants(policy, views, organizationId);
    } else {
      roleSet.grants = mergeGrants(policy, views, organizationId);
      roleSet.mergedBytes = roleSet.grants.byteSize;
      this.#account(roleSet.mergedBytes);
    }
    return roleSet.grants;
  }

  /** Lets go of the view over a role set; the next question makes another one. */
  #dropView(roleSet: RoleSet<Scope>): void {
    roleSet.grants = undefined;
    roleSet.blocks = [];
    this.#account(-roleSet.mergedBytes);
    roleSet.mergedBytes = 0;
  }

  #standingOf(membership: Membership): Standing {
    let standing = this.#standings.get(membership);
    if (standing === undefined) {
      // Enforcement does not change in the life of this object: such a change drops all of it.
      standing = { membership, enforcement: this.#state.enforcement };
      this.#standings.set(membership, standing);
    }
    return standing;
  }

  #takeRoleSet(ids: readonly string[]): RoleSet<Scope> {
    const sorted = ids.toSorted();
    const key = sorted.join(' ');
    let roleSet = this.#roleSets.get(key);
    if (roleSet === undefined) {
      const view = { grants: undefined, blocks: [], mergeFrom: Infinity, mergedBytes: 0 };
      roleSet = { key, ids: sorted, holders: 0, ...view };
      this.#roleSets.set(key, roleSet);
      this.#account(roleSetBytes(roleSet));
    }
    roleSet.holders += 1;
    if (roleSet.holders === roleSet.mergeFrom && roleSet.mergedBytes === 0) this.#dropView(roleSet);
    return roleSet;
  }

  #dropPrincipal(principal: string): void {
    const part = this.#principals.get(principal);
    if (part === undefined) return;
    const { roleSet, bytes } = part;
    this.#principals.delete(principal);
    this.#account(-bytes);
    roleSet.holders -= 1;
    if (roleSet.holders > 0) return;
    this.#roleSets.delete(roleSet.key);
    this.#account(-roleSetBytes(roleSet));
  }

  #account(bytes: number): void {
    this.#bytes += bytes;
    this.#resized(this, bytes);
  }

  #dropRole(id: string): void {
    const part = this.#roles.get(id);
    if (part === undefined) return;
    this.#roles.delete(id);
    for (const roleSet of this.#roleSets.values()) {
      if (roleSet.ids.includes(id)) this.#dropView(roleSet);
    }
    this.#account(-part.bytes);
  }
}
