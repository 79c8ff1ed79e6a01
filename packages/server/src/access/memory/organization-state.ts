import { type Enforcement, type Membership, type Policy, type Standing } from '@rolecall/policy';
import { type PinnedState } from '../principal-handle.ts';
import { encodeRevision } from '../revision.ts';

/** What all handles of an organization share at one revision. Replaced with every revision, never changed. */
export class OrganizationState<Scope extends string> implements PinnedState<Scope> {
  readonly policy: Policy<Scope>;
  readonly organizationId: string;
  readonly epoch: string;
  readonly revision: number;
  readonly enforcement: Enforcement;
  readonly #standings = new Map<Membership, Standing>();
  #token: string | undefined;

  constructor(
    policy: Policy<Scope>,
    state: {
      readonly organizationId: string;
      readonly epoch: string;
      readonly revision: number;
      readonly enforcement: Enforcement;
    },
  ) {
    this.policy = policy;
    this.organizationId = state.organizationId;
    this.epoch = state.epoch;
    this.revision = state.revision;
    this.enforcement = state.enforcement;
  }

  get token(): string {
    return (this.#token ??= encodeRevision(this));
  }

  /** The one standing object of everybody with this membership. */
  standing(membership: Membership): Standing {
    let standing = this.#standings.get(membership);
    if (standing === undefined) {
      standing = { membership, enforcement: this.enforcement };
      this.#standings.set(membership, standing);
    }
    return standing;
  }

  /** The same organization at a later revision. */
  at(revision: number): OrganizationState<Scope> {
    const { policy, organizationId, epoch, enforcement } = this;
    return new OrganizationState(policy, { organizationId, epoch, revision, enforcement });
  }
}
