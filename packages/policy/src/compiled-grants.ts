import { cellAllows, cellDenies, type Cell, type Row } from './cell.ts';
import { requireConcrete, requireDimensions, scopeOfCheck, type Check } from './check.ts';
import { verdictOf, type Verdict } from './decision.ts';
import { type Effect, type HeldGrant } from './grant.ts';
import { type Layout, type Slot } from './layout.ts';
import { ANY } from './scope.ts';
import { comparePins, selectorOf, type Dimensions } from './selector.ts';

/** The cells of one effect in one table of the layout: the wildcard's, and those of single resources. */
export interface Table {
  readonly everywhere: Cell | undefined;
  readonly at: ReadonlyMap<string, Cell>;
}

/** Grants that were compiled together. */
export interface Part {
  /** The grants that count. */
  readonly size: number;
  readonly allow: readonly (Table | undefined)[];
  readonly deny: readonly (Table | undefined)[];
  readonly byteSize: number;
}

/** Grants made ready for checks: immutable, and cheap to join. Made by `compileGrants` and `joinGrants`. */
export class CompiledGrants<Scope extends string = string> {
  /** @internal */
  readonly layout: Layout;
  /** @internal */
  readonly parts: readonly Part[];
  /** @internal */
  readonly organizationId: string | undefined;

  constructor(layout: Layout, parts: readonly Part[], organizationId: string | undefined) {
    this.layout = layout;
    this.parts = parts;
    this.organizationId = organizationId;
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
    const slot = slotOf(this.layout, scope);
    requireConcrete(slot.definition, resourceId, this.organizationId);
    if (dimensions !== undefined || slot.needsDimensions) {
      requireDimensions(slot.definition, dimensions);
    }
    return (
      someAllows(this.parts, slot, resourceId, dimensions) &&
      !someDenies(this.parts, slot, resourceId, dimensions)
    );
  }

  /** The same answer with its reasons. Throws `invalid_check`. */
  decide(check: Check<Scope>): Verdict {
    const { scope, resource_id, dimensions } = check;
    const slot = slotOf(this.layout, scope);
    requireConcrete(slot.definition, resource_id, this.organizationId);
    requireDimensions(slot.definition, dimensions);
    const allows = this.#find('allow', slot, resource_id);
    const denies = this.#find('deny', slot, resource_id);
    const pick = (found: readonly Found[], wanted: (compared: string) => boolean): HeldGrant[] =>
      found
        .filter(({ row }) => wanted(comparePins(row.pins, dimensions)))
        .map(({ row, id }) => heldGrant(row, id));
    return verdictOf(
      this.parts.reduce((sum, part) => sum + part.size, 0),
      {
        matched: pick(allows, (compared) => compared !== 'differs'),
        denied_by: pick(denies, (compared) => compared === 'agrees'),
        undetermined: pick(denies, (compared) => compared === 'open'),
      },
    );
  }

  #find(effect: Effect, slot: Slot, id: string): Found[] {
    return this.parts.flatMap((part) => {
      const table = part[effect][slot.table];
      const everywhere = table?.everywhere?.rows ?? [];
      const here = table?.at.get(id)?.rows ?? [];
      return [
        ...everywhere.map((row) => ({ row, id: ANY })),
        ...here.map((row) => ({ row, id })),
      ].filter(({ row }) => (row.mask & slot.bit) !== 0);
    });
  }
}

interface Found {
  readonly row: Row;
  readonly id: string;
}

function heldGrant({ principal, scope, effect, kind, pins }: Row, id: string): HeldGrant {
  return { principal, scope, effect, selector: selectorOf(kind, id, pins) };
}

/** The slot of a scope that may be checked. Throws `invalid_check`. */
export function slotOf(layout: Layout, scope: string): Slot {
  return layout.slots.get(scope) ?? unknownScope(layout, scope);
}

function unknownScope(_layout: Layout, scope: string): never {
  scopeOfCheck(
    { scopes: [], kinds: [], system_roles: { admin: [], member: [] }, byName: new Map() },
    scope,
  );
  throw new TypeError(scope);
}

function someAllows(
  parts: readonly Part[],
  slot: Slot,
  id: string,
  dimensions: Dimensions | undefined,
): boolean {
  for (const part of parts) {
    const table = part.allow[slot.table];
    if (table === undefined) continue;
    if (table.everywhere !== undefined && cellAllows(table.everywhere, slot.bit, dimensions)) {
      return true;
    }
    const cell = table.at.get(id);
    if (cell !== undefined && cellAllows(cell, slot.bit, dimensions)) return true;
  }
  return false;
}

function someDenies(
  parts: readonly Part[],
  slot: Slot,
  id: string,
  dimensions: Dimensions | undefined,
): boolean {
  for (const part of parts) {
    const table = part.deny[slot.table];
    if (table === undefined) continue;
    if (table.everywhere !== undefined && cellDenies(table.everywhere, slot.bit, dimensions)) {
      return true;
    }
    const cell = table.at.get(id);
    if (cell !== undefined && cellDenies(cell, slot.bit, dimensions)) return true;
  }
  return false;
}
