import { type Cell, cellMatches, type Row } from './cell.ts';
import { requireConcrete, requireDimensions, type Check } from './check.ts';
import { type HeldGrant } from './grant.ts';
import { type Layout, type Slot, type Slots } from './layout.ts';
import { ANY } from './scope.ts';
import { selectorOf, type Dimensions } from './selector.ts';
import { type Tables } from './table.ts';
import { verdictOf, type Verdict } from './verdict.ts';

/** Grants that were compiled together. */
export interface Part {
  /** How many grants have a say. */
  readonly size: number;
  readonly byteSize: number;
  readonly allow: Tables | undefined;
  readonly deny: Tables | undefined;
}

/**
 * What several parts say about the resources of one kind, one part after the other. Following links is
 * measurably faster than walking an array, and finding the chain first than finding the table of each part.
 */
interface Chain {
  readonly everywhere: Cell | undefined;
  readonly at: ReadonlyMap<string, Cell>;
  readonly rest: Chain | undefined;
}

/** The chains of a layout, each at the index of its table. */
type Chains = readonly (Chain | undefined)[];

/**
 * Grants made ready for checks: immutable, and cheap to join. Made by `compileGrants` and `joinGrants`.
 *
 * INVARIANT (compiled agrees with the reference): every answer is that of `decide` on the same grants.
 */
export class CompiledGrants<Scope extends string = string> {
  /** @internal */
  readonly layout: Layout;
  /** @internal */
  readonly parts: readonly Part[];
  /** @internal */
  readonly organizationId: string | undefined;
  readonly #slots: Slots;
  readonly #allows: Chains;
  readonly #denies: Chains | undefined;
  /** How many grants have a say. */
  readonly #held: number;

  constructor(layout: Layout, parts: readonly Part[], organizationId: string | undefined) {
    this.layout = layout;
    this.parts = parts;
    this.organizationId = organizationId;
    this.#slots = layout.slots;
    this.#held = parts.reduce((sum, part) => sum + part.size, 0);
    this.#allows = chainsOf(
      layout,
      parts.map(({ allow }) => allow),
    );
    // Most have none, and then there is nothing to look at.
    const denies = parts.map(({ deny }) => deny);
    this.#denies = denies.some((deny) => deny !== undefined) ? chainsOf(layout, denies) : undefined;
  }

  /** An estimate of the memory its parts take, in bytes. A part that is shared counts in every view. */
  get byteSize(): number {
    return this.parts.reduce((sum, part) => sum + part.byteSize, 0);
  }

  /**
   * Whether the grants allow it. The cost is that of a hash look-up per part, however many grants there
   * are: builds no string and allocates nothing. Throws `invalid_check`.
   */
  can(scope: Scope, resourceId: string, dimensions?: Dimensions): boolean {
    const slot = this.#slots.get(scope);
    if (slot.guarded || dimensions !== undefined || !isPlainId(resourceId)) {
      this.#requireValid(slot, resourceId, dimensions);
    }
    return (
      someMatches(this.#allows[slot.table], slot.bit, resourceId, dimensions) &&
      (this.#denies === undefined ||
        !someMatches(this.#denies[slot.table], slot.bit, resourceId, dimensions))
    );
  }

  /** The same answer with its reasons. Throws `invalid_check`. */
  decide({ scope, resource_id, dimensions }: Check<Scope>): Verdict {
    const slot = this.layout.slots.get(scope);
    this.#requireValid(slot, resource_id, dimensions);
    const candidates: HeldGrant[] = [];
    addHeld(candidates, this.#allows[slot.table], slot.bit, resource_id);
    if (this.#denies !== undefined) {
      addHeld(candidates, this.#denies[slot.table], slot.bit, resource_id);
    }
    return verdictOf(this.#held, candidates, dimensions);
  }

  #requireValid(slot: Slot, id: string, dimensions: Dimensions | undefined): void {
    requireConcrete(slot.definition, id, this.organizationId);
    requireDimensions(slot.definition, dimensions);
  }
}

// The valid ids that need no closer look: `*` and the empty one are shorter.
function isPlainId(id: unknown): boolean {
  return typeof id === 'string' && id.length > 1;
}

function chainsOf(layout: Layout, parts: readonly (Tables | undefined)[]): Chains {
  const chains = Array.from<Chain | undefined>({ length: layout.tables });
  for (const tables of parts) {
    if (tables === undefined) continue;
    for (const [index, table] of tables.entries()) {
      if (table === undefined) continue;
      chains[index] = { everywhere: table.everywhere, at: table.at, rest: chains[index] };
    }
  }
  return chains;
}

function someMatches(
  first: Chain | undefined,
  bit: number,
  id: string,
  dimensions: Dimensions | undefined,
): boolean {
  for (let link = first; link !== undefined; link = link.rest) {
    const { everywhere } = link;
    if (everywhere !== undefined && cellMatches(everywhere, bit, dimensions)) return true;
    const cell = link.at.get(id);
    if (cell !== undefined && cellMatches(cell, bit, dimensions)) return true;
  }
  return false;
}

function addHeld(held: HeldGrant[], first: Chain | undefined, bit: number, id: string): void {
  for (let link = first; link !== undefined; link = link.rest) {
    if (link.everywhere !== undefined) addRows(held, link.everywhere, bit, ANY);
    const cell = link.at.get(id);
    if (cell !== undefined) addRows(held, cell, bit, id);
  }
}

function addRows(held: HeldGrant[], { rows }: Cell, bit: number, id: string): void {
  for (const row of rows) if ((row.mask & bit) !== 0) held.push(heldGrant(row, id));
}

function heldGrant({ principal, scope, effect, kind, pins }: Row, id: string): HeldGrant {
  return { principal, scope, effect, selector: selectorOf(kind, id, pins) };
}
