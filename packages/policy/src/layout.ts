import { type Effect } from './grant.ts';
import { satisfies } from './implication.ts';
import { ROOT, type Policy, type ScopeDefinition } from './scope.ts';

/**
 * How compiled grants are laid out: one table per kind, and in it one bit per scope, so that what is
 * allowed at a resource is a number. A kind with more scopes than a small integer has bits gets
 * several tables.
 */
export interface Layout {
  readonly tables: number;
  /** Where the answer to a check of this scope is. */
  readonly slots: ReadonlyMap<string, Slot>;
  /** What a grant of this scope and effect speaks about: the scopes it allows or denies. */
  readonly coverage: Readonly<Record<Effect, ReadonlyMap<string, readonly Coverage[]>>>;
}

export interface Slot {
  readonly definition: ScopeDefinition;
  readonly table: number;
  readonly bit: number;
  /** A check of this scope needs dimensions. */
  readonly needsDimensions: boolean;
}

export interface Coverage {
  readonly table: number;
  readonly mask: number;
}

// Small integers have 31 bits in every engine, and one is the sign.
const BITS = 30;

const layouts = new WeakMap<Policy, Layout>();

/** The layout of a policy, made once. */
export function layoutOf(policy: Policy): Layout {
  let layout = layouts.get(policy);
  if (layout === undefined) {
    layout = makeLayout(policy);
    layouts.set(policy, layout);
  }
  return layout;
}

function makeLayout(policy: Policy): Layout {
  const slots = new Map<string, Slot>();
  let tables = 0;
  for (const { kind, dimensions } of policy.kinds) {
    const definitions = policy.scopes.filter((scope) => scope.kind === kind);
    for (const [index, definition] of definitions.entries()) {
      slots.set(definition.scope, {
        definition,
        table: tables + Math.floor(index / BITS),
        bit: 1 << (index % BITS),
        needsDimensions: dimensions.some((dimension) => dimension.required),
      });
    }
    tables += Math.ceil(definitions.length / BITS);
  }
  const names = [...slots.keys()];
  const covering = (covers: (granted: string, asked: string) => boolean) =>
    new Map(
      [...names, ROOT].map((granted) => [
        granted,
        gather(names.filter((asked) => covers(granted, asked)).map((asked) => slots.get(asked))),
      ]),
    );
  return {
    tables,
    slots,
    coverage: {
      allow: covering((granted, asked) => satisfies(policy, granted, asked)),
      deny: covering((granted, asked) => satisfies(policy, asked, granted)),
    },
  };
}

function gather(slots: readonly (Slot | undefined)[]): readonly Coverage[] {
  const masks = new Map<number, number>();
  for (const slot of slots) {
    if (slot !== undefined) masks.set(slot.table, (masks.get(slot.table) ?? 0) | slot.bit);
  }
  return [...masks].map(([table, mask]) => ({ table, mask }));
}
