import { cellMatches, type Row } from './cell.ts';
import { requireConcrete, requireDimensions, type Check } from './check.ts';
import { type HeldGrant } from './grant.ts';
import { type Layout, type Slot } from './layout.ts';
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

/** The tables of several parts, one after the other. Following links is measurably faster than an array. */
interface Chain {
  readonly tables: Tables;
  readonly rest: Chain | undefined;
}

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
  readonly #allows: Chain | undefined;
  readonly #denies: Chain | undefined;

  constructor(layout: Layout, parts: readonly Part[], organizationId: string | undefined) {
    this.layout = layout;
    this.parts = parts;
    this.organizationId = organizationId;
    let allows: Chain | undefined;
    let denies: Chain | undefined;
    for (const { allow, deny } of parts) {
      if (allow !== undefined) allows = { tables: allow, rest: allows };
      if (deny !== undefined) denies = { tables: deny, rest: denies };
    }
    this.#allows = allows;
    this.#denies = denies;
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
    const slot = this.layout.slots.get(scope);
    if (slot.guarded || dimensions !== undefined || !isPlainId(resourceId)) {
      this.#requireValid(slot, resourceId, dimensions);
    }
    return (
      someMatches(this.#allows, slot, resourceId, dimensions) &&
      !someMatches(this.#denies, slot, resourceId, dimensions)
    );
  }

  /** The same answer with its reasons. Throws `invalid_check`. */
  decide({ scope, resource_id, dimensions }: Check<Scope>): Verdict {
    const slot = this.layout.slots.get(scope);
    this.#requireValid(slot, resource_id, dimensions);
    const held = this.parts.reduce((sum, part) => sum + part.size, 0);
    const candidates = [
      ...heldIn(this.#allows, slot, resource_id),
      ...heldIn(this.#denies, slot, resource_id),
    ];
    return verdictOf(held, candidates, dimensions);
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

function someMatches(
  first: Chain | undefined,
  { table: index, bit }: Slot,
  id: string,
  dimensions: Dimensions | undefined,
): boolean {
  for (let link = first; link !== undefined; link = link.rest) {
    const table = link.tables[index];
    if (table === undefined) continue;
    const { everywhere } = table;
    if (everywhere !== undefined && cellMatches(everywhere, bit, dimensions)) return true;
    const cell = table.at.get(id);
    if (cell !== undefined && cellMatches(cell, bit, dimensions)) return true;
  }
  return false;
}

function* heldIn(
  first: Chain | undefined,
  { table: index, bit }: Slot,
  id: string,
): Iterable<HeldGrant> {
  for (let link = first; link !== undefined; link = link.rest) {
    const table = link.tables[index];
    for (const row of table?.everywhere?.rows ?? []) {
      if ((row.mask & bit) !== 0) yield heldGrant(row, ANY);
    }
    for (const row of table?.at.get(id)?.rows ?? []) {
      if ((row.mask & bit) !== 0) yield heldGrant(row, id);
    }
  }
}

function heldGrant({ principal, scope, effect, kind, pins }: Row, id: string): HeldGrant {
  return { principal, scope, effect, selector: selectorOf(kind, id, pins) };
}
