/** One figure that was aimed at, and what was found. */
export interface Target {
  readonly work: string;
  readonly target: string;
  readonly found: string;
  readonly reached: boolean;
  /** Why it is not reached. */
  readonly why?: string;
}

/** A target that a figure should not exceed; `show` makes figures readable. */
export function atMost(
  work: string,
  found: number,
  target: number,
  { show, why }: { readonly show: (value: number) => string; readonly why: string },
): Target {
  return settle(
    { work, target: `at most ${show(target)}`, found: show(found) },
    found <= target,
    why,
  );
}

/** A target that a figure should not fall below. */
export function atLeast(
  work: string,
  found: number,
  target: number,
  { show, why }: { readonly show: (value: number) => string; readonly why: string },
): Target {
  return settle(
    { work, target: `at least ${show(target)}`, found: show(found) },
    found >= target,
    why,
  );
}

function settle(
  target: Pick<Target, 'work' | 'target' | 'found'>,
  reached: boolean,
  why: string,
): Target {
  return reached ? { ...target, reached } : { ...target, reached, why };
}
