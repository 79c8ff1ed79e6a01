import { joinGrants, type Membership } from '@rolecall/policy';
import { LRUCache } from 'lru-cache';
import { type GrantBlock } from '../load-text.ts';
import { pinPrincipal, type PrincipalHandle } from '../principal-handle.ts';
import { type Change } from './change.ts';
import { type OrganizationState } from './organization-state.ts';
import {
  type HeldPart,
  type JoinedRoles,
  makeHeldPart,
  principalBytes,
  type PrincipalPart,
  type RoleSet,
} from './parts.ts';

/** What a principal that was loaded holds. */
export interface LoadedHolder {
  readonly principal: string;
  readonly membership: Membership;
  readonly roleIds: readonly string[];
  readonly direct: GrantBlock;
}

/** What an organization takes with nothing in it. Measured, rounded up. */
const ORGANIZATION_BYTES = 6_000;
const ROLE_SET_BYTES = 400;
/** Changes that are remembered, so that what was loaded a few revisions ago can still be taken. */
const REMEMBERED_CHANGES = 32;

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
  readonly #principals: LRUCache<string, PrincipalPart<Scope>>;
  readonly #account: (bytes: number) => void;
  #changes: readonly Change[] = [];

  /** `account` is told by how many bytes it has grown, or shrunk. */
  constructor(state: OrganizationState<Scope>, maxBytes: number, account: (bytes: number) => void) {
    this.#state = state;
    this.#account = account;
    this.#principals = new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: ({ bytes }) => bytes,
      dispose: (part) => {
        this.#release(part);
      },
    });
  }

  /** Says for the first time what it takes. */
  open(): void {
    this.#account(ORGANIZATION_BYTES);
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

  /** The principal's handle at the present revision, when everything that it needs is here. */
  pin(principal: string): PrincipalHandle<Scope> | undefined {
    const part = this.#principals.get(principal);
    if (part === undefined) return undefined;
    const joined = part.roleSet.joined ?? this.#join(part.roleSet);
    if (joined === undefined) return undefined;
    const { membership, direct } = part;
    const standing = this.#state.standing(membership);
    if (direct === undefined) {
      const { grants, blocks } = joined;
      return pinPrincipal(this.#state, { principal, standing, grants, blocks });
    }
    const { policy, organizationId } = this.#state;
    const grants = joinGrants(policy, [joined.grants, direct.grants], organizationId);
    const blocks = [...joined.blocks, direct.block];
    return pinPrincipal(this.#state, { principal, standing, grants, blocks });
  }

  /** What keeps a principal from being pinned: itself, or the roles that are not here. */
  missing(principal: string): 'principal' | readonly string[] {
    const part = this.#principals.peek(principal);
    if (part === undefined) return 'principal';
    return part.roleSet.ids.filter((id) => !this.#roles.has(id));
  }

  /** Takes in the next revision. `gap`: it is not the next one, and nothing here can be trusted. */
  learn(change: Change): 'known' | 'learnt' | 'gap' {
    const { revision } = this.#state;
    if (change.revision <= revision) return 'known';
    if (change.revision > revision + 1 || change.everything) return 'gap';
    for (const id of change.roles) this.#dropRole(id);
    for (const principal of change.principals) this.#principals.delete(principal);
    this.#state = this.#state.at(change.revision);
    this.#changes = [...this.#changes, change].slice(-REMEMBERED_CHANGES);
    return 'learnt';
  }

  /** Keeps a principal that was loaded at a revision; false when that is not known to be good now. */
  holdPrincipal(loaded: LoadedHolder, revision: number): boolean {
    const { principal, membership, roleIds, direct } = loaded;
    if (!this.#isCurrent(revision, (change) => change.principals.includes(principal))) return false;
    const own = direct.lines === '' ? undefined : makeHeldPart(this.#state.policy, direct);
    const bytes = principalBytes(principal, roleIds, own);
    if (bytes > this.#principals.maxSize) return false;
    const roleSet = this.#takeRoleSet(roleIds);
    this.#account(bytes);
    this.#principals.set(principal, { membership, roleSet, direct: own, bytes });
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

  /** Lets go of the principal that was not asked about for longest; false when there is none. */
  evictPrincipal(): boolean {
    return this.#principals.pop() !== undefined;
  }

  /** Lets go of everything. */
  clear(): void {
    this.#principals.clear();
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
  #join(roleSet: RoleSet<Scope>): JoinedRoles<Scope> | undefined {
    const parts: HeldPart<Scope>[] = [];
    for (const id of roleSet.ids) {
      const part = this.#roles.get(id);
      if (part === undefined) return undefined;
      parts.push(part);
    }
    const { policy, organizationId } = this.#state;
    const views = parts.map(({ grants }) => grants);
    const blocks = parts.map(({ block }) => block);
    roleSet.joined = { grants: joinGrants(policy, views, organizationId), blocks };
    return roleSet.joined;
  }

  #takeRoleSet(ids: readonly string[]): RoleSet<Scope> {
    const sorted = ids.toSorted();
    const key = sorted.join(' ');
    let roleSet = this.#roleSets.get(key);
    if (roleSet === undefined) {
      roleSet = { key, ids: sorted, holders: 0, joined: undefined };
      this.#roleSets.set(key, roleSet);
      this.#account(ROLE_SET_BYTES + key.length);
    }
    roleSet.holders += 1;
    return roleSet;
  }

  #release({ roleSet, bytes }: PrincipalPart<Scope>): void {
    roleSet.holders -= 1;
    if (roleSet.holders === 0) {
      this.#roleSets.delete(roleSet.key);
      this.#account(-ROLE_SET_BYTES - roleSet.key.length);
    }
    this.#account(-bytes);
  }

  #dropRole(id: string): void {
    const part = this.#roles.get(id);
    if (part === undefined) return;
    this.#roles.delete(id);
    for (const roleSet of this.#roleSets.values()) {
      if (roleSet.ids.includes(id)) roleSet.joined = undefined;
    }
    this.#account(-part.bytes);
  }
}
