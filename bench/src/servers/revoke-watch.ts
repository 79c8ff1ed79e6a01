/** Whom to watch, and what may be no longer. */
export interface Watch {
  readonly organizationId: string;
  readonly principal: string;
  readonly project: string;
}

/** `allowed` once, when the node has it in memory; then when it denied, in nanoseconds. */
export type Sighting = 'ready' | 'allowed' | { readonly deniedAt: string };
