import { type EnforcementState } from '../database/index.ts';

/** A customer. `noAdmin` says that a change of WorkOS's left nobody who could administer it. */
export interface Organization {
  readonly id: string;
  readonly name: string;
  /** Its counterpart in WorkOS; null while it is not linked. */
  readonly workosId: string | null;
  readonly enforcement: EnforcementState;
  readonly memberCount: number;
  readonly roleCount: number;
  readonly noAdmin: boolean;
  readonly createdAt: string;
  readonly updatedAt: string;
}
