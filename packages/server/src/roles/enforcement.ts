import { type EnforcementState } from '../database/index.ts';

/** One thing that must hold before enforcement is turned on. */
export interface PreflightItem {
  readonly name: string;
  readonly passed: boolean;
  readonly message: string;
  readonly advice: string;
}

/** Whether enforcement may be turned on, and what speaks for and against it. */
export interface Preflight {
  readonly ready: boolean;
  readonly items: readonly PreflightItem[];
}

/** An organization's enforcement, and whether it could be `enforced`. */
export interface Enforcement {
  readonly state: EnforcementState;
  readonly preflight: Preflight;
}
