import { type Check, type Decision, type Dimensions } from '@rolecall/policy';

/** What a recorder may know of the handle that answers. */
export interface RecordedHandle {
  readonly organizationId: string;
  readonly principal: string;
  /** At one revision every handle of a principal answers the same. */
  readonly revision: string;
  /** The same answer with its reasons, recorded by nobody; asked when there is time for it. */
  answerOf(check: Check): Decision;
}

/**
 * Is told of answers as they are given, in the middle of the check: it must return at once and must not throw.
 * What counts is the answer under `enforced`; where enforcement is `shadow`, `denied` is what would be denied.
 */
export interface DecisionRecorder {
  denied(
    handle: RecordedHandle,
    scope: string,
    resourceId: string,
    dimensions: Dimensions | undefined,
  ): void;
  allowed(
    handle: RecordedHandle,
    scope: string,
    resourceId: string,
    dimensions: Dimensions | undefined,
  ): void;
}
