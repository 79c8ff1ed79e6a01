import { refuseScope } from './check.ts';
import { type Effect } from './grant.ts';
import { satisfiedBy } from './implication.ts';
import { ROOT, type Policy, type ScopeDefinition } from './scope.ts';

/**
 * How compiled grants are laid out: one table per kind, and in it one bit per scope, so that what is
 * allowed at a resource is a number. A kind with more scopes than a number has bits gets several
 * tables.
 */
export interface Layout {
  readonly tables: number;
  readonly slots: Slots;
  /** The scopes that a grant of this effect and scope allows or denies: implication, resolved. */
  readonly coverage: Readonly<Record<Effect, ReadonlyMap<string, readonly Coverage[]>>>;
}

/** Where the answer to a check of one scope is. */
export interface Slot {
  readonly definition: ScopeDefinition;
  readonly table: number;
  readonly bit: number;
  /** Checks of this scope have conditions beyond an id that is not empty. */
  readonly guarded: boolean;
}

/** Some scopes of one table. */
export interface Coverage {
  readonly table: number;
  readonly mask: number;
}

/** The slots of a policy by scope. */
export class Slots {
  readonly #byScope: ReadonlyMap<string, Slot>;
  // Programs ask the same scope many times in a row, and comparing references is cheaper than hashing.
  #lastScope: string | undefined;
  #lastSlot: Slot | undefined;

  constructor(byScope: ReadonlyMap<string, Slot>) {
    this.#byScope = byScope;
  }

  /** The slot of a scope that may be checked. Throws `invalid_check`. */
  get(scope: string): Slot {
    if (scope === this.#lastScope && this.#lastSlot !== undefined) return this.#lastSlot;
    const slot = this.#byScope.get(scope) ?? refuseScope(scope);
    this.#lastScope = scope;
    this.#lastSlot = slot;
    return slot;
  }
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
  for (const { kind, single, dimensions } of policy.kinds) {
    const definitions = policy.scopes.filter((scope) => scope.kind === kind);
    const guarded = single || dimensions.some(({ required }) => required);
    for (const [index, scope] of definitions.entries()) {
      // A working copy: engines read the elements of frozen arrays several times slower.
      const definition = { ...scope, dimensions: [...scope.dimensions] };
      const table = tables + Math.floor(index / BITS);
      slots.set(definition.scope, { definition, table, bit: 1 << (index % BITS), guarded });
    }
    tables += Math.ceil(definitions.length / BITS);
  }
  return { tables, slots: new Slots(slots), coverage: coverageIn(policy, slots) };
}

/** An allow reaches what its scope is enough for; a deny reaches what would be enough for its scope. */
function coverageIn(policy: Policy, slots: ReadonlyMap<string, Slot>): Layout['coverage'] {
  const allowed = new Map<string, Slot[]>([[ROOT, [...slots.values()]]]);
  const denied = new Map<string, Slot[]>([[ROOT, []]]);
  for (const [scope] of slots) {
    allowed.set(scope, []);
    denied.set(scope, []);
  }
  for (const definition of policy.scopes) {
    for (const enough of satisfiedBy(definition)) {
      const [held, asked] = [slots.get(definition.scope), slots.get(enough)];
      if (asked !== undefined) allowed.get(definition.scope)?.push(asked);
      if (held !== undefined) denied.get(enough)?.push(held);
    }
  }
  const coverage = (reached: ReadonlyMap<string, readonly Slot[]>) =>
    new Map([...reached].map(([scope, its]) => [scope, coverageOf(its)]));
  return { allow: coverage(allowed), deny: coverage(denied) };
}

function coverageOf(slots: readonly Slot[]): readonly Coverage[] {
  const masks = new Map<number, number>();
  for (const { table, bit } of slots) masks.set(table, (masks.get(table) ?? 0) | bit);
  return [...masks].map(([table, mask]) => ({ table, mask }));
}
