let last = 0;

/** A name that no other call of this process gives: `kind-1`, `kind-2`, … */
export function freshName(kind: string): string {
  last += 1;
  return `${kind}-${last}`;
}
