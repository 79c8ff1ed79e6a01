import { type Enforcement, type Policy } from '@rolecall/policy';
import { type PinnedState } from '../principal-handle.ts';
import { encodeRevision } from '../revision.ts';

/** What all handles of an organization share at one revision. Replaced with every revision, never changed. */
export class OrganizationState<Scope extends string> implements PinnedState<Scope> {
  readonly policy: Policy<Scope>;
  readonly organizationId: string;
  readonly epoch: string;
  readonly revision: number;
  readonly enforcement: Enforcement;
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

  /** The same organization at a later revision. */
  at(revision: number): OrganizationState<Scope> {
    const { policy, organizationId, epoch, enforcement } = this;
    return new OrganizationState(policy, { organizationId, epoch, revision, enforcement });
  }
}
