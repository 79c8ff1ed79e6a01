import { type Policy } from '@rolecall/policy';
import { type Reader } from '../database/index.ts';
import { pinLoaded } from './compile-loaded.ts';
import { type Consistency, requiredRevision, requireReached } from './consistency.ts';
import { loadPrincipal, requireActor } from './load-principal.ts';
import { type PrincipalHandle } from './principal-handle.ts';

/** Where principals are resolved from. */
export interface PrincipalSource<Scope extends string> {
  /** The handle for mode `cached`, when it can be had at once. */
  find(organizationId: string, principal: string): PrincipalHandle<Scope> | undefined;
  /** Resolves a principal, however long it takes. */
  resolve(
    organizationId: string,
    principal: string,
    consistency: Consistency | undefined,
  ): Promise<PrincipalHandle<Scope>>;
}

/** Reads the database for every principal. */
export class DatabaseSource<Scope extends string> implements PrincipalSource<Scope> {
  readonly #reader: Reader;
  readonly #policy: Policy<Scope>;

  constructor(reader: Reader, policy: Policy<Scope>) {
    this.#reader = reader;
    this.#policy = policy;
  }

  find(): undefined {
    return undefined;
  }

  async resolve(
    organizationId: string,
    principal: string,
    consistency: Consistency | undefined,
  ): Promise<PrincipalHandle<Scope>> {
    requireActor(principal);
    const required = requiredRevision(organizationId, consistency);
    const loaded = await loadPrincipal(this.#reader, organizationId, principal);
    requireReached(loaded, required);
    return pinLoaded(this.#policy, organizationId, loaded);
  }
}
